"""Line differences of a README, in the form that people know from Git.

Made from blocks of which it is known which is which, so it takes time linear in the list.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from catalog.history.word_diff import Fragment, compare
from catalog.markdown import split_lines
from catalog.markdown.subsequences import longest_increasing

CONTEXT = 2
"""Unchanged lines that are shown around a change."""
MOST_LINES = 400
"""Lines shown of one diff; the figures count all of them."""
_MOST_COMPARISONS = 400_000
"""Pairs of lines up to which two texts are compared line by line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a diff. `sign` is ' ', '-' or '+'; numbers count from 1 in each text."""

    sign: str
    before: int | None
    after: int | None
    text: Fragment
    ending: str = ""
    """The line ending, where it is worth showing: ``CR``, ``CRLF`` or ``none``."""


@dataclass(slots=True)
class Diff:
    """Groups of lines that stand together, and how many were added and removed in all."""

    hunks: list[list[Line]] = field(default_factory=list)
    added: int = 0
    removed: int = 0
    hidden: int = 0
    """Changed lines that are not among `hunks`."""

    @property
    def is_empty(self) -> bool:
        """Whether the texts are the same."""
        return not self.added and not self.removed


type _Step = tuple[str, str, str]
"""``=`` with a line twice, ``-`` or ``+`` with it on its side."""


def diff_blocks(
    before: Sequence[str], after: Sequence[str], pairs: Iterable[tuple[int, int]]
) -> Diff:
    """The diff of two texts given as blocks, `pairs` of which stand for each other, in order."""
    return _grouped(_block_steps(before, after, pairs))


def diff_texts(before: str, after: str) -> Diff:
    """The diff of two texts."""
    return _grouped(_text_steps(split_lines(before), split_lines(after)))


def diff_rows(before: Sequence[tuple[int, str]], after: Sequence[tuple[int, str]]) -> Diff:
    """The diff of two states of a list, given as `(uid, source)` of their blocks.

    Only what lies between the first and the last difference is looked at closely.
    """
    start = max(0, _same(before, after) - CONTEXT)
    end = max(0, _same(before[start:][::-1], after[start:][::-1]) - CONTEXT)
    skipped = len(_lines([source for _uid, source in before[:start]]))
    before, after = before[start : len(before) - end], after[start : len(after) - end]
    places = {uid: number for number, (uid, _source) in enumerate(before)}
    common = [(places[uid], new) for new, (uid, _source) in enumerate(after) if uid in places]
    unmoved = longest_increasing([old for old, _new in common])
    steps = _block_steps(
        [source for _uid, source in before],
        [source for _uid, source in after],
        [pair for pair in common if pair[0] in unmoved],
    )
    return _grouped(steps, skipped)


def _block_steps(
    before: Sequence[str], after: Sequence[str], pairs: Iterable[tuple[int, int]]
) -> Iterator[_Step]:
    old = new = 0
    for old_index, new_index in pairs:
        # Sources that no pair stands for, up to the next one that does.
        if old < old_index or new < new_index:
            yield from _text_steps(_lines(before[old:old_index]), _lines(after[new:new_index]))
        if before[old_index] == after[new_index]:
            yield from (("=", line, line) for line in split_lines(before[old_index]))
        else:
            yield from _text_steps(split_lines(before[old_index]), split_lines(after[new_index]))
        old, new = old_index + 1, new_index + 1
    yield from _text_steps(_lines(before[old:]), _lines(after[new:]))


def _lines(sources: Sequence[str]) -> list[str]:
    return split_lines("".join(sources)) if sources else []


def _text_steps(before: Sequence[str], after: Sequence[str]) -> Iterator[_Step]:
    if len(before) * len(after) > _MOST_COMPARISONS:
        start = _same(before, after)
        end = _same(before[start:][::-1], after[start:][::-1])
        codes = [
            ("equal", 0, start, 0, start),
            ("replace", start, len(before) - end, start, len(after) - end),
            ("equal", len(before) - end, len(before), len(after) - end, len(after)),
        ]
    else:
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        codes = list(matcher.get_opcodes())
    for code, old, old_end, new, new_end in codes:
        if code == "equal":
            yield from (("=", line, line) for line in before[old:old_end])
        elif old_end - old == new_end - new:
            yield from (
                ("~", *both) for both in zip(before[old:old_end], after[new:new_end], strict=False)
            )
        else:
            yield from (("-", line, "") for line in before[old:old_end])
            yield from (("+", "", line) for line in after[new:new_end])


def _same(one: Sequence[object], other: Sequence[object]) -> int:
    """Return how many items both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


class _Grouping:
    """Puts changed lines and those around them into groups, and numbers all."""

    def __init__(self) -> None:
        self.diff = Diff()
        self.old = self.new = 0
        self.shown = 0
        self.context: deque[Line] = deque(maxlen=CONTEXT)
        self.quiet = CONTEXT + 1
        self.waiting: list[tuple[str, str]] = []

    def same(self, line: str) -> None:
        self.flush()
        self.old += 1
        self.new += 1
        self.quiet += 1
        if self.shown >= MOST_LINES:
            return
        row = Line(" ", self.old, self.new, _whole(line))
        if self.quiet <= CONTEXT and self.diff.hunks:
            self.diff.hunks[-1].append(row)
        else:
            self.context.append(row)

    def flush(self) -> None:
        """Show the changed lines that wait: first all that go, then all that come."""
        pairs = [_fragments(old, new) for old, new in self.waiting]
        for (old, _new), (fragment, _other) in zip(self.waiting, pairs, strict=True):
            if old:
                self.old += 1
                self.diff.removed += 1
                self._show(Line("-", self.old, None, fragment, _ending(old)))
        for (_old, new), (_other, fragment) in zip(self.waiting, pairs, strict=True):
            if new:
                self.new += 1
                self.diff.added += 1
                self._show(Line("+", None, self.new, fragment, _ending(new)))
        self.waiting = []

    def _show(self, line: Line) -> None:
        if self.shown >= MOST_LINES:
            self.diff.hidden += 1
            return
        self.shown += 1
        # Lines that are near enough go on with the group before.
        if self.quiet > CONTEXT and (self.quiet > 2 * CONTEXT or not self.diff.hunks):
            self.diff.hunks.append([])
        self.diff.hunks[-1] += self.context
        self.context.clear()
        self.diff.hunks[-1].append(line)
        self.quiet = 0


def _grouped(steps: Iterable[_Step], skipped: int = 0) -> Diff:
    """The steps as a diff; `skipped` lines stand before them in both texts."""
    grouping = _Grouping()
    grouping.old = grouping.new = skipped
    for code, old, new in steps:
        if code == "=":
            grouping.same(old)
        else:
            grouping.waiting.append((old, new))
    grouping.flush()
    return grouping.diff


def _fragments(old: str, new: str) -> tuple[Fragment, Fragment]:
    """Both lines with what differs between them; whole ones where there is only one."""
    if old and new:
        return compare(old.rstrip("\r\n"), new.rstrip("\r\n"))
    return _whole(old), _whole(new)


def _whole(line: str) -> Fragment:
    return Fragment(line.rstrip("\r\n"))


def _ending(line: str) -> str:
    if line.endswith("\r\n"):
        return "CRLF"
    if line.endswith("\n"):
        return ""
    return "CR" if line.endswith("\r") else "none"
