"""Which entries of a list have which tag, and how they follow each other: sets in memory.

A tag is a bitmap of entries, a few bytes for each; what two facets have in common is counted in
microseconds. An index never changes: after an edit another takes its place, which shares with it
all that stayed as it was.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, repeat
from typing import Any, NamedTuple, Self

from pyroaring import BitMap

FEW = 20
"""Of a set that holds one in so many the page is picked from the order of all entries."""
LOOKED_AT = 6
"""Entries looked at for each of a smaller set, before it is sorted, which takes as long."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

BY_KEY = {"key name": "slug", "key newest": "created", "key changed": "updated"}
"""Orders that do not depend on the positions in the list, and what they sort by."""


class Placed(NamedTuple):
    """A published entry and what it is sorted by."""

    pk: int
    position: int
    slug: str
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class Columns:
    """What entries are sorted by, a column each, beside each other in the order of their keys."""

    known: BitMap
    """Every entry that has a row here; removed ones keep theirs."""
    position: array[int]
    slug: list[str]
    created: array[int]
    updated: array[int]

    @classmethod
    def of(cls, rows: Iterable[Placed]) -> Self:
        """Columns with these rows, which come in the order of their keys."""
        columns = cls(BitMap(), array("q"), [], array("q"), array("q"))
        stamps: dict[datetime, int] = {}
        pks = array("I")
        for pk, position, slug, created, updated in rows:
            pks.append(pk)
            columns.position.append(position)
            columns.slug.append(slug)
            # Most entries came at the same time.
            for column, at in ((columns.created, created), (columns.updated, updated)):
                found = stamps.get(at)
                if found is None:
                    found = stamps[at] = stamp(at)
                column.append(found)
        columns.known = BitMap(pks)
        return columns

    def with_rows(self, rows: Iterable[Placed]) -> Self:
        """Other columns that have these rows instead of, or besides, their own."""
        other = replace(
            self,
            known=self.known.copy(),
            position=self.position[:],
            slug=self.slug[:],
            created=self.created[:],
            updated=self.updated[:],
        )
        for row in rows:
            pk, at = row.pk, other.known.rank(row.pk)
            new = row.position, row.slug, stamp(row.created_at), stamp(row.updated_at)
            columns: tuple[Any, ...] = other.position, other.slug, other.created, other.updated
            if pk in other.known:
                for column, value in zip(columns, new, strict=True):
                    column[at - 1] = value
            else:
                other.known.add(pk)
                for column, value in zip(columns, new, strict=True):
                    column.insert(at, value)
        return other

    def key(self, sort: str) -> Callable[[int], Any]:
        """What gives an entry's place among the others; no two have the same.

        In the orders of `BY_KEY` equal ones follow by their keys, which nothing changes, so that
        a place in them can be named and found again.
        """
        rank, position = self.known.rank, self.position
        if sort in BY_KEY:
            column = getattr(self, BY_KEY[sort])
            if sort == "key name":
                return lambda pk: (column[rank(pk) - 1], pk)
            return lambda pk: (-column[rank(pk) - 1], pk)
        if sort == "name":
            slug = self.slug
            # The address is the name without case and signs, and sorts the same everywhere.
            return lambda pk: (slug[row := rank(pk) - 1], position[row], pk)
        if sort in {"newest", "changed"}:
            time = self.created if sort == "newest" else self.updated
            return lambda pk: (-time[row := rank(pk) - 1], position[row], pk)
        return lambda pk: (position[rank(pk) - 1], pk)


def stamp(at: datetime) -> int:
    """Microseconds since 1970, exactly, of any moment that can be written."""
    return (at - _EPOCH) // _MICROSECOND


def tags_by_entry(entries: BitMap, tagged: Mapping[int, BitMap]) -> dict[int, tuple[int, ...]]:
    """The tags of each of the entries, by the entries of each tag, in the same order."""
    found: dict[int, list[int]] = {pk: [] for pk in entries}
    for tag, having in tagged.items():
        for pk in having:
            found[pk].append(tag)
    # Many have the same, most often none.
    same: dict[tuple[int, ...], tuple[int, ...]] = {}
    return {pk: same.setdefault(own, own) for pk, tags in found.items() for own in [tuple(tags)]}


