"""The context of a place in a document: what has to stand in front of a block, and behind it.

Only neighbours are looked at, so the document may be a part of a longer one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from catalog.markdown.grouping import may_group
from catalog.markdown.nodes import Block, BlockKind, Document
from catalog.markdown.writing.context import BlockText, Context

_HEAD = re.compile(r"[ \t>]*")
_AFTER = 2
"""Blocks behind the one in question that have to keep their kind: a gap and what follows it."""


def context_of(document: Document, index: int, *, count: int = 1) -> Context:
    """The context of `count` blocks of a document from `index` on.

    With 0 it is that of a place between two blocks, to which a listing adds the rest.
    """
    blocks = document.blocks
    block = blocks[index] if count else None
    kind = block.kind if block else None
    name_column, description_column = 0, None
    if block and block.listing is not None:
        listing = document.listings[block.listing]
        name_column, description_column = listing.name_column, listing.description_column
    return Context(
        document.definitions,
        lead_of(document, index, kind),
        after_of(document, index + count, kind),
        block.depth if block else 0,
        name_column,
        description_column,
    )


def lead_of(document: Document, index: int, kind: BlockKind | None) -> tuple[str, ...]:
    """Return the lines to put before a block of a kind at `index`."""
    blocks = document.blocks
    gap: tuple[str, ...] = ()
    before = index - 1
    if before >= 0 and blocks[before].kind is BlockKind.GAP:
        gap = (blocks[before].source,)
        before -= 1
    if before < 0:
        return gap
    around = enclosing(document, before)
    if kind is not BlockKind.TABLE_ROW or blocks[before].kind is not kind:
        # A row reads the same behind any other; what else is before the place may matter.
        if is_readable_alone(blocks[before].kind):
            if kind is BlockKind.ITEM and _may_be_parts(document, index):
                # The list may say more of what the heading above the paragraph names.
                around += _heading_above(blocks, before)
            around.append(before)
        elif kind is BlockKind.HTML and not gap and blocks[before].kind is kind:
            return (*stack(document, around), open_html(blocks[before].source))
    return (*stack(document, around), *gap)


def _may_be_parts(document: Document, index: int) -> bool:
    """Whether the block at an index is several items behind a paragraph: parts of one thing."""
    source = document.blocks[index].source.rstrip() if index < len(document.blocks) else ""
    before = index - 1
    if before >= 0 and document.blocks[before].kind is BlockKind.GAP:
        before -= 1
    return (
        before >= 0
        and document.blocks[before].kind is BlockKind.PARAGRAPH
        and ("\n" in source or "\r" in source)
        and may_group(source)
    )


def _heading_above(blocks: Sequence[Block], index: int) -> list[int]:
    """The heading right above a block, a gap between the two not counted, if there is one."""
    above = index - 1
    if above >= 0 and blocks[above].kind is BlockKind.GAP:
        above -= 1
    return [above] if above >= 0 and blocks[above].kind is BlockKind.HEADING else []


def is_readable_alone(kind: BlockKind) -> bool:
    """Whether a block of a kind can be put in front of another without what is around it."""
    return kind not in {BlockKind.FRONT_MATTER, BlockKind.HTML}


def open_html(source: str) -> str:
    """A line that opens an HTML block where `source` stands, for the next piece of that block."""
    return f"{_quotes(source)}<div>\n"


def enclosing(document: Document, index: int) -> list[int]:
    """The blocks another one stands in: items, outermost first, a table's header, its delimiter
    row.
    """
    blocks = document.blocks
    block = blocks[index]
    around: list[int] = []
    parent = block.parent
    while parent is not None:
        around.append(parent)
        parent = blocks[parent].parent
    around.reverse()
    if block.kind in {BlockKind.TABLE_ROW, BlockKind.DELIMITER_ROW} and block.listing is not None:
        header = document.listings[block.listing].header_block
        if header is not None:
            around += [header, header + 1] if block.kind is BlockKind.TABLE_ROW else [header]
    return around


def stack(document: Document, indexes: Iterable[int]) -> tuple[str, ...]:
    """Sources of some blocks in order, with a blank line where others stand between them.

    Without it a list that does not begin with 1 would not start in the item above. The rows of a
    table stand together.
    """
    sources: list[str] = []
    last = None
    for index in indexes:
        block = document.blocks[index]
        if last is not None and last + 1 != index and block.kind is not BlockKind.TABLE_ROW:
            sources.append(blank_line(block.source))
        sources.append(block.source)
        last = index
    return tuple(sources)


def blank_line(source: str) -> str:
    """A blank line in front of a block, in the quotes that it stands in."""
    return f"{_quotes(source)}\n"


def _quotes(source: str) -> str:
    head = _HEAD.match(source)
    return head[0].rstrip(" \t") if head else ""


def after_of(document: Document, index: int, kind: BlockKind | None) -> tuple[BlockText, ...]:
    """The blocks from `index` on that have to stay what they are, behind one of a kind."""
    blocks = document.blocks[index : index + _AFTER + 1]
    return following([BlockText(block.kind, block.source, block.depth) for block in blocks], kind)


def following(block_texts: Sequence[BlockText], kind: BlockKind | None) -> tuple[BlockText, ...]:
    """Return those of up to three blocks behind one of a kind that can be checked there.

    What a gap ends needs no more than one block behind it. A table's header is known by its
    delimiter row, a line by the line next to it, and a piece of HTML not at all.
    """
    behind: list[BlockText] = []
    for number, one in enumerate(block_texts[:_AFTER]):
        if one.kind is BlockKind.HTML:
            break
        behind.append(one)
        if one.kind is BlockKind.TABLE_HEADER or (
            one.kind is BlockKind.LINE and kind is not BlockKind.LINE
        ):
            return (*behind, *block_texts[number + 1 : number + 2])
        if one.kind is not BlockKind.GAP:
            break
    return tuple(behind)
