"""Ways to write a value so that it reads back as it is, the plainest first.

Which of them does is for the parser to say (`slots.py`); nothing here has to be complete.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from catalog.markdown.writing.errors import CodecError

_STRUCTURE = re.compile(r"[\\`\[\]<]")
_INLINE = re.compile(r"[\\`*_\[\]<>~&!]")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{}~]")
"""All ASCII punctuation but the pipe, which means nothing outside of tables."""
_ENTITY = re.compile(r"&(?=#?\w+;)")
_IN_ANGLES = re.compile(r"[\\<>]")
_IN_PARENTHESES = re.compile(r"[\\()<>]")
_BLANKS = re.compile(r"[ \t]{2,}|\t")
_LINE_BREAK = re.compile("[\n\v\f\r\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def text_forms(text: str) -> Iterator[str]:
    """Plain text as inline markdown: raw, with structure escaped, with all markup, with all."""
    yield text
    yield _STRUCTURE.sub(r"\\\g<0>", text)
    yield _INLINE.sub(r"\\\g<0>", text)
    yield _PUNCTUATION.sub(r"\\\g<0>", text)


def html_forms(text: str) -> Iterator[str]:
    """Plain text for HTML, content or attribute."""
    yield text
    yield html.escape(text)


def destination_forms(url: str) -> Iterator[str]:
    """A link's destination without angle brackets."""
    yield url
    yield _ENTITY.sub("&amp;", url)
    yield _ENTITY.sub("&amp;", _IN_PARENTHESES.sub(r"\\\g<0>", url))


def bracketed_forms(url: str) -> Iterator[str]:
    """A link's destination between angle brackets, which are not part of it here."""
    yield url
    yield _ENTITY.sub("&amp;", url)
    yield _ENTITY.sub("&amp;", _IN_ANGLES.sub(r"\\\g<0>", url))


def one_line(value: str, field: str) -> str:
    """A value without blanks around it and with single ones inside; tabs count as blanks.

    Blanks of other kinds (no-break, ideographic) stay as they are. Raises `CodecError` for what
    cannot stand on one line of a text file.
    """
    if _LINE_BREAK.search(value):
        in_cell = field.startswith("cell")
        raise CodecError("line-break-in-cell" if in_cell else "line-break", field)
    if _CONTROL.search(value):
        raise CodecError("control-character", field)
    if _SURROGATE.search(value):
        raise CodecError("surrogate", field)
    return value.strip(" \t")


def single_blanks(value: str) -> str:
    """Runs of blanks folded to one each, as markdown shows them."""
    return _BLANKS.sub(" ", value)
