"""Orders of entries, and pages of any set of them: by number, or on from a place.

An order is an index of the database. Of few entries the rows are sorted; of many the index is read
from its nearer end and each key tested for whether it is among them, so that neither takes longer
the more entries there are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.postings import CATALOG, key_term
from catalog.models import Catalog, Entry
from catalog.sql.bulk import among, fetch, joined

FEW = 1000
"""Entries that are sorted by themselves, whatever an index would take."""
READ_AHEAD = 4
"""Keys of an index that are read for each entry before the entries are sorted after all."""
_MOST_AT_ONCE = 100_000

POSITION, NAME, NEWEST, CHANGED = "position", "name", "newest", "changed"
BY_VALUE = frozenset({NAME, NEWEST, CHANGED})
"""Orders by a field of the entry, the newest first; the other is that of the lists."""
_TABLE, _LISTS = Entry._meta.db_table, Catalog._meta.db_table

type Mark = list[Any]
"""What an entry is sorted by, its key last, as JSON can hold it; in the order of the lists
`[list, position, key]`."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the published entries of a list, or of all; equal ones follow by their keys."""

    name: str = POSITION
    is_backwards: bool = False
    catalog: int | None = None
    lists: tuple[tuple[int, int], ...] = ()
    """All lists in their order with how many entries each has, where the order is theirs."""

    def page(self, entries: BitMap | None, start: int, stop: int, number: int) -> list[int]:
        """Keys of some entries, or of all, from one place among them to another.

        `number` is how many they are.
        """
        stop = min(stop, number)
        if self.catalog is not None or self.name in BY_VALUE:
            return self._index(self.is_backwards).page(entries, start, stop, number)
        if entries is not None and len(entries) <= FEW:
            return self.sort(self.marks(list(entries)))[start:stop]
        lists = self.lists[::-1] if self.is_backwards else self.lists
        return _in_lists(lists, entries, start, stop, is_backwards=self.is_backwards)

    def onward(
        self, entries: BitMap | None, mark: Mark, most: int, *, is_forwards: bool, with_mark: bool
    ) -> list[int]:
        """The keys that follow a place, the nearest first; `with_mark`: what is there itself, too.

        Backwards they are those before it. The mark may be that of an entry that is gone.
        """
        is_backwards = self.is_backwards == is_forwards
        if self.name in BY_VALUE:
            index = self._index(is_backwards).beyond(mark, with_mark=with_mark)
            return index.first(entries, most)
        catalog, *place = mark
        index = _Index.of_list(catalog, is_backwards).beyond(place, with_mark=with_mark)
        keys = index.first(entries, most)
        if self.catalog is not None:
            return keys
        lists = self.lists[::-1] if is_backwards else self.lists
        at = next((n for n, (pk, _count) in enumerate(lists, 1) if pk == catalog), len(lists))
        return keys + _in_lists(lists[at:], entries, 0, most - len(keys), is_backwards=is_backwards)

    def _index(self, is_backwards: bool) -> _Index:
        """The index that has this order, or the opposite one; there is none of all lists' order."""
        if self.catalog is None:
            return _Index.of_all(self.name, is_backwards)
        return _Index.of_list(self.catalog, is_backwards, self.name)

    def marks(self, pks: Collection[int]) -> dict[int, Mark]:
        """The marks of those of some entries that are published, and in the list."""
        fields = "catalog_id, position" if self.name == POSITION else _COLUMNS[self.name]
        chosen, keys = among(pks)
        where, values = "", list[Any]([keys])
        if self.catalog is not None:
            where, values = " AND catalog_id = %s", [keys, self.catalog]
        rows = fetch(
            f"SELECT {fields}, id FROM {_TABLE}"  # noqa: S608
            f" WHERE id {chosen} AND state = 'published'{where}",
            values,
        )
        return {row[-1]: [*map(_as_json, row)] for row in rows}

    def sort(self, marks: dict[int, Mark]) -> list[int]:
        """The keys of marks in the order of the lists."""
        rank = {self.catalog: 0}
        if self.catalog is None:
            rank = {pk: number for number, (pk, _) in enumerate(self.lists)}
        keys = [pk for pk, mark in marks.items() if mark[0] in rank]
        keys.sort(key=lambda pk: (rank[marks[pk][0]], *marks[pk][1:]), reverse=self.is_backwards)
        return keys


# The order of the lists, one behind the other


def _in_lists(
    lists: Sequence[tuple[int, int]],
    entries: BitMap | None,
    start: int,
    stop: int,
    *,
    is_backwards: bool,
) -> list[int]:
    """Keys of some entries, or of all, in lists that follow each other, from place to place."""
    if stop <= start:
        return []
    of_list: dict[int, BitMap] = {}
    if entries is not None:
        of_list = {pk: entries & own for pk, own in _of_lists([pk for pk, _count in lists]).items()}
        lists = [(pk, len(of_list[pk])) for pk, _count in lists]
    parts: list[tuple[int, int, int, int]] = []
    passed = 0
    for pk, count in lists:
        if passed < stop and passed + count > start:
            parts.append((pk, max(start - passed, 0), min(stop - passed, count), count))
        passed += count
    small = [pk for pk, _start, _stop, count in parts if count <= FEW]
    ordered: dict[int, list[int]] = {}
    if len(small) > 1:
        # Of many short lists all rows are read at once.
        of_list = of_list or _of_lists(small)
        marks = Order().marks(list(BitMap.union(*[of_list[pk] for pk in small])))
        for pk in sorted(marks, key=lambda pk: marks[pk], reverse=is_backwards):
            ordered.setdefault(marks[pk][0], []).append(pk)
    keys: list[int] = []
    for pk, first, last, count in parts:
        if pk in ordered:
            keys += ordered[pk][first:last]
        else:
            index = _Index.of_list(pk, is_backwards)
            keys += index.page(of_list.get(pk), first, last, count)
    return keys


