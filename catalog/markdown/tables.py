"""The cells of a table's rows, and what they say by the columns they stand in."""

from __future__ import annotations

import re

from catalog.markdown.columns import guess_columns
from catalog.markdown.corrections import Correction, fold_header
from catalog.markdown.fields import Fields, cell_fields
from catalog.markdown.inline import plain_text
from catalog.markdown.link_names import is_address, link_name, url_slot
from catalog.markdown.nodes import Block, Cell, Document, Link, Listing, Slot

_ROW_HEAD = re.compile(r"(?:[ \t]*>)*[ \t]*\|?")
# GFM splits cells before it reads anything in them: a pipe counts unless a backslash is before it.
_PIPE = re.compile(r"(?<!\\)\|")
_SAMPLE = 30
"""Rows that a guess about a column looks at."""


def split_row(source: str) -> list[Slot]:
    """The slots of a row's cells, padding excluded, by GFM's rule."""
    head = _ROW_HEAD.match(source)
    position = head.end() if head else 0
    row = source[position:].rstrip(" \t\r\n")
    segments = _PIPE.split(row) if "\\" in row else row.split("|")
    if len(segments) > 1 and not segments[-1]:
        segments.pop()  # behind the pipe that ends the row
    slots = []
    for segment in segments:
        end = position + len(segment)
        text = segment.lstrip(" \t")
        start = end - len(text)
        slots.append(Slot(start, start + len(text.rstrip(" \t"))))
        position = end + 1
    return slots


def read_cells(source: str) -> list[Cell]:
    """The cells a row has, excess ones included."""
    return [
        Cell(source[start:end].replace("\\|", "|"), Slot(start, end))
        for start, end in split_row(source)
    ]


def read_table(document: Document, listing: Listing, correction: Correction) -> None:
    """Fill a table's header and guess which column holds the name, unless that is decided."""
    if listing.header_block is not None:
        header = document.blocks[listing.header_block].source
        listing.header = [plain_text(cell.text) for cell in read_cells(header)]
    sample = [document.blocks[index] for index in listing.blocks[:_SAMPLE]]
    guess_columns(listing, [(read_cells(block.source), block.links) for block in sample])
    headers = [fold_header(header) for header in listing.header]
    if correction.name and correction.name in headers:
        listing.name_column = headers.index(correction.name)
        listing.is_name_decided = True
        if listing.description_column == listing.name_column:
            listing.description_column = None
    if correction.description and correction.description in headers:
        number = headers.index(correction.description)
        if number != listing.name_column:
            listing.description_column = number
            listing.is_description_decided = True


NO_TEXT = frozenset({".", "-", "–", "—", "/"})
"""Cell texts that stand for no text."""


def row_entry(block: Block, listing: Listing) -> tuple[Fields, list[Cell]]:
    """The fields and cells of a table row, by the columns of its listing."""
    source = block.source
    cells = read_cells(source)
    name, description = listing.name_column, listing.description_column
    return row_fields(source, cells, block.links, name, description), cells


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
    inside = [link for link in links if start <= link.slot[0] < end]
    fields = cell_fields(source, cell.slot, inside)
    if not fields.url:
        link = next((link for link in links if link.is_outbound), None)
        if link:
            fields = fields._replace(url=link.url, url_slot=url_slot(source, link))
    if not any(map(str.isalnum, fields.name)):
        fields = _name_from_elsewhere(fields, cells, links, source)
    if description_column is not None and description_column < len(cells):
        described = cells[description_column]
        fields = fields._replace(description=described.text, description_slot=described.slot)
    return fields._replace(description="") if fields.description in NO_TEXT else fields


def _name_from_elsewhere(
    fields: Fields, cells: list[Cell], links: list[Link], source: str
) -> Fields:
    """A row whose name cell says nothing: the first cell with words names it."""
    for cell in cells:
        text = plain_text(cell.text)
        if any(map(str.isalpha, text)) and not is_address(text):
            inside = [link for link in links if cell.slot.start <= link.slot.start < cell.slot.end]
            named = cell_fields(source, cell.slot, inside)
            return fields._replace(name=named.name, name_slot=named.name_slot)
    link = next((link for link in links if link_name(source, link)), None)
    if not fields.name and link:
        return fields._replace(name=link_name(source, link), name_slot=None)
    return fields
