"""Writing into a row of a table: one cell at a time, the others untouched, nothing reflowed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from catalog.markdown.entries import split_row

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


def cell_regions(source: str) -> list[Region]:
    """Return the regions of a row's cells, padding included."""
    regions = []
    for first, last in split_row(source):
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
    return any(
        region.start < region.text_start < region.text_end or region.text_end < region.end
        for region in regions
    )


def add_cells(source: str, count: int) -> str:
    """The row with empty cells put at its end until it has `count`."""
    missing = count - len(split_row(source))
    if missing <= 0:
        return source
    body = source.rstrip(" \t\r\n")
    closing = "" if body.endswith("|") and not body.endswith("\\|") else " |"
    cell = "  |" if _has_padding(source, cell_regions(source)) else "|"
    return body + closing + cell * missing + source[len(source.rstrip("\r\n")) :]


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
