"""Edits of one entry in a document, as operations on its blocks.

An `Edit` touches the entry's own lines and nothing else, with two exceptions. In a list with blank
lines between its items one of them comes and goes with the item; and behind a last line that has no
line ending, that line gets one, while the file's new last line has none.

The document may be a part of a longer one, as long as it holds what the functions look at: the
block, what it stands in, the blocks right before and behind it, and the items below it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Unpack

from catalog.markdown.folding import opens_fold
from catalog.markdown.inline import with_characters
from catalog.markdown.nodes import BlockKind, Document, ListingKind
from catalog.markdown.writing.composing import (
    KINDS,
    Insertion,
    Place,
    closed,
    new_entry,
    open_place,
    subtree_end,
)
from catalog.markdown.writing.context import BlockText, Context, context_of, read_block, read_blocks
from catalog.markdown.writing.dialect import (
    Dialect,
    dialect_of,
    newline_of,
    row_dialect_of,
)
from catalog.markdown.writing.layout import (
    CodecError,
    item_prefix,
    marker_of,
    number_of,
    reindent,
    with_number,
)
from catalog.markdown.writing.slots import Values, change

# Lines that leave with an entry, and whether the rest can do without them


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
    block = document.blocks[index]
    if block.kind is BlockKind.HTML and opens_fold(block.source):
        raise CodecError("folded", "source")
    listing = block.listing
    if (
        block.kind is BlockKind.LINE
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


"""Name, address, description and cells of an entry."""


@dataclass(slots=True)
class Edit:
    """Operations on a document's blocks, by their indexes before the edit.

    `put` is what stands, in order, before the block `at` afterwards: new pieces, and blocks that
    move there, whose source may be replaced too. `at` may be the number of blocks.
    """

    replaced: dict[int, str] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    at: int | None = None
    put: list[int | BlockText] = field(default_factory=list)

    def text(self, document: Document) -> str:
        """The document's text after the edit."""
        moved = {item for item in self.put if isinstance(item, int)}
        gone = moved | set(self.removed)
        sources = []
        for index in range(len(document.blocks) + 1):
            if index == self.at:
                for item in self.put:
                    if isinstance(item, int):
                        sources.append(self._source(document, item))
                    else:
                        sources.append(item.source)
            if index < len(document.blocks) and index not in gone:
                sources.append(self._source(document, index))
        return document.bom + "".join(sources)

    def _source(self, document: Document, index: int) -> str:
        return self.replaced.get(index, document.blocks[index].source)


# One entry's own source


def change_entry(
    document: Document,
    index: int,
    *,
    source: str | None = None,
    dialect: Callable[[], Dialect] | None = None,
    **values: Unpack[Values],
) -> Edit:
    """Change fields of the entry on a block; see `slots.change`.

    The `dialect` of its listing is asked for where a text is written by it. A `source` is written
    verbatim, with fields beside it only where it says what they do. Refused for a field that is not
    read from the block alone, such as a name in the heading above.
    """
    block = document.blocks[index]
    context = context_of(document, index)
    if source is not None and (
        not any(value is not None for value in values.values())
        or _says(source, block.kind, context, values)
    ):
        return replace_source(document, index, source)
    entry = None if block.entry is None else document.entries[block.entry]
    _block, alone = read_block(block.source, block.kind, context)
    for key in ("name", "url", "description"):
        is_given = values.get(key) is not None
        if is_given and entry and alone and getattr(entry, key) != getattr(alone, key):
            raise CodecError("outside-lines", key)
    style = None
    if block.listing is not None and block.kind is BlockKind.TABLE_ROW:
        style = row_dialect_of(document, block.listing)
    elif block.listing is not None and values.get("description") is not None:
        style = dialect() if dialect else dialect_of(document, block.listing)
    source = change(block.source, block.kind, context, dialect=style, **values)
    return Edit(replaced={index: source} if source != block.source else {})


def replace_source(document: Document, index: int, source: str) -> Edit:
    """Write a block anew, verbatim; it has to stay one block of its kind in its list."""
    block = document.blocks[index]
    if source == block.source:
        return Edit()
    read_block(source, block.kind, context_of(document, index))
    if block.kind is BlockKind.ITEM and marker_of(source) != marker_of(block.source):
        raise CodecError("other-marker", "source", marker=marker_of(block.source))
    return Edit(replaced={index: source})


# Adding and removing


