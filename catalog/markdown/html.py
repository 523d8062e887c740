"""Links and rows inside HTML blocks, read without a parser: found, never rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from catalog.markdown.nodes import Link, LinkForm, Slot

_ANCHOR = re.compile(r"<a\s", re.IGNORECASE)
_ANCHOR_END = re.compile(r"</a\s*>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
TAG = re.compile(r"<[^<>]*>")
_IMAGE = re.compile(r"<img\b|!\[", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_VERBATIM = re.compile(
    r"<(pre|script|style|textarea)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_HEADING = re.compile(r"<h([1-6])(?=[\s>/])[^<>]*>", re.IGNORECASE)
_HEADING_END = re.compile(r"</h[1-6]\s*>", re.IGNORECASE)
_BREAK = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)
COUNT = re.compile(r"\s*<kbd\b[^<>]*>[^<>]*\d[^<>]*</kbd\s*>", re.IGNORECASE)
"""A number beside a title, which is no part of it: `<kbd>5 projects</kbd>`."""
# What keeps the lines of one row together: only what is closed again can straddle lines.
_NESTING = re.compile(r"<(/?)(tr|a|li)\b", re.IGNORECASE)


def blank_out(source: str) -> str:
    """The source with comments and verbatim elements as spaces, so that offsets stay."""
    if "<!--" in source:
        source = _COMMENT.sub(lambda match: " " * len(match[0]), source)
    if _VERBATIM.search(source):
        source = _VERBATIM.sub(lambda match: " " * len(match[0]), source)
    return source


def html_links(source: str, *, base: int = 0) -> Iterator[Link]:
    """The ``<a href>`` elements of an HTML fragment, in order; offsets count from `base`.

    Comments, ``<pre>``, ``<script>`` and ``<style>`` hold none. Linear in the source: an element
    that is never closed ends the search.
    """
    source = blank_out(source)
    position = 0
    while start := _ANCHOR.search(source, position):
        opened = source.find(">", start.end())
        if opened < 0:
            return
        closed = _ANCHOR_END.search(source, opened)
        if not closed:
            return
        position = closed.end()
        href = _HREF.search(source, start.end(), opened)
        if not href:
            continue
        inner = source[opened + 1 : closed.start()]
        text = " ".join(unescape(TAG.sub("", inner)).split())
        yield Link(
            text=text,
            url=unescape(href[1].strip("\"'").strip()),
            form=LinkForm.HTML,
            slot=Slot(base + start.start(), base + closed.end()),
            text_slot=Slot(base + opened + 1, base + closed.start()),
            is_image_only=not text and bool(_IMAGE.search(inner)),
        )


class HtmlHeading(NamedTuple):
    """An ``<h1>`` to ``<h6>``; `end` is where its end tag ends, or None if it is not closed here.

    `inner` is the HTML between the tags, as far as it stands here.
    """

    level: int
    start: int
    end: int | None
    inner: str


def html_headings(source: str) -> Iterator[HtmlHeading]:
    """The headings of an HTML fragment, in order. The next one ends a heading that is open."""
    if not _HEADING.search(source):
        return
    source = blank_out(source)
    matched = _HEADING.search(source)
    while matched:
        following = _HEADING.search(source, matched.end())
        limit = following.start() if following else len(source)
        closed = _HEADING_END.search(source, matched.end(), limit)
        end = closed.end() if closed else limit if following else None
        inner = source[matched.end() : closed.start() if closed else limit]
        yield HtmlHeading(int(matched[1]), matched.start(), end, inner)
        matched = following


def heading_end(source: str) -> re.Match[str] | None:
    """The first end tag of a heading in HTML or markdown."""
    return _HEADING_END.search(source)


def html_text(source: str) -> str:
    """The text content of an HTML fragment, blanks and line ends as they are."""
    return unescape(TAG.sub("", source))


def html_title(source: str) -> str:
    """Return the text that a reader sees of a heading's HTML, on one line; of pictures alone their
    text."""
    source = COUNT.sub("", source)
    text = " ".join(html_text(_BREAK.sub(" ", source)).split())
    return text or " ".join(unescape(alt[1][1:-1]) for alt in _ALT.finditer(source)).strip()


def html_units(lines: list[str]) -> list[tuple[int, int]]:
    """Cut the lines of an HTML block into the smallest runs that keep their elements together.

    Returns pairs of line indexes, end exclusive. A table row, a list item and a link stay in one
    piece, a paragraph does not: many lists are one paragraph with a line for each entry. An
    element that is never closed ends with the block.
    """
    units = []
    start = offset = 0
    depth: dict[str, int] = {}
    source = blank_out("".join(lines))
    for number, line in enumerate(lines):
        for tag in _NESTING.finditer(source, offset, offset + len(line)):
            closing, name = tag[1], tag[2].lower()
            level = depth.get(name, 0) + (-1 if closing else 1)
            # HTML closes a list item by itself where the next one starts.
            depth[name] = min(max(level, 0), 1) if name == "li" else max(level, 0)
        offset += len(line)
        if not any(depth.values()):
            units.append((start, number + 1))
            start = number + 1
    if start < len(lines):
        units.append((start, len(lines)))
    return units
