"""The feed of changes for mirrors: every revision as edits of the bytes that a mirror holds.

An edit says what stood where, and what stands there now. The history names blocks, not places, so
the places are found by walking back from the text at the end of a page, undoing change by change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby, pairwise, takewhile
from typing import Any

from django.db.models import Count, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Length
from django.utils.translation import gettext as _

from catalog.errors import RevisionConflict
from catalog.history.revisions import Lines, blocks_at
from catalog.markdown.parser import BOM
from catalog.markdown.subsequences import longest_increasing
from catalog.models import Catalog, Change, Revision

MOST_DIFFERENCES = 500
"""Places that two texts are told to differ at."""
_SEGMENT = 300
"""Blocks whose sizes are added up."""

type Rows = Sequence[tuple[int, str]]
"""`(uid, source)` of blocks in order."""


def byte_size(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8"))


class MeasuredLines:
    """Blocks in order, in stretches whose sizes are known: O(sqrt n) for each operation."""

    def __init__(self, rows: Rows) -> None:
        self.sources = dict(rows)
        self._sizes = {uid: byte_size(source) for uid, source in rows}
        self.size = sum(self._sizes.values())
        order = list(self._sizes)
        self._segments: list[_Segment] = []
        self._home: dict[int, _Segment] = {}
        for start in range(0, max(len(order), 1), _SEGMENT):
            self._add(len(self._segments), order[start : start + _SEGMENT])

    def rows(self) -> list[tuple[int, str]]:
        """The `(uid, source)` of all blocks."""
        order = [uid for segment in self._segments for uid in segment.uids]
        return [(uid, self.sources[uid]) for uid in order]

    def offset(self, uid: int) -> int:
        """Return the number of bytes before a block."""
        home = self._home[uid]
        before = takewhile(lambda segment: segment is not home, self._segments)
        inside = home.uids[: home.uids.index(uid)]
        return sum([segment.size for segment in before]) + sum([self._sizes[i] for i in inside])

    def insert(self, uid: int, source: str, after: int) -> None:
        """Insert a block after another; 0: at the beginning."""
        home = self._home[after] if after else self._segments[0]
        home.uids.insert(home.uids.index(after) + 1 if after else 0, uid)
        self._home[uid] = home
        self.sources[uid] = ""
        self._sizes[uid] = 0
        self.replace(uid, source)
        if len(home.uids) > 2 * _SEGMENT:
            self._split(home)

    def delete(self, uid: int) -> None:
        """Remove a block."""
        self.replace(uid, "")
        self._home.pop(uid).uids.remove(uid)
        del self.sources[uid], self._sizes[uid]

    def replace(self, uid: int, source: str) -> None:
        """Replace the source of a block."""
        size = byte_size(source)
        grown = size - self._sizes[uid]
        self.sources[uid], self._sizes[uid] = source, size
        self._home[uid].size += grown
        self.size += grown

    def _add(self, place: int, uids: list[int]) -> None:
        segment = _Segment(uids, sum([self._sizes[uid] for uid in uids]))
        self._segments.insert(place, segment)
        self._home.update(dict.fromkeys(uids, segment))

    def _split(self, segment: _Segment) -> None:
        place = self._segments.index(segment)
        del self._segments[place]
        self._add(place, segment.uids[_SEGMENT:])
        self._add(place, segment.uids[:_SEGMENT])


@dataclass(slots=True, eq=False)
class _Segment:
    """Some blocks that follow each other, and the bytes of all."""

    uids: list[int]
    size: int


def differences(before: Rows, after: Rows) -> list[tuple[int, str, str]]:
    """Return the differences of two texts as `(offset, removed, added)`, to be applied from the
    beginning on.

    `MOST_DIFFERENCES` at most: those nearest to each other are told as one, with what is between.
    """
    places = {row: place for place, row in enumerate(before)}
    unmoved = longest_increasing([places[row] for row in after if row in places])
    pairs = [(places[row], place) for place, row in enumerate(after) if places.get(row) in unmoved]
    differing: list[tuple[int, int, int, int]] = []
    old = new = 0
    for old_end, new_end in [*pairs, (len(before), len(after))]:
        if old < old_end or new < new_end:
            differing.append((old, old_end, new, new_end))
        old, new = old_end + 1, new_end + 1
    offsets = [0, *accumulate([byte_size(source) for _uid, source in after])]
    return [
        (offsets[new], _joined(before[old:old_end]), _joined(after[new:new_end]))
        for old, old_end, new, new_end in _fewer(differing)
    ]


def _fewer(differing: list[tuple[int, int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """At most `MOST_DIFFERENCES`: the widest gaps between them stay."""
    gaps = [
        (later[0] - earlier[1], number)
        for number, (earlier, later) in enumerate(pairwise(differing), start=1)
    ]
    cuts = sorted(number for _gap, number in sorted(gaps, reverse=True)[: MOST_DIFFERENCES - 1])
    for start, end in zip([0, *cuts], [*cuts, len(differing)], strict=True):
        if start < end:
            first, last = differing[start], differing[end - 1]
            yield first[0], last[1], first[2], last[3]


def _joined(rows: Rows) -> str:
    return "".join([source for _uid, source in rows])


MOST_REVISIONS = 100
"""Revisions on a page."""
MOST_EDITS = 2000
"""Changes on a page; a revision with more is alone on its page, and told by its differences."""
MOST_CHARACTERS = 4_000_000
"""Length of all lines on a page, unless one revision alone has more."""


class AheadOfCatalog(RevisionConflict):
    """The revision that a mirror names is newer than the list.

    It was restored from a backup; `newest` is where it stands.
    """

    code = "ahead_of_catalog"

    def __init__(self, message: str, newest: int) -> None:
        super().__init__(message)
        self.newest = newest

    def details(self) -> dict[str, Any]:
        """`newest`."""
        return {"newest": self.newest}


@dataclass(frozen=True, slots=True)
class Edit:
    """One splice: at byte `offset` stands `removed`, and `added` takes its place.

    The offset counts in the text as it is when this edit's turn has come. `op` is that of the
    change behind it, or ``bom``; a move is two edits, out of the old place and into the new one.
    """

    op: str
    offset: int
    removed: str
    added: str
    entry: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A revision with its edits, and how many bytes the text has after them.

    One that only cut the lines otherwise has none.
    """

    revision: Revision
    edits: list[Edit]
    size: int
    sha256: str
    """Digest of the text in UTF-8, where it is known: of imports, and of the last step of a page.
    """

    @property
    def is_news(self) -> bool:
        """Whether the public pages tell of it, and so of who did it and why."""
        revision = self.revision
        return revision.number > 1 and bool(self.edits) and "taken_back" not in revision.details


