"""Places in a listing: where a new entry goes, how it reads there, and what comes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from catalog.markdown.entries import read_cells
from catalog.markdown.nodes import BlockKind, Document, ListingKind
from catalog.markdown.writing.composing import insertion_index, next_number
from catalog.markdown.writing.context import BlockText, Context, read_blocks
from catalog.markdown.writing.dialect import Dialect
from catalog.markdown.writing.layout import number_of
from catalog.markdown.writing.surroundings import after_of, lead_of


@dataclass(slots=True)
class Insertion:
    """The blocks to insert before the block `at`: the entry's own, and in a list with gaps one gap.
    `replaced` is the last line of a file that did not end with a break.
    """

    at: int
    block_texts: list[BlockText]
    gap_before: list[BlockText]
    gap_behind: list[BlockText]
    replaced: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a listing: behind the entry on the block `after`, or None: before the first."""

    document: Document
    listing: int
    after: int | None
    dialect: Dialect

    @property
    def at(self) -> int:
        """The index of the block that follows the place."""
        if self.after is not None:
            return subtree_end(self.document, self.after)
        target = self.document.listings[self.listing]
        if target.kind is ListingKind.TABLE and target.header_block is not None:
            return target.header_block + 2
        return target.blocks[0]

    @property
    def context(self) -> Context:
        """Return the context of a block of the listing there."""
        document, at = self.document, self.at
        target = document.listings[self.listing]
        sample = document.blocks[target.blocks[0] if target.blocks else at - 1]
        kind = _KINDS.get(target.kind)
        context = Context(
            document.definitions,
            lead_of(document, at, kind),
            after_of(document, at, kind),
            sample.depth,
            target.name_column,
            target.description_column,
        )
        gap = self.dialect.gap
        if not gap:
            return context
        if self.after is not None:
            return replace(context, lead=(*context.lead, gap))
        return replace(context, after=(BlockText(BlockKind.GAP, gap), *context.after[:1]))

    @property
    def number(self) -> int | None:
        """The number of an item or row there, where they have one; no other is renumbered."""
        blocks = self.document.blocks
        column = self.dialect.number_column
        if self.dialect.kind is ListingKind.TABLE and column is not None:
            if self.after is None:
                return None
            cells = read_cells(blocks[self.after].source)
            text = cells[column].text if column < len(cells) else ""
            return int(text) + 1 if text.isdecimal() else None
        if self.dialect.kind is not ListingKind.LIST:
            return None
        if self.after is not None:
            return next_number(self.dialect, blocks[self.after].source)
        first = self.document.listings[self.listing].blocks[0]
        return number_of(blocks[first].source)

    def insertion(self, block_texts: Sequence[BlockText]) -> Insertion:
        """Return the blocks that are inserted for an entry of these texts. Raises `CodecError` if
        they would read otherwise."""
        new = [closed(one, self.dialect.newline) for one in block_texts]
        read_blocks(new, self.context)
        gap = [BlockText(BlockKind.GAP, self.dialect.gap)] if self.dialect.gap else []
        before, behind = (gap, []) if self.after is not None else ([], gap)
        planned = Insertion(self.at, new, before, behind)
        if planned.at == len(self.document.blocks):
            last = self.document.blocks[-1].source
            if not last.endswith(("\n", "\r")):
                planned.replaced[planned.at - 1] = last + self.dialect.newline
                new[-1] = new[-1]._replace(source=new[-1].source.rstrip("\r\n"))
        return planned


_KINDS = {
    ListingKind.TABLE: BlockKind.TABLE_ROW,
    ListingKind.LINES: BlockKind.LINE,
    ListingKind.HTML: BlockKind.HTML,
}


def closed(one: BlockText, newline: str) -> BlockText:
    """The piece with a line break at its end."""
    if one.source.endswith(("\n", "\r")):
        return one
    return one._replace(source=one.source + newline)


def place_by_name(document: Document, listing: int, name: str, dialect: Dialect) -> int | None:
    """The block of a listing that a new entry goes behind: in order, else last; None: first."""
    blocks = document.listings[listing].blocks
    names = []
    for index in blocks:
        entry = document.blocks[index].entry
        names.append("" if entry is None else document.entries[entry].name)
    number = insertion_index(names, name, dialect)
    return blocks[number - 1] if number else None


def place_with_break(document: Document, listing: int, after: int | None) -> int | None:
    """Return, for a listing of lines, the place before the last of them if that has no hard break.

    Anything behind it would have to change that line too.
    """
    blocks = document.listings[listing].blocks
    if document.listings[listing].kind is not ListingKind.LINES or after != blocks[-1]:
        return after
    if document.blocks[blocks[-1]].source.rstrip("\r\n").endswith(("  ", "\\", ">")):
        return after
    return blocks[-2] if len(blocks) > 1 else None


def subtree_end(document: Document, index: int) -> int:
    """The index behind a block and, of an item, all that stands in it; gaps at its end excluded."""
    blocks = document.blocks
    depth, end = blocks[index].depth, index + 1
    if blocks[index].kind is not BlockKind.ITEM:
        return end
    for number in range(index + 1, len(blocks)):
        block = blocks[number]
        if block.kind is BlockKind.GAP:
            continue
        if block.depth < depth or (block.depth == depth and block.kind is BlockKind.ITEM):
            break
        end = number + 1
    return end
