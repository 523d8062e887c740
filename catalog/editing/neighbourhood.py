"""The part of a list around a place, read from the database as a small document of its own.

It holds what `markdown.edit` looks at, and enough siblings to see how the listing is written, so
that an edit costs the same in a list of any length.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import QuerySet

from catalog import markdown
from catalog.history import revisions as history
from catalog.markdown.nodes import BlockKind, ListingKind
from catalog.markdown.parser import fold_label
from catalog.markdown.writing.context import (
    BlockText,
    Context,
    context_of,
    enclosing,
    entry_of,
    read_block,
    read_blocks,
    stack,
)
from catalog.markdown.writing.dialect import Dialect, dialect_of
from catalog.markdown.writing.edit import Edit
from catalog.markdown.writing.layout import CodecError
from catalog.models import Block, Catalog, Change, Entry, Listing
from catalog.sql.bulk import fetch
from catalog.sql.prepared import Prepared

SIBLINGS = 32
"""Blocks read before and behind a place: the sample for the dialect of a listing."""
_MARGIN = 4
"""Blocks that have to be known behind what an edit touches."""
_CHUNK = 500
_FIELDS = (
    "pk", "uid", "position", "kind", "source", "section_id", "listing_id", "parent_id", "depth",
)  # fmt: skip
_DEFINITION = re.compile(r"[ \t>]*(\[((?:\\.|[^\]\\])+)\]:.*)\Z", re.DOTALL)


class Row(NamedTuple):
    """A block's row."""

    pk: int
    uid: int
    position: int
    kind: str
    source: str
    section: int | None
    listing: int | None
    parent: int | None
    depth: int


def _from(catalog: int, position: int) -> QuerySet[Block, tuple[Any, ...]]:
    blocks = Block.objects.filter(catalog=catalog, position__gte=position)
    return blocks.order_by("position").values_list(*_FIELDS)


_COLUMNS = ", ".join(["id", *_FIELDS[1:]])
_AROUND = f"""
SELECT * FROM (
    SELECT {_COLUMNS} FROM catalog_block WHERE catalog_id = %s AND position < %s
    ORDER BY position DESC LIMIT {SIBLINGS}
) AS before
UNION ALL SELECT * FROM (
    SELECT {_COLUMNS} FROM catalog_block WHERE catalog_id = %s AND position >= %s
    ORDER BY position LIMIT {SIBLINGS}
) AS behind"""  # noqa: S608
_LISTINGS = Prepared(lambda *keys: Listing.objects.filter(pk__in=keys).order_by("position"))
_HEAD = Prepared(lambda catalog, position: _from(catalog, position)[:2])
_DEFINITIONS = Prepared(
    lambda catalog: (
        Block.objects.filter(catalog=catalog, kind=Block.Kind.DEFINITION)
        .order_by("position")
        .values_list("source", flat=True)
    )
)


def _rows(blocks: Iterable[tuple[Any, ...]]) -> list[Row]:
    return list(map(Row._make, blocks))


