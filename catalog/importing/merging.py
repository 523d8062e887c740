"""Three-way merge of a list: what was changed here, and what was changed in Git, since both
were the same.

Works on whole blocks (rows, items, paragraphs). Changes of different blocks never conflict, not
even of neighbours; different changes of the same line always do, and of lines of one block that
stand beside each other. So do two additions that lead to the same place in one section, and an
addition here to a section that is gone there. Nobody has to decide about blank lines: they are
theirs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import partial
from itertools import accumulate, pairwise

from catalog.importing.matching import Item, Matching
from catalog.markdown import Document, parse
from catalog.markdown.corrections import NO_CORRECTIONS, Children, Correction, Corrections
from catalog.markdown.links import canonical_url
from catalog.markdown.subsequences import longest_increasing

# A paragraph or an item has several lines; two people who change different ones have not
# contradicted each other, provided that a line between them stayed: Git merges files so.

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


type Rows = Sequence[tuple[int, str]]
"""A text as `(uid, source)` of its blocks in order."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A block that both sides changed, each in its own way; '' where it is not there.

    `line` is where it stands in the incoming text (where it stood before, if it is gone there).
    `uid` is the block here (of the base, if it is gone here), and `behind` the nearest block before
    it that stands here (0: none).
    """

    line: int
    base: str
    ours: str
    theirs: str
    uid: int = field(default=0, compare=False)
    behind: int = field(default=0, compare=False)


def joined(upper: str, lower: str) -> str:
    """One text below the other."""
    ends = not upper or upper.endswith(("\n", "\r"))
    return upper + ("" if ends else line_ending([upper, lower])) + lower


type Decide = Callable[[Conflict], str | None]
"""Says what shall stand where a conflict is; None leaves it to be decided, and ours stands."""


def theirs_wins(conflict: Conflict) -> str:
    """Decide for the incoming text."""
    return conflict.theirs


def undecided(conflict: Conflict) -> None:
    """Leave every conflict undecided."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged text.

    `conflicts` are in the order of the incoming text, `waiting` those that nobody decided. `places`
    say for each of its blocks where it stands in the merged one (offset in characters, behind the
    byte order mark; None: removed here) and which block of the base it is (0: none).
    """

    text: str
    conflicts: list[Conflict]
    waiting: list[Conflict]
    places: list[tuple[int | None, int]]


def items_of(document: Document) -> list[Item]:
    """A document's blocks as the matching sees them."""
    items: list[Item] = []
    for block in document.blocks:
        item = Item(block.kind.value, block.source, False, block.listing, block.section)
        item.parent = items[block.parent] if block.parent is not None else None
        item.head = block.source[: next(filter(None, block.parts), len(block.source))]
        item.head = item.head if block.parts else ""
        if block.entry is not None:
            entry = document.entries[block.entry]
            item.is_entry = True
            item.name = entry.name
            item.url = _address(entry.url)
            item.urls = frozenset(filter(None, [_address(link.url) for link in entry.links]))
            if entry.name_slot and not block.parts:
                item.known_by = tuple(filter(None, (entry.name_slot, entry.url_slot)))
        items.append(item)
    for section in document.sections:
        items[section.block].is_heading = True
    return items


def _address(url: str) -> str:
    """Return the address for comparison; one relative to the list's own is compared as written.

    '' for a place in the list itself, and for what is no address of a page.
    """
    if canonical := canonical_url(url):
        return canonical
    return "" if ":" in url or url.startswith("#") else url


def row_items(rows: Rows, corrections: Corrections = NO_CORRECTIONS) -> list[Item]:
    """Stored blocks as the matching sees them: their text, read again.

    A row that was cut before something was decided, or by an older release, is read as it was then.
    One that is cut otherwise even so (blank lines, after an edit between them) is known by its
    source alone.
    """
    text = "".join([source for _uid, source in rows])
    starts = list(accumulate([len(source) for _uid, source in rows], initial=0))
    items: dict[int, Item] = {}
    for read in _readings(corrections):
        by_start = _items_by_start(read(text))
        for start, (_uid, source) in zip(starts, rows, strict=False):
            item = by_start.get(start)
            if start not in items and item is not None and item.source == source:
                items[start] = item
        if all(
            start in items or not source.strip()
            for start, (_uid, source) in zip(starts, rows, strict=False)
        ):
            break
    return [
        items.get(start) or Item("paragraph" if source.strip() else "gap", source)
        for start, (_uid, source) in zip(starts, rows, strict=False)
    ]


