"""Edits of one entry in a document, as operations on its blocks.

An `Edit` touches the entry's own lines and nothing else, with two exceptions. In a list with blank
lines between its items one of them comes and goes with the item; and behind a last line that has no
line ending, that line gets one, while the file's new last line has none.

The document may be a part of a longer one, as long as it holds what the functions look at: the
block, what it stands in, the blocks right before and behind it, and the items below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.markdown.nodes import BlockKind, Document
from catalog.markdown.writing.composing import KINDS, new_entry
from catalog.markdown.writing.context import BlockText, Context, read_block
from catalog.markdown.writing.dialect import Dialect
from catalog.markdown.writing.errors import CodecError
from catalog.markdown.writing.layout import marker_of, number_of
from catalog.markdown.writing.leaving import check_rest, gap_of, own_blocks, without
from catalog.markdown.writing.placing import Place, place_with_break
from catalog.markdown.writing.sampling import dialect_of
from catalog.markdown.writing.slots import change
from catalog.markdown.writing.surroundings import context_of

type Fields = tuple[str | None, str | None, str | None, Mapping[int, str] | None]
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
    name: str | None = None,
    url: str | None = None,
    description: str | None = None,
    cells: Mapping[int, str] | None = None,
    source: str | None = None,
    dialect: Dialect | None = None,
) -> Edit:
    """Change fields of the entry on a block; see `slots.change`.

    A `source` is written verbatim, with fields beside it only where it says what they do. Refused
    for a field that is not read from the block alone, such as a name in the heading above.
    """
    fields: Fields = (name, url, description, cells)
    block = document.blocks[index]
    context = context_of(document, index)
    if source is not None and (
        fields == (None, None, None, None) or _says(source, block.kind, context, fields)
    ):
        return replace_source(document, index, source)
    requested = {"name": name, "url": url, "description": description}
    entry = None if block.entry is None else document.entries[block.entry]
    _block, alone = read_block(block.source, block.kind, context)
    for key, value in requested.items():
        if value is not None and entry and alone and getattr(entry, key) != getattr(alone, key):
            raise CodecError("outside-lines", key)
    if dialect is None and block.listing is not None:
        dialect = dialect_of(document, block.listing)
    source = change(
        block.source,
        block.kind,
        context,
        name=name,
        url=url,
        description=description,
        cells=cells,
        dialect=dialect,
    )
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
    name: str = "",
    url: str = "",
    description: str = "",
    cells: Mapping[int, str] | None = None,
    source: str = "",
    dialect: Dialect | None = None,
) -> Edit:
    """Add an entry to a listing behind the entry on the block `after`; None: as the first.

    `source` is written as it is where it says what the fields do, marked as its siblings are.
    """
    dialect = dialect or dialect_of(document, listing)
    place = Place(document, listing, place_with_break(document, listing, after), dialect)
    source = _as_sibling(source, place, (name, url, description, cells)) or new_entry(
        dialect,
        place.context,
        name=name,
        url=url,
        description=description,
        cells=cells,
        number=place.number,
    )
    insertion = place.insertion([BlockText(KINDS[dialect.kind], source, place.context.depth)])
    put = [*insertion.gap_before, *insertion.block_texts, *insertion.gap_behind]
    return Edit(replaced=insertion.replaced, at=insertion.at, put=[*put])


def _as_sibling(source: str, place: Place, fields: Fields) -> str:
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
    return source if _says(source, kind, place.context, fields) else ""


def _says(source: str, kind: BlockKind, context: Context, fields: Fields) -> bool:
    """Whether lines read as an entry with these fields; None is any, and a row says its cells."""
    try:
        _block, entry = read_block(source, kind, context)
    except CodecError:
        return False
    if entry is None:
        return False
    name, url, description, cells = fields
    texts = {number: cell.text for number, cell in enumerate(entry.cells)}
    expected = (name, url, None if entry.cells else description)
    has = (entry.name, entry.url, entry.description)
    return all(text in {None, own} for text, own in zip(expected, has, strict=True)) and all(
        texts.get(number, "") == text for number, text in (cells or {}).items()
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
