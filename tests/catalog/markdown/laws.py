"""What must hold for every parsed text, whatever is in it."""

from __future__ import annotations

import html
import re

from catalog.markdown import Block, Document, Entry, LinkForm, Slot, parse, render, split_lines
from catalog.markdown.attributes import attributes_of
from catalog.markdown.describing import unfold
from catalog.markdown.inline import plain_text, readable, with_characters
from catalog.markdown.tables import NO_TEXT

_ITEMS_ON_A_LINE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t>]+){2}")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def check(text: str) -> Document:
    """Parse a text and check all that is promised of any document; return it."""
    document = parse(text)
    written = render(document)
    assert written.encode("utf-8", "surrogatepass") == text.encode("utf-8", "surrogatepass")
    _check_lines(document, text)
    for number, block in enumerate(document.blocks):
        _check_block(document, number, block)
    _check_sections(document)
    _check_listings(document)
    for number, entry in enumerate(document.entries):
        _check_entry(document, number, entry)
    return document


def _check_lines(document: Document, text: str) -> None:
    """Every line stands in exactly one block."""
    lines = [document.bom]
    for block in document.blocks:
        own = split_lines(block.source)
        assert block.first_line == len(lines)
        assert block.last_line == block.first_line + len(own) - 1
        assert own
        lines += own
    assert lines[1:] == split_lines(text.removeprefix(document.bom))


def _check_block(document: Document, number: int, block: Block) -> None:
    for index, rows in (
        (block.section, document.sections),
        (block.listing, document.listings),
        (block.entry, document.entries),
    ):
        assert index is None or 0 <= index < len(rows)
    # A parent stands above, and has what it is the parent of inside it. Several items may begin
    # on its line, of which an outer one may be meant.
    if block.parent is not None:
        assert block.parent < number
        parent = document.blocks[block.parent]
        assert parent.depth <= block.depth or _ITEMS_ON_A_LINE.match(parent.source)
    # Parts begin on lines of their own.
    assert list(block.parts) == sorted(set(block.parts))
    assert all(part == 0 or block.source[part - 1] in "\r\n" for part in block.parts)
    slots = [link.slot for link in block.links]
    assert slots == sorted(slots)
    for link in block.links:
        _check_slot(link.slot, len(block.source))
        if link.text_slot is not None:
            assert link.slot.start <= link.text_slot.start
            assert link.text_slot.end <= link.slot.end
            _check_slot(link.text_slot, len(block.source))


def _check_slot(slot: Slot, size: int) -> None:
    assert type(slot) is Slot
    assert 0 <= slot.start <= slot.end <= size


def _check_sections(document: Document) -> None:
    blocks = [section.block for section in document.sections]
    assert blocks == sorted(set(blocks))
    for number, section in enumerate(document.sections):
        assert document.blocks[section.block].section == number
        assert 1 <= section.level <= 6
        if section.parent is not None:
            assert section.parent < number
            assert document.sections[section.parent].level < section.level


def _check_listings(document: Document) -> None:
    for number, listing in enumerate(document.listings):
        assert listing.blocks == sorted(set(listing.blocks))
        assert all(document.blocks[block].listing == number for block in listing.blocks)
        if listing.header_block is not None:
            assert document.blocks[listing.header_block].listing == number
            assert all(listing.header_block < block for block in listing.blocks)
        if listing.parent is not None:
            assert all(listing.parent < block for block in listing.blocks)
        assert listing.name_column >= 0


def _check_entry(document: Document, number: int, entry: Entry) -> None:
    block = document.blocks[entry.block]
    source = readable(block.source)
    assert block.entry == number
    assert (entry.first_line, entry.last_line) == (block.first_line, block.last_line)
    assert (entry.section, entry.listing) == (block.section, block.listing)
    assert entry.links is block.links
    position = 0
    for cell in entry.cells:
        _check_slot(cell.slot, len(source))
        assert position <= cell.slot.start
        assert cell.text == block.source[slice(*cell.slot)].replace("\\|", "|")
        position = cell.slot.end
    is_row = bool(entry.cells)
    if entry.name_slot is not None:
        _check_slot(entry.name_slot, len(source))
        name = source[slice(*entry.name_slot)]
        shown = plain_text(name.replace("\\|", "|") if is_row else name)
        assert readable(entry.name) in {
            with_characters(shown),
            shown,
            name,
        }  # verbatim inside a code span
    if entry.url_slot is not None:
        _check_slot(entry.url_slot, len(source))
        url = source[slice(*entry.url_slot)]
        form = next(link.form for link in entry.links if link.url == entry.url)
        if form not in {LinkForm.AUTOLINK, LinkForm.BARE, LinkForm.HTML}:
            url = _ESCAPE.sub(r"\1", url)
        assert readable(entry.url) in {url, html.unescape(url), f"http://{url}", f"mailto:{url}"}
    if entry.description_slot is not None:
        _check_slot(entry.description_slot, len(source))
        results = block.source[slice(*entry.description_slot)]
        shown = unfold(results.replace("\\|", "|") if is_row else results)
        assert entry.description == ("" if is_row and shown in NO_TEXT else shown)
    for attribute in attributes_of(block.source):
        _check_slot(attribute.slot, len(source))
    slots = (entry.name_slot, entry.url_slot, entry.description_slot)
    assert entry.opaque == (slots == (None, None, None))
