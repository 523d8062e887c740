"""A README cut down to some of its entries, which still reads as a list of them.

What stays: the lines of the entries; the headings they stand under; head and delimiter row of
their tables; the list items they stand in, which may be entries themselves; the HTML around those
in HTML; and the reference definitions that any of this uses, at the end. All of it verbatim, in
its order, with blank lines between what does not belong together. Everything else is gone.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from catalog.markdown.nodes import BlockKind
from catalog.markdown.parser import fold_label
from catalog.store.projection import definitions_in


class Piece(NamedTuple):
    """A block, or an end of line put in."""

    source: str
    kind: str
    listing: int | None = None
    depth: int = 0


_TABLE = {BlockKind.TABLE_HEADER, BlockKind.DELIMITER_ROW, BlockKind.TABLE_ROW}
_IN_BRACKETS = re.compile(r"\[((?:[^\[\]\\]|\\.)+)\]")


def reduced(blocks: Iterable[Sequence[Any]], only: Container[int]) -> Iterator[Piece]:
    """The blocks that stay.

    Those that come have `(source, kind, listing, depth, level, entry, …)`: level is that of the
    heading that stands there, entry the key of the entry, each None where there is none.
    """
    reducing = _Reducing()
    for source, kind, listing, depth, level, entry, *_more in blocks:
        piece = Piece(source, kind, listing, depth)
        if kind == BlockKind.HTML and entry is None and level is None:
            yield from reducing.meet_html(piece)
            continue
        reducing.meet(piece, level or 0)
        if entry is not None and entry in only:
            yield from reducing.keep()
    yield from reducing.definitions()


class _Reducing:
    """Where the reading is, and what of that was not told yet."""

    def __init__(self) -> None:
        self._headings: list[tuple[int, Piece]] = []
        self._items: list[Piece] = []
        self._table: list[Piece] = []
        self._html: list[Piece] = []
        self._is_in_html = False
        """Whether the HTML that goes on here was told."""
        self._here: Piece | None = None
        self._last: Piece | None = None
        self._list: int | None = None
        """The outermost list of the last item that was told."""
        self._newline = "\n"
        self._definitions: list[tuple[set[str], Piece]] = []
        self._used: set[str] = set()

    def meet(self, piece: Piece, level: int) -> None:
        """The next block; headings, items and heads of tables wait for what stands under them."""
        self._here = None
        is_heading = piece.kind == BlockKind.HEADING or (level and piece.kind == BlockKind.HTML)
        if is_heading or piece.kind != BlockKind.HTML:
            self._html, self._is_in_html = [], False
        match piece.kind:
            case _ if is_heading:
                self._headings = [other for other in self._headings if other[0] < level]
                self._headings.append((level, piece))
                self._items, self._table = [], []
            case BlockKind.ITEM:
                self._items = [other for other in self._items if other.depth < piece.depth]
                self._items.append(piece)
            case BlockKind.TABLE_HEADER:
                self._table = [piece]
            case BlockKind.DELIMITER_ROW:
                self._table.append(piece)
            case BlockKind.DEFINITION:
                self._definitions.append((set(definitions_in([piece.source])), piece))
            case _:
                self._here = piece

    def meet_html(self, piece: Piece) -> Iterator[Piece]:
        """HTML that is no entry: what opens or closes around those that are."""
        self._html.append(piece)
        if self._is_in_html:
            yield from self._told_html()

    def keep(self) -> Iterator[Piece]:
        """The block that was met last, after what is above it and was not told yet."""
        for _level, heading in self._headings:
            yield from self._told(heading)
        for item in self._items:
            yield from self._told(item)
        self._headings, self._items = [], []
        if self._here and self._here.kind == BlockKind.TABLE_ROW:
            for row in self._table:
                yield from self._told(row)
            self._table = []
        yield from self._told_html()
        if self._here:
            yield from self._told(self._here)
            self._is_in_html = self._here.kind == BlockKind.HTML

    def _told_html(self) -> Iterator[Piece]:
        for piece in self._html:
            yield from self._told(piece)
            self._is_in_html = True
        self._html = []

    def definitions(self) -> Iterator[Piece]:
        """The reference definitions of what was kept."""
        for labels, piece in self._definitions:
            if labels & self._used:
                yield from self._told(piece)

    def _told(self, piece: Piece) -> Iterator[Piece]:
        """A block, behind what parts it from the one before."""
        gap = Piece(self._newline, BlockKind.GAP.value)
        if self._last and not self._last.source.endswith(("\n", "\r")):
            yield gap
        if self._last and self._is_apart(self._last, piece):
            yield gap
        if piece.kind == BlockKind.ITEM and piece.depth == 1:
            self._list = piece.listing
        self._newline = piece.source[len(piece.source.rstrip("\r\n")) :] or self._newline
        self._used.update(map(fold_label, _IN_BRACKETS.findall(piece.source)))
        self._last = piece
        yield piece

    def _is_apart(self, last: Piece, piece: Piece) -> bool:
        if piece.kind in _TABLE:
            return piece.kind == BlockKind.TABLE_HEADER
        if piece.kind == last.kind == BlockKind.ITEM:
            return piece.depth == 1 and piece.listing != self._list
        if piece.kind == BlockKind.HTML:
            return not self._is_in_html
        if piece.kind == last.kind == BlockKind.LINE:
            return piece.listing != last.listing
        return not piece.kind == last.kind == BlockKind.DEFINITION
