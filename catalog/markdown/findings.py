"""Findings: what is worth a look in a list or in a proposal, as codes and values.

The linter (`linting/lint.py`) and the checks of proposals (`submissions/checks`) share them. The
sentences are in `catalog/sentences.py`, in the reader's language.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum
from functools import lru_cache

from catalog.markdown.nodes import Block, Entry

_LINE_ENDING = re.compile(r"\r\n|\n|\r")
_LONGEST_VALUE = 60

type Values = Mapping[str, str | int]


class Severity(StrEnum):
    """Severity of a finding, the worst first."""

    BLOCK = "block"
    """Something is lost, leads nowhere, or cannot be published."""
    WARN = "warn"
    """A probable mistake."""
    NOTE = "note"
    """A difference in style from the neighbours."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `code` is stable; with `variant` and `values` it makes the sentence.

    In a list, `line` counts from 1, and `entry` and `block` are indexes of the document's lists.
    In a proposal, `field` is `name`, `url`, `description`, `cell-0`, `tags` …, or '' for the whole;
    `fix` are fields with better values, `link` leads to what it is about.
    """

    code: str
    severity: Severity
    values: Values = dataclass_field(default_factory=dict)
    variant: str = ""
    line: int = 0
    entry: int | None = None
    block: int | None = None
    field: str = ""
    fix: dict[str, str] | None = None
    link: str = ""


def in_block(
    block: Block,
    index: int,
    offset: int,
    code: str,
    severity: Severity,
    /,
    variant: str = "",
    **values: str | int,
) -> Finding:
    """A finding at an offset of a block's source; `variant` chooses among a code's sentences."""
    line = block.first_line
    if block.last_line > line:
        line += bisect_right(_line_ends(block.source), offset)
    return Finding(code, severity, values, variant, line, block.entry, index)


@lru_cache(maxsize=2)
def _line_ends(source: str) -> list[int]:
    """Offsets behind the line endings; findings of one block follow each other."""
    return [ending.end() for ending in _LINE_ENDING.finditer(source)]


def in_entry(
    entry: Entry,
    index: int,
    code: str,
    severity: Severity = Severity.NOTE,
    /,
    variant: str = "",
    **values: str | int,
) -> Finding:
    """A finding about an entry as a whole; its name is the value `name`."""
    named = {"name": shortened(entry.name), **values}
    return Finding(code, severity, named, variant, entry.first_line, index, entry.block)


def shortened(text: str) -> str:
    """A part of the list as a sentence can mention it: on one line, at most 60 characters."""
    text = " ".join(text[: 4 * _LONGEST_VALUE].split())
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
