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

_LINK_START = '<a href="'
_PLAIN = re.compile(r"https?://(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)[/?#]?", re.IGNORECASE)
"""The beginning of an address whose host can be read off: nearly all."""
_LINK = re.compile(r'<a href="([^"]*)"([^>]*)>(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_TO_BE_ESCAPED = re.compile("[&<>\"']")
_PIECE = re.compile(r"(<[^>]*>)")
_OPENED = re.compile(r"<([a-z0-9]+)")
_SEPARATOR = re.compile(r"\s*(?:[-–—:：|·•]+(?=\s|<|\Z)\s*)*")
_MARKS = re.compile(r"\s*(?:<code>[^<]{1,20}</code>\s*)+(?=[-–—:：|·•]+\s)")
_BETWEEN = " \t\n,|·/"


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
    if html.startswith(_LINK_START):
        # Most: the line begins with its name.
        start, end = html.find(">"), html.find("</a>")
        if html[start + 1 : end] == name:
            href, _quote, rest = html[len(_LINK_START) : start].partition('"')
            head = _head(name, href, rest, name, address)
            return head + html[end + 4 :], len(head)
    for link in _LINK.finditer(html):
        if _plain(link[3]) == name:
            head = html[: link.start()] + _head(link[3], link[1], link[2], name, address)
            return head + html[link.end() :], len(head)
    return _text_linked(html, name, address)


def _head(text: str, href: str, rest: str, name: str, address: str) -> str:
    """The link to the entry's page, and to the thing itself with the `rest` of its attributes."""
    return (
        f'<a class="name" href="{address}">{text}</a>'
        f' <a class="out" href="{href}"{rest} aria-label="{_label(name, href)}">↗</a>'
    )


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
    for tag in [] if head.startswith("<a") else reversed(_open_tags(head)):
        if not text.startswith(f"</{tag}>"):
            return None
        head, text = f"{head}</{tag}>", text[len(tag) + 3 :]
    if text[:3] == " - ":
        text = text[3:].lstrip()
    elif marks := _MARKS.match(text):
        # A sign of the name: "[Tool](…) `⚠` - Says what it does".
        head, text = f"{head} {marks[0].strip()}", text[marks.end() :]
    if separator := _SEPARATOR.match(text):
        text = text[separator.end() :]
    rest, signs = _codes_at_end(text)
    # One alone may be a word of the sentence: "Wraps `fetch`".
    if len(signs) == 1 and _TAG.sub("", rest)[-1:] not in ENDS_SENTENCE:
        return Line(head, text, [])
    return Line(head, rest, signs)


def _codes_at_end(text: str) -> tuple[str, list[str]]:
    """The text without the code spans that it ends in, and these in order."""
    signs: list[str] = []
    rest = text.rstrip(". ")
    while rest.endswith("</code>") and len(signs) < MOST:
        start = rest.rfind("<code>")
        signs.append(rest[start:])
        rest = rest[:start].rstrip(_BETWEEN)
    return (rest, signs[::-1]) if signs else (text, [])


def line_html(line: Line, name: str) -> str:
    """The parts as one row: the name, its signs at the edge, the text below."""
    signs = f'<p class="signs">{" ".join(line.signs)}</p>' if line.signs else ""
    text = f"<p><bdi{lang_attribute(line.text)}>{line.text}</bdi></p>" if line.text else ""
    head = f"<p><bdi{lang_attribute(name)}>{line.head}</bdi></p>"
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
    plain = _PLAIN.match(href)
    host = plain[1].lower() if plain else host_of(unescape(href))
    label = f"{name[:NAME_LENGTH]}: {host}" if host else name[:NAME_LENGTH]
    return escape(label) if _TO_BE_ESCAPED.search(label) else label