def _readings(corrections: Corrections) -> Iterator[Callable[[str], Document]]:
    """Yield the ways in which the text may have been read, today's first."""
    yield partial(parse, corrections=corrections)
    if corrections:
        yield parse
    yield partial(parse, grouped=False)
    yield partial(parse, corrections={(): Correction(children=Children.ATTRIBUTES)})


def _items_by_start(document: Document) -> dict[int, Item]:
    starts = accumulate([len(block.source) for block in document.blocks], initial=0)
    return dict(zip(starts, items_of(document), strict=False))


def cut_anew(rows: Rows, known: Rows, corrections: Corrections = NO_CORRECTIONS) -> Rows:
    """The same text as this release cuts it into blocks; blank lines stay as they are.

    A block has the uid of the row that it begins with. One that begins within a row has that of
    the row in `known` that says the same, else one below zero that is no block's.
    """
    starts = list(accumulate([len(source) for _uid, source in rows], initial=0))
    text = "".join([source for _uid, source in rows])
    blocks = parse(text, corrections=corrections).blocks
    cuts = list(accumulate([len(block.source) for block in blocks], initial=0))
    common = sorted(set(starts) & set(cuts))
    row_at, block_at = _numbers(starts), _numbers(cuts)
    uids = {uid for uid, _source in rows}
    others = [(uid, source) for uid, source in known if uid not in uids]
    spare = min([0, *uids])
    result: list[tuple[int, str]] = []
    for start, end in pairwise(common):
        old = rows[row_at[start] : row_at[end]]
        new = blocks[block_at[start] : block_at[end]]
        if len(old) == len(new) == 1 or _are_blank(*[source for _uid, source in old]):
            result += old
            continue
        offset = start
        for block in new:
            same = next((row for row in others if row[1] == block.source), None)
            if offset in row_at:
                uid = rows[row_at[offset]][0]
            elif same:
                others.remove(same)
                uid = same[0]
            else:
                uid = spare = spare - 1
            result.append((uid, block.source))
            offset += len(block.source)
    return result


def _numbers(values: Sequence[int]) -> dict[int, int]:
    return {value: number for number, value in enumerate(values)}


class _Sequence:
    """The merged blocks in order, with what each is known by."""

    def __init__(self) -> None:
        # Both ends are None.
        self.following: dict[object, object] = {None: None}
        self.preceding: dict[object, object] = {None: None}
        self.source: dict[object, str] = {}

    def insert_after(self, before: object, key: object, source: str) -> None:
        after = self.following[before]
        self.following[before], self.preceding[key] = key, before
        self.following[key], self.preceding[after] = after, key
        self.source[key] = source

    def take_out(self, key: object) -> str:
        before, after = self.preceding.pop(key), self.following.pop(key)
        self.following[before], self.preceding[after] = after, before
        return self.source.pop(key)

    def __iter__(self) -> Iterator[object]:
        key = self.following[None]
        while key is not None:
            yield key
            key = self.following[key]


def merge(
    base: Rows,
    ours: Rows,
    theirs: Document,
    decide: Decide = theirs_wins,
    corrections: Corrections = NO_CORRECTIONS,
) -> Merged:
    """Merge what changed from `base` to `ours` into `theirs`; all are read with `corrections`."""
    return _Merge(base, ours, theirs, decide, corrections).run()


