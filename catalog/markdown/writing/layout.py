"""Layout: lines of items, rows of tables, and the ways to write a value into them."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from catalog.markdown.fields import paragraph_end
from catalog.markdown.grouping import item_start
from catalog.markdown.inline import SURROGATE
from catalog.markdown.nodes import Cell, Entry, ListingKind, Slot, match_end
from catalog.markdown.parser import split_lines
from catalog.markdown.tables import read_cells

_CLOSING = re.compile(r"[*_~`)\]）】」』》”’»]*")
_HARD_BREAK = re.compile(r"(?:[ \t]*(?:\\|<br ?/?>))+[ \t]*\Z|[ \t]+\Z", re.IGNORECASE)
_QUOTES = re.compile(r"(?:[ \t]*>)*[ \t]*")
_NUMBER = re.compile(r"([ \t>]*)(\d{1,9})(?=[.)](?:[ \t\r\n]|\Z))")
_MARKER = re.compile(r"[ \t>]*(?:([-*+])|\d{1,9}([.)]))(?=[ \t\r\n]|\Z)")
_TAB = 4


def content_slot(source: str, kind: ListingKind) -> Slot:
    """The first paragraph of an item, or a line up to its hard break, without its prefix."""
    if kind is ListingKind.LIST:
        start = item_start(source)
        return Slot(start, paragraph_end(source, start))
    end = len(source.rstrip("\r\n")) - len(hard_break(source))
    return Slot(len(quotes(source)), end)


def quotes(source: str) -> str:
    """The quote marks and blanks that a line begins with."""
    return source[: match_end(_QUOTES, source)]


def hard_break(source: str) -> str:
    """Return the hard break at the end of a line: two blanks, a backslash or ``<br>``."""
    match = _HARD_BREAK.search(source.rstrip("\r\n"))
    return match[0] if match else ""


def before_separator(entry: Entry, source: str, slot: Slot) -> int:
    """Return where the separator between description and what is before it begins."""
    ends = [link.slot.end for link in entry.links if link.slot.end <= slot.start]
    if entry.name_slot and entry.name_slot.end <= slot.start:
        ends.append(entry.name_slot.end)
    start = max(ends, default=slot.start)
    return match_end(_CLOSING, source, start, slot.start)


# Items


def number_of(source: str) -> int | None:
    """The number of an item of an ordered list."""
    match = _NUMBER.match(source)
    return int(match[2]) if match else None


def with_number(prefix: str, number: int) -> str:
    """An item's prefix with another number."""
    return _NUMBER.sub(rf"\g<1>{number}", prefix, count=1)


def marker_of(source: str) -> str:
    """Return the marker that tells an item's list from the next one: ``-``, ``*``, ``+``, ``.`` or
    ``)``."""
    match = _MARKER.match(source)
    return (match[1] or match[2]) if match else ""


def item_prefix(source: str) -> str:
    """An item's indent, marker and the blanks behind it; a task's box is content."""
    end = content_slot(source, ListingKind.LIST).start
    head = source[:end]
    box = head.find("[")
    return head[:box] if box >= 0 else head


def reindent(source: str, from_prefix: str, to_prefix: str, *, is_head: bool = False) -> str:
    """A block's lines moved from the content of one item to that of another.

    With `is_head` the first line begins with the prefix itself and gets the other. Lines that are
    indented less than the item's content, and blank ones, stay as they are.
    """
    lines = split_lines(source)
    moved = []
    from_quotes, from_width = _quotes_and_width(from_prefix)
    to_quotes, to_width = _quotes_and_width(to_prefix)
    for number, line in enumerate(lines):
        if is_head and number == 0:
            moved.append(to_prefix + line[len(from_prefix) :])
            continue
        body = line[len(from_quotes) :] if line.startswith(from_quotes) else None
        if body is None or (not body.strip() and not from_quotes and not to_quotes):
            moved.append(line)
            continue
        rest = _unindent(body, from_width)
        moved.append(line if rest is None else f"{to_quotes}{' ' * to_width}{rest}")
    return "".join(moved)


def _quotes_and_width(prefix: str) -> tuple[str, int]:
    """The quote marks in front of an item, and how far its content is from them, in columns."""
    cut = prefix.rfind(">") + 1
    return prefix[:cut], len(prefix[cut:].expandtabs(_TAB))


