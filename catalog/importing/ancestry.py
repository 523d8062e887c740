"""Which of the changes made here an incoming text knows of: the base of its merge.

Git has all that was ever imported. What it may lack are changes made here since, from some
revision on: it gets them when somebody takes an export there. The text itself has to tell, and
the rule errs on one side: a change made here counts as known to Git only when the text shows it,
or when an export of it was recorded and the text is nearer to that export than to what Git had.
So what Git has not seen yet is never taken for something that Git took back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from catalog import markdown
from catalog.history.revisions import Lines
from catalog.models import Change
from catalog.store.snapshots import LocalRevision, Snapshot

type Rows = list[tuple[int, str]]

_URL = re.compile(r"https?://[^\s()<>\[\]|\"']+")
_ALIKE = 60
"""From which similarity on, in percent, a line can be a new wording of another."""
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
    lines = Lines(snapshot.rows)
    steps = [_Step.undone(lines, revision, snapshot.gone) for revision in reversed(pending)][::-1]
    known = _Incoming(snapshot, theirs).known(steps, Counter(lines.source.values()))
    if known == len(pending):
        return Base(snapshot.revision, None)
    lines = Lines(snapshot.rows)
    for revision in reversed(pending[known:]):
        _Step.undone(lines, revision, snapshot.gone)
    return Base(pending[known - 1].number if known else snapshot.settled, lines.rows())


@dataclass(slots=True)
class _Step:
    """One pending revision: which sources came and went with it, and where moved ones stood.

    `places` are the moved blocks with the one before them, blank lines aside, by ordinal.
    """

    number: int
    changes: Sequence[Change]
    came: list[str] = field(default_factory=list)
    went: list[str] = field(default_factory=list)
    places: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def told(self) -> list[Change]:
        """Its changes, those of blank lines only if there are no others."""
        filled = [change for change in self.changes if (change.after + change.before).strip()]
        return filled or list(self.changes)

    @classmethod
    def undone(cls, lines: Lines, revision: LocalRevision, gone: Mapping[int, int]) -> _Step:
        """Take a revision back as far as it still stands: imports may have changed its blocks."""
        step = cls(revision.number, revision.changes)
        for change in reversed(revision.changes):
            step._undo(lines, change, gone)
        return step

    def _undo(self, lines: Lines, change: Change, gone: Mapping[int, int]) -> None:
        uid, op = change.uid, change.op
        after = change.before_after_uid or 0
        while after not in lines.source:
            after = gone.get(after, 0)
        if op == Change.Op.DELETE:
            if uid not in lines.source:
                lines.insert(uid, change.before, after)
                self.went.append(change.before)
            return
        if uid not in lines.source:
            return
        source = lines.source[uid]
        is_ours = source == change.after
        if op == Change.Op.MOVE and after != uid:
            self.places[change.ordinal] = (_filled_before(lines, uid), source)
            lines.delete(uid)
            lines.insert(uid, source, after)
        if is_ours:
            self.came.append(source)
            if op == Change.Op.INSERT:
                lines.delete(uid)
            else:
                self.went.append(change.before)
                lines.source[uid] = change.before


def _filled_before(lines: Lines, uid: int) -> str:
    uid = lines.preceding[uid]
    while uid and not lines.source[uid].strip():
        uid = lines.preceding[uid]
    return lines.source[uid]


class _Incoming:
    """The incoming text, asked what it knows of."""

    def __init__(self, snapshot: Snapshot, theirs: markdown.Document) -> None:
        self.exported = snapshot.exported
        self.count = Counter([block.source for block in theirs.blocks])
        filled = [block.source for block in theirs.blocks if block.source.strip()]
        self.pairs = set(zip(["", *filled], filled, strict=False))
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
        """How many of the steps it knows of; `here` counts the sources before the first."""
        known = 0
        taken: list[tuple[int, int]] = []
        # How much farther it is from the text after a step than from the last one it knows of.
        distance = 0
        for number, step in enumerate(steps, 1):
            distance += self._walk(step, here)
            if known == number - 1 and all(self._shows(c, step, here) for c in step.told):
                known, distance = number, 0
            elif step.number in self.exported and (
                distance < 0 or self._descends(steps[known:number], here)
            ):
                taken.append((distance, -number))
        return -min(taken)[1] if taken else known

    def _walk(self, step: _Step, here: Counter[str]) -> int:
        """Take a step; returns by how many blocks that leads away from the incoming text."""
        away = 0
        for sources, sign in ((step.went, -1), (step.came, 1)):
            for source in sources:
                away -= abs(self.count[source] - here[source])
                here[source] += sign
                away += abs(self.count[source] - here[source])
        return away

    def _shows(self, change: Change, step: _Step, here: Counter[str]) -> bool:
        place = step.places.get(change.ordinal)
        if place is not None and place not in self.pairs:
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
            for change in step.told
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


def _likeness(source: str, others: Sequence[str]) -> float:
    """How near the most similar of the others comes, in percent."""
    found = process.extractOne(source, others, scorer=fuzz.ratio) if source.strip() else None
    return found[1] if found else 0.0
