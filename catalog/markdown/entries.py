"""Reading the entries off a document's blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from catalog.markdown.columns import guess_columns
from catalog.markdown.fields import (
    Fields,
    cell_fields,
    is_generic,
    link_name,
    paragraph_end,
    primary_link,
    read_fields,
    unfold,
    url_slot,
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

# The markers of an item, of those it is nested in on the same line, and of a task.
_ITEM_HEAD = re.compile(
    r"(?:[ \t>]*(?:[-*+]|\d{1,9}[.)])(?=[ \t\r\n]|\Z))+[ \t]*(?:\[[ xX]\][ \t]+)?"
)
_QUOTE_HEAD = re.compile(r"[ \t>]*")
_ROW_HEAD = re.compile(r"(?:[ \t]*>)*[ \t]*\|?")
# GFM splits cells before it reads anything in them: a pipe counts unless a backslash is before it.
_PIPE = re.compile(r"(?<!\\)\|")
_BREAK_AT_END = re.compile(r"(?:[ \t]*(?:\\|<br ?/?>))+[ \t\r\n]*\Z", re.IGNORECASE)
_TITLE_LINE = re.compile(
    r"[ \t>]*(?:#+[ \t]*)?(\*\*|__)(?=\S)(.+?)\1[^\w\[]*(?:\\|<br ?/?>)?[ \t]*(?:\r\n|\n|\r)"
)
_TAGS = re.compile(r"<[^>]*>")


def read_entries(document: Document) -> None:
    """Fill `document.entries`, and what its listings say about their columns and contents."""
    blocks = document.blocks
    parents = {block.parent for block in blocks if block.parent is not None}
    anchors = {section.anchor for section in document.sections}
    linked: dict[int, bool] = {}
    for index, listing in enumerate(document.listings):
        if listing.kind is ListingKind.TABLE:
            read_table(document, listing)
        elif listing.kind is ListingKind.LIST:
            linked[index] = _read_list(document, listing, anchors)
    title = _title_section(document)
    for index, block in enumerate(blocks):
        kind = block.kind
        if kind is BlockKind.TABLE_ROW:
            if block.listing is not None:
                _add(document, index, *row_entry(block, document.listings[block.listing]))
        elif kind is BlockKind.ITEM:
            if block.listing is not None and _is_entry(
                document, block, anchors, index in parents, linked.get(block.listing, False)
            ):
                _add(document, index, item_fields(block), [])
        elif not block.links:
            continue
        elif kind is BlockKind.LINE:
            _add(document, index, line_fields(block), [])
        elif kind is BlockKind.PARAGRAPH:
            if _leads_out(block.links):
                title_line = _TITLE_LINE.match(block.source)
                fields = paragraph_fields(block)
                _add(document, index, fields, [], suggested=not title_line)
        elif kind is BlockKind.HEADING:
            if any(link.is_outbound for link in block.links):
                suggested = block.section is None or block.section == title
                _add(document, index, heading_fields(block), [], suggested=suggested)
        elif kind is BlockKind.HTML:
            _add(document, index, html_fields(block), [], suggested=block.listing is None)
    publish_patterns(document)


def _title_section(document: Document) -> int | None:
    """The first section when it is the only one of level 1 before any other."""
    if document.sections and document.sections[0].level == 1:
        return 0
    return None


def _add(
    document: Document,
    index: int,
    fields: Fields,
    cells: list[Cell],
    *,
    suggested: bool = False,
) -> None:
    block = document.blocks[index]
    name, url, description, name_slot, url_slot, description_slot = fields
    block.entry = len(document.entries)
    document.entries.append(
        Entry(
            index,
            block.section,
            block.listing,
            block.first_line,
            block.last_line,
            name,
            url,
            description,
            block.links,
            cells,
            name_slot,
            url_slot,
            description_slot,
            suggested,
            opaque=name_slot is None and url_slot is None and description_slot is None,
        )
    )


# Lists


def _leads_out(links: Sequence[Link]) -> bool:
    """Whether a link leads out of the document by its text."""
    return any(not link.is_internal and not link.is_image_only for link in links)


def _is_toc_link(link: Link, anchors: set[str]) -> bool:
    """Whether a link leads inside the document, `#` forgotten or not."""
    return link.is_internal or link.url in anchors


def _read_list(document: Document, listing: Listing, anchors: set[str]) -> bool:
    """Tell a table of contents from a list of links; returns whether most items have one."""
    inside = outside = 0
    for index in listing.blocks:
        links = document.blocks[index].links
        if links:
            if all(_is_toc_link(link, anchors) for link in links):
                inside += 1
            else:
                outside += 1
    listing.is_toc = inside > 0 and inside >= 9 * outside
    return 2 * outside >= len(listing.blocks)


def _is_entry(
    document: Document, block: Block, anchors: set[str], has_children: bool, mostly_linked: bool
) -> bool:
    """Whether an item names a thing: labels, prose and links to the list itself do not."""
    links = block.links
    if links:
        if document.listings[block.listing or 0].is_toc:
            return any(not _is_toc_link(link, anchors) for link in links)
        return any(not link.is_internal for link in links)
    return mostly_linked and not has_children and not _is_empty_item(block.source)


def _is_empty_item(source: str) -> bool:
    head = _ITEM_HEAD.match(source)
    return not source[head.end() if head else 0 :].strip()


def item_start(source: str) -> int:
    """Where an item's content begins, after its marker and a task's box."""
    head = _ITEM_HEAD.match(source)
    return head.end() if head else 0


def item_fields(block: Block) -> Fields:
    """The fields of a list item, from its first paragraph."""
    source = block.source
    start = item_start(source)
    end = paragraph_end(source, start)
    return read_fields(source, start, end, block.links)


# Text


def line_fields(block: Block) -> Fields:
    """The fields of a line among lines; the break at its end belongs to none of them."""
    source = block.source
    head = _QUOTE_HEAD.match(source)
    end = len(source.rstrip())
    if found := _BREAK_AT_END.search(source[:end]):
        end = found.start()
    return read_fields(source, head.end() if head else 0, end, block.links)


def paragraph_fields(block: Block) -> Fields:
    """The fields of a paragraph: of a title and what is below it, or of prose with a link."""
    source = block.source
    title = _TITLE_LINE.match(source)
    head = _QUOTE_HEAD.match(source)
    start = head.end() if head else 0
    link = primary_link(block.links)
    if title and link and link.slot.start >= title.end():
        slot = Slot(*title.span(2))
        end = paragraph_end(source, 0)
        text = unfold(source[title.end() : end]).strip()
        fields = read_fields(source, start, end, block.links)
        return fields._replace(
            name=plain_text(title[2]), name_slot=slot, description=text, description_slot=None
        )
    return read_fields(source, start, paragraph_end(source, start), block.links)


def heading_fields(block: Block) -> Fields:
    """The fields of a heading with a link: its name and where it leads."""
    source = block.source
    link = next(link for link in block.links if link.is_outbound)
    fields = cell_fields(source, Slot(0, len(source)), [link])
    return fields._replace(description="", description_slot=None)


def html_fields(block: Block) -> Fields:
    """The fields of a line or row of HTML; the text behind the link describes it."""
    source = block.source
    links = [link for link in block.links if link.is_outbound]
    link = next((link for link in links if not is_generic(link.text)), links[0])
    fields = cell_fields(source, Slot(0, len(source)), [link])
    text = plain_text(" ".join(_TAGS.sub(" ", source[link.slot.end :]).split()))
    return fields._replace(description=text.lstrip(" -–—:：").strip(), description_slot=None)


# Tables


def split_row(source: str) -> list[Slot]:
    """The slots of a row's cells, padding excluded, by GFM's rule."""
    head = _ROW_HEAD.match(source)
    start = head.end() if head else 0
    end = len(source)
    while end > start and source[end - 1] in " \t\r\n":
        end -= 1
    slots = []
    cuts = [pipe.start() for pipe in _PIPE.finditer(source, start, end)]
    if not cuts or cuts[-1] != end - 1:
        cuts.append(end)
    for cut in cuts:
        first, last = start, cut
        while first < last and source[first] in " \t":
            first += 1
        while last > first and source[last - 1] in " \t":
            last -= 1
        slots.append(Slot(first, last))
        start = cut + 1
    return slots


def read_cells(source: str) -> list[Cell]:
    """The cells a row has, excess ones included."""
    return [
        Cell(source[start:end].replace("\\|", "|"), Slot(start, end))
        for start, end in split_row(source)
    ]


def read_table(document: Document, listing: Listing) -> None:
    """Fill a table's header and guess which column holds the name."""
    if listing.header_block is not None:
        header = document.blocks[listing.header_block].source
        listing.header = [plain_text(cell.text) for cell in read_cells(header)]
    sample = [document.blocks[index] for index in listing.blocks[:_SAMPLE]]
    guess_columns(listing, [(read_cells(block.source), block.links) for block in sample])


