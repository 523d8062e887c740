"""The line of an entry as its section shows it: what of its HTML is name, text and signs.

The HTML was sanitised when it was written: each `<` begins a tag, each value has quotes.
"""

from __future__ import annotations

import re
from functools import lru_cache
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
_OPENED = re.compile(r"<([a-z0-9]+)")
_SEPARATOR = re.compile(r"\s*(?:[-–—:：|·•]+(?=\s|<|\Z)\s*)*")
_BLOCK_ELEMENT = re.compile(r"</(?:p|li|pre|div|table|blockquote|dl)>|<hr>")
_MARKS = re.compile(r"\s*(?:<code>[^<]{1,20}</code>\s*)+(?=[-–—:：|·•]+\s)")
_SEPARATES = " \t\n-–—:：|·•"
_BETWEEN = " \t\n,|·/"


class Line(NamedTuple):
    """An entry's HTML in parts, each of them balanced."""

    head: str
    """The name, with the link to the entry's page and the one to the thing itself."""
    text: str
    """The description, '' for none."""
    signs: list[str]
    """Code spans at the end: licence, platform and the like."""


def name_linked(html: str, name: str, address: str) -> tuple[str, int] | None:
    """The HTML with its name leading to `address`, and where that link ends.

    A name that was a link has an arrow behind it that leads where that link led. None when the name
    does not stand in the HTML.
    """
    if not name:
        return None
    words = escape(name, quote=False) if _TO_BE_ESCAPED.search(name) else name
    # Most lines begin with their name; searching by patterns takes many times as long.
    end = html.find(f">{words}</a>")
    start = html.rfind("<", 0, end) if end >= 0 else -1
    if start >= 0 and html.startswith(_LINK_START, start):
        href, _quote, rest = html[start + len(_LINK_START) : end].partition('"')
        head = html[:start] + _head(words, href, rest, name, address)
        return head + html[end + len(words) + 5 :], len(head)
    if linked := _text_linked(html, words, address):
        return linked
    for link in _LINK.finditer(html):
        if _plain(link[3]) == name:
            head = html[: link.start()] + _head(link[3], link[1], link[2], name, address)
            return head + html[link.end() :], len(head)
    return None


def _head(text: str, href: str, rest: str, name: str, address: str) -> str:
    """The link to the entry's page, and to the thing itself with the `rest` of its attributes."""
    return (
        f'<a class="name" href="{address}">{text}</a>'
        f' <a class="out" href="{href}"{rest} aria-label="{_label(name, href)}">↗</a>'
    )


def _text_linked(html: str, words: str, address: str) -> tuple[str, int] | None:
    """The same for a name that is no link: its first place that is no part of a word or a tag."""
    start = html.find(words)
    while start >= 0:
        end = start + len(words)
        is_whole = not (html[start - 1 : start].isalnum() or html[end : end + 1].isalnum())
        is_text = html.rfind("<", 0, start) <= html.rfind(">", 0, start)
        if is_whole and is_text and html.rfind("<a ", 0, start) <= html.rfind("</a>", 0, start):
            head = f'{html[:start]}<a class="name" href="{address}">{words}</a>'
            return head + html[end:], len(head)
        start = html.find(words, end)
    return None


def line_of(html: str, name: str, address: str) -> Line | None:
    """The parts of an entry's inline HTML, None when it is not name first and text behind it."""
    linked = name_linked(html, name, address)
    if linked is None:
        return None
    whole, end = linked
    head, text = whole[:end], whole[end:]
    for tag in [] if head.startswith('<a class="name"') else reversed(_open_tags(head)):
        if not text.startswith(f"</{tag}>"):
            return None
        head, text = f"{head}</{tag}>", text[len(tag) + 3 :]
    if text[:3] == " - ":
        text = text[3:].lstrip()
    elif marks := _MARKS.match(text):
        # A sign of the name: "[Tool](…) `⚠` - Says what it does".
        head, text = f"{head} {marks[0].strip()}", text[marks.end() :]
    if text[:1] in _SEPARATES and (separator := _SEPARATOR.match(text)):
        text = text[separator.end() :]
    rest, signs = _codes_at_end(text)
    # One alone may be a word of the sentence: "Wraps `fetch`".
    if len(signs) == 1 and _TAG.sub("", rest[-500:])[-1:] not in ENDS_SENTENCE:
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


@lru_cache(maxsize=4096)
def entry_html(html: str, name: str, address: str) -> str:
    """An entry's HTML as its section shows it, '' where its name does not stand in it.

    In two lines where it is inline and begins with the name; kept, because a list that is edited
    has nearly all of its entries as they were.
    """
    if "</p>" in html or _BLOCK_ELEMENT.search(html):
        linked = name_linked(html, name, address)
        return f"<div{lang_attribute(html)}>{linked[0]}</div>" if linked else ""
    if line := line_of(html, name, address):
        return line_html(line, name)
    linked = name_linked(html, name, address)
    return f"<bdi{lang_attribute(html)}>{linked[0]}</bdi>" if linked else ""


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
    """Return the accessible name of a link to the thing itself."""
    plain = _PLAIN.match(href)
    host = plain[1].lower() if plain else host_of(unescape(href))
    label = f"{name[:NAME_LENGTH]}: {host}" if host else name[:NAME_LENGTH]
    return escape(label) if _TO_BE_ESCAPED.search(label) else label