@dataclass(frozen=True, slots=True)
class Following:
    """A page of steps. `newest` is where the list stands, and `has_more` whether steps are left."""

    steps: list[Step] = field(default_factory=list)
    newest: int = 0
    has_more: bool = False


def follow(catalog: Catalog, since: int, *, limit: int = MOST_REVISIONS) -> Following:
    """The revisions after `since`, in order; from 0 on, the whole text is the first edit.

    Bounded: `limit` revisions at most, and fewer of long ones. Nothing in it is newer than
    `catalog.revision`, so writers in between do no harm. Raises `AheadOfCatalog` when the list
    has no such revision yet.
    """
    if since > catalog.revision:
        raise AheadOfCatalog(
            _(
                "%(catalog)s has no revision %(number)d, the newest is %(newest)d: it was restored "
                "from an older copy; start again from a new export."
            )
            % {"catalog": catalog.slug, "number": since, "newest": catalog.revision},
            catalog.revision,
        )
    revisions = _page(catalog, since, limit)
    if not revisions:
        return Following(newest=catalog.revision)
    end = revisions[-1].number
    bom, rows = blocks_at(catalog, end)
    walk = _Walk(MeasuredLines(rows), bom, _marks(catalog, revisions))
    digest = hashlib.sha256(walk.text().encode("utf-8")).hexdigest()
    steps: list[Step] = []
    for revision, changes in _with_changes(catalog, revisions):
        known = revision.sha256 or (digest if revision.number == end else "")
        size = walk.size
        steps.append(Step(revision, walk.back(revision, changes), size, known))
    return Following(steps[::-1], catalog.revision, end < catalog.revision)


def _page(catalog: Catalog, since: int, limit: int) -> list[Any]:
    """The revisions of the page, with `line_count`, how many changes each has."""
    end = min(since + limit, catalog.revision)
    if since == 0:
        # The whole text comes with the first one.
        end = min(end, 1)
    length = Length("changes__before") + Length("changes__after")
    rows = (
        Revision.objects.filter(catalog=catalog, number__gt=since, number__lte=end)
        .annotate(line_count=Count("changes"), length=Coalesce(Sum(length), Value(0)))
        .order_by("number")
    )
    revisions = list(rows)
    counts = accumulate([revision.line_count for revision in revisions])
    lengths = accumulate([revision.length for revision in revisions])
    bounded = takewhile(
        lambda total: total[0] <= MOST_EDITS and total[1] <= MOST_CHARACTERS,
        zip(counts, lengths, strict=True),
    )
    return revisions[: max(1, sum(1 for _total in bounded))]


