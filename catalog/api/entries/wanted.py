"""What a request for entries asks for, checked; it can be the key of what was made for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

RELEVANCE = "relevance"
ORDERINGS = ("position", "name", "created_at", "updated_at")
CHOICES = (*ORDERINGS, *(f"-{name}" for name in ORDERINGS), RELEVANCE)
LANGUAGES = ("zh", "ja", "ko", "und")
"""What `rendering.languages` can tell; `und` is all that it cannot (BCP 47, ISO 639-2)."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries; all of it has to be true of each."""

    section: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    """Slugs of a facet and of its value."""
    q: str = ""
    urls: tuple[str, ...] | None = None
    """What the address may be, as `markdown.links.canonical_url`; None when none was asked for."""
    updated_since: datetime | None = None
    created_since: datetime | None = None
    text_language: str = ""
    has_findings: bool | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of which list, in which order."""

    catalog: str = ""
    """Slug of the list; '' for all."""
    filters: Filters = Filters()
    ordering: str = "position"
    """One of `CHOICES`; `relevance` only with words."""

    @property
    def is_backwards(self) -> bool:
        """Whether the order is turned round."""
        return self.ordering.startswith("-")