@dataclass(frozen=True, slots=True)
class EntrySets:
    """The published entries of a list as sets, and in their orders."""

    entries: BitMap
    tagged: dict[int, BitMap]
    """The entries of each tag, by its key."""
    tags_of: dict[int, tuple[int, ...]]
    """The tags of each entry in the order of the facets and of their addresses."""
    columns: Columns
    orders: dict[str, array[int]] = field(default_factory=dict)
    """Every entry in each order that was asked for."""

    def order(self, sort: str) -> array[int]:
        """All entries in an order."""
        found = self.orders.get(sort)
        if found is None:
            # Two threads may both come here: they find the same.
            found = array("I", sorted(self.entries, key=self.columns.key(sort)))
            self.orders[sort] = found
        return found

    def some(self, wanted: BitMap | None, sort: str, start: int, stop: int) -> list[int]:
        """Keys of the wanted entries, or of all, from one place in the order to another."""
        if wanted is None:
            return self.order(sort)[start:stop].tolist()
        order: Iterable[int] = self.order(sort)
        stop = min(stop, len(wanted))
        is_few = len(wanted) * FEW < len(self.entries)
        if is_few:
            # Where they lie close together and far behind, to look for them takes longer.
            order = islice(order, len(wanted) * LOOKED_AT)
        found = list(islice(filter(wanted.__contains__, order), start, stop))
        if is_few and len(found) < stop - start:
            return sorted(wanted, key=self.columns.key(sort))[start:stop]
        return found

    def counter(self, among: BitMap, asked: int) -> Callable[[Sequence[int]], list[int]]:
        """What tells how many of some entries have each of some tags, `asked` of them in all."""
        if len(among) > asked:
            counted = among.intersection_cardinality
            return lambda tags: [counted(self.tagged[tag]) for tag in tags]
        # Few entries have few tags: they are counted one by one.
        counts = Counter(chain.from_iterable(map(self.tags_of.__getitem__, among)))
        return lambda tags: list(map(counts.get, tags, repeat(0)))

    def between(self, start: int, end: int | None) -> BitMap:
        """Entries from a position up to another, without its end; None: up to the last."""
        order, position = self.order(""), self.columns.position
        rank = self.columns.known.rank

        def place(at: int) -> int:
            return bisect_left(order, at, key=lambda pk: position[rank(pk) - 1])

        return BitMap(order[place(start) : None if end is None else place(end)])

    def neighbours(self, row: Placed) -> tuple[int | None, int | None]:
        """Who stands before and behind an entry."""
        order = self.order("")
        at = bisect_left(order, (row.position, row.pk), key=self.columns.key(""))
        behind = order[at + 1] if at + 1 < len(order) else None
        return order[at - 1] if at else None, behind

    def after(self, changed: BitMap, rows: list[Placed], tags: dict[int, list[int]]) -> EntrySets:
        """The sets after some entries changed: as their rows and tags say, or gone.

        `tags` are those of each entry that is still published, in their order.
        """
        before = self.columns.key
        columns = self.columns.with_rows(rows)
        there = BitMap([row.pk for row in rows])
        entries = (self.entries - changed) | there
        orders = {}
        for sort, order in self.orders.items():
            orders[sort] = order[:]
            for pk in changed & self.entries:
                del orders[sort][bisect_left(orders[sort], before(sort)(pk), key=before(sort))]
            key = columns.key(sort)
            for pk in there:
                orders[sort].insert(bisect_left(orders[sort], key(pk), key=key), pk)
        tags_of = self.tags_of.copy()
        for pk in changed - there:
            tags_of.pop(pk, None)
        tags_of.update({pk: tuple(own) for pk, own in tags.items()})
        tagged = dict(self.tagged)
        for tag, having in self.tagged.items():
            if having.intersect(changed):
                tagged[tag] = having - changed
        for pk, own in tags.items():
            for tag in own:
                tagged[tag] = tagged.get(tag, BitMap()) | BitMap([pk])
        return EntrySets(entries, tagged, tags_of, columns, orders)