def _unindent(line: str, width: int) -> str | None:
    """The line without so many columns of indent, None if it has less."""
    column = 0
    for index, char in enumerate(line):
        if column >= width:
            return " " * (column - width) + line[index:]
        if char == " ":
            column += 1
        elif char == "\t":
            column += _TAB - column % _TAB
        elif char in "\r\n":
            return line[index:]
        else:
            return None
    return ""


# Rows of tables: one cell at a time, the others untouched, nothing reflowed


_BLANKS = " \t"


class WidthRule(StrEnum):
    """The rule by which a table was aligned: how characters were counted."""

    CHARACTERS = "characters"
    COLUMNS = "columns"
    """East Asian wide characters count twice, combining ones not at all."""


def text_width(text: str, rule: WidthRule) -> int:
    """The width of a text by a rule, in characters or in columns of a terminal."""
    if rule is WidthRule.CHARACTERS or text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


class Region(NamedTuple):
    """A cell with its padding: `start` and `end` are next to the pipes, the text is between."""

    start: int
    text_start: int
    text_end: int
    end: int


def cell_regions(source: str, cells: Sequence[Cell] | None = None) -> list[Region]:
    """Return the regions of a row's `cells`, read where they are not given, padding included."""
    regions = []
    for _text, first, last in read_cells(source) if cells is None else cells:
        start, end = first, last
        while start and source[start - 1] in _BLANKS:
            start -= 1
        if first != last:
            while end < len(source) and source[end] in _BLANKS:
                end += 1
        if end < len(source) and source[end] != "|":
            end = last  # Blanks at the end of a row without a closing pipe are no padding.
        regions.append(Region(start, first, last, end))
    return regions


def escape_cell(markdown: str) -> str:
    """Inline markdown as it has to stand in a cell.

    A backslash directly in front of a pipe always goes with it, so this can be undone exactly.
    """
    return markdown.replace("|", "\\|")


def put_cell(
    source: str,
    index: int,
    text: str,
    *,
    width: int | None = None,
    rule: WidthRule = WidthRule.CHARACTERS,
) -> str:
    """The row with the text of one cell replaced; `text` is escaped already.

    The cell keeps the width between its pipes, or takes the `width` of its column, where the text
    fits; otherwise it overflows.
    """
    regions = cell_regions(source)
    start, text_start, text_end, end = regions[index]
    left, right = source[start:text_start], source[text_end:end]
    is_open = source[end : end + 1] != "|"
    if text_start == text_end:
        margin = " " if _has_padding(source, regions) else ""
        left = right = margin
    elif text_start > start or text_end < end:
        margin = " "
    else:
        margin = ""
    old = text_width(source[start:end], rule)
    is_padded = text_start == text_end or len(left) > 1 or len(right) > 1
    target = old if is_padded else 0
    if width is not None and (old >= width or not is_padded or text_start == text_end):
        target = width
    if not text and (is_open or source[:start].strip(" \t>") == ""):
        # An empty cell needs its pipe on the side where the row has none.
        return f"{source[:start]}{' |' if is_open else '|  '}{source[end:]}"
    if is_open:
        return source[:start] + left + text + source[text_end:]
    used = text_width(text, rule)
    if text.endswith("\\") and not margin:
        margin = " "  # It would escape the pipe.
    if len(left) > 1 >= len(right):  # aligned to the right
        right = right or margin
        left = " " * max(target - used - len(right), len(margin))
    else:
        spare = target - used - len(left)
        if spare < len(margin):
            left = " " * max(len(left) + spare - len(margin), min(len(margin), len(left)))
            spare = target - used - len(left)
        right = " " * max(spare, len(margin))
    if not text and not left + right:
        left = " " * min(target, 1)
    return source[:start] + left + text + right + source[end:]


def _has_padding(source: str, regions: Sequence[Region]) -> bool:
    """Whether a row has blanks between its pipes and its texts."""
    filled = [region for region in regions if region.text_start < region.text_end] or regions
    return any(cell.start < cell.text_start or cell.text_end < cell.end for cell in filled)


def add_cells(source: str, count: int) -> str:
    """The row with empty cells put at its end until it has `count`."""
    missing = count - len(read_cells(source))
    if missing <= 0:
        return source
    body = source.rstrip(" \t\r\n")
    closing = "" if body.endswith("|") and not body.endswith("\\|") else " |"
    cell = "  |" if _has_padding(source, cell_regions(source)) else "|"
    return body + closing + cell * missing + source[len(source.rstrip("\r\n")) :]


