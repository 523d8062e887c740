"""The rows of blocks, and their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from catalog import markdown
from catalog.models import POSITION_GAP, Block, Listing, Section
from catalog.sql.bulk import insert_rows, update_rows
from catalog.store.projection import Projection
from catalog.store.snapshots import StoredBlock
from catalog.store.written import BATCH, Written


def assign_positions(written: Written) -> None:
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


def write_blocks(
    written: Written,
    sections: Sequence[Section],
    listings: Sequence[Listing],
    projection: Projection,
    gone: Sequence[StoredBlock],
    rows_html: Mapping[int, str],
) -> None:
    """Remove, move, insert and update rows; afterwards `written.keys` has every block's key.

    `rows_html` are the cells of table rows as pages show them, by index of their entry.
    """
    catalog, document = written.catalog, written.document
    for start in range(0, len(gone), BATCH):
        Block.objects.filter(pk__in=[block.pk for block in gone[start : start + BATCH]]).delete()
    _make_room(written)
    new: list[int] = []
    known: list[tuple[int, int]] = []
    rows = []
    for index, block in enumerate(document.blocks):
        old = written.old_of.get(index)
        if old is not None:
            written.keys.append(written.blocks[old].pk)
            known.append((index, written.blocks[old].pk))
            continue
        written.keys.append(0)
        new.append(index)
        rows.append(
            (
                catalog.pk,
                written.uids[index],
                written.positions[index],
                block.kind.value,
                block.source,
                sections[block.section].pk if block.section is not None else None,
                listings[block.listing].pk if block.listing is not None else None,
                block.depth,
                _block_html(block, projection, rows_html),
            )
        )
    for index, key in zip(new, insert_rows(Block, _NEW_BLOCK, rows), strict=True):
        written.keys[index] = key
    _set_parents(written, new)
    _update_blocks(written, sections, listings, projection, known, rows_html)


_NEW_BLOCK = (
    "catalog_id",
    "uid",
    "position",
    "kind",
    "source",
    "section_id",
    "listing_id",
    "depth",
    "html",
)


def _block_html(block: markdown.Block, projection: Projection, rows_html: Mapping[int, str]) -> str:
    return projection.prose(block) if block.entry is None else rows_html.get(block.entry, "")


def _set_parents(written: Written, indexes: Iterable[int]) -> None:
    keys, blocks = written.keys, written.document.blocks
    update_rows(
        Block,
        ["parent_id"],
        [
            (keys[index], keys[parent])
            for index in indexes
            if (parent := blocks[index].parent) is not None
        ],
    )


def _make_room(written: Written) -> None:
    """Take blocks that change their position out of the way; the order is unique at any time."""
    lowest = min([block.position for block in written.blocks], default=0)
    lowest = min(lowest, *written.positions, 0) if written.positions else min(lowest, 0)
    aside = [
        written.blocks[old].pk
        for index, old in written.old_of.items()
        if written.blocks[old].position != written.positions[index]
    ]
    update_rows(Block, ["position"], [(pk, lowest - number) for number, pk in enumerate(aside, 1)])


def _update_blocks(
    written: Written,
    sections: Sequence[Section],
    listings: Sequence[Listing],
    projection: Projection,
    known: Sequence[tuple[int, int]],
    rows_html: Mapping[int, str],
) -> None:
    if not known:
        return
    fields = (
        "position",
        "kind",
        "source",
        "section_id",
        "listing_id",
        "parent_id",
        "depth",
        "html",
    )
    stored = {
        pk: tuple(values)
        for pk, *values in Block.objects.filter(catalog=written.catalog).values_list("pk", *fields)
    }
    rows = []
    for index, pk in known:
        block = written.document.blocks[index]
        depths = (
            written.positions[index],
            block.kind.value,
            block.source,
            sections[block.section].pk if block.section is not None else None,
            listings[block.listing].pk if block.listing is not None else None,
            written.keys[block.parent] if block.parent is not None else None,
            block.depth,
            _block_html(block, projection, rows_html),
        )
        if stored[pk] != depths:
            rows.append((pk, *depths))
    update_rows(Block, fields, rows)
