"""A review queue between software that asks and people who decide."""
