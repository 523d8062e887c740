"""A table's header and rows as their page shows them: which cell is the name, and how text breaks.

What a row's cells look like is decided when the row is written, and stored; only what depends on
the reader and on the page is put around them later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from catalog.rendering import lang_attribute

LONG_TEXT = 80
"""Cells of so much text are given some room, so that they do not become a narrow tower."""

TABLE_CHARACTERS = 90
"""Most characters beside each other in a table on the smallest screen that shows it as a table.

Only cells with a word too long for its share may break words anywhere: it would let the browser
squeeze all others too.
"""

SHORT = 8
"""Cells of so little text stay on one line; Chinese could break after each character."""

_TAG = re.compile(r"<[^>]*>")


class Header(NamedTuple):
    """A column of a table: what it is called, also in HTML, and whether the names stand in it."""

    text: str
    html: str
    marks: str
    """Attributes of the cells around it."""
    is_name: bool


def header(text: str, *, is_name: bool = False) -> Header:
    """The header of a column that is called so."""
    marks = lang_attribute(text) + (' class="short"' if _width(text) <= SHORT else "")
    return Header(text, escape(text), marks, is_name)


def headers(keys: Sequence[str], known: Mapping[str, Header]) -> list[Header]:
    """The headers of a table with these columns (`Listing.columns`)."""
    return [known.get(key) or header(key) for key in keys]


def cells_html(cells: Sequence[str], columns: Sequence[Header]) -> str:
    """The cells of a row, given the sanitised HTML in each, as many as the table has or more."""
    longest = TABLE_CHARACTERS // max(len(columns), 1)
    out = []
    for number, html in enumerate(cells):
        column = columns[number] if number < len(columns) else header("")
        marks = lang_attribute(html) + _fit(html, column, longest)
        if column.is_name:
            out.append(f'<th scope="row" role="rowheader"{marks}>{html}</th>')
        elif html:
            out.append(f'<td role="cell" data-label="{column.html}"{marks}>{html}</td>')
        else:
            out.append("<td></td>")
    return "".join(out) + "<td></td>" * (len(columns) - len(cells))


def _width(text: str) -> int:
    """Return the width of the text, in Latin letters."""
    return len(text) if text.isascii() else 2 * len(text)


def _fit(html: str, column: Header, longest: int) -> str:
    """Return the class by which a cell's text may break, by its length."""
    text = _TAG.sub(" ", html) if "<" in html else html
    if len(text) >= LONG_TEXT and not column.is_name:
        return ' class="text"'
    if _width(text) <= SHORT:
        return ' class="short"'
    if max(map(len, text.split()), default=0) > longest:
        return ' class="long"'
    return ""
