"""The base of a merge: the changes made here that an incoming text knows of.

Each import records the text that Git had then (`UpstreamText`): nothing that it settled is pending
any more. What Git may have got since are changes made here, from the oldest on, when somebody takes
an export there. The text itself has to tell, and the rule errs on one side: a change made here
counts as known to Git only when the text shows it, or when an export of it was recorded and the
text is nearer to that export than to what Git had. So what Git has not seen yet is never taken for
something that Git took back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from rapidfuzz import fuzz, process

from catalog import markdown
from catalog.history.revisions import Lines
from catalog.models import Change
from catalog.store.snapshots import LocalRevision, Snapshot

type Rows = list[tuple[int, str]]
type Place = tuple[str, str, str]
"""A block's heading, the block before it, blank lines aside, and itself, as sources."""

_URL = re.compile(r"https?://[^\s()<>\[\]|\"']+")
_ALIKE = 60
"""Least similarity, in percent, of a line and its new wording."""
_MOST_COMPARED = 2000
"""New lines of the incoming text that a changed one is compared with."""


@dataclass(frozen=True, slots=True)
class Base:
    """The newest revision made here that Git knows of, and the text it had then.

    The text is the current one without the later changes made here. `rows` are None when that
    is the current text itself, so that there is nothing to merge.
    """

    revision: int
    rows: Rows | None


def choose_base(snapshot: Snapshot, theirs: markdown.Document) -> Base:
    """The text from which both sides went their ways."""
    pending = snapshot.pending
    if not pending:
        return Base(snapshot.revision, None)
    walk = _Walk(snapshot, theirs)
    steps = walk.take_back(pending)
    rows = walk.lines.rows()
    if snapshot.upstream and snapshot.upstream.rows is not None:
        rows = list(snapshot.upstream.rows)
    known = _Incoming(snapshot, theirs).known(steps, Counter([source for _uid, source in rows]))
    if known == len(pending):
        return Base(snapshot.revision, None)
    if not known:
        return Base(snapshot.settled, rows)
    walk = _Walk(snapshot, theirs)
    walk.take_back(pending[known:])
    if snapshot.upstream and snapshot.upstream.rows is not None:
        rows = _with_steps(snapshot.upstream.rows, steps[:known], walk.lines)
    else:
        rows = walk.lines.rows()
    return Base(pending[known - 1].number, rows)


def _with_steps(rows: Sequence[tuple[int, str]], steps: Sequence[_Step], here: Lines) -> Rows:
    """The text that Git had with the steps that it knows of since; `here` is ours after these.

    Not our own text: what came in from Git may stand elsewhere in that, or be gone.
    """
    lines = Lines(rows)
    for change in [change for step in steps for change in step.changes]:
        uid, is_placed = change.uid, change.op in {Change.Op.INSERT, Change.Op.MOVE}
        is_there = uid in lines.source
        if is_there and (is_placed or uid not in here.source):
            lines.delete(uid)
        if uid not in here.source:
            continue
        if is_placed:
            after = here.preceding[uid]
            while after not in lines.source:
                after = here.preceding[after]
            lines.insert(uid, here.source[uid], after)
        elif is_there:
            lines.source[uid] = here.source[uid]
    return lines.rows()


@dataclass(slots=True)
class _Step:
    """One pending revision, as far as it still stands: which sources came and went with it.

    `places` are where moved blocks stood before and after it, by ordinal.
    """

    number: int
    changes: list[Change] = field(default_factory=list)
    came: list[str] = field(default_factory=list)
    went: list[str] = field(default_factory=list)
    places: dict[int, tuple[Place, Place]] = field(default_factory=dict)

    @property
    def significant_changes(self) -> list[Change]:
        """Its changes, those of blank lines only if there are no others."""
        filled = [change for change in self.changes if (change.after + change.before).strip()]
        return filled or list(self.changes)


class _Walk:
    """The way back from the current text, one pending revision after the other."""

    def __init__(self, snapshot: Snapshot, theirs: markdown.Document) -> None:
        self.lines = Lines(snapshot.rows)
        self.gone = snapshot.gone
        self.upstream = snapshot.upstream
        self.settled: _Settled | None = None
        heading = markdown.BlockKind.HEADING
        self.headings = {block.source for block in theirs.blocks if block.kind == heading}
        self.headings.update([b.source for b in snapshot.blocks if b.kind == heading.value])

    def take_back(self, revisions: Sequence[LocalRevision]) -> list[_Step]:
        """Undo the newest revisions; return them as steps, oldest first."""
        steps = []
        for revision in reversed(revisions):
            if (
                self.settled is None
                and self.upstream
                and self.upstream.rows is not None
                and revision.number <= self.upstream.revision
            ):
                self.settled = _Settled(self.upstream.rows, self.lines.rows())
            step = _Step(revision.number)
            step.changes = [c for c in reversed(revision.changes) if self._undo(c, step)][::-1]
            steps.append(step)
        return steps[::-1]

    def _undo(self, change: Change, step: _Step) -> bool:
        """Undo a change as far as it still stands; return whether anything of it did."""
        lines, uid, op = self.lines, change.uid, change.op
        after = change.before_after_uid or 0
        while after not in lines.source:
            after = self.gone.get(after, 0)
        source = lines.source.get(uid)
        is_settled = self.settled is not None and self.settled.source.get(uid) == source
        if op == Change.Op.DELETE:
            if source is not None or is_settled:
                return False
            lines.insert(uid, change.before, after)
            step.went.append(change.before)
            return True
        if source is None:
            return False
        is_moved = op == Change.Op.MOVE and after != uid
        if is_moved and self.settled is not None:
            is_moved = uid in self.settled.displaced
        if is_moved:
            now = self._place(uid)
            lines.delete(uid)
            lines.insert(uid, source, after)
            step.places[change.ordinal] = (self._place(uid), now)
        is_ours = source == change.after and not is_settled
        if is_ours:
            step.came.append(source)
            if op == Change.Op.INSERT:
                lines.delete(uid)
            else:
                step.went.append(change.before)
                lines.source[uid] = change.before
        return is_ours or is_moved

    def _place(self, uid: int) -> Place:
        lines = self.lines
        above = lines.preceding[uid]
        while above and not lines.source[above].strip():
            above = lines.preceding[above]
        before = lines.source[above]
        while above and lines.source[above] not in self.headings:
            above = lines.preceding[above]
        return lines.source[above], before, lines.source[uid]