class Neighbourhood:
    """Blocks around some places. `rows` runs parallel to the blocks of `document`.

    Where two parts do not stand together in the list, a gap without a row parts them. `listings`
    gives the index in the document by primary key. Costs about five queries.
    """

    def __init__(
        self, catalog: Catalog, positions: Iterable[int], listings: Iterable[Listing] = ()
    ) -> None:
        self.catalog = catalog
        runs = [self._run(position) for position in positions]
        named = {listing.pk: listing for listing in listings}
        others = {row.listing for run in runs for row in run if row.listing} - named.keys()
        others_read = _LISTINGS.rows(*others) if others else ()
        self.models = named | {listing.pk: listing for listing in others_read}
        """The listings of the blocks, by key."""
        known = {row.position for run in runs for row in run}
        runs += [
            # A row is read with its table's header and delimiter row.
            _rows(_HEAD.rows(self.catalog.pk, listing.position))
            for listing in self.models.values()
            if listing.kind == Listing.Kind.TABLE and listing.position not in known
        ]
        self.rows: list[Row | None] = self._joined(self._with_parents(runs))
        self.index = {row.pk: index for index, row in enumerate(self.rows) if row}
        self.document = markdown.Document(definitions=self._definitions())
        self.listings: dict[int, int] = {}
        self.entries: dict[int, Entry] = {}
        """Rows of entries that were read already, by key of their block."""
        self._fill(self.models)
        self._unread = list(named)
        """Listings that were named, until their entries are read."""
        self._fresh: Entry | None = None
        self._dialects: dict[int, Dialect] = {}

    def row(self, index: int) -> Row:
        """The row of a block."""
        row = self.rows[index]
        if row is None:
            raise LookupError(f"block {index} stands for what was not read")
        return row

    def dialect(self, listing: int) -> Dialect:
        """Read how the entries of a listing are written, by its key."""
        for key in self._unread:
            self._read_entries(self.listings[key])
        if self._unread and self._fresh:
            self.refresh(self._fresh)
        self._unread = []
        if listing not in self._dialects:
            self._dialects[listing] = dialect_of(self.document, self.listings[listing])
        return self._dialects[listing]

    # Reading

    def _run(self, position: int) -> list[Row]:
        """Blocks around a position, up to behind all that stands in the item there."""
        rows = _rows(fetch(_AROUND, [self.catalog.pk, position] * 2))
        rows.sort(key=attrgetter("position"))
        first = sum(row.position < position for row in rows)
        size = SIBLINGS
        while len(rows) - first == size and not _is_complete(rows, first):
            behind = Block.objects.filter(catalog=self.catalog, position__gt=rows[-1].position)
            rows += _rows(behind.order_by("position").values_list(*_FIELDS)[:_CHUNK])
            size += _CHUNK
        return rows

    def _with_parents(self, runs: list[list[Row]]) -> list[list[Row]]:
        known = {row.pk for run in runs for row in run}
        missing = {row.parent for run in runs for row in run if row.parent} - known
        while missing:
            parents = Block.objects.filter(pk__in=missing).order_by("position")
            rows = _rows(parents.values_list(*_FIELDS))
            runs += [[row] for row in rows]
            known |= missing
            missing = {row.parent for row in rows if row.parent} - known
        return runs

    @staticmethod
    def _joined(runs: Iterable[Sequence[Row]]) -> list[Row | None]:
        """The rows in order; None where others stand between two of them."""
        joined: list[Row] = []
        breaks: set[int] = set()
        for run in sorted(filter(None, runs), key=lambda run: run[0].position):
            last = joined[-1].position if joined else None
            start = 0 if last is None else bisect_left(run, last + 1, key=lambda row: row.position)
            if last is not None and start == 0:
                breaks.add(run[0].pk)
            joined += run[start:]
        rows: list[Row | None] = []
        for row in joined:
            if row.pk in breaks:
                rows.append(None)
            rows.append(row)
        return rows

    def _definitions(self) -> dict[str, str]:
        """The list's reference definitions by label, each as source of its own."""
        definitions: dict[str, str] = {}
        for source in _DEFINITIONS.rows(self.catalog.pk):
            if rows := _DEFINITION.match(source):
                definitions.setdefault(fold_label(rows[2]), rows[1])
        return definitions

    # The document

    def _fill(self, models: dict[int, Listing]) -> None:
        document = self.document
        for key, model in models.items():
            self.listings[key] = len(document.listings)
            document.listings.append(
                markdown.Listing(
                    ListingKind(model.kind),
                    None,
                    [],
                    [""] * len(model.columns),
                    None,
                    model.name_column,
                    model.description_column,
                    is_toc=model.is_toc,
                )
            )
        for index, row in enumerate(self.rows):
            if row is None:
                document.blocks.append(markdown.Block(BlockKind.GAP, "\n", 0, 0))
                continue
            block = markdown.Block(BlockKind(row.kind), row.source, 0, 0, depth=row.depth)
            document.blocks.append(block)
            block.parent = self.index.get(row.parent or 0)
            block.listing = self.listings.get(row.listing or 0)
            if block.listing is None:
                continue
            listing = document.listings[block.listing]
            if block.kind is BlockKind.TABLE_HEADER:
                listing.header_block = index
            elif block.kind is not BlockKind.DELIMITER_ROW:
                listing.blocks.append(index)

    def _read_entries(self, number: int) -> None:
        """Read the entries of a listing as its dialect needs them, all at once."""
        listing = self.document.listings[number]
        if not listing.blocks or listing.kind is ListingKind.HTML:
            return
        blocks = self.document.blocks
        around = enclosing(self.document, listing.blocks[0])
        context = Context(
            self.document.definitions,
            stack(self.document, around),
            depth=blocks[listing.blocks[0]].depth,
            name_column=listing.name_column,
            description_column=listing.description_column,
        )
        texts = [
            BlockText(blocks[index].kind, blocks[index].source, blocks[index].depth)
            for index in listing.blocks
        ]
        with suppress(CodecError):
            for index, block in zip(listing.blocks, read_blocks(texts, context), strict=True):
                blocks[index].links = block.links
                if entry := entry_of(block, context):
                    entry.block, entry.listing = index, number
                    blocks[index].entry = len(self.document.entries)
                    self.document.entries.append(entry)

    def keep(self, entry: Entry) -> None:
        """Keep the row of an entry, read with its listing, for who needs it afterwards."""
        self.entries[entry.block_id or 0] = entry

    def refresh(self, entry: Entry) -> None:
        """Copy what is stored about an entry to its block of the document."""
        self._fresh = entry
        block = self.document.blocks[self.index[entry.block_id or 0]]
        if block.entry is None:
            block.entry = len(self.document.entries)
            self.document.entries.append(
                markdown.Entry(self.index[entry.block_id or 0], None, None, 0, 0, "", "", "", [])
            )
        known = self.document.entries[block.entry]
        known.name, known.url, known.description = entry.name, entry.url, entry.description


def _is_complete(rows: Sequence[Row], first: int) -> bool:
    """Whether enough stands behind the item at `first` and what is in it."""
    depth = rows[first].depth
    for index in range(first + 1, len(rows)):
        row = rows[index]
        if row.kind != Block.Kind.GAP and (
            row.depth < depth or (row.depth == depth and row.kind == Block.Kind.ITEM)
        ):
            return len(rows) - index >= _MARGIN
    return depth == 0


# A neighbourhood after an edit: each block that is touched, read where it stands then


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
