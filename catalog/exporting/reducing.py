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
