"""How the schema came to be, one reversible step per file."""
