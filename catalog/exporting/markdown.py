"""The list as its own markdown, byte for byte, or a part of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import batched, chain, islice
from typing import Any, NamedTuple

from django.db import connection

from catalog.exporting.scopes import Chunks, Keys, Scope, past_blocks, past_span, span_of
from catalog.markdown.folding import summary_title
from catalog.markdown.inline import plain_text
from catalog.markdown.nodes import BlockKind
from catalog.markdown.parser import BOM, fold_label
from catalog.markdown.tables import read_cells
from catalog.markdown.writing.layout import text_forms
from catalog.models import Block, Catalog, Entry, Section
from catalog.sql.bulk import BATCH
from catalog.store.projection import definitions_in

# Writing tables in another style: an explicit choice, apart from the exact export.


type StyledBlock = Sequence[Any]
"""Source, kind and listing of a block, in this order; what follows is not looked at."""

TABLE_STYLES = ("exact", "compact", "aligned")


def restyled(blocks: Iterable[StyledBlock], style: str) -> Iterator[str]:
    """The sources of blocks, tables rewritten in a style other than exact.

    Compact writes row by row; aligned holds one table at a time, since a column is as wide as
    its widest cell. Widths are those of a monospaced font (Unicode East Asian Width).
    """
    rows: list[tuple[str, str]] = []
    table: int | None = None
    for source, kind, listing, *_more in blocks:
        if rows and (kind not in _TABLE or listing != table):
            yield from _rewritten(rows, style)
            rows = []
        if kind not in _TABLE:
            yield source
            continue
        table = listing
        rows.append((kind, source))
        if style == "compact":
            yield from _rewritten(rows, style)
            rows = []
    yield from _rewritten(rows, style)


def _rewritten(rows: list[tuple[str, str]], style: str) -> Iterator[str]:
    parsed = []
    for kind, source in rows:
        cells = [source[start:end] for _text, start, end in read_cells(source)]
        indent = source[: len(source) - len(source.lstrip(" \t>"))]
        ending = source[len(source.rstrip("\r\n")) :]
        parsed.append((kind, indent, cells, ending))
    widths: list[int] = []
    if style == "aligned":
        for kind, _indent, cells, _ending in parsed:
            for number, cell in enumerate(cells):
                if number == len(widths):
                    widths.append(3)
                if kind != "delimiter-row":
                    widths[number] = max(widths[number], _width(cell))
    for kind, indent, cells, ending in parsed:
        if kind == "delimiter-row":
            written = [_dashes(cell, widths[i] if widths else 3) for i, cell in enumerate(cells)]
        else:
            written = [
                cell + " " * (widths[i] - _width(cell)) if widths else cell
                for i, cell in enumerate(cells)
            ]
        yield f"{indent}| {' | '.join(written)} |{ending}"


def _dashes(cell: str, width: int) -> str:
    left, right = cell.startswith(":"), cell.endswith(":")
    return ":" * left + "-" * max(width - left - right, 1) + ":" * right


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(character)
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )


# A README cut down to some of its entries still reads as a list of them. What stays: their lines;
# the headings they stand under; head and delimiter row of their tables; the list items they stand
# in, which may be entries themselves; the HTML around those in HTML; and the reference definitions
# that any of this uses, at the end. All of it verbatim, in its order, with blank lines between what
# does not belong together.


class ReducedBlock(NamedTuple):
    """A block, or an end of line put in."""

    source: str
    kind: str
    listing: int | None = None
    depth: int = 0


_TABLE = {BlockKind.TABLE_HEADER, BlockKind.DELIMITER_ROW, BlockKind.TABLE_ROW}
_IN_BRACKETS = re.compile(r"\[((?:[^\[\]\\]|\\.)+)\]")


def reduced(blocks: Iterable[Sequence[Any]], only: Container[int]) -> Iterator[ReducedBlock]:
    """The blocks that stay.

    Those that come have `(source, kind, listing, depth, level, entry, …)`: level is that of the
    heading that stands there, entry the key of the entry, each None where there is none.
    """
    reducing = _Reducing()
    for source, kind, listing, depth, level, entry, *_more in blocks:
        block = ReducedBlock(source, kind, listing, depth)
        if level and kind == BlockKind.HTML and (title := summary_title(source)):
            # The end of what it folds is left out.
            forms = (form for form in text_forms(title) if plain_text(form) == title)
            heading = f"{'#' * level} {next(forms, title)}\n"
            block = ReducedBlock(heading, BlockKind.HEADING, listing, depth)
        if kind == BlockKind.HTML and entry is None and level is None:
            yield from reducing.meet_html(block)
            continue
        reducing.meet(block, level or 0)
        if entry is not None and entry in only:
            yield from reducing.keep()
    yield from reducing.definitions()


class _Reducing:
    """The state of the reading, and what of it was not yielded yet."""

    def __init__(self) -> None:
        self._headings: list[tuple[int, ReducedBlock]] = []
        self._items: list[ReducedBlock] = []
        self._table: list[ReducedBlock] = []
        self._html: list[ReducedBlock] = []
        self._is_in_html = False
        """Whether the HTML that goes on here was told."""
        self._here: ReducedBlock | None = None
        self._last: ReducedBlock | None = None
        self._list: int | None = None
        """The outermost list of the last item that was told."""
        self._newline = "\n"
        self._definitions: list[tuple[set[str], ReducedBlock]] = []
        self._used: set[str] = set()

    def meet(self, block: ReducedBlock, level: int) -> None:
        """The next block; headings, items and heads of tables wait for what stands under them."""
        self._here = None
        is_heading = block.kind == BlockKind.HEADING or (level and block.kind == BlockKind.HTML)
        if is_heading or block.kind != BlockKind.HTML:
            self._html, self._is_in_html = [], False
        match block.kind:
            case _ if is_heading:
                self._headings = [other for other in self._headings if other[0] < level]
                self._headings.append((level, block))
                self._items, self._table = [], []
            case BlockKind.ITEM:
                self._items = [other for other in self._items if other.depth < block.depth]
                self._items.append(block)
            case BlockKind.TABLE_HEADER:
                self._table = [block]
            case BlockKind.DELIMITER_ROW:
                self._table.append(block)
            case BlockKind.DEFINITION:
                self._definitions.append((set(definitions_in([block.source])), block))
            case _:
                self._here = block

    def meet_html(self, block: ReducedBlock) -> Iterator[ReducedBlock]:
        """HTML that is no entry: what opens or closes around those that are."""
        self._html.append(block)
        if self._is_in_html:
            yield from self._reduced_html()

    def keep(self) -> Iterator[ReducedBlock]:
        """The block that was met last, after what is above it and was not told yet."""
        for _level, heading in self._headings:
            yield from self._reduced(heading)
        for item in self._items:
            yield from self._reduced(item)
        self._headings, self._items = [], []
        if self._here and self._here.kind == BlockKind.TABLE_ROW:
            for row in self._table:
                yield from self._reduced(row)
            self._table = []
        yield from self._reduced_html()
        if self._here:
            yield from self._reduced(self._here)
            self._is_in_html = self._here.kind == BlockKind.HTML

    def _reduced_html(self) -> Iterator[ReducedBlock]:
        for block in self._html:
            yield from self._reduced(block)
            self._is_in_html = True
        self._html = []

    def definitions(self) -> Iterator[ReducedBlock]:
        """The reference definitions of what was kept."""
        for labels, block in self._definitions:
            if labels & self._used:
                yield from self._reduced(block)

    def _reduced(self, block: ReducedBlock) -> Iterator[ReducedBlock]:
        """A block, behind what parts it from the one before."""
        gap = ReducedBlock(self._newline, BlockKind.GAP.value)
        if self._last and not self._last.source.endswith(("\n", "\r")):
            yield gap
        if self._last and self._is_apart(self._last, block):
            yield gap
        if block.kind == BlockKind.ITEM and block.depth == 1:
            self._list = block.listing
        self._newline = block.source[len(block.source.rstrip("\r\n")) :] or self._newline
        self._used.update(map(fold_label, _IN_BRACKETS.findall(block.source)))
        self._last = block
        yield block

    def _is_apart(self, last: ReducedBlock, block: ReducedBlock) -> bool:
        if block.kind in _TABLE:
            return block.kind == BlockKind.TABLE_HEADER
        if block.kind == last.kind == BlockKind.ITEM:
            return block.depth == 1 and block.listing != self._list
        if block.kind == BlockKind.HTML:
            return not self._is_in_html
        if block.kind == last.kind == BlockKind.LINE:
            return block.listing != last.listing
        return not block.kind == last.kind == BlockKind.DEFINITION


type Rows = Generator[StyledBlock, None, None]

_JOINED = 100
"""Blocks in one piece of an exact export."""
_STYLED = "block.kind, block.listing_id"
_REDUCED = f"{_STYLED}, block.depth, section.level, entry.id"
"""Columns of a block that are needed besides its source."""

# Written out: for a list of the usual size the ORM takes as long to prepare this as it takes to
# read the rows, and longer to hand them on.
_BLOCKS = f"""
SELECT block.source, %s (SELECT revision FROM {Catalog._meta.db_table} WHERE id = %%s)
FROM {Block._meta.db_table} AS block %s
WHERE block.catalog_id = %%s %s ORDER BY block.position"""  # noqa: S608
_JOINS = f"""
LEFT JOIN {Section._meta.db_table} AS section
ON section.id = block.section_id AND section.position = block.position
LEFT JOIN {Entry._meta.db_table} AS entry ON entry.block_id = block.id"""


def markdown_chunks(
    catalog: Catalog,
    *,
    revision: int | None = None,
    table_style: str = "exact",
    section: str = "",
    only: Keys | None = None,
) -> Chunks:
    """The list's markdown in pieces; joined they are the text of the current or a past revision.

    `table_style` is ``exact`` (every byte as it is), ``compact`` (cells without padding) or
    ``aligned`` (each column padded to its widest cell). `section` is the path of one: from its
    heading to the next one of its level or above, without the byte order mark. `only` are keys of
    entries: nothing but their lines, and what makes a list of these (see `reducing`), which only
    the current text can be asked for. Raises `NotFound` for a revision or section that does not
    exist, and `ValueError` for a style that does not, before the first piece; by then
    `catalog.revision` also is the revision that the pieces are of.
    """
    if table_style not in TABLE_STYLES:
        raise ValueError(f"table_style has to be one of {', '.join(TABLE_STYLES)}")
    scope = Scope(revision, section, only, table_style)
    begun: list[StyledBlock] = []
    rows = _nothing()
    if not scope.is_past(catalog):
        begun, rows = _current_blocks(catalog, scope)
    bom = catalog.bom
    blocks: Iterable[StyledBlock] = chain(begun, rows)
    # Somebody may have written in between.
    if scope.is_past(catalog):
        rows.close()
        bom, blocks = _past_blocks(catalog, scope)
    chunks = _closing(rows, BOM if bom and not section else "", _parts(blocks, scope))
    # Begun, so that closing it closes the statement too, whatever was read.
    next(chunks)
    return chunks


def markdown_of(catalog: Catalog, scope: Scope) -> Chunks:
    """The markdown of a scope; see `markdown_chunks()`."""
    return markdown_chunks(
        catalog,
        revision=scope.revision,
        table_style=scope.table_style,
        section=scope.section,
        only=scope.only,
    )


def _parts(blocks: Iterable[StyledBlock], scope: Scope) -> Iterator[str]:
    if scope.only is not None:
        blocks = reduced(blocks, scope.only)
    if scope.table_style == "exact":
        return _joined(blocks)
    return restyled(blocks, scope.table_style)


def _closing(rows: Rows, mark: str, parts: Iterable[str]) -> Chunks:
    """The pieces, after one that is empty; at the end the rows they come from are closed."""
    with closing(rows):
        yield ""
        if mark:
            yield mark
        yield from parts


def _joined(blocks: Iterable[StyledBlock]) -> Iterator[str]:
    """The sources, some in each piece: one by one they take longer to hand on than to read."""
    for batch in batched(blocks, _JOINED, strict=False):
        yield "".join([block[0] for block in batch])


def _nothing() -> Rows:
    yield from ()


def _past_blocks(catalog: Catalog, scope: Scope) -> tuple[bool, Iterable[StyledBlock]]:
    """The byte order mark and the blocks of the scope's revision."""
    past = past_blocks(catalog, scope.revision or 0)
    if scope.table_style == "exact" and not scope.section:
        return past.bom, [(source,) for _uid, source in past.rows]
    document = past.document
    blocks: Sequence[Any] = document.blocks
    if scope.section:
        start, end = past_span(document, scope.section)
        blocks = blocks[start:end]
    return past.bom, [(block.source, block.kind.value, block.listing) for block in blocks]


