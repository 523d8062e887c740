"""Anchors: the fragments GitHub gives to headings.

The rule is GitHub's own, as github-slugger documents and tests it against the site: lower case,
everything but letters, marks, decimal and letter numbers, ``_``, ``-`` and spaces removed, spaces
to ``-``; nothing is trimmed, so that a leading emoji leaves a leading ``-``. CJK letters stay,
their punctuation and emoji go (but not the variation selector after an emoji, which is a mark).
"""

from __future__ import annotations

import unicodedata

_KEPT = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"})
# Circled and squared Latin letters are symbols by category and letters by GitHub's \p{Word}.
_ALPHABETIC_SYMBOLS = frozenset(
    map(chr, (*range(0x24B6, 0x24EA), *range(0x1F130, 0x1F14A), *range(0x1F150, 0x1F16A),
              *range(0x1F170, 0x1F18A)))
)  # fmt: skip


class _Table(dict[int, str]):
    """What each character becomes, by code point; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character == " ":
            kept = "-"
        elif (
            character == "-"
            or unicodedata.category(character) in _KEPT
            or character in _ALPHABETIC_SYMBOLS
        ):
            kept = character
        else:
            kept = ""
        self[code] = kept
        return kept


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
