"""The part of a list around a place, read from the database as a small document of its own.

It holds what `markdown.edit` looks at, and enough siblings to see how the listing is written, so
that an edit costs the same in a list of any length.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from catalog import markdown
from catalog.markdown.nodes import BlockKind, ListingKind
from catalog.markdown.parser import fold_label
from catalog.markdown.writing.context import BlockText, Context, entry_of, read_blocks
from catalog.markdown.writing.dialect import Dialect
from catalog.markdown.writing.errors import CodecError
from catalog.markdown.writing.sampling import dialect_of
from catalog.markdown.writing.surroundings import enclosing, stack
from catalog.models import Block, Catalog, Entry, Listing

SIBLINGS = 40
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


class Neighbourhood:
    """Blocks around some places. `rows` runs parallel to the blocks of `document`.

    Where two parts do not stand together in the list, a gap without a row parts them. `listings`
    gives the index in the document by primary key; how those that were named are written is read
    too. Costs about five queries.
    """

    def __init__(
        self, catalog: Catalog, positions: Iterable[int], listings: Iterable[Listing] = ()
    ) -> None:
        self.catalog = catalog
        runs = [self._run(position) for position in positions]
        named = {listing.pk: listing for listing in listings}
        others = {row.listing for run in runs for row in run if row.listing} - named.keys()
        self.models = named | (Listing.objects.in_bulk(others) if others else {})
        """The listings of the blocks, by key."""
        known = {row.position for run in runs for row in run}
        runs += [
            # A row is read with its table's header and delimiter row.
            self._read(2, position__gte=listing.position)
            for listing in self.models.values()
            if listing.kind == Listing.Kind.TABLE and listing.position not in known
        ]
        self.rows: list[Row | None] = self._joined(self._with_parents(runs))
        self.index = {row.pk: index for index, row in enumerate(self.rows) if row}
        self.document = markdown.Document(definitions=self._definitions())
        self.listings: dict[int, int] = {}
        self.entries: dict[int, Entry] = {}
        """Rows of entries that were read already, by key of their block."""
        self._dialects: dict[int, Dialect] = {}
        self._fill(self.models)
        for key in named:
            self._read_entries(self.listings[key])

    def row(self, index: int) -> Row:
        """The row of a block."""
        row = self.rows[index]
        if row is None:
            raise LookupError(f"block {index} stands for what was not read")
        return row

    def dialect(self, listing: int) -> Dialect:
        """Return the dialect of the entries of a listing, by its key."""
        if listing not in self._dialects:
            self._dialects[listing] = dialect_of(self.document, self.listings[listing])
        return self._dialects[listing]

    # Reading

    def _read(self, limit: int, **where: int) -> list[Row]:
        blocks = Block.objects.filter(catalog=self.catalog, **where).order_by("position")
        return [Row(*values) for values in blocks.values_list(*_FIELDS)[:limit]]

    def _run(self, position: int) -> list[Row]:
        """Blocks around a position, up to behind all that stands in the item there."""
        before = Block.objects.filter(catalog=self.catalog, position__lt=position)
        rows = [
            Row(*values) for values in before.order_by("-position").values_list(*_FIELDS)[:SIBLINGS]
        ][::-1]
        first = len(rows)
        rows += self._read(SIBLINGS, position__gte=position)
        size = SIBLINGS
        while len(rows) - first == size and not _is_complete(rows, first):
            rows += self._read(_CHUNK, position__gt=rows[-1].position)
            size += _CHUNK
        return rows

    def _with_parents(self, runs: list[list[Row]]) -> list[list[Row]]:
        known = {row.pk for run in runs for row in run}
        missing = {row.parent for run in runs for row in run if row.parent} - known
        while missing:
            parents = Block.objects.filter(pk__in=missing).order_by("position")
            rows = [Row(*values) for values in parents.values_list(*_FIELDS)]
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
        sources = Block.objects.filter(catalog=self.catalog, kind=Block.Kind.DEFINITION)
        for source in sources.order_by("position").values_list("source", flat=True):
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
