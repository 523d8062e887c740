"""Byte offsets of blocks in a text that is being changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, takewhile

from catalog.markdown.subsequences import longest_increasing

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
