"""Which entries a request is for, and in which order: sets in memory, cut with each other.

The site's own page for browsing widens inside a facet; programs ask for exactly what they name, so
here each tag narrows.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyroaring import BitMap

from catalog.api.entries import sets
from catalog.api.entries.findings import with_findings
from catalog.api.entries.sequences import ByPlace, ByValue, Chosen, Ranked
from catalog.api.entries.shelf import POSITION, Shelf
from catalog.api.entries.wanted import RELEVANCE, Filters, Wanted
from catalog.finding.searching import Found
from catalog.finding.text import read_query

SORTS = {"name": "key name", "created_at": "key newest", "updated_at": "key changed"}
"""Orders by a value, as `EntrySets` calls them."""
_NEWEST_FIRST = frozenset({"created_at", "updated_at"})


def chosen(shelf: Shelf, wanted: Wanted) -> Chosen:
    """What the request asks for. Costs no query when the shelf has it, else up to four."""
    filters = wanted.filters
    entries = shelf.kept(("entries", filters), lambda: _Narrowed(shelf, filters))
    if wanted.ordering == RELEVANCE and entries.found:
        return Ranked(
            lambda depth, make: shelf.kept(("ranking", filters, depth), make),
            entries.found,
            entries.set or BitMap(),
        )
    name = wanted.ordering.removeprefix("-")
    if name in SORTS:
        is_backwards = wanted.is_backwards != (name in _NEWEST_FIRST)
        return ByValue(shelf, entries.set, SORTS[name], is_backwards=is_backwards)
    return ByPlace(shelf, entries.set, POSITION, is_backwards=wanted.is_backwards)


class _Narrowed:
    """The entries that filters leave, `set` is None when they leave all."""

    def __init__(self, shelf: Shelf, filters: Filters) -> None:
        meaning = read_query(filters.q)
        self.found = (
            shelf.kept(("found", meaning), lambda: Found(meaning, shelf.only)) if meaning else None
        )
        sets_ = list(_sets(shelf, filters))
        if filters.q:
            # What was found may be newer than the index. Without a word there is nothing to find.
            sets_.append(self.found.entries & shelf.entries if self.found else BitMap())
        self.set = BitMap.intersection(*sorted(sets_, key=len)) if sets_ else None


def _sets(shelf: Shelf, filters: Filters) -> Iterator[BitMap]:
    """What each filter leaves."""
    for facet, value in filters.tags:
        yield sets.tagged(shelf, facet, value)
    if filters.section:
        yield sets.in_section(shelf, filters.section)
    if filters.urls is not None:
        yield sets.linking_to(shelf, filters.urls)
    if filters.created_since:
        yield sets.since(shelf, "key newest", filters.created_since)
    if filters.updated_since:
        yield sets.since(shelf, "key changed", filters.updated_since)
    if filters.text_language:
        yield sets.in_language(shelf, filters.text_language)
    if filters.has_findings is not None:
        found = shelf.kept("findings", lambda: with_findings(shelf))
        yield found if filters.has_findings else shelf.entries - found
