"""Entries in the order of how much of a query they have, by the algebra of sets.

A term may match in several ways, the best first: in the name, anywhere, in another form. Which way
each term matches an entry decides its score, so entries of one score are a set that is cut out of
larger ones; the best sets are cut out first, and the rest is never looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from math import log
from typing import NamedTuple

from pyroaring import BitMap


class Way(NamedTuple):
    """A way to match a term: who does, and what of the term's weight it is worth."""

    entries: BitMap
    worth: float


class Part(NamedTuple):
    """A term as it is scored: ways to match it, the best first."""

    ways: tuple[Way, ...]
    weight: float
    is_needed: bool = True

    @property
    def entries(self) -> BitMap:
        """Return the entries that match in some way."""
        return BitMap.union(*[way.entries for way in self.ways]) if self.ways else BitMap()


def rarity(count: int, total: int) -> float:
    """Return the weight of a term that so many of all entries have."""
    return log(1 + total / count) ** 2 if count else 0.0


def scored(parts: Sequence[Part], within: BitMap) -> Iterator[tuple[float, BitMap]]:
    """Sets of entries with their score, the highest first; no entry is in two.

    Only entries that match all parts which are needed; the order of `parts` does not matter.
    """
    parts = sorted(parts, key=lambda part: -part.weight)
    best = [0.0]
    for part in reversed(parts):
        best.append(best[-1] + part.weight * (part.ways[0].worth if part.ways else 0))
    best.reverse()
    queue: list[tuple[float, int, int, float, BitMap]] = [(-best[0], 0, 0, 0.0, within)]
    number = 0
    while queue:
        _bound, _number, depth, score, entries = heappop(queue)
        if depth == len(parts):
            yield score, entries
            continue
        part = parts[depth]
        rest = entries
        ways = [(way.entries, score + part.weight * way.worth) for way in part.ways]
        for matching, reached in [*ways, (None, score)]:
            if matching is None:
                own = rest if not part.is_needed else None
            else:
                own = rest & matching
                rest = rest - own if own else rest
            if own:
                number += 1
                heappush(queue, (-reached - best[depth + 1], number, depth + 1, reached, own))
