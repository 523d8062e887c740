"""Lines that went through a text area of a browser, which sends every line ending as CRLF."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from catalog.markdown import split_lines

_ENDING = re.compile(r"\r\n|\r|\n")


def typable(source: str) -> str:
    """A block's source as it is shown to be edited: without its last line ending."""
    lines = split_lines(source)
    return source[: -len(_ending(lines[-1]))] if lines and _ending(lines[-1]) else source


def with_own_endings(typed: str, source: str) -> str:
    """Return the text typed over `typable(source)`, with the source's line endings.

    Lines that were left alone keep theirs exactly, new ones get the first that there is, and the
    last line ends as the last one did. Nothing else is changed, so that what was not touched
    comes back as it was.
    """
    old = split_lines(source)
    old_texts = [_without_ending(line) for line in old]
    texts = _ENDING.split(typed)
    if texts == old_texts:
        return source
    endings = [_ending(line) for line in old]
    usual = next(filter(None, endings), "\n")
    new_endings = [usual] * len(texts)
    matcher = SequenceMatcher(None, old_texts, texts, autojunk=False)
    for start, new_start, size in matcher.get_matching_blocks():
        for step in range(size):
            new_endings[new_start + step] = endings[start + step] or usual
    new_endings[-1] = endings[-1] if endings else ""
    return "".join([text + end for text, end in zip(texts, new_endings, strict=True)])


def _ending(line: str) -> str:
    return line[len(_without_ending(line)) :]


def _without_ending(line: str) -> str:
    return line.rstrip("\r\n")
