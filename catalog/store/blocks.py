"""The rows of blocks, and their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.models import POSITION_GAP, Block, Listing, Section
from catalog.sql.bulk import insert_rows, update_rows
from catalog.store.projection import Projection
from catalog.store.written import BATCH, DocumentWrite, key_of


def assign_positions(written: DocumentWrite) -> None:
    """Positions in order; what keeps its place keeps its number, unless there is no room."""
    positions = written.positions
    blocks, moved = written.blocks, written.moved
    run: list[int] = []
    last: int | None = None
    for index in range(len(written.document.blocks)):
        old = written.old_of.get(index)
        positions.append(0)
        if old is None or index in moved:
            run.append(index)
            continue
        here = blocks[old].position
        if not _spread(positions, run, last, here):
            positions[:] = _even(len(written.document.blocks))
            return
        positions[index] = last = here
        run = []
    _spread(positions, run, last, None)


def _even(count: int) -> list[int]:
    return [POSITION_GAP * number for number in range(1, count + 1)]


def _spread(positions: list[int], run: list[int], before: int | None, after: int | None) -> bool:
    """Number the blocks of a run between two positions; False when there is no room."""
    if before is None and after is not None:
        before = after - POSITION_GAP * (len(run) + 1)
    step = POSITION_GAP
    if before is not None and after is not None:
        step = (after - before) // (len(run) + 1)
    for number, index in enumerate(run, 1):
        positions[index] = (before or 0) + step * number
    return step > 0 or not run


class BlockWriter:
    """Writes the blocks of a document: knows beforehand which stored rows differ.

    `rows_html` are the cells of table rows as pages show them, by index of their entry. After
    `write` every block has its key in `written.keys`.
    """

    def __init__(
        self, written: DocumentWrite, projection: Projection, rows_html: Mapping[int, str]
    ) -> None:
        self.written = written
        self.html = [
            projection.prose(block) if block.entry is None else rows_html.get(block.entry, "")
            for block in written.document.blocks
        ]
        self.gone = [block.pk for block in written.removed_blocks]
        self.new = [n for n in range(len(self.html)) if n not in written.old_of]
        written.keys = [
            written.blocks[written.old_of[n]].pk if n in written.old_of else 0
            for n in range(len(self.html))
        ]
        self.changed = self._changed() if written.old_of else []

    def _changed(self) -> list[int]:
        """The blocks whose rows differ, as far as what they refer to has a key already."""
        written = self.written
        rows = Block.objects.filter(catalog=written.catalog).values_list("pk", *_UPDATED)
        stored = {pk: values for pk, *values in rows.iterator(chunk_size=2000)}
        return [
            index
            for index, pk in enumerate(written.keys)
            # One that somebody has removed meanwhile: there is no writing then.
            if pk and stored.get(pk) != self._values(index, written.sections, written.listings)
        ]

    def _values(
        self, index: int, sections: Mapping[int, int], listings: Mapping[int, int]
    ) -> list[Any]:
        """The values of `_UPDATED`; `sections` and `listings` are keys by index, 0 if missing."""
        block = self.written.document.blocks[index]
        return [
            self.written.positions[index],
            block.kind.value,
            block.source,
            key_of(sections, block.section),
            key_of(listings, block.listing),
            self.written.keys[block.parent] if block.parent is not None else None,
            block.depth,
            self.html[index],
        ]

    def write(self, sections: Sequence[Section], listings: Sequence[Listing]) -> None:
        """Remove, move, insert and update rows."""
        written = self.written
        for start in range(0, len(self.gone), BATCH):
            Block.objects.filter(pk__in=self.gone[start : start + BATCH]).delete()
        self._make_room()
        section_keys = {index: row.pk for index, row in enumerate(sections)}
        listing_keys = {index: row.pk for index, row in enumerate(listings)}
        rows = []
        for index in self.new:
            values = self._values(index, section_keys, listing_keys)
            # Parents have keys once they have rows.
            del values[_PARENT]
            rows.append((written.catalog.pk, written.uids[index], *values))
        for index, key in zip(self.new, insert_rows(Block, _NEW, rows), strict=True):
            written.keys[index] = key
        blocks, keys = written.document.blocks, written.keys
        parents = ((n, blocks[n].parent) for n in self.new)
        update_rows(
            Block,
            ["parent_id"],
            [(keys[n], keys[parent]) for n, parent in parents if parent is not None],
        )
        update_rows(
            Block,
            _UPDATED,
            [(keys[n], *self._values(n, section_keys, listing_keys)) for n in self.changed],
        )

    def _make_room(self) -> None:
        """Move blocks that change their position to unused ones: no two may ever share one."""
        written = self.written
        lowest = min([0, *written.positions, *(block.position for block in written.blocks)])
        aside = [
            written.blocks[old].pk
            for index, old in written.old_of.items()
            if written.blocks[old].position != written.positions[index]
        ]
        update_rows(
            Block, ["position"], [(pk, lowest - number) for number, pk in enumerate(aside, 1)]
        )


_UPDATED = (
    "position",
    "kind",
    "source",
    "section_id",
    "listing_id",
    "parent_id",
    "depth",
    "html",
)
_PARENT = _UPDATED.index("parent_id")
_NEW = ("catalog_id", "uid", *(name for name in _UPDATED if name != "parent_id"))
