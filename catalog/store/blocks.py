"""The document to be written, and the rows and order of its blocks."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, MutableSequence, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from catalog import markdown
from catalog.models import POSITION_GAP, Block, Catalog
from catalog.sql.bulk import BATCH, insert_rows, update_rows
from catalog.store.projection import Projection
from catalog.store.snapshots import StoredBlock


def key_of(keys: Mapping[int, int], index: int | None) -> int | None:
    """The key of a part of the document by its index; 0 for one that is new, None for none."""
    return None if index is None else keys.get(index, 0)


type Numbers = MutableSequence[int]
"""One for each block or entry of a list, however long: in a list each takes five times as much."""

numbers = partial(array, "q")


@dataclass(slots=True)
class DocumentWrite:
    """A document to be written, and which stored rows its parts are.

    `old_of` gives the index in `blocks` for each matched new block, `moved` the new blocks that
    do not keep their place. `sections`, `listings` and `entries` are stored keys by index in the
    document, entries that come back among them. Of stored entries that are none any more, `joined`
    gives the entry and `headings` the section that they have become, index by key.
    """

    catalog: Catalog
    base: int
    """The revision that the list stands at; 0 for a new one, of which nothing is stored."""
    document: markdown.Document
    old_of: Mapping[int, int]
    moved: set[int]
    blocks: Sequence[StoredBlock]
    sections: Mapping[int, int]
    listings: Mapping[int, int]
    entries: Mapping[int, int]
    joined: Mapping[int, int] = field(default_factory=dict)
    headings: Mapping[int, int] = field(default_factory=dict)
    is_rebuild: bool = False
    """The lines are the stored ones: write all links again, and nothing that comes is news."""
    keeps_guesses: bool = False
    """Whether guessed column roles stay. An edit of one entry does so, too: a guess is as good as
    the cells that it was made from, and is made anew when the whole is written."""
    keys: Numbers = field(default_factory=numbers)
    """Primary keys of the document's blocks, 0 for those that have no rows yet."""
    uids: Numbers = field(default_factory=numbers)
    positions: Numbers = field(default_factory=numbers)

    @property
    def lost_entries(self) -> list[int]:
        """Keys of stored entries that do not stand on their blocks any more."""
        standing = {
            self.old_of.get(entry.block): self.entries.get(index)
            for index, entry in enumerate(self.document.entries)
        }
        return [
            block.entry
            for number, block in enumerate(self.blocks)
            if block.entry is not None and standing.get(number) != block.entry
        ]

    @property
    def removed_blocks(self) -> list[StoredBlock]:
        """The stored blocks that the document does not have."""
        matched = set(self.old_of.values())
        return [block for index, block in enumerate(self.blocks) if index not in matched]


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


def _even(count: int) -> Numbers:
    return numbers(range(POSITION_GAP, POSITION_GAP * (count + 1), POSITION_GAP))


def _spread(positions: Numbers, run: list[int], before: int | None, after: int | None) -> bool:
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

    `rows_html` has the cells of table rows as pages show them, by index of their entry. As blocks
    are written they get their keys in `written.keys`.
    """

    def __init__(
        self, written: DocumentWrite, projection: Projection, rows_html: Mapping[int, str]
    ) -> None:
        self.written, self.projection, self.rows_html = written, projection, rows_html
        count = len(written.document.blocks)
        self.gone = [block.pk for block in written.removed_blocks]
        written.keys = numbers(
            written.blocks[written.old_of[n]].pk if n in written.old_of else 0 for n in range(count)
        )
        self.changed: dict[int, str] = {}
        """The HTML of those whose rows differ, by index."""
        if written.old_of:
            self._find_changed()

    def _find_changed(self) -> None:
        """The blocks whose rows differ, as far as what they refer to has a key already."""
        written = self.written
        rows = Block.objects.filter(catalog=written.catalog).values_list("pk", *_UPDATED)
        stored = {pk: values for pk, *values in rows.iterator(chunk_size=BATCH)}
        for index, pk in enumerate(written.keys):
            # One that somebody has removed meanwhile: there is no writing then.
            if pk:
                html = self._html(index)
                values = self._values(index, html, written.sections, written.listings)
                if stored.get(pk) != values:
                    self.changed[index] = html

    def _html(self, index: int) -> str:
        block = self.written.document.blocks[index]
        if block.entry is None:
            return self.projection.prose(block)
        return self.rows_html.get(block.entry, "")

    def _values(
        self, index: int, html: str, sections: Mapping[int, int], listings: Mapping[int, int]
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
            html,
        ]

    def write(self, sections: Mapping[int, int], listings: Mapping[int, int]) -> None:
        """Remove, move, insert and update rows."""
        for start in range(0, len(self.gone), BATCH):
            Block.objects.filter(pk__in=self.gone[start : start + BATCH]).delete()
        self._make_room()
        new = [n for n in range(len(self.written.keys)) if n not in self.written.old_of]
        self.create(new, sections, listings)
        update_rows(
            Block,
            _UPDATED,
            [
                (self.written.keys[n], *self._values(n, html, sections, listings))
                for n, html in self.changed.items()
            ],
        )

    def create(
        self, indexes: Sequence[int], sections: Mapping[int, int], listings: Mapping[int, int]
    ) -> None:
        """Insert the rows of new blocks; those that they stand inside come before, or have rows."""
        written, catalog = self.written, self.written.catalog.pk
        rows = []
        for index in indexes:
            values = self._values(index, self._html(index), sections, listings)
            # Parents have keys once they have rows.
            del values[_PARENT]
            rows.append((catalog, written.uids[index], *values))
        for index, key in zip(indexes, insert_rows(Block, _NEW, rows), strict=True):
            written.keys[index] = key
        blocks, keys = written.document.blocks, written.keys
        parents = ((n, blocks[n].parent) for n in indexes)
        update_rows(
            Block,
            ["parent_id"],
            [(keys[n], keys[parent]) for n, parent in parents if parent is not None],
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
