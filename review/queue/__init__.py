"""Queues, items, revisions and claims: what is waiting, where, and in whose hands."""
