"""Moving an entry inside its listing or to another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from catalog.markdown.nodes import BlockKind, Document, ListingKind
from catalog.markdown.writing.composing import KINDS, new_entry
from catalog.markdown.writing.context import BlockText
from catalog.markdown.writing.dialect import Dialect
from catalog.markdown.writing.edit import Edit
from catalog.markdown.writing.errors import CodecError
from catalog.markdown.writing.layout import item_prefix, reindent, with_number
from catalog.markdown.writing.leaving import check_rest, gap_of, own_blocks, without
from catalog.markdown.writing.placing import Insertion, Place, closed, place_with_break
from catalog.markdown.writing.sampling import dialect_of


@dataclass(frozen=True, slots=True)
class Values:
    """New values of an entry; `cells` are inline markdown by column."""

    name: str = ""
    url: str = ""
    description: str = ""
    cells: Mapping[int, str] = field(default_factory=dict)


def move_entry(
    document: Document,
    index: int,
    listing: int,
    *,
    after: int | None,
    values: Values | None = None,
    with_children: bool = False,
    dialect: Dialect | None = None,
) -> Edit:
    """Move an entry behind the entry on the block `after` of a listing; None: to its beginning.

    Inside its listing its lines stay as they are, and an item that goes to another list only
    takes over its marker and indent. To another table, or from a list to a table or back, it is
    written anew from `values`.
    """
    target = document.listings[listing]
    own = own_blocks(document, index, with_children=with_children)
    _check_move(document, own, listing, after, is_anew=values is not None)
    dialect = dialect or dialect_of(document, listing)
    is_inside = document.blocks[index].listing == listing
    siblings = target.blocks
    if is_inside:
        number = siblings.index(index)
        if after == (siblings[number - 1] if number else None):
            return Edit()
    gap = gap_of(document, own)
    if is_inside:
        # As many blank lines as before.
        dialect = replace(dialect, gap=document.blocks[gap[0]].source if gap else "")
    gone = sorted([*own, *gap])
    remaining = [number for number in range(len(document.blocks)) if number not in set(gone)]
    rest = without(document, gone)
    check_rest(rest, gone[0])
    behind = place_with_break(rest, listing, None if after is None else remaining.index(after))
    place = Place(rest, listing, behind, dialect)
    if values is None:
        block_texts = _verbatim(document, own, place, is_inside=is_inside)
    else:
        source = new_entry(
            dialect,
            place.context,
            name=values.name,
            url=values.url,
            description=values.description,
            cells=values.cells,
            number=place.number,
        )
        block_texts = [BlockText(KINDS[dialect.kind], source, place.context.depth)]
    return _as_move(document, own, gap, remaining, place.insertion(block_texts))


def _check_move(
    document: Document, own: Sequence[int], listing: int, after: int | None, *, is_anew: bool
) -> None:
    block, target = document.blocks[own[0]], document.listings[listing]
    if block.listing is None:
        raise CodecError("no-listing", "source")
    kind = document.listings[block.listing].kind
    if ListingKind.HTML in {kind, target.kind} and block.listing != listing:
        raise CodecError("html-listing", "source")
    if after is not None and after in own:
        raise CodecError("into-itself", "source")
    if target.kind is not ListingKind.TABLE and target.blocks == [own[0]]:
        raise CodecError("only-entry", "source")
    if is_anew:
        if len(own) > 1:
            raise CodecError("children-into-table", "source")
    elif block.listing != listing and (kind is not target.kind or target.kind is ListingKind.TABLE):
        raise CodecError("other-columns", "source")


def _verbatim(
    document: Document, own: Sequence[int], place: Place, *, is_inside: bool
) -> list[BlockText]:
    blocks = [document.blocks[number] for number in own]
    block_texts = [
        closed(BlockText(block.kind, block.source, block.depth), place.dialect.newline)
        for block in blocks
    ]
    if is_inside or block_texts[0].kind is not BlockKind.ITEM:
        return block_texts
    siblings = place.document.listings[place.listing].blocks
    beside = siblings[0] if place.after is None else place.after
    prefix = item_prefix(place.document.blocks[beside].source)
    if place.number is not None:
        prefix = with_number(prefix, place.number)
    return _reindented(block_texts, prefix, place.context.depth)


def _reindented(block_texts: Sequence[BlockText], prefix: str, depth: int) -> list[BlockText]:
    head, *below = block_texts
    old = item_prefix(head.source)
    moved = [BlockText(head.kind, reindent(head.source, old, prefix, is_head=True), depth)]
    for kind, source, inner in below:
        # Gaps have no depth.
        moved.append(
            BlockText(kind, reindent(source, old, prefix), inner and inner - head.depth + depth)
        )
    return moved


def _as_move(
    document: Document,
    own: Sequence[int],
    gap: Sequence[int],
    remaining: Sequence[int],
    insertion: Insertion,
) -> Edit:
    """An insertion into what was left without an entry as the move of its blocks.

    A gap that left with the entry comes along where the new place wants one.
    """
    edit = Edit(
        at=remaining[insertion.at] if insertion.at < len(remaining) else len(document.blocks)
    )
    edit.replaced = {remaining[number]: source for number, source in insertion.replaced.items()}
    for blocks, block_texts in (
        (gap, insertion.gap_before),
        (own, insertion.block_texts),
        (gap, insertion.gap_behind),
    ):
        for number, one in zip_longest(blocks[: len(block_texts)], block_texts):
            if number is None:
                edit.put.append(one)
                continue
            edit.put.append(number)
            if document.blocks[number].source != one.source:
                edit.replaced[number] = one.source
    edit.removed = [number for number in gap if number not in edit.put]
    return edit