def _of_lists(pks: Sequence[int]) -> dict[int, BitMap]:
    read = postings.read([key_term(CATALOG, pk) for pk in pks])
    return {pk: read[key_term(CATALOG, pk)] for pk in pks}


# An index of the database

_COLUMNS = {POSITION: "position", NAME: "slug", NEWEST: "created_at", CHANGED: "updated_at"}


@dataclass(frozen=True, slots=True)
class _Index:
    """Published entries as an index has them, or a part of it, read from one of its ends."""

    ascending: tuple[bool, bool]
    """Whether the column and the keys are read in ascending order."""
    column: str
    where: str = ""
    parameters: tuple[Any, ...] = ()

    @classmethod
    def of_all(cls, name: str, is_backwards: bool) -> _Index:
        """Return the index of all entries by one of `BY_VALUE`."""
        # Entries of lists that nobody may see yet are in the table, too. Most often there are none,
        # and to read an index alone takes a fraction of looking at each of its rows.
        hidden = fetch(f"SELECT id FROM {_LISTS} WHERE is_unfinished")  # noqa: S608
        where = (
            f" AND catalog_id NOT IN ({', '.join(str(pk) for (pk,) in hidden)})" if hidden else ""
        )
        return cls(_ways(name, is_backwards), _column(name), where)

    @classmethod
    def of_list(cls, catalog: int, is_backwards: bool, name: str = POSITION) -> _Index:
        """Return the index of a list in one of the orders."""
        return cls(_ways(name, is_backwards), _column(name), " AND catalog_id = %s", (catalog,))

    @property
    def order(self) -> str:
        """Return the columns behind `ORDER BY`."""
        column, key = (" ASC" if way else " DESC" for way in self.ascending)
        return f"{self.column}{column}, id{key}"

    def opposite(self) -> _Index:
        """The same read from the other end."""
        column, key = self.ascending
        return _Index((not column, not key), self.column, self.where, self.parameters)

    def beyond(self, mark: Mark, *, with_mark: bool) -> _Index:
        """The part behind a mark."""
        value, pk = mark
        if self.column in {"created_at", "updated_at"}:
            moment = datetime.fromisoformat(value)
            value = connection.ops.adapt_datetimefield_value(moment)
        column, key = (">" if way else "<" for way in self.ascending)
        equal = "=" if with_mark else ""
        where = (
            f" AND {self.column} {column}= %s AND ({self.column} {column} %s OR id {key}{equal} %s)"
        )
        parameters = (*self.parameters, value, value, pk)
        return _Index(self.ascending, self.column, self.where + where, parameters)

    def page(self, entries: BitMap | None, start: int, stop: int, number: int) -> list[int]:
        """Keys of some of the entries, or of all, from one place to another of so many."""
        if stop <= start:
            return []
        if start > number // 2:
            # From the other end it is not as far.
            return self.opposite().page(entries, number - stop, number - start, number)[::-1]
        return self._part(entries, start, stop)

    def first(self, entries: BitMap | None, most: int) -> list[int]:
        """The first keys of some of the entries, or of all."""
        return self._part(entries, 0, most)

    def _part(self, entries: BitMap | None, start: int, stop: int) -> list[int]:
        if entries is None:
            return self._read(stop - start, start)
        if len(entries) <= FEW:
            return self._sorted(entries, start, stop)
        return self._among(entries, start, stop)

    def _among(self, entries: BitMap, start: int, stop: int) -> list[int]:
        most = len(entries) * READ_AHEAD
        keys: list[int] = []
        passed = done = 0
        size = max(4 * stop, 200)
        while done + size <= most:
            some = self._read(size, done)
            own = list(filter(entries.__contains__, some))
            keys += own[max(start - passed, 0) : max(stop - passed, 0)]
            passed += len(own)
            if passed >= stop or len(some) < size:
                return keys
            done += size
            size = min(4 * size, _MOST_AT_ONCE)
        # They lie close together, and far behind.
        return self._sorted(entries, start, stop)

    def _read(self, most: int, start: int) -> list[int]:
        select = (
            f"SELECT id FROM {_TABLE} WHERE state = 'published'{self.where}"  # noqa: S608
            f" ORDER BY {self.order} LIMIT %s OFFSET %s"
        )
        [(keys,)] = fetch(joined(select), [*self.parameters, most, start])
        read: list[int] = orjson.loads(f"[{keys or ''}]")
        return read

    def _sorted(self, entries: BitMap, start: int, stop: int) -> list[int]:
        chosen, keys = among(entries)
        # With a sign the list is only compared: an index of it would be read as a whole.
        where = self.where.replace("catalog_id", "+catalog_id")
        select = (
            f"SELECT id FROM {_TABLE} WHERE id {chosen} AND state = 'published'{where}"  # noqa: S608
            f" ORDER BY {self.order} LIMIT %s OFFSET %s"
        )
        return [pk for (pk,) in fetch(select, [keys, *self.parameters, stop - start, start])]


def _ways(name: str, is_backwards: bool) -> tuple[bool, bool]:
    """Times are read from the newest on."""
    return (name in {NAME, POSITION}) != is_backwards, not is_backwards


def _column(name: str) -> str:
    by_bytes = name == NAME and connection.vendor == "postgresql"
    return _COLUMNS[name] + (' COLLATE "C"' if by_bytes else "")


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
