"""Rendering of blocks and cells to HTML that is safe in a page; here, the language of a text."""

from __future__ import annotations

import re

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")


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