_FEWEST = 2
"""Cells of a row that shows by its pipes that it is one."""


def make_row(
    cells: Sequence[str],
    *,
    head: str = "",
    is_closed: bool = True,
    is_opened: bool = True,
    padding: str = " ",
    widths: Sequence[int | None] = (),
    rule: WidthRule = WidthRule.CHARACTERS,
) -> str:
    """A row of cells that are escaped already, without its line ending.

    `head` is what stands before the first pipe; `widths` are those between the pipes, by column.
    """
    parts = []
    if not is_closed and len(cells) > _FEWEST and not cells[-1]:
        # The pipe before a last cell that is empty ends the row as well.
        cells, is_closed = cells[:-1], True
    for number, cell in enumerate(cells):
        tail = padding or (" " if cell.endswith("\\") else "")
        text = f"{padding}{cell}{tail}"
        width = widths[number] if number < len(widths) else None
        if width is not None:
            text += " " * (width - text_width(text, rule))
        parts.append(text)
    row = "|".join(parts)
    # Without its pipe an empty first or last cell would be none.
    opening = "|" if is_opened or not cells[0] else ""
    closing = "|" if is_closed or not cells[-1] else ""
    if not opening:
        row = row.lstrip(_BLANKS)
    if not closing:
        row = row.rstrip(_BLANKS)
    return f"{head}{opening}{row}{closing}"


class CodecError(ValueError):
    """A value or a change that cannot be written exactly.

    `code` is stable and names the sentence (`catalog/sentences.py`); `values` are what the
    sentence mentions. `field` is what it is about: ``name``, ``url``, ``description``, ``title``,
    ``cell 2`` (counted from 1), or ``source`` for the lines as a whole.
    """

    def __init__(self, code: str, field: str, **values: str | int) -> None:
        super().__init__(code, field, values)
        self.code = code
        self.field = field
        self.values = values


# Ways to write a value so that it reads back as it is, the plainest first. Which of them
# does is for the parser to say (`slots.py`); nothing here has to be complete.


_STRUCTURE = re.compile(r"[\\`\[\]<]")
_INLINE = re.compile(r"[\\`*_\[\]<>~&!]")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{}~]")
"""All ASCII punctuation but the pipe, which means nothing outside of tables."""
_ENTITY = re.compile(r"&(?=#?\w+;)")
_IN_ANGLES = re.compile(r"[\\<>]")
_IN_PARENTHESES = re.compile(r"[\\()<>]")
_WIDE_BLANKS = re.compile(r"[ \t]{2,}|\t")
_LINE_BREAK = re.compile("[\n\v\f\r\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def text_forms(text: str) -> Iterator[str]:
    """Plain text as inline markdown: raw, with structure escaped, with all markup, with all."""
    yield text
    yield _STRUCTURE.sub(r"\\\g<0>", text)
    yield _INLINE.sub(r"\\\g<0>", text)
    yield _PUNCTUATION.sub(r"\\\g<0>", text)


def html_forms(text: str) -> Iterator[str]:
    """Plain text for HTML, content or attribute."""
    yield text
    yield html.escape(text)


def destination_forms(url: str) -> Iterator[str]:
    """A link's destination without angle brackets."""
    yield url
    yield _ENTITY.sub("&amp;", url)
    yield _ENTITY.sub("&amp;", _IN_PARENTHESES.sub(r"\\\g<0>", url))


def bracketed_forms(url: str) -> Iterator[str]:
    """A link's destination between angle brackets, which are not part of it here."""
    yield url
    yield _ENTITY.sub("&amp;", url)
    yield _ENTITY.sub("&amp;", _IN_ANGLES.sub(r"\\\g<0>", url))


def one_line(value: str, field: str) -> str:
    """A value without blanks around it and with single ones inside; tabs count as blanks.

    Blanks of other kinds (no-break, ideographic) stay as they are. Raises `CodecError` for what
    cannot stand on one line of a text file.
    """
    if _LINE_BREAK.search(value):
        in_cell = field.startswith("cell")
        raise CodecError("line-break-in-cell" if in_cell else "line-break", field)
    if _CONTROL.search(value):
        raise CodecError("control-character", field)
    if SURROGATE.search(value):
        raise CodecError("surrogate", field)
    return value.strip(" \t")


def single_blanks(value: str) -> str:
    """Runs of blanks folded to one each, as markdown shows them."""
    return _WIDE_BLANKS.sub(" ", value)
