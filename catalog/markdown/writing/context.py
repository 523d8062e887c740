"""Reading one block again as the whole document would read it.

Markdown means nothing alone: a row needs its header, a nested item the items it stands in, a
reference its definition, and any block may swallow what follows. A `Context` holds just these
neighbours, so that reading a block costs the same in a list of any length.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from catalog.markdown.corrections import Children, Correction
from catalog.markdown.entries import (
    entry_with,
    heading_fields,
    html_fields,
    item_fields,
    line_fields,
    paragraph_fields,
)
from catalog.markdown.fields import Fields
from catalog.markdown.grouping import before_gap, may_group
from catalog.markdown.inline import html_links
from catalog.markdown.nodes import Block, BlockKind, Cell, Document, Entry
from catalog.markdown.parser import fold_label, parse_blocks, split_lines
from catalog.markdown.tables import read_cells, row_fields
from catalog.markdown.writing.layout import CodecError, quotes

_LABEL = re.compile(r"\[((?:\\.|[^\[\]\\]){1,999})\]")
_FRESH = "\n<!-- -->\n"
"""Behind this any block can start, and unlike a blank line it does not join a gap."""


class BlockText(NamedTuple):
    """A block to be written: what reading it again needs; see `Block` for the fields."""

    kind: BlockKind
    source: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of a place in a document, as far as they decide how a block there reads.

    `definitions` are sources of reference definitions by folded label: at least those that
    `labels_of` finds in what is read. `lead` are sources to put in front, in order: the heads of
    the items around the place, outermost first; a table's header and delimiter row; the block
    just before, or the gap and the block before that. `after` are the blocks that follow and
    have to stay what they are. `depth` is that of the block itself, and the columns are those of
    its table.
    """

    definitions: Mapping[str, str] = field(default_factory=dict)
    lead: tuple[str, ...] = ()
    after: tuple[BlockText, ...] = ()
    depth: int = 0
    name_column: int = 0
    description_column: int | None = None


def labels_of(text: str) -> set[str]:
    """The folded labels of all references that may stand in a text."""
    if "[" not in text:
        return set()
    return {fold_label(label[1]) for label in _LABEL.finditer(text)}


def read_block(source: str, kind: BlockKind, context: Context) -> tuple[Block, Entry | None]:
    """Read `source` at a place; slots and links count from its start, lines from 1.

    Raises `CodecError` unless it is exactly one block of the kind there, at the context's depth,
    and the blocks after it stay what they are.
    """
    (block,) = read_blocks([BlockText(kind, source, context.depth)], context)
    return block, entry_of(block, context)


def read_blocks(block_texts: Sequence[BlockText], context: Context) -> list[Block]:
    """Read some consecutive blocks at a place, as `read_block` does one.

    With no pieces this checks that the place can be left empty.
    """
    if block_texts and block_texts[0].kind is BlockKind.HTML and context.lead:
        # A piece of HTML goes on with the block above it or starts one of its own.
        with suppress(CodecError):
            return _read_blocks(block_texts, context)
        context = replace(context, lead=())
    return _read_blocks(block_texts, context)


def _read_blocks(block_texts: Sequence[BlockText], context: Context) -> list[Block]:
    sources = [one.source for one in block_texts]
    after = context.after
    if after and sources and not sources[-1].endswith(("\n", "\r")):
        raise CodecError("line-ending", "source")
    front = bool(block_texts) and block_texts[0].kind is BlockKind.FRONT_MATTER
    lead = (
        []
        if front
        else [with_line_ending(text) for text in (*_definitions(sources, context), _FRESH)]
    )
    lead += [with_line_ending(text) for text in context.lead]
    text = "".join([*lead, *sources, *[with_line_ending(one.source) for one in after]])
    line = 1 + sum(len(split_lines(text)) for text in lead)
    # Where not all of a list is there, its first items alone may read as parts of one thing; and a
    # maintainer may have decided that whatever stands there is one.
    for read in (parse_blocks, _read_apart, _read_as_decided):
        with suppress(CodecError):
            return _matched(read(text).blocks, block_texts, after, line)
    return _matched(parse_blocks(text).blocks, block_texts, after, line)


def _read_apart(text: str) -> Document:
    return parse_blocks(text, grouped=False)


def _read_as_decided(text: str) -> Document:
    return parse_blocks(text, corrections={(): Correction(children=Children.ATTRIBUTES)})


