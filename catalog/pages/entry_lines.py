"""The line of an entry as its section shows it: what of its HTML is name, text and signs.

The HTML was sanitised when it was written: each `<` begins a tag, each value has quotes.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import NamedTuple

from catalog.markdown.attributes import ENDS_SENTENCE, MOST
from catalog.markdown.links import host_of
from catalog.rendering.languages import lang_attribute

NAME_LENGTH = 120
"""Characters of a name in the label of a link."""

_LINK = re.compile(r'<a href="([^"]*)"([^>]*)>(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_PIECE = re.compile(r"(<[^>]*>)")
_OPENED = re.compile(r"<([a-z0-9]+)")
_SEPARATOR = re.compile(r"\s*(?:[-–—:：|·•]+(?=\s|<|\Z)\s*)*")
_MARKS = re.compile(r"\s*(?:<code>[^<]{1,20}</code>\s*)+(?=[-–—:：|·•]+\s)")
_CODES = re.compile(r"(?:[\s,|·/]*<code>[^<]{1,80}</code>)+[\s.]*\Z")
_CODE = re.compile(r"<code>[^<]*</code>")


class Line(NamedTuple):
    """An entry's HTML in parts, each of them balanced."""

    head: str
    """The name, with the link to the entry's page and the one to the thing itself."""
    text: str
    """What is said about it, '' for nothing."""
    signs: list[str]
    """Code spans at the end: licence, platform and the like."""


def name_linked(html: str, name: str, address: str) -> tuple[str, int] | None:
    """The HTML with its name leading to `address`, and where that link ends.

    A name that was a link has an arrow behind it that leads where that link led. None when the name
    does not stand in the HTML.
    """
    for link in _LINK.finditer(html):
        if _plain(link[3]) == name:
            href, rest, text = link.groups()
            before = f'{html[: link.start()]}<a class="name" href="{address}">{text}</a>'
            before += f' <a class="out" href="{href}"{rest} aria-label="{_label(name, href)}">↗</a>'
            return before + html[link.end() :], len(before)
    return _text_linked(html, name, address)


def _text_linked(html: str, name: str, address: str) -> tuple[str, int] | None:
    """The same for a name that is no link."""
    if not name:
        return None
    words = re.compile(rf"(?<!\w){re.escape(escape(name, quote=False))}(?!\w)")
    at = links = 0
    for piece in _PIECE.split(html):
        if piece[:1] == "<":
            links += (piece[:2] == "<a") - (piece == "</a>")
        elif not links and (match := words.search(piece)):
            start, end = at + match.start(), at + match.end()
            before = f'{html[:start]}<a class="name" href="{address}">{html[start:end]}</a>'
            return before + html[end:], len(before)
        at += len(piece)
    return None


def line_of(html: str, name: str, address: str) -> Line | None:
    """The parts of an entry's inline HTML, None when it is not name first and text behind it."""
    linked = name_linked(html, name, address)
    if linked is None:
        return None
    whole, end = linked
    head, text = whole[:end], whole[end:]
    for tag in reversed(_open_tags(head)):
        if not text.startswith(f"</{tag}>"):
            return None
        head, text = f"{head}</{tag}>", text[len(tag) + 3 :]
    if marks := _MARKS.match(text):
        # A sign of the name: "[Tool](…) `⚠` - Says what it does".
        head, text = f"{head} {marks[0].strip()}", text[marks.end() :]
    if separator := _SEPARATOR.match(text):
        text = text[separator.end() :]
    signs: list[str] = []
    if codes := _CODES.search(text):
        spans = _CODE.findall(codes[0])
        before = _TAG.sub("", text[: codes.start()]).rstrip()
        # One alone may be a word of the sentence: "Wraps `fetch`".
        if len(spans) <= MOST and (len(spans) > 1 or before[-1:] in ENDS_SENTENCE):
            text, signs = text[: codes.start()].rstrip(), spans
    return Line(head, text, signs)


def line_html(line: Line) -> str:
    """The parts as one row: the name, its signs at the edge, the text below."""
    signs = f'<p class="signs">{" ".join(line.signs)}</p>' if line.signs else ""
    text = f"<p><bdi{lang_attribute(line.text)}>{line.text}</bdi></p>" if line.text else ""
    head = f"<p><bdi{lang_attribute(line.head)}>{line.head}</bdi></p>"
    return f'<div class="line">{head}{signs}{text}</div>'


def _open_tags(html: str) -> list[str]:
    """The elements that begin in the HTML and do not end in it, the outermost first."""
    opened: list[str] = []
    for tag in _TAG.findall(html):
        if tag[1] == "/":
            opened.pop()
        elif (match := _OPENED.match(tag)) and match[1] not in {"br", "wbr", "hr"}:
            opened.append(match[1])
    return opened


def _plain(html: str) -> str:
    text = unescape(_TAG.sub("", html)) if "<" in html or "&" in html else html
    return " ".join(text.split())


def _label(name: str, href: str) -> str:
    """What a link to the thing itself is called by those who cannot see where it stands."""
    host = host_of(unescape(href))
    return escape(f"{name[:NAME_LENGTH]}: {host}" if host else name[:NAME_LENGTH])
