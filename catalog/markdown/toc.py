"""Anchors: the fragments GitHub gives to headings, and links that miss them.

The rule is GitHub's own, as github-slugger documents and tests it against the site: lower case,
everything but letters, marks, decimal and letter numbers, ``_``, ``-`` and spaces removed, spaces
to ``-``; nothing is trimmed, so that a leading emoji leaves a leading ``-``. CJK letters stay,
their punctuation and emoji go (but not the variation selector after an emoji, which is a mark).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

from rapidfuzz import fuzz, process

from catalog.markdown.inline import plain_text
from catalog.markdown.linting.findings import Finding, Severity, in_block, quoted
from catalog.markdown.nodes import Block, BlockKind, Document, Link

# What GitHub takes for an anchor besides headings.
_HTML_ANCHOR = re.compile(
    r"""<[a-z][^<>]*?\s(?:id|name)\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+)""", re.IGNORECASE
)
# A heading inside an item or a quote: no section, but an anchor.
_INNER_HEADING = re.compile(r"^[ \t>*+-]*(?:\d{1,9}[.)][ \t]+)?#{1,6}[ \t]+(\S.*)", re.MULTILINE)
_OF_THE_PAGE = frozenset({"", "readme", "top", "start-of-content"})
"""Fragments that GitHub's own page around the README answers."""
_PREFIX = "user-content-"

_COMPARISONS = 500_000
"""How many pairs are compared for suggestions; a broken link costs as many as there are anchors."""
_SIMILAR = 60
"""How alike of 100 a suggestion must be."""

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


def anchors_of(document: Document) -> list[str]:
    """All anchors of a document in order: of headings, and of HTML with an id or a name."""
    found = dict.fromkeys(section.anchor for section in document.sections)
    for block in document.blocks:
        source = block.source
        if "<" in source:
            for match in _HTML_ANCHOR.finditer(source):
                found.setdefault(unescape(match[1].strip("\"'")))
        if "#" in source and block.kind not in {BlockKind.HEADING, BlockKind.CODE}:
            for match in _INNER_HEADING.finditer(source):
                found.setdefault(anchor_of(plain_text(match[1].rstrip("# \t\r"))))
    return list(found)


def broken_anchors(document: Document) -> list[Finding]:
    """Links to a place in the document that is not there, with the place that may be meant.

    Case does not count, as on GitHub. A link without ``#`` that names an anchor is one too.
    """
    anchors = anchors_of(document)
    exactly = {anchor for anchor in anchors if anchor not in _OF_THE_PAGE}
    known = {anchor.casefold() for anchor in anchors} | _OF_THE_PAGE
    pictured = _beside_pictures(document)
    findings = []
    suggestions: dict[str, str] = {}
    affordable = _COMPARISONS // (len(anchors) + 1)
    for index, block, link in _links(document):
        url = link.url
        if url[0] == "#":
            fragment = unquote(url[1:]).casefold().removeprefix(_PREFIX)
            if fragment in known or fragment.strip("-") in pictured:
                continue
            if url not in suggestions:
                enough = len(suggestions) >= affordable
                suggestions[url] = "" if enough else _nearest(fragment, anchors)
            nearest = suggestions[url]
            advice = (
                f"{quoted('#' + nearest)} may be meant" if nearest else "correct it or take it out"
            )
            message = (
                f"The link {quoted(link.text or url)} leads to {quoted(url)}, "
                f"which no heading has; {advice}."
            )
            code, severity = "broken-anchor", Severity.ERROR
        elif url in exactly:
            message = (
                f"The link {quoted(link.text or url)} leads to a file named {quoted(url)}; "
                f"write {quoted('#' + url)} to lead to the heading."
            )
            code, severity = "anchor-without-hash", Severity.ERROR
        else:
            continue
        findings.append(in_block(block, index, link.slot.start, code, message, severity))
    return findings


def _links(document: Document) -> Iterator[tuple[int, Block, Link]]:
    for index, block in enumerate(document.blocks):
        for link in block.links:
            if link.url:
                yield index, block, link


def _beside_pictures(document: Document) -> set[str]:
    """Anchors of headings with a picture, ``-`` at the ends aside.

    GitHub has at times counted the space between a heading's words and a picture, at times not;
    either spelling is let pass.
    """
    sources = ((section, document.blocks[section.block].source) for section in document.sections)
    return {
        section.anchor.casefold().strip("-")
        for section, source in sources
        if "![" in source or "<" in source
    }


def _nearest(fragment: str, anchors: list[str]) -> str:
    found = process.extractOne(
        anchor_of(fragment), anchors, scorer=fuzz.ratio, score_cutoff=_SIMILAR
    )
    return found[0] if found else ""
