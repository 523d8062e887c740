"""Differences as people are shown them: lines of a README as Git shows them, and words of lines."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.db.models import Count

from catalog.markdown import split_lines
from catalog.markdown.subsequences import longest_increasing
from catalog.models import Catalog, Change, Entry, Revision

# A run of blanks or of dashes, a word, a character of a script without blanks, or any other one.
_TOKEN = re.compile(r"\s+|-+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u9fff]+|.", re.S)
_MOST_COMPARISONS = 400_000
"""Pairs of words, or of lines, up to which two texts are compared closely."""


class Fragment(tuple[str, ...]):
    """One side of a change in parts, by turns what both sides have and what differs.

    Joined they are the text.
    """

    __slots__ = ()

    def __new__(cls, *parts: str) -> Fragment:
        """Make it of its parts."""
        return super().__new__(cls, parts)

    @property
    def marked(self) -> str:
        """All that differs."""
        return "".join(self[1::2])


def compare(before: str, after: str) -> tuple[Fragment, Fragment]:
    """Both texts with what differs between them."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    old_keys, new_keys = [*map(_key, old)], [*map(_key, new)]
    if old_keys == new_keys:
        old_keys, new_keys = old, new
    parts: tuple[list[str], list[str]] = ([""], [""])
    for is_same, i, i_end, j, j_end in _steps(old_keys, new_keys):
        texts = "".join(old[i:i_end]), "".join(new[j:j_end])
        if is_same and len(parts[0]) > 1 and texts[0] == texts[1] == " ":
            # A single blank between two words that differ reads better as one difference.
            is_same = False
        for side, text in zip(parts, texts, strict=True):
            if (len(side) % 2 == 1) == is_same:
                side[-1] += text
            else:
                side.append(text)
    return _finished(parts[0]), _finished(parts[1])


def _key(token: str) -> str:
    """Return the key by which tokens are compared: padding of any width is the same."""
    if token.isspace() and "\n" not in token and "\r" not in token:
        return " "
    return "---" if token.startswith("---") else token


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, int, int, int, int]]:
    """Yield equal and different ranges of both, by turns."""
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    old_end, new_end = len(old) - end, len(new) - end
    yield True, 0, start, 0, start
    if (old_end - start) * (new_end - start) > _MOST_COMPARISONS:
        yield False, start, old_end, start, new_end
    else:
        matcher = SequenceMatcher(None, old[start:old_end], new[start:new_end], autojunk=False)
        for code, i, i_end, j, j_end in matcher.get_opcodes():
            yield code == "equal", start + i, start + i_end, start + j, start + j_end
    yield True, old_end, len(old), new_end, len(new)


def _same(one: Sequence[object], other: Sequence[object]) -> int:
    """Return how many parts both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _finished(parts: list[str]) -> Fragment:
    """The parts, ending with one that both have; blanks around a difference are none."""
    if len(parts) % 2 == 0:
        parts.append("")
    for number in range(1, len(parts), 2):
        text = parts[number]
        if stripped := text.strip(" "):
            head = len(text) - len(text.lstrip(" "))
            parts[number - 1] += text[:head]
            parts[number + 1] = text[head + len(stripped) :] + parts[number + 1]
            parts[number] = stripped
    return Fragment(*parts)


CONTEXT = 2
"""Unchanged lines that are shown around a change."""
MOST_LINES = 400
"""Lines shown of one diff; the figures count all of them."""


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


LINES_PER_REVISION = 20
"""Most changes of one revision on the page of all changes; an import can have thousands."""


@dataclass(frozen=True, slots=True)
class ChangeLines:
    """One change: the lines before and after, and the slug of its entry if that has a page."""

    change: Change
    before: Fragment | None
    after: Fragment | None
    slug: str | None


@dataclass(frozen=True, slots=True)
class RevisionLines:
    """A revision with (the first of) its changes."""

    revision: Revision
    changes: list[ChangeLines] = field(default_factory=list)
    total: int = 0

    @property
    def hidden(self) -> int:
        """Return how many changes are not among `changes`."""
        return self.total - len(self.changes)


def with_lines(catalog: Catalog, revisions: Iterable[Revision]) -> list[RevisionLines]:
    """The revisions with their first changes, in three queries for any number of them."""
    revisions = list(revisions)
    keys = [revision.pk for revision in revisions]
    of_these = Change.objects.filter(revision__in=keys)
    totals = dict(of_these.order_by().values_list("revision").annotate(Count("pk")))
    first = of_these.filter(ordinal__lt=LINES_PER_REVISION).order_by("revision", "ordinal")
    lines_of: dict[int, list[ChangeLines]] = {}
    for lines in linked_lines(catalog, first):
        lines_of.setdefault(lines.change.revision_id, []).append(lines)
    return [
        RevisionLines(revision, lines_of.get(revision.pk, []), totals.get(revision.pk, 0))
        for revision in revisions
    ]


def linked_lines(catalog: Catalog, changes: Iterable[Change]) -> list[ChangeLines]:
    """The changes with the addresses of their entries."""
    changes = list(changes)
    entries = Entry.objects.exclude(state=Entry.State.SUGGESTED).filter(
        catalog=catalog, pk__in={change.entry_id for change in changes if change.entry_id}
    )
    slugs = dict(entries.values_list("pk", "slug"))
    return [change_lines(change, slugs.get(change.entry_id or 0)) for change in changes]


def change_lines(change: Change, slug: str | None = None) -> ChangeLines:
    """The change with what differs between its lines."""
    if change.op == Change.Op.REPLACE:
        return ChangeLines(change, *compare(change.before, change.after), slug)
    is_gone = change.op == Change.Op.DELETE
    return ChangeLines(
        change,
        Fragment(change.before) if is_gone else None,
        None if is_gone else Fragment(change.after),
        slug,
    )