_SAMPLE = 30
"""Rows that a guess about a column looks at."""


def row_entry(block: Block, listing: Listing) -> tuple[Fields, list[Cell]]:
    """The fields and cells of a table row, by the columns of its listing."""
    source = block.source
    cells = read_cells(source)
    return row_fields(
        source, cells, block.links, listing.name_column, listing.description_column
    ), cells


def row_fields(
    source: str,
    cells: list[Cell],
    links: list[Link],
    name_column: int,
    description_column: int | None,
) -> Fields:
    """The fields of a row when the roles of the columns are known."""
    if not cells:
        return Fields("", "", "")
    cell = cells[min(name_column, len(cells) - 1)]
    start, end = cell.slot
    inside = [link for link in links if start <= link.slot.start < end]
    fields = cell_fields(source, cell.slot, inside)
    if not fields.url:
        link = next((link for link in links if link.is_outbound), None)
        if link:
            fields = fields._replace(url=link.url, url_slot=url_slot(source, link))
    if is_generic(fields.name) or not fields.name:
        fields = _name_from_elsewhere(fields, cells, links, source)
    if description_column is not None and description_column < len(cells):
        described = cells[description_column]
        fields = fields._replace(description=described.text, description_slot=described.slot)
    return fields


def _name_from_elsewhere(
    fields: Fields, cells: list[Cell], links: list[Link], source: str
) -> Fields:
    """A row whose name cell says `link` or nothing: the first cell with words names it."""
    for cell in cells:
        text = plain_text(cell.text)
        if text and not is_generic(text):
            inside = [link for link in links if cell.slot.start <= link.slot.start < cell.slot.end]
            named = cell_fields(source, cell.slot, inside)
            return fields._replace(name=named.name, name_slot=named.name_slot)
    link = next((link for link in links if link_name(source, link)), None)
    if not fields.name and link:
        return fields._replace(name=link_name(source, link), name_slot=None)
    return fields
