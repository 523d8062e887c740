"""An order of entries in which a page of any set of them is found without going through it."""

from __future__ import annotations

from array import array
from functools import cached_property
from itertools import islice

from pyroaring import BitMap

STEP = 1024
"""Entries that follow each other and are kept as a set besides: so many are counted at once."""
FEW = 1000
"""A set of fewer is sorted whole, which takes less than to look for it step by step."""


class Order:
    """Entries in an order: `keys` has each of them once."""

    def __init__(self, keys: array[int]) -> None:
        self.keys = keys

    def __len__(self) -> int:
        return len(self.keys)

    def some(self, wanted: BitMap | None, start: int, stop: int) -> list[int]:
        """Keys of the wanted entries, or of all, from one place among them to another.

        `wanted` has none that is not in the order.
        """
        if wanted is None:
            return self.keys[start:stop].tolist()
        if len(wanted) < FEW:
            return sorted(wanted, key=self.place_of)[start:stop]
        found: list[int] = []
        passed = 0
        for number, step in enumerate(self._steps):
            count = step.intersection_cardinality(wanted)
            if passed + count > start:
                keys = self.keys[number * STEP : (number + 1) * STEP]
                own = filter(wanted.__contains__, keys)
                found += islice(own, max(start - passed, 0), stop - passed)
            passed += count
            if passed >= stop:
                break
        return found

    def before(self, wanted: BitMap | None, at: int) -> int:
        """How many of the wanted entries, or of all, stand before a place of the whole order."""
        if wanted is None:
            return at
        whole = at // STEP
        count = sum(step.intersection_cardinality(wanted) for step in self._steps[:whole])
        return count + sum(map(wanted.__contains__, self.keys[whole * STEP : at]))

    def first(self, stop: int) -> BitMap:
        """The entries before a place, as a set."""
        whole = stop // STEP
        return BitMap.union(BitMap(self.keys[whole * STEP : stop]), *self._steps[:whole])

    def place_of(self, pk: int) -> int:
        """Where an entry stands, from 0. It has to be one of them."""
        return self._places[self._entries.rank(pk) - 1]

    def __contains__(self, pk: int) -> bool:
        return pk in self._entries

    @cached_property
    def _steps(self) -> list[BitMap]:
        return [BitMap(self.keys[at : at + STEP]) for at in range(0, len(self.keys), STEP)]

    @cached_property
    def _entries(self) -> BitMap:
        return BitMap(self.keys)

    @cached_property
    def _places(self) -> array[int]:
        """Where each entry stands, in the order of the keys."""
        return array("I", sorted(range(len(self.keys)), key=self.keys.__getitem__))