class _Merge:
    def __init__(
        self,
        base: Rows,
        ours: Rows,
        theirs: Document,
        decide: Decide,
        corrections: Corrections,
    ) -> None:
        self.decide = decide
        self.corrections = corrections
        self.base = base = cut_anew(base, ours, corrections)
        self.ours = ours = _apart(base, ours)
        self.theirs = theirs
        self.base_source = dict(base)
        self.our_source = dict(ours)
        self.their_items = items_of(theirs)
        base_items = row_items(base, corrections)
        self.base_of = Matching(base_items, self.their_items).run()
        self.base_heading = _headings(base, base_items)
        self.heading_places = {n for n, item in enumerate(base_items) if item.is_heading}
        self.added = [uid for uid in self.our_source if uid not in self.base_source]
        self.base_place = {uid: number for number, (uid, _source) in enumerate(base)}
        still = [self.base_place[uid] for uid in self.our_source if uid in self.base_place]
        self.unmoved = self._unmoved(still)
        self.our_item: dict[int, Item] = {}
        self.our_heading: dict[int, int] = {}
        if self.added or len(self.unmoved) < len(still):
            self._read_ours()
        self.their_keys: list[object] = []
        self.conflicts: list[Conflict] = []
        self.waiting: list[Conflict] = []
        self.twin_source: dict[int, str] = {}
        """What stands for their new blocks that were added here in other words, by index."""
        self.restored: dict[int, str] = {}
        """What stands for blocks of the base that they removed, by uid."""

    def run(self) -> Merged:
        twins = self._added_on_both_sides()
        self._added_differently(twins)
        merged = _Sequence()
        last: object = None
        for index, block in enumerate(self.theirs.blocks):
            key, source = self._their_block(index, block.source, twins)
            self.their_keys.append(key)
            if source is None:
                continue
            merged.insert_after(last, key, source)
            last = key
        self._their_removals()
        lost = self._lost_with_their_sections(merged)
        self._our_order(merged, lost)
        keys = list(merged)
        sources = [merged.source[key] for key in keys]
        ending = line_ending(sources)
        for number, source in enumerate(sources[:-1]):
            if not source.endswith(("\n", "\r")):
                sources[number] = source + ending
        for conflicts in (self.conflicts, self.waiting):
            conflicts.sort(key=lambda conflict: conflict.line)
        offsets = accumulate([len(source) for source in sources], initial=0)
        offset_of = dict(zip(keys, offsets, strict=False))
        places = [
            (offset_of.get(key), self.base[self.base_of[index]][0] if index in self.base_of else 0)
            for index, key in enumerate(self.their_keys)
        ]
        text = self.theirs.bom + "".join(sources)
        return Merged(text, self.conflicts, self.waiting, places)

    def _unmoved(self, places: Sequence[int]) -> set[int]:
        """The places of blocks of the base, in another order, that have not moved.

        As long as headings keep their order, lines have moved past them, even where as few blocks
        would have moved the other way round.
        """
        headings = [place for place in places if place in self.heading_places]
        if headings != sorted(headings):
            return longest_increasing(places)
        passed, staying = 0, []
        for place in places:
            is_heading = place in self.heading_places
            if is_heading or passed == bisect_left(headings, place):
                staying.append(place)
            passed += is_heading
        return longest_increasing(staying)

    def _decided(self, conflict: Conflict) -> str:
        """Note a conflict; returns what stands where it is."""
        self.conflicts.append(conflict)
        decided = self.decide(conflict)
        if decided is None:
            self.waiting.append(conflict)
            return conflict.ours
        return decided

    def _read_ours(self) -> None:
        """Read our blocks, and the heading above each (0: none)."""
        items = row_items(self.ours, self.corrections)
        self.our_item = {uid: item for (uid, _source), item in zip(self.ours, items, strict=True)}
        self.our_heading = _headings(self.ours, items)

    def _their_block(
        self, index: int, source: str, twins: Mapping[int, int]
    ) -> tuple[object, str | None]:
        """The key and the merged source of one of their blocks, None if it was removed here."""
        if index not in self.base_of:
            return twins.get(index, ("new", index)), self.twin_source.get(index, source)
        place = self.base_of[index]
        uid, before = self.base[place]
        now = self.our_source.get(uid)
        if source == before:
            return uid, now
        if now in {before, source} or _are_blank(before, now, source):
            return uid, source
        if now and (merged := merge_lines(before, now, source)) is not None:
            return uid, merged
        line = self.theirs.blocks[index].first_line
        behind = self._standing_before(place)
        conflict = Conflict(line, before, now or "", source, uid, behind)
        return uid, self._decided(conflict) or None

    def _standing_before(self, place: int) -> int:
        """The nearest block of the base before a place that stands here, 0 if there is none."""
        before = (uid for uid, _source in reversed(self.base[:place]) if uid in self.our_source)
        return next(before, 0)

    def _their_removals(self) -> None:
        """Note conflicts: blocks that they removed and we changed."""
        paired = set(self.base_of.values())
        line = 1
        for index, (uid, before) in enumerate(self.base):
            if index not in paired:
                now = self.our_source.get(uid)
                if now is not None and now != before and not _are_blank(before, now):
                    conflict = Conflict(line, before, now, "", uid, self._standing_before(index))
                    if decided := self._decided(conflict):
                        self.restored[uid] = decided
            line += before.count("\n") or 1

    def _added_on_both_sides(self) -> dict[int, int]:
        """Their new blocks that we have added too, letter by letter, by index to our uid."""
        waiting: dict[str, list[int]] = {}
        for uid in self.added:
            if self.our_source[uid].strip():
                waiting.setdefault(self.our_source[uid], []).append(uid)
        twins: dict[int, int] = {}
        for index, block in enumerate(self.theirs.blocks):
            if index not in self.base_of and waiting.get(block.source):
                twins[index] = waiting[block.source].pop(0)
        # The blank lines that came with them.
        place = {uid: number for number, (uid, _source) in enumerate(self.ours)}
        for index, uid in list(twins.items()):
            for step in (-1, 1):
                beside = place[uid] + step
                if not 0 <= beside < len(self.ours) or not (
                    0 <= index + step < len(self.theirs.blocks)
                ):
                    continue
                gap, source = self.ours[beside]
                if (
                    gap not in self.base_source
                    and index + step not in self.base_of
                    and index + step not in twins
                    and gap not in twins.values()
                    and self.theirs.blocks[index + step].source == source
                ):
                    twins[index + step] = gap
        return twins

    def _added_differently(self, twins: dict[int, int]) -> None:
        """Conflicts about entries that both sides added to one section with other words."""
        waiting: dict[tuple[str, str], list[int]] = {}
        for uid in self.added:
            item = self.our_item[uid]
            if item.is_entry and item.url and uid not in twins.values():
                heading = self.our_source.get(self.our_heading[uid], "")
                waiting.setdefault((heading, item.url), []).append(uid)
        heading = ""
        for index, item in enumerate(self.their_items if waiting else ()):
            if item.is_heading:
                heading = item.source
            if item.is_entry and index not in self.base_of and index not in twins:
                uids = waiting.get((heading, item.url))
                if uids:
                    twins[index] = uid = uids.pop(0)
                    line = self.theirs.blocks[index].first_line
                    conflict = Conflict(line, "", self.our_source[uid], item.source, uid)
                    self.twin_source[index] = self._decided(conflict)

    def _lost_with_their_sections(self, merged: _Sequence) -> set[int]:
        """Note conflicts of what we added under headings that they removed; return what goes.

        Where it stays, so does what makes its section: the heading, the head of a table, text.
        """
        lost: set[int] = set()
        staying = {*merged.source, *self.restored}
        places = {uid: place for place, (uid, _source) in enumerate(self.ours)}
        for uid in self.added:
            heading, source = self.our_heading[uid], self.our_source[uid]
            is_lost = bool(heading) and heading not in staying and heading in self.base_source
            if uid in staying or not is_lost:
                continue
            if not source.strip():
                lost.add(uid)
                continue
            line = 1
            for base_uid, base_source in self.base:
                if base_uid == heading:
                    break
                line += base_source.count("\n") or 1
            behind = self.ours[places[uid] - 1][0] if places[uid] else 0
            decided = self._decided(Conflict(line, "", source, "", uid, behind))
            if not decided:
                lost.add(uid)
                continue
            self.our_source[uid] = decided
            for other, text in self.ours:
                is_frame = self.our_heading[other] == heading and not self.our_item[other].is_entry
                if is_frame and other in self.base_source and other not in merged.source:
                    self.restored.setdefault(other, text)
        return lost

    def _our_order(self, merged: _Sequence, lost: set[int]) -> None:
        """Insert our additions, and move what we moved and they left in place."""
        if self.restored and not self.our_heading:
            self._read_ours()
        their_order = [self.base_of[i] for i in range(len(self.theirs.blocks)) if i in self.base_of]
        unmoved_there = self._unmoved(their_order)
        headings = self._merged_headings(merged)
        before: list[int] = []
        for uid, _source in self.ours:
            place = self.base_place.get(uid)
            if uid not in merged.source:
                if uid in lost or (place is not None and uid not in self.restored):
                    continue
                source = self.restored.get(uid, self.our_source[uid])
                heading = self.our_heading[uid]
                merged.insert_after(self._anchor(before, heading, headings), uid, source)
                headings[uid] = heading
            elif place is None:
                pass
            elif place not in self.unmoved and (
                place in unmoved_there
                # Put elsewhere in its section there, and in another section here.
                or headings[uid] == self.base_heading[uid] != self.our_heading[uid]
            ):
                heading = self.our_heading[uid]
                anchor = self._anchor(before, heading, headings)
                merged.insert_after(anchor, uid, merged.take_out(uid))
                headings[uid] = heading
            before.append(uid)

    def _merged_headings(self, merged: _Sequence) -> dict[object, object]:
        """The heading that each block stands under in their order (0: none), a heading its own."""
        headings: dict[object, object] = {}
        kinds = dict(zip(self.their_keys, self.their_items, strict=True))
        heading: object = 0
        for key in merged:
            if kinds[key].kind == "heading":
                heading = key
            headings[key] = heading
        return headings

    @staticmethod
    def _anchor(before: Sequence[int], heading: int, headings: Mapping[object, object]) -> object:
        """After which of the blocks before it here, in order, a block under a heading belongs.

        The nearest one that has not gone to another section there.
        """
        if heading == 0 or heading in headings:
            for uid in reversed(before):
                if headings[uid] == heading:
                    return uid
            if heading == 0:
                return None
        return before[-1] if before else None


