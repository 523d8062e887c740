"""Matching of the blocks of a new text with those of the old one.

Pure: works on two sequences of `Item`s. An entry is recognised by what it says, never by its
place alone: a new row where an old one stood is not the old entry. Blocks that are no entries
have no identity to lose; for them the place counts, so that a changed paragraph reads as changed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from catalog.markdown.grouping import item_start
from catalog.markdown.nodes import Slot


@dataclass(slots=True)
class Item:
    """A block as the matching sees it.

    `listing` and `section` tell places apart inside one text only; None is outside of all.
    `parent` is the item it stands inside. `name` and `url` (canonical) are those of its
    entry, `urls` all its canonical links.
    """

    kind: str
    source: str
    is_entry: bool = False
    listing: int | None = None
    section: int | None = None
    name: str = ""
    url: str = ""
    urls: frozenset[str] = frozenset()
    is_heading: bool = False
    """Whether a section begins here."""
    head: str = ""
    """The lines above a thing's parts, or its first part."""
    known_by: tuple[Slot, ...] = ()
    """Where the name and the address of an entry stand; () where it has several parts."""
    parent: Item | None = field(default=None, repr=False, compare=False)

    @property
    def is_prose(self) -> bool:
        """Whether it is running text, which never is what an item or a row was."""
        return self.kind == "paragraph"

    def rest(self) -> str:
        """What an entry says besides its name and address, blanks folded; '' if that is too little
        to know it by."""
        start = item_start(self.source)
        texts = []
        for slot in sorted(self.known_by):
            texts.append(self.source[start : slot.start])
            start = max(start, slot.end)
        rest = " ".join("\0".join([*texts, self.source[start:]]).split())
        return rest if texts and _ENOUGH_LETTERS.match(rest) else ""


# So many say enough to know an entry by: more than a licence and a language.
_ENOUGH_LETTERS = re.compile(r"(?:[\W\d_]*[^\W\d_]){12}")