def _with_changes(
    catalog: Catalog, revisions: Sequence[Revision]
) -> Iterator[tuple[Revision, Iterator[Change]]]:
    """The revisions and their changes, the newest first. One query."""
    changes: QuerySet[Change] = Change.objects.filter(
        revision__catalog=catalog,
        revision__number__gte=revisions[0].number,
        revision__number__lte=revisions[-1].number,
    ).order_by("-revision__number", "-ordinal")
    groups = groupby(changes.iterator(chunk_size=1000), key=lambda change: change.revision_id)
    key, group = next(groups, (0, iter(())))
    for revision in reversed(revisions):
        if key != revision.pk:
            yield revision, iter(())
            continue
        yield revision, group
        key, group = next(groups, (0, iter(())))


class _Walk:
    """A text on its way back, one revision after another."""

    def __init__(self, lines: MeasuredLines, bom: bool, marks: Mapping[int, bool]) -> None:
        self._lines = lines
        self._bom = bom
        self._marks = marks

    @property
    def size(self) -> int:
        """Bytes of the text."""
        return self._mark + self._lines.size

    @property
    def _mark(self) -> int:
        return len(BOM.encode()) if self._bom else 0

    def text(self) -> str:
        """The text."""
        return (BOM if self._bom else "") + "".join([source for _, source in self._lines.rows()])

    def back(self, revision: Any, changes: Iterator[Change]) -> list[Edit]:
        """Undo a revision, given its changes in reverse; returns its edits as they were made."""
        if revision.number == 1:
            text = self.text()
            return [Edit(Change.Op.INSERT.value, 0, "", text)] if text else []
        if revision.line_count > MOST_EDITS:
            edits = self._back_at_once(changes)
        else:
            edits = [edit for change in changes for edit in self._undo(change)][::-1]
        return [*self._back_with_mark(revision), *([] if "rebuilt" in revision.details else edits)]

    def _undo(self, change: Change) -> Iterator[Edit]:
        """Undo one change; its edits come in reverse, too."""
        op, uid, about = change.op, change.uid, (change.entry_id, change.entry_name)
        lines, mark = self._lines, self._mark
        if op != Change.Op.DELETE and lines.sources.get(uid) != change.after:
            raise AssertionError(f"change {change.pk} is not what stands there")
        if op == Change.Op.REPLACE:
            yield Edit(op, mark + lines.offset(uid), change.before, change.after, *about)
            lines.replace(uid, change.before)
            return
        if op != Change.Op.DELETE:
            yield Edit(op, mark + lines.offset(uid), "", change.after, *about)
            lines.delete(uid)
        if op != Change.Op.INSERT:
            lines.insert(uid, change.before, change.before_after_uid or 0)
            yield Edit(op, mark + lines.offset(uid), change.before, "", *about)

    def _back_at_once(self, changes: Iterator[Change]) -> list[Edit]:
        """Undo a revision of thousands of changes, told by what differs before and after."""
        after = self._lines.rows()
        lines = Lines(after)
        for change in changes:
            lines.undo(change)
        before = lines.rows()
        self._lines = MeasuredLines(before)
        return [
            Edit(Change.Op.REPLACE.value, self._mark + offset, removed, added)
            for offset, removed, added in differences(before, after)
        ]

    def _back_with_mark(self, revision: Revision) -> list[Edit]:
        """Undo what an import did to the byte order mark: its first edit."""
        after, self._bom = self._bom, self._marks[revision.number - 1]
        if after == self._bom:
            return []
        return [Edit("bom", 0, BOM if self._bom else "", BOM if after else "")]


def _marks(catalog: Catalog, revisions: Sequence[Revision]) -> dict[int, bool]:
    """Whether the text begins with a byte order mark: before the revisions, and after each.

    Only imports change it; each says in its details what it found.
    """
    first = revisions[0].number
    earlier = catalog.revisions.filter(number__lt=first, details__has_key="bom")
    details = earlier.order_by("-number").values_list("details", flat=True).first()
    marks = {first - 1: bool(details and details["bom"])}
    for revision in revisions:
        marks[revision.number] = revision.details.get("bom", marks[revision.number - 1])
    return marks
