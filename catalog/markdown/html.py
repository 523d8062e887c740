"""Links and rows inside HTML blocks, read without a parser: found, never rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from catalog.markdown.nodes import Link, LinkForm, Slot

_ANCHOR = re.compile(r"<a\s", re.IGNORECASE)
_ANCHOR_END = re.compile(r"</a\s*>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_IMAGE = re.compile(r"<img\b|!\[", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_VERBATIM = re.compile(
    r"<(pre|script|style|textarea)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
# What keeps the lines of one row together: only what is closed again can straddle lines.
_NESTING = re.compile(r"<(/?)(tr|a|li)\b", re.IGNORECASE)


def _blank_out(source: str) -> str:
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
    source = _blank_out(source)
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
        text = " ".join(unescape(_TAG.sub("", inner)).split())
        yield Link(
            text=text,
            url=unescape(href[1].strip("\"'").strip()),
            form=LinkForm.HTML,
            slot=Slot(base + start.start(), base + closed.end()),
            text_slot=Slot(base + opened + 1, base + closed.start()),
            is_image_only=not text and bool(_IMAGE.search(inner)),
        )


def html_units(lines: list[str]) -> list[tuple[int, int]]:
    """Cut the lines of an HTML block into the smallest runs that keep their elements together.

    Returns pairs of line indexes, end exclusive. A table row, a list item and a link stay in one
    piece, a paragraph does not: many lists are one paragraph with a line for each entry. An
    element that is never closed ends with the block.
    """
    units = []
    start = offset = 0
    depth: dict[str, int] = {}
    source = _blank_out("".join(lines))
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