class Matching:
    """Pairs of indexes, old to new, found by `run()` from the surest evidence to the weakest."""

    def __init__(self, old: Sequence[Item], new: Sequence[Item]) -> None:
        self.old = old
        self.new = new
        self.new_of: dict[int, int] = {}
        self.old_of: dict[int, int] = {}
        self.renamed: set[int] = set()
        """New indexes of entries that have another name and address, and are known by the rest."""
        self._index = {id(item): index for items in (old, new) for index, item in enumerate(items)}
        self._listing_of: dict[int | None, int | None] = {}
        self._section_of: dict[int | None, int | None] = {}

    def run(self) -> dict[int, int]:
        """Match everything; returns the old index of each matched new one."""
        self._ends()
        self._by_key(lambda item: item.source, lambda item: len(item.source.strip()) > 0)
        self._neighbours()
        self._settle_places()
        self._in_order(lambda item: item.source, entries_only=True)
        self._by_head()
        self._by_key(lambda item: item.url, _is_linked_entry)
        self._settle_places()
        self._in_order(lambda item: item.url and f"{item.url} {item.name}", entries_only=True)
        self._in_order(lambda item: item.url, entries_only=True)
        while self._by_name_in_place():
            pass  # Then what stands below those that were paired.
        self._by_shared_link()
        self._anywhere(lambda item: item.url and f"{item.url} {item.name}")
        self._by_rest()
        self._headings()
        self._settle_places()
        self._in_order(lambda item: item.source, entries_only=False)
        self._neighbours()
        self._prose_in_place()
        return self.old_of

    def _pair(self, old: int, new: int) -> None:
        self.new_of[old] = new
        self.old_of[new] = old

    def _ends(self) -> None:
        """The unchanged beginning and end of the text: nearly all of it, as a rule."""
        old, new = self.old, self.new
        shorter = min(len(old), len(new))
        start = 0
        while start < shorter and old[start].source == new[start].source:
            self._pair(start, start)
            start += 1
        back = 1
        while back <= shorter - start and old[-back].source == new[-back].source:
            self._pair(len(old) - back, len(new) - back)
            back += 1

    def _free(self, *, old: bool) -> Iterable[tuple[int, Item]]:
        items, taken = (self.old, self.new_of) if old else (self.new, self.old_of)
        return ((index, item) for index, item in enumerate(items) if index not in taken)

    def _by_key(self, key: Callable[[Item], Hashable], accepts: Callable[[Item], bool]) -> None:
        """Pair what both sides have left exactly once."""
        ours: dict[Hashable, list[int]] = defaultdict(list)
        theirs: dict[Hashable, list[int]] = defaultdict(list)
        for index, item in self._free(old=True):
            if accepts(item):
                ours[item.kind == "item", item.is_prose, item.is_entry, key(item)].append(index)
        for index, item in self._free(old=False):
            if accepts(item):
                theirs[item.kind == "item", item.is_prose, item.is_entry, key(item)].append(index)
        for value, indexes in ours.items():
            pairs = theirs.get(value, ())
            if len(indexes) == len(pairs) == 1:
                self._pair(indexes[0], pairs[0])

    def _by_head(self) -> None:
        """Pair a thing that has parts now, or had, with what it is without, alone on both sides.

        So lines that become parts of a thing never take it for themselves.
        """
        ours: dict[str, list[int]] = defaultdict(list)
        theirs: dict[str, list[int]] = defaultdict(list)
        for index, item in self._free(old=True):
            ours[(item.head or item.source).rstrip("\r\n")].append(index)
        for index, item in self._free(old=False):
            theirs[(item.head or item.source).rstrip("\r\n")].append(index)
        for source, indexes in ours.items():
            pairs = theirs.get(source, ())
            if source and len(indexes) == len(pairs) == 1:
                old, new = indexes[0], pairs[0]
                if self.old[old].head or self.new[new].head:
                    self._pair(old, new)

    def _settle_places(self) -> None:
        """Match the sections and listings of both texts.

        The majority of what is paired decides; listings of which nothing is paired yet follow
        each other in their section.
        """
        for attribute, places in (("section", self._section_of), ("listing", self._listing_of)):
            votes: dict[tuple[int | None, int | None], int] = Counter()
            for new, old in self.old_of.items():
                here, there = getattr(self.old[old], attribute), getattr(self.new[new], attribute)
                if here is not None and there is not None:
                    votes[here, there] += 1
            places.clear()
            taken: set[int | None] = set()
            for (here, there), _count in sorted(votes.items(), key=lambda vote: -vote[1]):
                if here not in places and there not in taken:
                    places[here] = there
                    taken.add(there)
        self._section_of[None] = None
        waiting: dict[int | None, list[int]] = defaultdict(list)
        taken = set(self._listing_of.values())
        for listing, section in _listings(self.new).items():
            if listing not in taken:
                waiting[section].append(listing)
        for listing, section in _listings(self.old).items():
            rivals = waiting.get(self._section_of.get(section, -1))
            if listing not in self._listing_of and rivals:
                self._listing_of[listing] = rivals.pop(0)

    def _in_order(self, key: Callable[[Item], str], *, entries_only: bool) -> None:
        """Pair repeated things in the order in which they follow inside the same listing."""
        ours: dict[Hashable, list[int]] = defaultdict(list)
        theirs: dict[Hashable, list[int]] = defaultdict(list)
        for index, item in self._free(old=True):
            if (item.is_entry or not entries_only) and key(item):
                ours[self._place(item, old=True), item.kind, key(item)].append(index)
        for index, item in self._free(old=False):
            if (item.is_entry or not entries_only) and key(item):
                theirs[self._place(item, old=False), item.kind, key(item)].append(index)
        for value, indexes in ours.items():
            for old, new in zip(indexes, theirs.get(value, ()), strict=False):
                self._pair(old, new)

    def _place(self, item: Item, *, old: bool) -> Hashable:
        if item.listing is not None:
            return ("listing", self._listing_of.get(item.listing, -1) if old else item.listing)
        if item.section is None:
            return ("start",)
        return ("section", self._section_of.get(item.section, -1) if old else item.section)

    def _by_name_in_place(self) -> bool:
        """Pair entries alone with their name below the same item, or else in the same listing.

        Returns whether there were any.
        """
        ours: dict[Hashable, list[int]] = defaultdict(list)
        theirs: dict[Hashable, list[int]] = defaultdict(list)
        for index, item in self._free(old=True):
            if item.is_entry and item.name:
                place, parent = self._place(item, old=True), self._parent(item, old=True)
                ours[place, parent, item.is_prose, item.name].append(index)
        for index, item in self._free(old=False):
            if item.is_entry and item.name:
                place, parent = self._place(item, old=False), self._parent(item, old=False)
                theirs[place, parent, item.is_prose, item.name].append(index)
        pairs = [
            (indexes[0], theirs[value][0])
            for value, indexes in ours.items()
            if len(indexes) == len(theirs.get(value, ())) == 1
        ]
        for old, new in pairs:
            self._pair(old, new)
        return bool(pairs)

    def _parent(self, item: Item, *, old: bool) -> int | None:
        """The index, in the new text, of the item it stands inside; -1 for one that is gone."""
        if item.parent is None:
            return None
        index = self._index.get(id(item.parent), -1)
        return self.new_of.get(index, -1) if old else index

    def _anywhere(self, key: Callable[[Item], str]) -> None:
        """Pair entries that are left, in reading order, wherever they stand."""
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for index, item in self._free(old=True):
            if item.is_entry and key(item):
                waiting[item.is_prose, key(item)].append(index)
        for index, item in list(self._free(old=False)):
            if item.is_entry and waiting.get((item.is_prose, key(item))):
                self._pair(waiting[item.is_prose, key(item)].pop(0), index)

    def _by_shared_link(self) -> None:
        """Pair entries when exactly one on each side has a link in common."""
        ours: dict[tuple[bool, str], list[int]] = defaultdict(list)
        theirs: dict[tuple[bool, str], list[int]] = defaultdict(list)
        for index, item in self._free(old=True):
            if item.is_entry:
                for url in item.urls:
                    ours[item.is_prose, url].append(index)
        for index, item in self._free(old=False):
            if item.is_entry:
                for url in item.urls:
                    theirs[item.is_prose, url].append(index)
        for shared in sorted(ours):
            pairs = [index for index in theirs.get(shared, ()) if index not in self.old_of]
            here = [index for index in ours[shared] if index not in self.new_of]
            if len(here) == len(pairs) == 1:
                self._pair(here[0], pairs[0])

    def _by_rest(self) -> None:
        """Pair entries of one place that differ by name and address alone, if nothing else there
        says the same, on either side."""
        if not all(any(i.is_entry for _n, i in self._free(old=old)) for old in (True, False)):
            return
        sides: list[dict[Hashable, list[int]]] = []
        for old in (True, False):
            by_rest: dict[Hashable, list[int]] = defaultdict(list)
            for index, item in enumerate(self.old if old else self.new):
                if item.is_entry and (rest := item.rest()):
                    by_rest[self._place(item, old=old), item.kind, rest].append(index)
            sides.append(by_rest)
        for value, ours in sides[0].items():
            theirs = sides[1].get(value, ())
            if len(ours) == len(theirs) == 1:
                old_index, new_index = ours[0], theirs[0]
                if old_index not in self.new_of and new_index not in self.old_of:
                    self._pair(old_index, new_index)
                    self.renamed.add(new_index)

    def _headings(self) -> None:
        """A heading with other words is the same one when most of its entries stand under it."""
        votes: dict[tuple[int, int], int] = Counter()
        for new, old in self.old_of.items():
            here, there = self.old[old].section, self.new[new].section
            if self.old[old].is_entry and here is not None and there is not None:
                votes[here, there] += 1
        heads_old = {item.section: i for i, item in enumerate(self.old) if item.is_heading}
        heads_new = {item.section: i for i, item in enumerate(self.new) if item.is_heading}
        for (here, there), _count in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0])):
            head, new_head = heads_old.get(here), heads_new.get(there)
            if head is None or new_head is None:
                continue
            if head not in self.new_of and new_head not in self.old_of:
                self._pair(head, new_head)

    def _neighbours(self) -> None:
        """Pair equal blocks that follow, or stand before, blocks already paired."""
        for new in range(len(self.new)):
            self._extend(self.old_of.get(new - 1, -2) + 1 if new else 0, new)
        for new in range(len(self.new) - 1, -1, -1):
            follower = self.old_of.get(new + 1)
            if new == len(self.new) - 1:
                self._extend(len(self.old) - 1, new)
            elif follower is not None:
                self._extend(follower - 1, new)

    def _extend(self, old: int, new: int) -> None:
        if (
            0 <= old < len(self.old)
            and old not in self.new_of
            and new not in self.old_of
            and self.old[old].source == self.new[new].source
            and self.old[old].is_prose == self.new[new].is_prose
        ):
            self._pair(old, new)

    def _prose_in_place(self) -> None:
        """Text, headers and rules that changed where they stand, between the same neighbours."""
        for new, item in list(self._free(old=False)):
            if item.is_entry:
                continue
            before = self.old_of.get(new - 1) if new else -1
            after = self.old_of.get(new + 1) if new + 1 < len(self.new) else len(self.old)
            old = before + 1 if before is not None else (after - 1 if after is not None else None)
            if old is None or not 0 <= old < len(self.old) or old in self.new_of:
                continue
            if self.old[old].kind == item.kind and not self.old[old].is_entry:
                self._pair(old, new)


def _listings(items: Sequence[Item]) -> dict[int, int | None]:
    """The listings in order, and the section each begins in."""
    pairs: dict[int, int | None] = {}
    for item in items:
        if item.listing is not None:
            pairs.setdefault(item.listing, item.section)
    return pairs


def _is_linked_entry(item: Item) -> bool:
    return item.is_entry and bool(item.url)
