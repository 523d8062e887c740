"""Queries for entries, and their answers from the index.

Site, feeds, API, exports and administration ask `Entries` and nothing else. A request costs one
query for the filters, one for a page, and what its words ask (`matching.py`); one more for facets
where few entries are left (`facets.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain
from math import isqrt

from django.db import connection
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.matching import Index
from catalog.finding.ordering import FEW, POSITION, Order
from catalog.finding.postings import FACET, SECTION, TAG, key_term, key_terms
from catalog.finding.searching import TextSearch
from catalog.finding.text import Meaning
from catalog.models import Catalog, Entry, Section
from catalog.sql.bulk import among, fetch, joined, joined_keys, split

# Sets of the entries that pass a filter


MANY = 1000
"""Entries on one side of a moment that are read rather than those on the other."""
_TABLE = Entry._meta.db_table
_PLACES = f"""
SELECT {{keys}}, {{sections}} FROM (
    SELECT id, COALESCE(section_id, 0) AS section FROM {_TABLE}
    WHERE id {{chosen}} AND state = 'published' ORDER BY position, id
) AS places"""  # noqa: S608
_PATHS = f"SELECT id, path FROM {Section._meta.db_table} WHERE NOT is_title AND id "  # noqa: S608


def since(column: str, moment: datetime, entries: BitMap, catalog: int | None) -> BitMap:
    """Return those entries, of a list or of all, that are as new as a moment by `created_at` or
    `updated_at`."""
    most = MANY
    # Most often nearly all are newer, or nearly all are older.
    while True:
        older = _beyond(column, "< %s", moment, "ASC", catalog, most + 1)
        if len(older) <= most:
            return entries - older
        newer = _beyond(column, ">= %s", moment, "DESC", catalog, most + 1)
        if len(newer) <= most:
            return entries & newer
        most = most * 20 + 20


def _beyond(
    column: str, side: str, moment: datetime, way: str, catalog: int | None, most: int
) -> BitMap:
    of_list = "" if catalog is None else " AND catalog_id = %s"
    select = (
        f"SELECT id FROM {_TABLE} WHERE state = 'published' AND {column} {side}{of_list}"  # noqa: S608
        f" ORDER BY {column} {way} LIMIT {most}"
    )
    parameters = [connection.ops.adapt_datetimefield_value(moment), catalog]
    [(keys,)] = fetch(joined(select), parameters if of_list else parameters[:1])
    return BitMap(split(keys))


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """A query for published entries; an entry has to meet every part of it.

    What nothing can have, an empty tuple of alternatives, leaves none.
    """

    catalog: int | None = None
    """Key of the list; None: of all lists."""
    words: Meaning | None = None
    """The meaning of a text query, empty for an empty text; None when there was no text."""
    tags: tuple[tuple[int, ...], ...] = ()
    """Keys of tags, one of each group."""
    unstated: tuple[tuple[int, int], ...] = ()
    """Numbers of groups with the key of a facet: to have no tag of it will do as well."""
    sections: tuple[int, ...] | None = None
    """Keys of sections, one of which the entry stands in or below."""
    addresses: tuple[str, ...] | None = None
    """Canonical addresses, one of which the entry links to."""
    language: str = ""
    created_since: datetime | None = None
    updated_since: datetime | None = None
    only: BitMap | None = field(default=None, compare=False)
    """Keys of entries, when these are known otherwise."""


class Entries:
    """Entries that match a query: how many, and pages of them."""

    def __init__(self, query: EntryQuery, number: int | None = None) -> None:
        """`number` is how many entries the list has, where that is known."""
        self.query = query
        self._number = number
        self.index = Index(query.catalog)
        self.text = TextSearch(query.words, self.index) if query.words else None
        tags = [key_terms(TAG, group) for group in query.tags]
        facets = [(number, key_term(FACET, facet)) for number, facet in query.unstated]
        others = list(self._alternatives())
        self._others: list[BitMap] = []
        if self.is_filtered:
            self.index.read({*chain(*tags, *others), *[term for _number, term in facets]})
            self._others += self._sets(others)
        self.groups = [self.index.with_any(own) for own in tags]
        for group, term in facets:
            self.groups[group] |= self.whole - self.index.of(term)

    @property
    def is_filtered(self) -> bool:
        """Whether anything may be left out of the list, or of all."""
        return self.query != EntryQuery(self.query.catalog) or self.query.only is not None

    @cached_property
    def keys(self) -> BitMap | None:
        """The keys of the entries, None when nothing is left out."""
        return self.without(None) if self.is_filtered else None

    @property
    def whole(self) -> BitMap:
        """All published entries of the list, where something may be left out of them."""
        return self.index.within

    def without(self, group: int | None) -> BitMap | None:
        """The entries that all groups of tags but one leave, None when nothing is left out."""
        groups = [own for number, own in enumerate(self.groups) if number != group]
        if len(self._others) == 1 and not groups:
            return None
        return BitMap.intersection(*sorted([*self._others, *groups], key=len))

    def having(self, tag: int, among: BitMap | None, stored: int) -> int:
        """Return how many of the entries have a tag of the query; `stored` is the count over
        all."""
        if among is None:
            return stored
        return among.intersection_cardinality(self.index.of(key_term(TAG, tag)))

    def in_sections(self, sections: Sequence[int]) -> dict[int, int]:
        """Return how many of the entries stand in each of some sections, or below; one query."""
        read = postings.read(key_terms(SECTION, sections))
        number = (self.keys or postings.NOTHING).intersection_cardinality
        return {pk: number(read[key_term(SECTION, pk)]) for pk in sections}

    @property
    def are_few(self) -> bool:
        """Whether their rows are read rather than the sets of the index, or its orders."""
        if self.keys is None:
            return False
        # The fewer of the more, the farther it is in an order from one of them to the next.
        return len(self.keys) <= max(FEW, isqrt(FEW * len(self.whole) // 100))

    @cached_property
    def places(self) -> tuple[Sequence[int], Sequence[int]]:
        """The keys of the entries of a list, which are few, in its order, and beside them those of
        their sections (0 for none); one query."""
        chosen, keys = among(self.keys or postings.NOTHING)
        columns = {"keys": joined_keys("id"), "sections": joined_keys("section")}
        [(entries, sections)] = fetch(_PLACES.format(chosen=chosen, **columns), [keys])
        return split(entries), split(sections)

    def in_paths(self) -> dict[str, int]:
        """Return how many of the entries, which are few, stand right in each section by its path;
        two queries, one of them for `places`."""
        numbers = Counter(self.places[1])
        chosen, keys = among(numbers)
        return {path: numbers[pk] for pk, path in fetch(_PATHS + chosen, [keys])}

    @cached_property
    def number(self) -> int:
        """Return the number of entries."""
        if self.keys is not None:
            return len(self.keys)
        if self.query.catalog is None:
            return sum(number for _pk, number in self.lists)
        if self._number is not None:
            return self._number
        rows = Catalog.objects.published().filter(pk=self.query.catalog)
        return rows.values_list("entry_count", flat=True).first() or 0

    @cached_property
    def lists(self) -> list[tuple[int, int]]:
        """All lists in their order, each with how many entries it has; one query."""
        lists = Catalog.objects.published().order_by("title", "pk")
        return [*lists.values_list("pk", "entry_count")]

    def order(self, name: str, *, is_backwards: bool = False) -> Order:
        """An order of these entries, by one of the names of `ordering`."""
        lists = self.lists if name == POSITION and self.query.catalog is None else []
        return Order(name, is_backwards, self.query.catalog, tuple(lists))

    def count(self) -> int:
        """Return the number of entries, as Django's paginator asks for it."""
        return self.number

    def __getitem__(self, part: slice, /) -> list[int]:
        """Return the keys of some, in the order of the list."""
        return self.page(self.order(POSITION), part.start or 0, part.stop)

    def page(self, order: Order, start: int, stop: int) -> list[int]:
        """Keys of the entries from one place in an order to another."""
        if self.are_few and order.name == POSITION and self.query.catalog is not None:
            keys = [*self.places[0]]
            return keys[::-1][start:stop] if order.is_backwards else keys[start:stop]
        return order.page(self.keys, start, stop, self.number)

    def best(self, start: int, stop: int) -> list[int]:
        """Keys of the entries from one place to another, by how well they fit the words."""
        if self.text is None:
            return []
        return self.text.best(self.keys, start, stop)

    # What the filters but the tags ask for

    def _alternatives(self) -> Iterator[Sequence[str]]:
        """The terms of each filter by terms."""
        query = self.query
        if query.sections is not None:
            yield key_terms(SECTION, query.sections)
        if query.addresses is not None:
            yield list(map(postings.address_term, query.addresses))
        if query.language:
            yield [postings.LANGUAGE + query.language]

    def _sets(self, alternatives: Sequence[Sequence[str]]) -> Iterator[BitMap]:
        """The published entries, and what each filter leaves."""
        query = self.query
        yield self.whole
        for own in alternatives:
            yield self.index.with_any(own)
        if query.created_since is not None:
            yield since("created_at", query.created_since, self.whole, query.catalog)
        if query.updated_since is not None:
            yield since("updated_at", query.updated_since, self.whole, query.catalog)
        if query.words is not None:
            yield self.text.entries if self.text else postings.NOTHING
        if query.only is not None:
            yield query.only
