"""Three-way merge of a list: what was changed here, and what was changed in Git, since both
were the same.

Works on whole blocks (rows, items, paragraphs). Changes of different blocks never conflict, not
even of neighbours; different changes of the same block always do. So do two additions that lead
to the same place in one section, and an addition here to a section that is gone there. Nobody has
to decide about blank lines: they are theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from catalog.history.subsequences import longest_increasing
from catalog.importing.matching import Item, Matching
from catalog.markdown import Document, parse
from catalog.markdown.links import canonical_url

type Rows = Sequence[tuple[int, str]]
"""A text as `(uid, source)` of its blocks in order."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A block that both sides changed, each in its own way; '' where it is not there.

    `line` is where it stands in the incoming text (where it stood before, if it is gone there).
    """

    line: int
    base: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged text, in which conflicts are decided for theirs.

    `conflicts` are in the order of the incoming text. `places` say for each of its blocks where it
    stands in the merged one (offset in characters, behind the byte order mark; None: removed here)
    and which block of the base it is (0: none).
    """

    text: str
    conflicts: list[Conflict]
    places: list[tuple[int | None, int]]


def items_of(document: Document) -> list[Item]:
    """A document's blocks as the matching sees them."""
    items: list[Item] = []
    for block in document.blocks:
        item = Item(block.kind.value, block.source, False, block.listing, block.section)
        item.parent = items[block.parent] if block.parent is not None else None
        if block.entry is not None:
            entry = document.entries[block.entry]
            item.is_entry = True
            item.name = entry.name
            item.url = canonical_url(entry.url)
            item.urls = frozenset(filter(None, [canonical_url(link.url) for link in entry.links]))
        items.append(item)
    for section in document.sections:
        items[section.block].is_heading = True
    return items


def row_items(rows: Rows) -> list[Item]:
    """Stored blocks as the matching sees them: their text, read again.

    A row that a fresh reading cuts otherwise (blank lines, after an edit between them) is known
    by its source alone.
    """
    document = parse("".join([source for _uid, source in rows]))
    fresh = items_of(document)
    starts = accumulate([len(block.source) for block in document.blocks], initial=0)
    by_start = dict(zip(starts, fresh, strict=False))
    items = []
    offset = 0
    for _uid, source in rows:
        item = by_start.get(offset)
        if item is None or item.source != source:
            item = Item("gap" if not source.strip() else "paragraph", source)
        items.append(item)
        offset += len(source)
    return items


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


def merge(base: Rows, ours: Rows, theirs: Document) -> Merged:
    """Merge what changed from `base` to `ours` into `theirs`."""
    return _Merge(base, ours, theirs).run()


class _Merge:
    def __init__(self, base: Rows, ours: Rows, theirs: Document) -> None:
        self.base = base
        self.ours = ours = _apart(base, ours)
        self.theirs = theirs
        self.base_source = dict(base)
        self.our_source = dict(ours)
        self.their_items = items_of(theirs)
        self.base_of = Matching(row_items(base), self.their_items).run()
        self.added = [uid for uid in self.our_source if uid not in self.base_source]
        self.base_place = {uid: number for number, (uid, _source) in enumerate(base)}
        still = [self.base_place[uid] for uid in self.our_source if uid in self.base_place]
        self.unmoved = longest_increasing(still)
        self.our_item: dict[int, Item] = {}
        self.our_heading: dict[int, int] = {}
        if self.added or len(self.unmoved) < len(still):
            self._read_ours()
        self.their_keys: list[object] = []
        self.conflicts: list[Conflict] = []

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
        self._our_order(merged)
        keys = list(merged)
        sources = [merged.source[key] for key in keys]
        ending = _line_ending(sources)
        for number, source in enumerate(sources[:-1]):
            if not source.endswith(("\n", "\r")):
                sources[number] = source + ending
        self.conflicts.sort(key=lambda conflict: conflict.line)
        offsets = accumulate([len(source) for source in sources], initial=0)
        offset_of = dict(zip(keys, offsets, strict=False))
        places = [
            (offset_of.get(key), self.base[self.base_of[index]][0] if index in self.base_of else 0)
            for index, key in enumerate(self.their_keys)
        ]
        return Merged(self.theirs.bom + "".join(sources), self.conflicts, places)

    def _read_ours(self) -> None:
        """What our blocks are, and the heading each stands under (0: none)."""
        heading = 0
        for (uid, _source), item in zip(self.ours, row_items(self.ours), strict=True):
            if item.is_heading:
                heading = uid
            self.our_item[uid] = item
            self.our_heading[uid] = heading

    def _their_block(
        self, index: int, source: str, twins: Mapping[int, int]
    ) -> tuple[object, str | None]:
        """The key and the merged source of one of their blocks, None if it was removed here."""
        if index not in self.base_of:
            return twins.get(index, ("new", index)), source
        uid, before = self.base[self.base_of[index]]
        now = self.our_source.get(uid)
        if source == before:
            return uid, now
        if now not in {before, source} and not _are_blank(before, now, source):
            line = self.theirs.blocks[index].first_line
            self.conflicts.append(Conflict(line, before, now or "", source))
        return uid, source

    def _their_removals(self) -> None:
        """What they removed and we changed."""
        paired = set(self.base_of.values())
        line = 1
        for index, (uid, before) in enumerate(self.base):
            if index not in paired:
                now = self.our_source.get(uid)
                if now is not None and now != before and not _are_blank(before, now):
                    self.conflicts.append(Conflict(line, before, now, ""))
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
                    self.conflicts.append(Conflict(line, "", self.our_source[uid], item.source))

    def _our_order(self, merged: _Sequence) -> None:
        """Put in what we added, and move what we moved and they left in its place."""
        their_order = [self.base_of[i] for i in range(len(self.theirs.blocks)) if i in self.base_of]
        unmoved_there = longest_increasing(their_order)
        headings = self._merged_headings(merged)
        before: list[int] = []
        for uid, source in self.ours:
            place = self.base_place.get(uid)
            if place is None:
                if uid not in merged.source:
                    if self._lost_its_section(uid, merged):
                        continue
                    heading = self.our_heading[uid]
                    merged.insert_after(self._anchor(before, heading, headings), uid, source)
                    headings[uid] = heading
            elif uid not in merged.source:
                continue
            elif place not in self.unmoved and place in unmoved_there:
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

    def _lost_its_section(self, uid: int, merged: _Sequence) -> bool:
        """Whether a block of ours stands under a heading that they removed: a conflict."""
        heading = self.our_heading[uid]
        if not heading or heading in merged.source or heading not in self.base_source:
            return False
        if self.our_source[uid].strip():
            line = 1
            for base_uid, source in self.base:
                if base_uid == heading:
                    break
                line += source.count("\n") or 1
            self.conflicts.append(Conflict(line, "", self.our_source[uid], ""))
        return True


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


def _line_ending(sources: Sequence[str]) -> str:
    for source in sources:
        for ending in ("\r\n", "\n", "\r"):
            if source.endswith(ending):
                return ending
    return "\n"