def _matched(
    blocks: list[Block], block_texts: Sequence[BlockText], after: Sequence[BlockText], line: int
) -> list[Block]:
    """The blocks of the texts, the first of which begins on `line`; those after are compared."""
    starts = [block.first_line for block in blocks]
    blocks_read = []
    for one in block_texts:
        end = line + len(split_lines(one.source))
        blocks_read.append(_covering(blocks, bisect_right(starts, line) - 1, line, end, one))
        line = end
    for one in after:
        number = bisect_right(starts, line) - 1
        if starts[number] != line or not _is_same(blocks[number], one):
            raise CodecError("swallows", "source", kind=one.kind.value)
        line += len(split_lines(one.source))
    first = blocks_read[0].first_line - 1 if blocks_read else 0
    for block in blocks_read:
        block.first_line -= first
        block.last_line -= first
    return blocks_read


def _definitions(sources: Iterable[str], context: Context) -> list[str]:
    known = context.definitions
    if not known:
        return []
    labels: set[str] = set()
    for text in (*context.lead, *sources):
        labels |= labels_of(text)
    return [known[label] for label in sorted(labels) if label in known]


def with_line_ending(source: str) -> str:
    """Lines that end in a line break, one being added where there is none."""
    return source if source.endswith(("\n", "\r")) else source + "\n"


def _is_same(block: Block, one: BlockText) -> bool:
    return block.kind is one.kind and block.depth == one.depth


def _covering(blocks: list[Block], number: int, line: int, end: int, one: BlockText) -> Block:
    """The block that covers a piece's lines from `line` up to `end`; HTML may be cut otherwise."""
    block = blocks[number]
    if _is_same(block, one):
        if block.first_line == line and block.last_line == end - 1:
            return block
        if block.kind is BlockKind.HTML:
            while number < len(blocks) and blocks[number].kind is BlockKind.HTML:
                if blocks[number].last_line == end - 1:
                    links = list(html_links(one.source))
                    if not any(link.is_outbound for link in links):
                        links = []
                    return Block(one.kind, one.source, line, end - 1, links=links)
                number += 1
    raise CodecError("not-one-block", "source", kind=one.kind.value)


# Entries


def entry_of(block: Block, context: Context) -> Entry | None:
    """The entry that stands on a block, or would if the block were one: None for gaps and such.

    Whether an item or paragraph is an entry is the document's to say, see `entries.py`.
    """
    cells: list[Cell] = []
    fields: Fields | None = None
    match block.kind:
        case BlockKind.TABLE_ROW:
            cells = read_cells(block.source)
            fields = row_fields(
                block.source, cells, block.links, context.name_column, context.description_column
            )
        case BlockKind.ITEM:
            fields = item_fields(block)
        case BlockKind.LINE:
            fields = line_fields(block)
        case BlockKind.PARAGRAPH if block.links:
            fields = paragraph_fields(block)
        case BlockKind.HEADING if any(link.is_outbound for link in block.links):
            fields = heading_fields(block)
        case BlockKind.HTML if any(link.is_outbound for link in block.links):
            fields = html_fields(block)
    if fields is None:
        return None
    return entry_with(fields, 0, block, cells)


# Surroundings of a place in a document: what has to stand in front of a block, and behind it. Only
# neighbours are looked at, so the document may be a part of a longer one.


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
    before = before_gap(blocks, index)
    gap = tuple(block.source for block in blocks[before + 1 : index])
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
    blocks = document.blocks
    source = blocks[index].source.rstrip() if index < len(blocks) else ""
    before = before_gap(blocks, index)
    return (
        before >= 0
        and blocks[before].kind is BlockKind.PARAGRAPH
        and ("\n" in source or "\r" in source)
        and may_group(source)
    )


def _heading_above(blocks: Sequence[Block], index: int) -> list[int]:
    """The heading right above a block, a gap between the two not counted, if there is one."""
    above = before_gap(blocks, index)
    return [above] if above >= 0 and blocks[above].kind is BlockKind.HEADING else []


def is_readable_alone(kind: BlockKind) -> bool:
    """Whether a block of a kind can be put in front of another without what is around it."""
    return kind not in {BlockKind.FRONT_MATTER, BlockKind.HTML}


def open_html(source: str) -> str:
    """A line that opens an HTML block where `source` stands, for the next piece of that block."""
    return f"{quotes(source).rstrip()}<div>\n"


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
    return f"{quotes(source).rstrip()}\n"


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
