"""What a look over a list finds: where, what, and what to do about it."""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from catalog.markdown.nodes import Block, Entry

_LINE_ENDING = re.compile(r"\r\n|\n|\r")
_LONGEST_QUOTE = 60


class Severity(StrEnum):
    """How bad it is for a reader of the list."""

    ERROR = "error"
    """Something is lost or leads nowhere."""
    WARNING = "warning"
    """Something is probably not as it was meant."""
    NOTICE = "notice"
    """Something is written otherwise than its neighbours."""


class Finding(NamedTuple):
    """One thing to look at. `code` is stable, `message` one sentence for people.

    `line` counts from 1; `entry` and `block` are indexes of the document's lists.
    """

    line: int
    code: str
    message: str
    entry: int | None
    block: int | None
    severity: Severity


def in_block(
    block: Block, index: int, offset: int, code: str, message: str, severity: Severity
) -> Finding:
    """A finding at an offset of a block's source."""
    line = block.first_line
    if block.last_line > line:
        line += bisect_right(_line_ends(block.source), offset)
    return Finding(line, code, message, block.entry, index, severity)


@lru_cache(maxsize=2)
def _line_ends(source: str) -> list[int]:
    """Offsets behind the line endings; findings of one block follow each other."""
    return [ending.end() for ending in _LINE_ENDING.finditer(source)]


def in_entry(
    entry: Entry, index: int, code: str, message: str, severity: Severity = Severity.NOTICE
) -> Finding:
    """A finding about an entry as a whole."""
    return Finding(entry.first_line, code, message, index, entry.block, severity)


def quoted(text: str) -> str:
    """A piece of the list inside a sentence about it: one line, not too long, in quotes."""
    text = " ".join(text[: 4 * _LONGEST_QUOTE].split())
    if len(text) > _LONGEST_QUOTE:
        text = text[: _LONGEST_QUOTE - 1] + "…"
    return f"“{text}”"
