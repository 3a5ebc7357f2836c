"""One reversible step per file."""
