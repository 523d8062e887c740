"""Plain text of inline markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pyromark import Options, events

_MARKUP = re.compile(r"[*_`\[\]<>&!\\~]|\s\s|[\r\n]")
# Without its definition the parser would take it for text.
_IMAGE_BY_REFERENCE = re.compile(r"!\[([^\[\]]*)\]\[[^\[\]]*\]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_OPTIONS = Options.ENABLE_STRIKETHROUGH


def readable(text: str) -> str:
    """The text for a parser that reads UTF-8, which has no lone surrogates.

    A character as wide in bytes stands in for each, so that offsets stay true.
    """
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def plain_text(markdown: str, *, alt: bool = False) -> str:
    """The text a reader sees, on one line with single spaces.

    HTML tags vanish, links give their text, pictures nothing, or their alternative text when
    `alt` is set.
    """
    if not _MARKUP.search(markdown):
        return markdown.strip()
    if "![" in markdown:
        markdown = _IMAGE_BY_REFERENCE.sub(r"![\1](.)", markdown)
    words: list[str] = []
    images = 0
    # A no-break space in front keeps a leading sign from starting a list or a heading, and
    # unlike a letter leaves emphasis what it is.
    stream: Iterator[Any] = events("\u00a0" + readable(markdown.lstrip()), options=_OPTIONS)
    for event in stream:
        if isinstance(event, str):
            words.append(" ")
            continue
        ((tag, value),) = event.items()
        if tag in {"Text", "Code"}:
            if alt or not images:
                words.append(value)
        elif tag == "InlineHtml" and value[:3].lower() == "<br":
            words.append(" ")
        elif tag == "Start" and not isinstance(value, str) and "Image" in value:
            images += 1
        elif tag == "End" and value == "Image":
            images -= 1
    return " ".join("".join(words).split())