def add_entry(
    document: Document,
    listing: int,
    *,
    after: int | None,
    source: str = "",
    dialect: Dialect | None = None,
    **values: Unpack[Values],
) -> Edit:
    """Add an entry to a listing behind the entry on the block `after`; None: as the first.

    `source` is written as it is where it says what the fields do, marked as its siblings are.
    Refused where the list is part of a thing that its heading names.
    """
    if any(document.blocks[index].head is not None for index in document.listings[listing].blocks):
        raise CodecError("headed", "source")
    dialect = dialect or dialect_of(document, listing)
    place = Place(document, listing, open_place(document, listing, after), dialect)
    every: Values = {"name": "", "url": "", "description": "", **values}
    source = _as_sibling(source, place, every) or new_entry(
        dialect, place.context, number=place.number, **values
    )
    insertion = place.insertion([BlockText(KINDS[dialect.kind], source, place.context.depth)])
    put = [*insertion.gap_before, *insertion.block_texts, *insertion.gap_behind]
    return Edit(replaced=insertion.replaced, at=insertion.at, put=[*put])


def _as_sibling(source: str, place: Place, values: Values) -> str:
    """A new entry's source, with the line ending of its place; '' if it does not fit there."""
    if not source.strip():
        return ""
    dialect, kind = place.dialect, KINDS[place.dialect.kind]
    source = source.rstrip("\r\n") + dialect.newline
    if kind is BlockKind.ITEM and (
        marker_of(source) != marker_of(dialect.prefix)
        or place.number not in {None, number_of(source)}
    ):
        return ""
    return source if _says(source, kind, place.context, values) else ""


def _says(source: str, kind: BlockKind, context: Context, values: Values) -> bool:
    """Whether lines read as an entry with these values; None is any, and a row says its cells."""
    try:
        _block, entry = read_block(source, kind, context)
    except CodecError:
        return False
    if entry is None:
        return False
    texts = {number: cell.text for number, cell in enumerate(entry.cells)}
    described = None if entry.cells else values.get("description")
    return (
        with_characters(values.get("name") or entry.name) == entry.name
        and values.get("url") in {None, entry.url}
        and described in {None, entry.description}
        and all(
            texts.get(number, "") == text for number, text in (values.get("cells") or {}).items()
        )
    )


def remove_entry(document: Document, index: int, *, with_children: bool = False) -> Edit:
    """Remove an entry, in a list with gaps together with one of them.

    Refused for an item with others below it unless they go too, and where what is left would read
    differently.
    """
    own = own_blocks(document, index, with_children=with_children)
    gone = sorted([*own, *gap_of(document, own)])
    check_rest(without(document, gone), gone[0])
    edit = Edit(removed=gone)
    _join_gaps(document, edit)
    return edit


def _join_gaps(document: Document, edit: Edit) -> None:
    """Make one gap of two that nothing stands between any more."""
    blocks, gone = document.blocks, edit.removed
    before, behind = gone[0] - 1, gone[-1] + 1
    if (
        before >= 0
        and behind < len(blocks)
        and blocks[before].kind is BlockKind.GAP
        and blocks[behind].kind is BlockKind.GAP
    ):
        edit.replaced[before] = blocks[before].source + blocks[behind].source
        edit.removed = [*gone, behind]


# Moving


def move_entry(
    document: Document,
    index: int,
    listing: int,
    *,
    after: int | None,
    values: Values | None = None,
    with_children: bool = False,
    dialect: Callable[[], Dialect] | None = None,
) -> Edit:
    """Move an entry behind the entry on the block `after` of a listing; None: to its beginning.

    Inside its listing its lines stay as they are, and an item that goes to another list only
    takes over its marker and indent. To another table, or from a list to a table or back, it is
    written anew from `values`. The `dialect` of the listing is asked for where it goes to another.
    """
    target = document.listings[listing]
    own = own_blocks(document, index, with_children=with_children)
    _check_move(document, own, listing, after, is_anew=values is not None)
    is_inside = document.blocks[index].listing == listing
    siblings = target.blocks
    if is_inside:
        number = siblings.index(index)
        if after == (siblings[number - 1] if number else None):
            return Edit()
    gap = gap_of(document, own)
    if is_inside:
        # The lines stay as they are, and as many blank ones as before.
        style = Dialect(
            target.kind,
            newline_of(document, listing),
            gap=document.blocks[gap[0]].source if gap else "",
        )
    else:
        style = dialect() if dialect else dialect_of(document, listing)
    gone = sorted([*own, *gap])
    remaining = [number for number in range(len(document.blocks)) if number not in set(gone)]
    rest = without(document, gone)
    check_rest(rest, gone[0])
    behind = open_place(rest, listing, None if after is None else remaining.index(after))
    place = Place(rest, listing, behind, style)
    if values is None:
        block_texts = _verbatim(document, own, place, is_inside=is_inside)
    else:
        source = new_entry(style, place.context, number=place.number, **values)
        block_texts = [BlockText(KINDS[style.kind], source, place.context.depth)]
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
