"""A checked query for entries; usable as a cache key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

RELEVANCE = "relevance"
ORDERINGS = ("position", "name", "created_at", "updated_at")
CHOICES = (*ORDERINGS, *(f"-{name}" for name in ORDERINGS), RELEVANCE)
LANGUAGES = ("zh", "ja", "ko", "und")
"""Languages that `rendering.languages` can tell; `und` is all others (BCP 47, ISO 639-2)."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of entries; an entry has to pass all of them."""

    section: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    """Slugs of a facet and of its value."""
    q: str = ""
    urls: tuple[str, ...] | None = None
    """Canonical addresses to match; None when no address was given."""
    updated_since: datetime | None = None
    created_since: datetime | None = None
    text_language: str = ""
    has_findings: bool | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query for entries: filters, list and order."""

    catalog: str = ""
    """Slug of the list; '' for all."""
    filters: Filters = Filters()
    ordering: str = "position"
    """One of `CHOICES`; `relevance` only with words."""

    @property
    def is_backwards(self) -> bool:
        """Whether the order is turned round."""
        return self.ordering.startswith("-")
