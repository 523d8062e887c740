"""Three-way merge of the lines of one block, by the rule that Git merges files by.

A paragraph, an item with text below it, or a piece of HTML has several lines; two people who
change different ones have not contradicted each other, provided that a line between them stayed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

type _Changed = tuple[int, int, Sequence[str]]
"""Lines of the base from the first up to, not including, the second became these."""


def merge_lines(base: str, ours: str, theirs: str) -> str | None:
    """The text with the changes of both sides; None where they touch each other."""
    lines = base.splitlines(keepends=True)
    if len(lines) < 2:
        return None
    merged: list[str] = []
    done = 0
    last_end = -1
    changes = sorted({*_changes(lines, ours), *_changes(lines, theirs)})
    for start, end, put in changes:
        # Two that touch could have been meant for one place.
        if start <= last_end:
            return None
        merged += [*lines[done:start], *put]
        done, last_end = end, end
    return "".join([*merged, *lines[done:]])


def _changes(base: Sequence[str], text: str) -> Iterator[_Changed]:
    lines = text.splitlines(keepends=True)
    matcher = SequenceMatcher(None, base, lines, autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag != "equal":
            yield start, end, tuple(lines[first:last])
