"""What happens, one story per file. Reading this folder top to bottom is reading the product.

A flow is a verb. It runs inside a transaction somebody else opened, asks pure functions what should
happen, writes it down through the nouns, and returns. No flow commits, and the first row it locks
or writes is the item's own: so the ledger's order is the order in which things happened (ADR 0004).
"""
