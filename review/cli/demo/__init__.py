"""A service with something in it: people, items, an agent at work. For looking, and for scripts."""
