"""Reading the entries off a document's blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from catalog.markdown.fields import (
    Fields,
    cell_fields,
    is_generic,
    paragraph_end,
    primary_link,
    read_fields,
    stripped,
    text_end,
    unfold,
)
from catalog.markdown.inline import plain_text
from catalog.markdown.nodes import (
    Block,
    BlockKind,
    Cell,
    Document,
    Entry,
    Link,
    Listing,
    ListingKind,
    Slot,
)
from catalog.markdown.paragraphs import publish_patterns
from catalog.markdown.tables import read_cells, read_table, row_entry, row_fields, split_row

__all__ = [
    "heading_fields",
    "html_fields",
    "item_fields",
    "item_start",
    "line_fields",
    "paragraph_fields",
    "read_cells",
    "read_entries",
    "row_fields",
    "split_row",
]

# The markers of an item, of those it is nested in on the same line, and of a task.
_ITEM_HEAD = re.compile(
    r"(?:[ \t>]*(?:[-*+]|\d{1,9}[.)])(?=[ \t\r\n]|\Z))+[ \t]*(?:\[[ xX]\][ \t]+)?"
)
_QUOTE_HEAD = re.compile(r"[ \t>]*")
_BREAK_AT_END = re.compile(r"(?:\\|<br ?/?>)\Z", re.IGNORECASE)
_TITLE_LINE = re.compile(
    r"[ \t>]*(?:#+[ \t]*)?(\*\*|__)(?=\S)(.+?)\1[^\w\[]{0,9}(?:\\|<br ?/?>)?[ \t]*(?:\r\n|\n|\r)"
)
_HEADING_HEAD = re.compile(r"[ \t>]*#{0,6}[ \t]*")
_TAGS = re.compile(r"<[^<>]*>")


def read_entries(document: Document) -> None:
    """Fill `document.entries`, and what its listings say about their columns and contents."""
    blocks, listings = document.blocks, document.listings
    parents = {block.parent for block in blocks if block.parent is not None}
    anchors = {section.anchor for section in document.sections}
    mostly_linked = [False] * len(listings)
    for index, listing in enumerate(listings):
        if listing.kind is ListingKind.TABLE:
            read_table(document, listing)
            mostly_linked[index] = _read_toc(document, listing, anchors)
        elif listing.kind is ListingKind.LIST:
            mostly_linked[index] = _read_toc(document, listing, anchors)
    opening = _opening(document)
    for index, block in enumerate(blocks):
        kind = block.kind
        if kind is BlockKind.ITEM:
            if (number := block.listing) is not None and _is_entry(
                block, listings[number], anchors, index in parents, mostly_linked[number]
            ):
                _add(document, index, block, item_fields(block))
        elif kind is BlockKind.TABLE_ROW:
            if block.listing is not None and not listings[block.listing].is_toc:
                _add(document, index, block, *row_entry(block, listings[block.listing]))
        elif block.links and kind in _TEXT:
            _read_text(document, index, block, opening)
    publish_patterns(document)


_TEXT = frozenset({BlockKind.LINE, BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.HTML})


def _read_text(document: Document, index: int, block: Block, opening: int) -> None:
    """Add what is no row and no item, if it leads anywhere: suggested where it may be prose."""
    is_opening = index < opening
    if block.kind is BlockKind.LINE:
        _add(document, index, block, line_fields(block))
    elif block.kind is BlockKind.PARAGRAPH:
        if _leads_out(block.links):
            fields = paragraph_fields(block)
            _add(document, index, block, fields, suggested=_title_line(block) is None)
    elif any(link.is_outbound for link in block.links):
        if block.kind is BlockKind.HEADING:
            _add(document, index, block, heading_fields(block), suggested=is_opening)
        else:
            suggested = is_opening or block.listing is None
            _add(document, index, block, html_fields(block), suggested=suggested)


def _opening(document: Document) -> int:
    """The block that ends the opening: what stands before it introduces the list.

    There are its title, links to translations, sponsors and the like, headings in HTML and a
    table of contents among them. It ends with the first heading in markdown below the title, or
    where something is listed.
    """
    sections, blocks = document.sections, document.blocks
    titled = len(sections) > 1 and sections[0].level == 1
    heads = [section.block for section in sections[titled:]]
    if not heads:
        return len(blocks)
    ends = next((head for head in heads if blocks[head].kind is not BlockKind.HTML), None)
    for index, block in enumerate(blocks[:ends]):
        listing = None if block.listing is None else document.listings[block.listing]
        if block.kind in _ROWS and block.links and listing and not listing.is_toc:
            return max([head for head in heads if head <= index], default=heads[0])
    return heads[0] if ends is None else ends


_ROWS = frozenset({BlockKind.ITEM, BlockKind.TABLE_ROW})


def _add(
    document: Document,
    index: int,
    block: Block,
    fields: Fields,
    cells: list[Cell] | None = None,
    *,
    suggested: bool = False,
) -> None:
    name, url, description, name_slot, url_slot, description_slot = fields
    entries = document.entries
    block.entry = len(entries)
    opaque = name_slot is None and url_slot is None and description_slot is None
    entries.append(
        Entry(
            index, block.section, block.listing, block.first_line, block.last_line,
            name, url, description, block.links, cells or [],
            name_slot, url_slot, description_slot, suggested, opaque,
        )
    )  # fmt: skip


# Lists


def _leads_out(links: Sequence[Link]) -> bool:
    """Whether a link leads out of the document by its text."""
    return any(not link.is_internal and not link.is_image_only for link in links)


def _is_toc_link(link: Link, anchors: set[str]) -> bool:
    """Whether a link leads inside the document, `#` forgotten or not."""
    url = link.url
    return url[:1] == "#" or url in anchors


def _read_toc(document: Document, listing: Listing, anchors: set[str]) -> bool:
    """Tell a table of contents from a list of links; returns whether most items have one."""
    inside = outside = 0
    for index in listing.blocks:
        links = document.blocks[index].links
        if links:
            if _is_toc_link(links[0], anchors) and all(
                _is_toc_link(link, anchors) for link in links
            ):
                inside += 1
            else:
                outside += 1
    listing.is_toc = inside > 0 and inside >= 9 * outside
    return 2 * outside >= len(listing.blocks)


def _is_entry(
    block: Block, listing: Listing, anchors: set[str], has_children: bool, mostly_linked: bool
) -> bool:
    """Whether an item names a thing: labels, prose and links to the list itself do not."""
    links = block.links
    if not links:
        return mostly_linked and not has_children and not _is_empty_item(block.source)
    if block.parent is not None and all(link.is_image_only for link in links):
        return False  # badges of the item around it
    if listing.is_toc:
        return not all(_is_toc_link(link, anchors) for link in links)
    return not all(link.is_internal for link in links)


def _is_empty_item(source: str) -> bool:
    return not source[item_start(source) :].strip()


def item_start(source: str) -> int:
    """Where an item's content begins, after its marker and a task's box."""
    head = _ITEM_HEAD.match(source)
    return head.end() if head else 0


def item_fields(block: Block) -> Fields:
    """The fields of a list item, from its first paragraph."""
    source = block.source
    start = item_start(source)
    one_line = block.first_line == block.last_line
    end = text_end(source) if one_line else paragraph_end(source, start)
    return read_fields(source, start, max(start, end), block.links)


# Text


def line_fields(block: Block) -> Fields:
    """The fields of a line among lines; the break at its end belongs to none of them."""
    source = block.source
    head = _QUOTE_HEAD.match(source)
    end = text_end(source)
    while found := _BREAK_AT_END.search(source, max(end - 6, 0), end):
        end = found.start()
        while end and source[end - 1] in " \t":
            end -= 1
    return read_fields(source, head.end() if head else 0, end, block.links)


def _title_line(block: Block) -> re.Match[str] | None:
    """A first line in bold that names what the links below it lead to."""
    title = _TITLE_LINE.match(block.source)
    if title and all(link.slot.start >= title.end() for link in block.links):
        return title
    return None


def paragraph_fields(block: Block) -> Fields:
    """The fields of a paragraph: of a title and what is below it, or of prose with a link."""
    source = block.source
    title = _title_line(block)
    head = _QUOTE_HEAD.match(source)
    start = head.end() if head else 0
    end = paragraph_end(source, start)
    fields = read_fields(source, start, end, block.links)
    if not title:
        return fields
    words = title[2].rstrip(" \t:：")
    slot = Slot(title.start(2), title.start(2) + len(words))
    fields = fields._replace(name=plain_text(words), name_slot=slot)
    link = primary_link(block.links)
    below = stripped(source, title.end(), link.slot.start if link else end)
    text = unfold(source[below.start : below.end])
    return fields._replace(description=text, description_slot=below if text else None)


def heading_fields(block: Block) -> Fields:
    """The fields of a heading with a link: its name and where it leads."""
    source = block.source
    head = _HEADING_HEAD.match(source)
    link = next(link for link in block.links if link.is_outbound)
    fields = cell_fields(source, Slot(head.end() if head else 0, text_end(source)), [link])
    return fields._replace(description="", description_slot=None)


def html_fields(block: Block) -> Fields:
    """The fields of a line or row of HTML; the text behind the link describes it."""
    source = block.source
    links = [link for link in block.links if link.is_outbound]
    link = next((link for link in links if not is_generic(link.text)), links[0])
    fields = cell_fields(source, Slot(0, len(source)), [link])
    text = plain_text(" ".join(_TAGS.sub(" ", source[link.slot.end :]).split()))
    return fields._replace(description=text.lstrip(" -–—:：").strip(), description_slot=None)