def _current_blocks(catalog: Catalog, scope: Scope) -> tuple[list[StyledBlock], Rows]:
    """The first block and the others: source, what else is needed, and the revision of all.

    They come by one statement, which sees one state of the database; where that is newer than
    `catalog`, this is read again.
    """
    while True:
        rows = _rows(*_statement(catalog, scope))
        begun = list(islice(rows, 1))
        if not begun or begun[0][-1] == catalog.revision:
            return begun, rows
        rows.close()
        catalog.refresh_from_db()


def _statement(catalog: Catalog, scope: Scope) -> tuple[str, list[int]]:
    """Return the SQL that reads the blocks of the scope, and its parameters. Raises `NotFound`."""
    fields = joins = where = ""
    parameters = [catalog.pk, catalog.pk]
    if scope.only is not None:
        fields, joins = f"{_REDUCED},", _JOINS
    elif scope.table_style != "exact":
        fields = f"{_STYLED},"
    if scope.section:
        start, end = span_of(catalog, scope.section)
        where = "AND block.position >= %s"
        parameters.append(start)
        if end is not None:
            where += " AND block.position < %s"
            parameters.append(end)
    return _BLOCKS % (fields, joins, where), parameters


def _rows(statement: str, parameters: list[int]) -> Rows:
    """The rows of a statement, some at a time, as they come from the driver."""
    in_chunks = not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
    with connection.chunked_cursor() if in_chunks else connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        while rows := cursor.fetchmany(BATCH):
            yield from rows


def export_markdown(
    catalog: Catalog, *, revision: int | None = None, table_style: str = "exact"
) -> str:
    """The list's whole markdown; see `markdown_chunks()`. Law 2: what went in comes out."""
    return "".join(markdown_chunks(catalog, revision=revision, table_style=table_style))