def _headings(rows: Rows, items: Sequence[Item]) -> dict[int, int]:
    """The heading above each block (0: none), a heading its own, by uid."""
    headings: dict[int, int] = {}
    heading = 0
    for (uid, _source), item in zip(rows, items, strict=True):
        heading = headings[uid] = uid if item.is_heading else heading
    return headings


def _are_blank(*sources: str | None) -> bool:
    """Whether these are blank lines, about which nobody has to decide."""
    return not any(source and source.strip() for source in sources)


def _apart(base: Rows, ours: Rows) -> Rows:
    """Our blocks with blank lines apart that became one when what stood between was removed."""
    place = {uid: number for number, (uid, _source) in enumerate(base)}
    here = {uid for uid, _source in ours}
    rows: list[tuple[int, str]] = []
    for uid, source in ours:
        number = place.get(uid)
        if number is not None and source != base[number][1] and _are_blank(source):
            parts = [base[number]]
            for other, text in base[number + 1 :]:
                if other in here:
                    break
                parts += [(other, text)] if _are_blank(text) else []
            if "".join([text for _uid, text in parts]) == source:
                rows += parts
                continue
        rows.append((uid, source))
    return rows


def line_ending(sources: Sequence[str]) -> str:
    """The first line ending in these texts; a line feed where there is none."""
    for source in sources:
        for ending in ("\r\n", "\n", "\r"):
            if source.endswith(ending):
                return ending
    return "\n"
