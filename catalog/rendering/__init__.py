"""Rendering of blocks and cells to HTML that is safe in a page (`html`).

Here are the language of a text, the marks before it, and the cells of a table's rows: what those
look like is decided when the row is written, and stored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")

_SEPARATOR = re.compile(r"\s+[-–—:：|·•]+\s+")
_LEADING = re.compile(r"\s*[-–—:：|·•]+(?:\s+|(?=[^\x00-\x7f]|<a |[A-Z]\w))")
"""A separator with nothing before it; `-v` and `:books:` begin with none."""
_MARK = re.compile(
    r"<code>[^<]{1,20}</code>|\((?:<[^>]*>|[^()<]){1,200}\)|:[a-z0-9_+-]+:|<[^>]*>|[^\w<]"
)
_MARKS_LENGTH = 400


def lang_of(text: str) -> str:
    """The `lang` of a text with Chinese, Japanese or Korean in it, '' for everything else."""
    if text.isascii():
        return ""
    if _KANA.search(text):
        return "ja"
    if _HANGUL.search(text):
        return "ko"
    return "zh" if _HAN.search(text) else ""


def lang_attribute(text: str) -> SafeString:
    """The attribute for an element around the text, with a space before it, or ''."""
    lang = lang_of(text)
    # Made of constants alone.
    return SafeString(f' lang="{lang}"' if lang else "")


def split_marks(html: str) -> tuple[str, str]:
    """The marks that stand before a description, and what is behind the separator after them:
    `⚠ - Says what it does`; '' and all behind the first separator where there are none.

    Marks are signs, short code, and what is in parentheses.
    """
    if leading := _LEADING.match(html):
        html = html[leading.end() :]
    separator = _SEPARATOR.search(html, 0, _MARKS_LENGTH)
    if separator is None:
        return "", html
    before = html[: separator.start()].strip()
    is_whole = before.count("<") == 2 * before.count("</")
    if not before or not is_whole or _MARK.sub("", before):
        return "", html
    return before, html[separator.end() :]


def without_separator(html: str) -> str:
    """A description as it is shown: its marks, if it has any, are followed by its text."""
    return " ".join(filter(None, split_marks(html)))


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
            out.append(f'<th scope="row"{marks}>{html}</th>')
        elif html:
            out.append(f'<td data-label="{column.html}"{marks}>{html}</td>')
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
