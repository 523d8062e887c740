"""Chosen entries in their order, and places in it that can be named and found again later.

By a value (name, times) a place is named by the value and the key of an entry, which stay what they
are although the entry is removed or edited. In the order of a list nothing stays: positions are
numbered anew, entries move. There a place is named by the entries around it, and found where most
of them still follow each other.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from pyroaring import BitMap

from catalog.api.entries.shelf import POSITION, Shelf
from catalog.finding.ranking import Ranking
from catalog.finding.searching import MOST_RESULTS, Found

AROUND = 4
"""Entries on either side that name a place in the order of a list."""
FIRST_PLACES = 100
"""Of what was found so many are put in order at first; hardly anybody goes on."""

type Keep = Callable[[int, Callable[[], Ranking]], Ranking]
"""Keeps what is made first for so many places."""

type Mark = list[Any]
"""What names a place between two entries; plain data."""


class Chosen(Protocol):
    """The entries that were asked for, in their order."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def some(self, start: int, stop: int) -> list[int]:
        """Keys of the entries from one place to another."""
        ...

    def mark(self, at: int, *, behind: bool) -> Mark:
        """What names a place: `behind` the entry before it, else before the one that is there."""
        ...

    def place(self, mark: Mark, *, behind: bool) -> int:
        """Where a marked place is now. Raises `LookupError` when nothing tells."""
        ...


class _Ordered:
    """Entries of a shelf in one of its orders, or in the opposite of it; `None`: all of them."""

    def __init__(
        self, shelf: Shelf, entries: BitMap | None, sort: str, *, is_backwards: bool
    ) -> None:
        self.shelf = shelf
        self.entries = entries
        self.sort = sort
        self.order = shelf.order(sort)
        self.is_backwards = is_backwards

    def __len__(self) -> int:
        return len(self.order if self.entries is None else self.entries)

    def some(self, start: int, stop: int) -> list[int]:
        size = len(self)
        start, stop = min(start, size), min(stop, size)
        if not self.is_backwards:
            return self.order.some(self.entries, start, stop)
        return self.order.some(self.entries, size - stop, size - start)[::-1]

    def _before(self, at: int) -> int:
        """How many stand before a place of the whole order, counted from where this one begins."""
        before = self.order.before(self.entries, at)
        return len(self) - before if self.is_backwards else before


class ByValue(_Ordered):
    """In one of the orders `entry_sets.BY_KEY`."""

    def mark(self, at: int, *, behind: bool) -> Mark:
        """The value and the key of the entry."""
        (pk,) = self.some(at - 1, at) if behind else self.some(at, at + 1)
        return list(self.shelf.key(self.sort)(pk))

    def place(self, mark: Mark, *, behind: bool) -> int:
        """Behind or before whatever has this value and key, whether it is still there or not."""
        bisect = bisect_left if behind == self.is_backwards else bisect_right
        return self._before(bisect(self.order.keys, tuple(mark), key=self.shelf.key(self.sort)))


class ByPlace(_Ordered):
    """In the order of the lists."""

    def mark(self, at: int, *, behind: bool) -> Mark:
        """Entries before the place and behind it, then the list and position of the nearest one."""
        before, after = self.some(max(at - AROUND, 0), at), self.some(at, at + AROUND)
        nearest = before[-1] if behind else after[0]
        catalog = self.shelf.catalog_with(nearest)
        columns = self.shelf.indexes[catalog].sets.columns
        return [before, after, [catalog, *columns.key(POSITION)(nearest)]]

    def place(self, mark: Mark, *, behind: bool) -> int:
        """Between the entries that named it; what has moved away from the others does not count."""
        before, after, nearest = mark
        around = [pk for pk in (*before, *after) if pk in self.order]
        sign = -1 if self.is_backwards else 1
        rise = longest_rise([sign * self.order.place_of(pk) for pk in around])
        steady = [around[number] for number in rise]
        earlier = [pk for pk in steady if pk in before]
        later = [pk for pk in steady if pk in after]
        if earlier and (behind or not later):
            at = self._place_of(earlier[-1]) + self._has(earlier[-1])
            return self._past(at, before if behind else ())
        if later:
            return self._place_of(later[0])
        return self._near(*nearest, behind=behind)

    def _place_of(self, pk: int) -> int:
        at = self._before(self.order.place_of(pk))
        # Counted from the end, the entry itself is among those before.
        return at - self._has(pk) if self.is_backwards else at

    def _has(self, pk: int) -> bool:
        return self.entries is None or pk in self.entries

    def _past(self, at: int, sent: Sequence[int]) -> int:
        """The place behind the entries that were sent already, if they stand there."""
        following = self.some(at, at + len(sent))
        while following and following.pop(0) in sent:
            at += 1
        return at

    def _near(self, catalog: int, position: int, pk: int, *, behind: bool) -> int:
        """Where a position of a list is, as long as it is numbered so."""
        start = self.shelf.start_of(catalog)
        sets = self.shelf.indexes[catalog].sets
        bisect = bisect_left if behind == self.is_backwards else bisect_right
        key = sets.columns.key(POSITION)
        return self._before(start + bisect(sets.order(POSITION), (position, pk), key=key))


class Ranked:
    """By how well they fit the words."""

    def __init__(self, kept: Keep, found: Found, entries: BitMap) -> None:
        self.kept = kept
        self.found = found
        self.entries = entries

    def __len__(self) -> int:
        return len(self.entries)

    def some(self, start: int, stop: int) -> list[int]:
        return self._ranking(stop).some(start, stop)

    def mark(self, at: int, *, behind: bool) -> Mark:
        """What the entry is sorted by."""
        return list(self._ranking(MOST_RESULTS).mark(at - 1 if behind else at))

    def place(self, mark: Mark, *, behind: bool) -> int:
        """Behind or before what fits as well, by its key."""
        stage, length, name, pk = mark
        return self._ranking(MOST_RESULTS).place((stage, length, name, pk), behind=behind)

    def _ranking(self, stop: int) -> Ranking:
        depth = FIRST_PLACES if stop <= FIRST_PLACES else MOST_RESULTS
        # Where nothing else narrows, less has to be looked through.
        is_all = len(self.entries) == len(self.found.entries)
        wanted = None if is_all else self.entries
        return self.kept(depth, lambda: self.found.ranking(wanted))


def longest_rise(places: Sequence[int]) -> list[int]:
    """Numbers of as many places as possible that rise; of several choices the latest ones."""
    runs: list[list[int]] = []
    for number in range(len(places) - 1, -1, -1):
        behind = [run for run in runs if places[run[0]] > places[number]]
        runs.append([number, *max(behind, key=len, default=[])])
    return max(runs, key=len, default=[])
