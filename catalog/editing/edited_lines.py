"""A neighbourhood after an edit: each block that is touched, read where it stands then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from catalog import markdown
from catalog.editing.neighbourhood import Neighbourhood, Row
from catalog.history import revisions as history
from catalog.markdown.nodes import BlockKind
from catalog.markdown.writing.context import BlockText, read_block
from catalog.markdown.writing.edit import Edit
from catalog.markdown.writing.surroundings import context_of
from catalog.models import Change


@dataclass(slots=True, eq=False)
class Line:
    """A block after the edit. A new one has no row yet, and its `key` once it is written."""

    uid: int
    row: Row | None
    block: markdown.Block
    entry: markdown.Entry | None = None
    parent: int | None = None
    key: int = 0
    position: int = 0

    @property
    def is_rewritten(self) -> bool:
        """Whether its source is not what it was."""
        return self.row is None or self.row.source != self.block.source


class EditedLines:
    """The lines of a neighbourhood after an edit.

    `touched` are the blocks with another source or place, `placed` those of them that are new or
    have moved, `new` those without a row, all in order; `removed` are those that go.
    """

    def __init__(self, near: Neighbourhood, edit: Edit, target: int) -> None:
        self.near = near
        self.edit = edit
        self.target = target
        moved = {item for item in edit.put if isinstance(item, int)}
        self._gone = moved | set(edit.removed)
        self.removed = [self._line(index) for index in sorted(edit.removed)]
        self._lines: list[Line | None] = list(self._all())
        self.new = [line for line in self._lines if line and line.row is None]
        for number, line in enumerate(self.new):
            line.uid = near.catalog.next_uid + number
        self.placed = [
            line
            for line in self._lines
            if line and (line.row is None or near.index[line.row.pk] in moved)
        ]
        self.touched = [
            line for line in self._lines if line and (line in self.placed or line.is_rewritten)
        ]
        self._read()

    def between(self) -> tuple[int | None, int | None]:
        """Positions of the blocks before and behind what is new or has moved."""
        first = self._lines.index(self.placed[0])
        last = self._lines.index(self.placed[-1])
        before = self._lines[first - 1] if first else None
        behind = self._lines[last + 1] if last + 1 < len(self._lines) else None
        return (
            before.row.position if before and before.row else None,
            behind.row.position if behind and behind.row else None,
        )

    def changes(self) -> list[Change]:
        """The line operations, in an order that replays."""
        order = history.Lines([(row.uid, row.source) for row in self.near.rows if row])
        changes = []
        for line in self.removed:
            changes.append(
                Change(
                    op=Change.Op.DELETE,
                    uid=line.uid,
                    before_after_uid=order.preceding[line.uid],
                    before=line.block.source,
                )
            )
            order.delete(line.uid)
        after = self._before_placed()
        for line in self.placed:
            source = line.block.source
            change = Change(op=Change.Op.INSERT, uid=line.uid, after_uid=after, after=source)
            if line.row is not None:
                change.op, change.before = Change.Op.MOVE, line.row.source
                change.before_after_uid = order.preceding[line.uid]
                order.delete(line.uid)
            order.insert(line.uid, source, after)
            changes.append(change)
            after = line.uid
        changes += [
            Change(
                op=Change.Op.REPLACE, uid=line.uid, before=line.row.source, after=line.block.source
            )
            for line in self.touched
            if line.row and line not in self.placed
        ]
        return changes

    def _before_placed(self) -> int:
        if not self.placed:
            return 0
        first = self._lines.index(self.placed[0])
        before = self._lines[first - 1] if first else None
        return before.uid if before else 0

    # The document afterwards

    def _line(self, index: int) -> Line:
        row = self.near.row(index)
        source = self.edit.replaced.get(index, row.source)
        block = replace(self.near.document.blocks[index], source=source)
        return Line(row.uid, row, block, parent=row.parent, key=row.pk, position=row.position)

    def _all(self) -> Iterator[Line | None]:
        for index in range(len(self.near.rows) + 1):
            if index == self.edit.at:
                for item in self.edit.put:
                    yield self._put(item)
            if index < len(self.near.rows) and index not in self._gone:
                yield self._line(index) if self.near.rows[index] else None

    def _put(self, item: int | BlockText) -> Line:
        """A block that is new or has moved, as it stands in the listing it is put in."""
        if isinstance(item, BlockText):
            line = Line(0, None, markdown.Block(item.kind, item.source, 0, 0))
        else:
            line = self._line(item)
        block, sample = line.block, self._sample()
        if block.kind is BlockKind.GAP:
            block.depth, line.parent, block.listing, block.parent = 0, None, None, None
            return line
        block.depth = sample.depth
        if block.kind in {BlockKind.ITEM, BlockKind.TABLE_ROW}:
            block.listing = self.target
            line.parent, block.parent = self._parent_key(sample), sample.parent
        return line

    def _sample(self) -> markdown.Block:
        document = self.near.document
        listing = document.listings[self.target]
        index = listing.blocks[0] if listing.blocks else listing.header_block
        if index is None:
            raise LookupError("a listing without any block")
        return document.blocks[index]

    def _parent_key(self, sample: markdown.Block) -> int | None:
        return None if sample.parent is None else self.near.row(sample.parent).pk

    def _read(self) -> None:
        document = self._document()
        for number, line in enumerate(self._lines):
            if line in self.touched and line is not None:
                context = context_of(document, number)
                source = line.block.source
                read, line.entry = read_block(source, line.block.kind, context)
                line.block.links = read.links
                line.block.first_line, line.block.last_line = read.first_line, read.last_line

    def _document(self) -> markdown.Document:
        """The neighbourhood's document after the edit."""
        old = self.near.document
        places = {
            self.near.index[line.row.pk]: number
            for number, line in enumerate(self._lines)
            if line and line.row
        }
        blocks = []
        listings = [replace(listing, blocks=[], header_block=None) for listing in old.listings]
        for number, line in enumerate(self._lines):
            if line is None:
                blocks.append(markdown.Block(BlockKind.GAP, "\n", 0, 0))
                continue
            block = line.block
            if block.parent is not None:
                block.parent = places.get(block.parent)
            blocks.append(block)
            if block.listing is None:
                continue
            listing = listings[block.listing]
            if block.kind is BlockKind.TABLE_HEADER:
                listing.header_block = number
            elif block.kind is not BlockKind.DELIMITER_ROW:
                listing.blocks.append(number)
        return markdown.Document(blocks=blocks, listings=listings, definitions=old.definitions)
