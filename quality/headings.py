"""The headings of a list as GitHub shows them: by its own parser, and its rule for anchors."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from html.parser import HTMLParser
from typing import NamedTuple

import cmarkgfm
from cmarkgfm.cmark import Options

_FRONT_MATTER = re.compile(r"\A---\r?\n.*?\r?\n---\r?\n", re.DOTALL)
_LEVEL = re.compile(r"h([1-6])\Z")
_APART = {"blockquote", "table"}
"""Elements whose headings have an anchor and are no sections."""


def _stays(char: str) -> bool:
    """Whether a character stands in an anchor: letters, marks and numbers do."""
    category = unicodedata.category(char)
    return char in "- " or category[0] in "LMN" or category == "Pc"


class Heading(NamedTuple):
    """Level and anchor."""

    level: int
    anchor: str


def headings_of(text: str) -> Counter[Heading]:
    """The headings that have something below them."""
    html = cmarkgfm.github_flavored_markdown_to_html(
        _FRONT_MATTER.sub("", text.removeprefix("\ufeff")), options=Options.CMARK_OPT_UNSAFE
    )
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Counter(reader.headings)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.headings: list[Heading] = []
        self._used: set[str] = set()
        self._apart = 0
        self._level = 0
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._apart += tag in _APART
        if level := _LEVEL.match(tag):
            self._end()
            self._level, self._text = int(level[1]), ""

    def handle_endtag(self, tag: str) -> None:
        self._apart -= tag in _APART
        if _LEVEL.match(tag):
            self._end()

    def handle_data(self, data: str) -> None:
        self._text += data

    def close(self) -> None:
        super().close()
        self._end()

    def _end(self) -> None:
        if not self._level:
            return
        anchor = "".join(filter(_stays, self._text.lower())).replace(" ", "-")
        number, unique = 0, anchor
        while unique in self._used:
            number += 1
            unique = f"{anchor}-{number}"
        self._used.add(unique)
        if not self._apart:
            self.headings.append(Heading(self._level, unique))
        self._level = 0