class _Settled:
    """The changes made here that the last import settled.

    `rows` are the text that Git had, `here` the list's own after that import. What is the same in
    both is not pending any more: it lost, or Git has it as well.
    """

    def __init__(self, rows: Sequence[tuple[int, str]], here: Rows) -> None:
        self.source = dict(rows)
        order = {uid: number for number, (uid, _source) in enumerate(rows)}
        common = [uid for uid, _source in here if uid in order]
        places = [order[uid] for uid in common]
        before = accumulate(places, max)
        after = list(accumulate(reversed(places), min))[::-1]
        self.displaced = {
            uid
            for uid, place, highest, lowest in zip(common, places, before, after, strict=True)
            if highest > place or lowest < place
        }
        """Blocks that stand before others here which they stand behind in Git, or the reverse."""


class _Incoming:
    """The incoming text, asked what it knows of."""

    def __init__(self, snapshot: Snapshot, theirs: markdown.Document) -> None:
        self.exported = snapshot.exported
        self.count = Counter([block.source for block in theirs.blocks])
        self.places = _places(theirs)
        here = {block.source for block in snapshot.blocks}
        new = [source for source in self.count if source not in here and source.strip()]
        self.by_url: dict[str, list[str]] = {}
        self.without_url: list[str] = []
        for source in new[:_MOST_COMPARED]:
            urls = set(_URL.findall(source))
            for url in urls:
                self.by_url.setdefault(url, []).append(source)
            if not urls:
                self.without_url.append(source)

    def known(self, steps: Sequence[_Step], here: Counter[str]) -> int:
        """Return how many of the steps the text knows of; `here` counts the sources before the
        first."""
        known = 0
        taken: list[tuple[int, int]] = []
        # How much farther it is from the text after a step than from the last one it knows of.
        distance = 0
        for number, step in enumerate(steps, 1):
            distance += self._walk(step, here)
            if known == number - 1 and all(
                self._shows(c, step, here) for c in step.significant_changes
            ):
                known, distance = number, 0
            elif step.number in self.exported and (
                distance < 0 or self._descends(steps[known:number], here)
            ):
                taken.append((distance, -number))
        return -min(taken)[1] if taken else known

    def _walk(self, step: _Step, here: Counter[str]) -> int:
        """Take a step; return by how many blocks that leads away from the incoming text."""
        away = 0
        for sources, sign in ((step.went, -1), (step.came, 1)):
            for source in sources:
                away -= abs(self.count[source] - here[source])
                here[source] += sign
                away += abs(self.count[source] - here[source])
        return away

    def _shows(self, change: Change, step: _Step, here: Counter[str]) -> bool:
        before, after = step.places.get(change.ordinal, (None, None))
        if after is not None and (after not in self.places or before == after):
            return False
        if change.before == change.after:
            return True
        if change.after:
            return self.count[change.after] >= here[change.after] and (
                not change.before or self.count[change.before] <= here[change.before]
            )
        # What is gone may have been removed there as well, or be there in other words.
        return (
            self.count[change.before] <= here[change.before]
            and _likeness(change.before, self._others([change.before])) < _ALIKE
        )

    def _descends(self, steps: Sequence[_Step], here: Counter[str]) -> bool:
        """Whether it has all changes of these steps, or new wordings of what they left."""
        return all(
            self._shows(change, step, here) or self._rewords(change, here)
            for step in steps
            for change in step.significant_changes
        )

    def _rewords(self, change: Change, here: Counter[str]) -> bool:
        """Whether it has other words for what the change left, and not for what was before."""
        if not change.after or self.count[change.before] > here[change.before]:
            return False
        others = self._others([change.after, change.before])
        alike = _likeness(change.after, others)
        return alike >= _ALIKE and alike > _likeness(change.before, others)

    def _others(self, sources: Sequence[str]) -> list[str]:
        """New lines that can be other words for these: they share an address, or have none."""
        urls = {url for source in sources for url in _URL.findall(source)}
        return [other for url in sorted(urls) for other in self.by_url.get(url, ())] or (
            [] if urls else self.without_url
        )


def _places(document: markdown.Document) -> set[Place]:
    places = set()
    heading = before = ""
    for block in document.blocks:
        if block.source.strip():
            places.add((heading, before, block.source))
            before = block.source
        if block.kind == markdown.BlockKind.HEADING:
            heading = block.source
    return places


def _likeness(source: str, others: Sequence[str]) -> float:
    """Return the similarity of the nearest of the others, in percent."""
    match = process.extractOne(source, others, scorer=fuzz.ratio) if source.strip() else None
    return match[1] if match else 0.0
