"""Lines that leave with an entry, and whether the rest can do without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from catalog.markdown.nodes import BlockKind, Document
from catalog.markdown.writing.context import read_blocks
from catalog.markdown.writing.errors import CodecError
from catalog.markdown.writing.placing import subtree_end
from catalog.markdown.writing.surroundings import context_of

_FEW_LINES = 2
"""Lines that a listing of lines has at least."""


def check_rest(rest: Document, at: int) -> None:
    """Refuse to take out what keeps the blocks behind it from reading differently."""
    context = context_of(rest, at, count=0)
    blocks = rest.blocks
    if 0 < at < len(blocks) and blocks[at - 1].kind is blocks[at].kind is BlockKind.GAP:
        context = replace(context, after=context.after[1:])
    read_blocks([], context)


def own_blocks(document: Document, index: int, *, with_children: bool) -> list[int]:
    """The blocks of an entry; an item with others below it only goes together with them."""
    end = subtree_end(document, index)
    if end > index + 1 and not with_children:
        raise CodecError("children", "source")
    listing = document.blocks[index].listing
    if (
        document.blocks[index].kind is BlockKind.LINE
        and listing is not None
        and len(document.listings[listing].blocks) <= _FEW_LINES
    ):
        raise CodecError("last-lines", "source")
    return list(range(index, end))


def gap_of(document: Document, own: Sequence[int]) -> list[int]:
    """The gap that goes with an item: one of two around it, or the one to its only neighbour.

    A gap on one side only that stands between other items stays, as it parts them in groups.
    """
    blocks = document.blocks
    index, end = own[0], own[-1] + 1
    if blocks[index].kind is not BlockKind.ITEM:
        return []
    siblings = _siblings(document, index)
    is_first, is_last = index == siblings[0], index == siblings[-1]
    before = not is_first and blocks[index - 1].kind is BlockKind.GAP
    behind = not is_last and blocks[end].kind is BlockKind.GAP
    if before and (behind or is_last):
        return [index - 1]
    return [end] if behind and is_first else []


def _siblings(document: Document, index: int) -> list[int]:
    listing = document.blocks[index].listing
    return [index] if listing is None else document.listings[listing].blocks


def without(document: Document, gone: Sequence[int]) -> Document:
    """The document without some blocks; entries are not read again."""
    removed = set(gone)
    remaining = [index for index in range(len(document.blocks)) if index not in removed]
    new = {index: number for number, index in enumerate(remaining)}
    blocks = [
        replace(block, parent=None if block.parent is None else new.get(block.parent))
        for index in remaining
        for block in (document.blocks[index],)
    ]
    listings = [
        replace(
            listing,
            blocks=[new[index] for index in listing.blocks if index in new],
            header_block=None if listing.header_block is None else new.get(listing.header_block),
        )
        for listing in document.listings
    ]
    return Document(document.bom, blocks, document.sections, listings, [], document.definitions)
