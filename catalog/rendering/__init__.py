"""Rendering of blocks and cells to HTML that is safe in a page; here, what is seen of a text."""

from __future__ import annotations

import re

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")

_SEPARATOR = re.compile(r"\s+[-–—:：|·•]+\s+")
_MARK = re.compile(
    r"<code>[^<]{1,20}</code>|\((?:<[^>]*>|[^()<]){1,200}\)|:[a-z0-9_+-]+:|<[^>]*>|[^\w<]"
)
_MARKS_LENGTH = 400


def lang_of(text: str) -> str:
    """The `lang` of a text with Chinese, Japanese or Korean in it, '' for everything else."""
    if text.isascii():
        return ""
    if _KANA.search(text):
        return "ja"
    if _HANGUL.search(text):
        return "ko"
    return "zh" if _HAN.search(text) else ""


def lang_attribute(text: str) -> str:
    """The attribute for an element around the text, with a space before it, or ''."""
    lang = lang_of(text)
    return f' lang="{lang}"' if lang else ""


def split_marks(html: str) -> tuple[str, str]:
    """The marks that stand before a description, and what is behind the separator after them:
    `⚠ - Says what it does`; '' and all of it where there are none.

    Marks are signs, short code, and what is in parentheses.
    """
    separator = _SEPARATOR.search(html, 0, _MARKS_LENGTH)
    if separator is None:
        return "", html
    before = html[: separator.start()].strip()
    is_whole = before.count("<") == 2 * before.count("</")
    if not before or not is_whole or _MARK.sub("", before):
        return "", html
    return before, html[separator.end() :]


def without_separator(html: str) -> str:
    """A description whose marks, if it has any, are followed by its text."""
    marks, text = split_marks(html)
    return f"{marks} {text}" if marks else html
