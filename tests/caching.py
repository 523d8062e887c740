"""The caches that hold copies: what is in them can be made again."""

from django.core.cache import caches

BOUNDED = ("pages", "findings", "reads")


def clear_bounded_caches() -> None:
    """Empty them; what the default cache stores is in the database."""
    for alias in BOUNDED:
        caches[alias].clear()
