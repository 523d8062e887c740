"""Three-way merge of a list: what was changed here, and what was changed in Git, since both
were the same.

Works on whole blocks (rows, items, paragraphs). Changes of different blocks never conflict, not
even of neighbours; different changes of the same block always do. So do two additions that lead
to the same place in one section, and an addition here to a section that is gone there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def items_of(document: Document) -> list[Item]:
    """A document's blocks as the matching sees them."""
    items = []
    for block in document.blocks:
        item = Item(block.kind.value, block.source, False, block.listing, block.section)
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

    def sources(self) -> list[str]:
        sources = []
        key = self.following[None]
        while key is not None:
            sources.append(self.source[key])
            key = self.following[key]
        return sources


def merge(base: Rows, ours: Rows, theirs: Document) -> tuple[str, list[Conflict]]:
    """Merge what changed from `base` to `ours` into `theirs`.

    Returns the merged text, in which conflicts are decided for theirs, and the conflicts in the
    order of the incoming text.
    """
    return _Merge(base, ours, theirs).run()


class _Merge:
    def __init__(self, base: Rows, ours: Rows, theirs: Document) -> None:
        self.base = base
        self.ours = ours
        self.theirs = theirs
        self.base_source = dict(base)
        self.our_source = dict(ours)
        self.their_items = items_of(theirs)
        self.base_of = Matching(row_items(base), self.their_items).run()
        self.added = [uid for uid in self.our_source if uid not in self.base_source]
        self.our_item: dict[int, Item] = {}
        self.our_heading: dict[int, int] = {}
        if self.added:
            self._read_ours()
        self.conflicts: list[Conflict] = []

    def run(self) -> tuple[str, list[Conflict]]:
        twins = self._added_on_both_sides()
        self._added_differently(twins)
        merged = _Sequence()
        last: object = None
        for index, block in enumerate(self.theirs.blocks):
            key, source = self._their_block(index, block.source, twins)
            if source is None:
                continue
            merged.insert_after(last, key, source)
            last = key
        self._their_removals()
        self._our_order(merged)
        sources = merged.sources()
        ending = _line_ending(sources)
        for number, source in enumerate(sources[:-1]):
            if not source.endswith(("\n", "\r")):
                sources[number] = source + ending
        self.conflicts.sort(key=lambda conflict: conflict.line)
        return self.theirs.bom + "".join(sources), self.conflicts

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
        if now is None or now not in {before, source}:
            line = self.theirs.blocks[index].first_line
            self.conflicts.append(Conflict(line, before, now or "", source))
        return uid, source

    def _their_removals(self) -> None:
        """What they removed and we changed."""
        kept = set(self.base_of.values())
        line = 1
        for index, (uid, before) in enumerate(self.base):
            if index not in kept:
                now = self.our_source.get(uid)
                if now is not None and now != before:
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
        base_place = {uid: number for number, (uid, _source) in enumerate(self.base)}
        still = [base_place[uid] for uid, _source in self.ours if uid in base_place]
        unmoved = longest_increasing(still)
        their_order = [self.base_of[i] for i in range(len(self.theirs.blocks)) if i in self.base_of]
        unmoved_there = longest_increasing(their_order)
        before: object = None
        for uid, source in self.ours:
            place = base_place.get(uid)
            if place is None:
                if uid not in merged.source:
                    if self._lost_its_section(uid, merged):
                        continue
                    merged.insert_after(before, uid, source)
            elif uid not in merged.source:
                continue
            elif place not in unmoved and place in unmoved_there:
                merged.insert_after(before, uid, merged.take_out(uid))
            before = uid

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


def _line_ending(sources: Sequence[str]) -> str:
    for source in sources:
        for ending in ("\r\n", "\n", "\r"):
            if source.endswith(ending):
                return ending
    return "\n"
