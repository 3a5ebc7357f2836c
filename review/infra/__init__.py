"""Connections, transactions, settings and servers. Nothing here knows what a review is."""
