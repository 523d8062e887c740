"""Anchors: the fragments that GitHub gives to headings.

The rule is GitHub's own, as github-slugger documents and tests it against the site: lower case,
everything but letters, marks, decimal and letter numbers, ``_``, ``-`` and spaces removed, spaces
to ``-``; nothing is trimmed, so that a leading emoji leaves a leading ``-``. CJK letters stay,
their punctuation and emoji go (but not the variation selector after an emoji, which is a mark).
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape

from catalog.markdown.inline import plain_text
from catalog.markdown.nodes import BlockKind, Document

# What GitHub takes for an anchor besides headings.
_HTML_ANCHOR = re.compile(
    r"""<[a-z][^<>]*?\s(?:id|name)\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""", re.IGNORECASE
)
# A heading inside an item or a quote: no section, but an anchor.
_INNER_HEADING = re.compile(r"^[ \t>*+-]*(?:\d{1,9}[.)][ \t]+)?#{1,6}[ \t]+(\S.*)", re.MULTILINE)

_ANCHOR_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"})
# Circled and squared Latin letters are symbols by category and letters by GitHub's \p{Word}.
_ALPHABETIC_SYMBOLS = frozenset(
    map(chr, (*range(0x24B6, 0x24EA), *range(0x1F130, 0x1F14A), *range(0x1F150, 0x1F16A),
              *range(0x1F170, 0x1F18A)))
)  # fmt: skip


class _Table(dict[int, str]):
    """Replacements of characters by code point, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character == " ":
            replacement = "-"
        elif (
            character == "-"
            or unicodedata.category(character) in _ANCHOR_CATEGORIES
            or character in _ALPHABETIC_SYMBOLS
        ):
            replacement = character
        else:
            replacement = ""
        self[code] = replacement
        return replacement


_TABLE = _Table()


def anchor_of(title: str) -> str:
    """The fragment of a heading by its plain text, without the `-1` of a repeated one.

    '' when nothing is left.
    """
    return title.lower().translate(_TABLE)


class Anchors:
    """The anchors of one document, headings in order: repeated ones are numbered."""

    def __init__(self) -> None:
        self._uses: dict[str, int] = {}

    def add(self, title: str) -> str:
        """The anchor of the next heading: `tools`, then `tools-1`, `tools-2`, each never twice."""
        base = anchor = anchor_of(title)
        uses = self._uses
        while anchor in uses:
            uses[base] += 1
            anchor = f"{base}-{uses[base]}"
        uses[anchor] = 0
        return anchor


def anchors_of(document: Document) -> list[str]:
    """All anchors of a document in order: of headings, and of HTML with an id or a name."""
    anchors = dict.fromkeys(section.anchor for section in document.sections)
    for block in document.blocks:
        source = block.source
        if "<" in source:
            for match in _HTML_ANCHOR.finditer(source):
                anchors.setdefault(unescape(match[1].strip("\"'")))
        if "#" in source and block.kind not in {BlockKind.HEADING, BlockKind.CODE}:
            for match in _INNER_HEADING.finditer(source):
                anchors.setdefault(anchor_of(plain_text(match[1].rstrip("# \t\r"))))
    return list(anchors)
