"""What is offered while somebody types: the first results, then lists, sections and tags."""

from __future__ import annotations

from catalog.finding.results import Result, suggestions_of
from catalog.finding.searching import Found
from catalog.finding.text import read_query
from catalog.models import Catalog


def suggest(typed: str, catalog: Catalog | None = None, limit: int = 8) -> list[Result]:
    """The entries that a search would show first."""
    found = Found(read_query(typed), catalog)
    return suggestions_of(found.best(None, 0, limit), found.terms)
