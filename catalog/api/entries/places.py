"""Places between entries that can be named and found again while the lists are edited.

By a value (name, times) a place is named by the value and the key of an entry, which stay what they
are although the entry is removed or edited. In the order of the lists nothing stays: positions are
numbered anew, entries move. There a place is named by the entries around it, and is where most of
them still follow each other; so it is among what fits words best.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from catalog.finding.ordering import POSITION, Order
from catalog.finding.query import Entries
from catalog.models import Catalog

AROUND = 4
"""Entries on either side that name a place."""
MOVED = 250
"""Places by which what fits words best may have moved meanwhile."""

type Mark = list[Any]
"""What names a place between two entries; plain data."""


class Cut(NamedTuple):
    """A page: its entries, and marks of where it ends and begins where something goes on there."""

    keys: list[int]
    following: Mark | None
    preceding: Mark | None


def first_page(matches: Entries, order: Order | None, size: int) -> Cut:
    """The page that an empty cursor leads to."""
    if order is None:
        return _best(matches, 0, size)
    keys = matches.page(order, 0, size + AROUND)
    return _cut(order, keys, [], size, is_forwards=True)


def page_from(
    matches: Entries,
    order: Order | None,
    mark: Mark,
    size: int,
    *,
    is_forwards: bool,
    behind: bool,
) -> Cut:
    """The page that goes on from a place, one way or the other.

    The place is behind the entry that the mark is of, or before it. Raises `LookupError` when
    nothing tells where it is.
    """
    if order is None:
        at = _place_of(matches, mark, behind=behind)
        if is_forwards:
            return _best(matches, at, size)
        start = max(at - size, 0)
        return _best(matches, start, at - start)
    sent: Sequence[int] = ()
    if order.name == POSITION:
        mark, behind, sent = _anchor(order, mark, behind=behind)
    ahead = order.onward(
        matches.keys,
        mark,
        size + AROUND + len(sent),
        is_forwards=is_forwards,
        with_mark=behind != is_forwards,
    )
    back = order.onward(
        matches.keys,
        mark,
        AROUND,
        is_forwards=not is_forwards,
        with_mark=behind == is_forwards,
    )
    while is_forwards and ahead and ahead[0] in sent:
        # It was sent already, and stands behind the place now.
        back = [ahead.pop(0), *back]
    return _cut(order, ahead, back, size, is_forwards=is_forwards)


def _cut(
    order: Order, ahead: Sequence[int], back: Sequence[int], size: int, *, is_forwards: bool
) -> Cut:
    """A page of what is ahead of a place; the nearest are first in both."""
    page, beyond = list(ahead[:size]), list(ahead[size : size + AROUND])
    if is_forwards:
        before, after = list(back[:AROUND])[::-1], beyond
    else:
        page, before, after = page[::-1], beyond[::-1], list(back[:AROUND])
    following = preceding = None
    if after and page:
        following = _mark(order, [*before, *page][-AROUND:], after, behind=True)
    if before:
        following_keys = [*page, *after][:AROUND]
        preceding = _mark(order, before, following_keys, behind=not page)
    return Cut(page, following, preceding)


def _mark(order: Order, before: Sequence[int], after: Sequence[int], *, behind: bool) -> Mark:
    nearest = before[-1] if behind else after[0]
    mark = order.marks([nearest])[nearest]
    return [[*before], [*after], mark] if order.name == POSITION else mark


def _anchor(order: Order, mark: Mark, *, behind: bool) -> tuple[Mark, bool, Sequence[int]]:
    """Return the nearest entry to a place by now, its side, and what was sent before it."""
    before, after, nearest = mark
    marks = order.marks([*before, *after])
    earlier, later = _steady(before, after, order.sort(marks))
    if earlier and (behind or not later):
        return marks[earlier[-1]], True, before if behind else ()
    if later:
        return marks[later[0]], False, ()
    if not Catalog.objects.filter(pk=nearest[0]).exists():
        raise LookupError(nearest)
    return nearest, behind, ()


def _steady(
    before: Sequence[int], after: Sequence[int], ordered: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Return those of the entries before and after a place that still follow each other."""
    place = {pk: number for number, pk in enumerate(ordered)}
    around = [pk for pk in (*before, *after) if pk in place]
    steady = [around[number] for number in longest_rise([place[pk] for pk in around])]
    return [pk for pk in steady if pk in before], [pk for pk in steady if pk in after]


def longest_rise(places: Sequence[int]) -> list[int]:
    """Numbers of as many places as possible that rise; of several choices the latest ones."""
    runs: list[list[int]] = []
    for number in range(len(places) - 1, -1, -1):
        behind = [run for run in runs if places[run[0]] > places[number]]
        runs.append([number, *max(behind, key=len, default=[])])
    return max(runs, key=len, default=[])


# By how well they fit words


def _best(matches: Entries, start: int, size: int) -> Cut:
    first = max(start - AROUND, 0)
    keys = matches.best(first, start + size + AROUND)
    before, page = keys[: start - first], keys[start - first : start - first + size]
    after = keys[start - first + size :]
    following = preceding = None
    if after:
        following = [[*before, *page][-AROUND:], after, start + len(page)]
    if before:
        preceding = [before, [*page, *after][:AROUND], start]
    return Cut(page, following, preceding)


def _place_of(matches: Entries, mark: Mark, *, behind: bool) -> int:
    """Return the present position of a marked place among the best."""
    before, after, at = mark[0], mark[1], int(mark[2])
    start = max(at - MOVED, 0)
    near = matches.best(start, at + MOVED)
    earlier, later = _steady(before, after, near)
    if earlier and (behind or not later):
        return int(start + near.index(earlier[-1]) + 1)
    if later:
        return int(start + near.index(later[0]))
    return min(at, matches.number)
