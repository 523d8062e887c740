"""Room for new blocks between two others: positions are numbers with wide gaps.

Where a gap is used up, some of the blocks behind it are numbered anew, as few as will do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Min, QuerySet

from catalog.models import POSITION_GAP, Block, Catalog, Entry, Listing, Section
from catalog.sql.bulk import update_rows

_ENOUGH = 256
"""Room that a renumbering leaves between two blocks, so that it is not soon needed again."""
_FEW = 32


def set_aside(catalog: Catalog, blocks: list[int]) -> None:
    """Move blocks to unused positions, by key: positions are unique at any time."""
    lowest = Block.objects.filter(catalog=catalog).aggregate(lowest=Min("position"))["lowest"]
    lowest = min(lowest or 0, 0)
    update_rows(Block, ["position"], [(pk, lowest - n) for n, pk in enumerate(blocks, 1)])


def room_between(catalog: Catalog, before: int | None, behind: int | None, count: int) -> list[int]:
    """Positions for `count` blocks behind the position `before` and in front of `behind`.

    None is the beginning of the list, or the end of what was read of it. Blocks that are to be
    moved there have to be set aside already.
    """
    if behind is None:
        later = Block.objects.filter(catalog=catalog, position__gt=before or 0)
        behind = later.order_by("position").values_list("position", flat=True).first()
    if behind is None:
        return [(before or 0) + POSITION_GAP * number for number in range(1, count + 1)]
    if before is None:
        return [behind - POSITION_GAP * number for number in range(count, 0, -1)]
    step = (behind - before) // (count + 1)
    if not step:
        step = _renumber(catalog, before, behind, count)
    return [before + step * number for number in range(1, count + 1)]


def _renumber(catalog: Catalog, before: int, behind: int, count: int) -> int:
    """Number blocks from the position `behind` on anew; returns the distance between all."""
    size = _FEW
    while True:
        blocks = Block.objects.filter(catalog=catalog, position__gte=behind).order_by("position")
        rows = list(blocks.values_list("pk", "position")[: size + 1])
        is_end = len(rows) <= size
        step = POSITION_GAP
        if not is_end:
            step = (rows[-1][1] - before) // (count + size + 1)
            rows.pop()
        if is_end or step >= _ENOUGH:
            break
        size *= 4
    new = {old: before + step * (count + n) for n, (_pk, old) in enumerate(rows, 1)}
    set_aside(catalog, [pk for pk, _old in rows])
    update_rows(Block, ["position"], [(pk, new[old]) for pk, old in rows])
    _follow(Entry.objects.filter(catalog=catalog).living(), new)
    _follow(Section.objects.filter(catalog=catalog), new)
    _follow(Listing.objects.filter(catalog=catalog), new)
    return step


def _follow(rows: QuerySet[Any], new: Mapping[int, int]) -> None:
    """Move what refers to positions along to the new ones."""
    taken = list(rows.filter(position__in=new).values_list("pk", "position"))
    update_rows(rows.model, ["position"], [(pk, new[old]) for pk, old in taken])
