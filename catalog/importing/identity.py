"""Identity: the stored entry of each entry in a text, once blocks are matched.

An entry stands on its block, and what becomes of the block becomes of it, but where a text is cut
otherwise than before: lines that were entries of their own are parts of one now, or the reverse,
and a heading with a link is a heading. Then the thing keeps the entry that named it, or else that
of its first part; the others are joined to it, and their addresses lead there.

Pure, as `matching.py` is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from catalog import markdown
from catalog.importing.matching import Item
from catalog.markdown.links import canonical_url
from catalog.markdown.nodes import BlockKind
from catalog.models import Entry
from catalog.store.snapshots import StoredBlock


@dataclass(slots=True)
class Identity:
    """Stored entries, by key, and what they are in the document."""

    entries: dict[int, int] = field(default_factory=dict)
    """The key of each entry of the document that is a stored one, by index."""
    joined: dict[int, int] = field(default_factory=dict)
    """Stored entries that are parts of an entry now: its index by their keys."""
    headings: dict[int, int] = field(default_factory=dict)
    """Stored entries that are nothing but headings now: the section's index by their keys."""


def identify(
    document: markdown.Document,
    stored: Sequence[StoredBlock],
    old_of: Mapping[int, int],
    states: Mapping[int, str],
    *,
    items: Callable[[], Sequence[Item]],
    in_place: bool,
) -> Identity:
    """Find out what the stored entries are.

    `old_of` gives the stored block of each new one, `states` those of living entries by key;
    `items` reads the stored blocks, where something is left to find out. With `in_place` the text
    is the stored one, cut otherwise.
    """
    identity = Identity()
    for index, entry in enumerate(document.entries):
        old = old_of.get(entry.block)
        if old is not None and (key := stored[old].entry) is not None:
            identity.entries[index] = key
    if len(identity.entries) < sum(block.entry is not None for block in stored):
        _Search(identity, document, stored, old_of, states, items(), in_place=in_place).run()
    return identity


class _Search:
    """Looks for the entries whose blocks are no entries any more."""

    def __init__(
        self,
        identity: Identity,
        document: markdown.Document,
        stored: Sequence[StoredBlock],
        old_of: Mapping[int, int],
        states: Mapping[int, str],
        items: Sequence[Item],
        *,
        in_place: bool,
    ) -> None:
        self.identity = identity
        self.document = document
        self.stored = stored
        self.old_of = old_of
        self.new_of = {old: new for new, old in old_of.items()}
        self.states = states
        self.items = items
        known = set(identity.entries.values())
        self.left = {
            block.entry: number
            for number, block in enumerate(stored)
            if block.entry is not None and block.entry not in known
        }
        """Stored entries that are not matched, and the numbers of their blocks, in order."""
        self.sections = {section.block: n for n, section in enumerate(document.sections)}
        self.homes = self._homes_in_place() if in_place else self._homes_by_parts()

    def run(self) -> None:
        self._heads()
        self._same_address()
        self._first_parts()
        for key, number in self.left.items():
            home = self.homes.get(number)
            entry = None if home is None else self.document.blocks[home].entry
            if entry is not None:
                self.identity.joined[key] = entry
            elif (section := self._section_at(number)) is not None:
                self.identity.headings[key] = section

    def _homes_in_place(self) -> dict[int, int]:
        """The block of the document in whose lines each stored one that is left stands."""
        starts = list(accumulate([len(b.source) for b in self.document.blocks], initial=0))
        offsets = list(accumulate([len(block.source) for block in self.stored], initial=0))
        return {number: bisect_right(starts, offsets[number]) - 1 for number in self.left.values()}

    def _homes_by_parts(self) -> dict[int, int]:
        """The block of which each stored one that is left has become a part, by its lines.

        Or by its address, where the item that it stood in has become one thing.
        """
        blocks = self.document.blocks
        homes: dict[int, int] = {}
        by_source: dict[str, list[int]] = {}
        for index, block in enumerate(blocks):
            for source in part_sources(block):
                by_source.setdefault(source, []).append(index)
        number_of = {id(item): number for number, item in enumerate(self.items)}
        for number in self.left.values():
            item = self.items[number]
            homes_here = by_source.get(item.source.rstrip("\r\n"), [])
            if len(homes_here) == 1:
                homes[number] = homes_here[0]
                continue
            above = number_of.get(id(item.parent), -1) if item.parent else -1
            around = self.new_of.get(above)
            if around is None or not blocks[around].parts:
                continue
            urls = {canonical_url(link.url) for link in blocks[around].links}
            if around in homes_here or item.url in urls:
                homes[number] = around
        return homes

    def _section_at(self, number: int) -> int | None:
        new = self.new_of.get(number)
        return None if new is None else self.sections.get(new)

    def _heads(self) -> None:
        """A heading that named a thing gives it its entry, not its first part."""
        for index, block in enumerate(self.document.blocks):
            if block.head is None or block.entry is None:
                continue
            above = index - 1
            while above >= 0 and self.document.blocks[above].kind in _BETWEEN:
                above -= 1
            key = self.stored[self.old_of[above]].entry if above in self.old_of else None
            if key is None or key not in self.left or not self._was_published(key):
                continue
            del self.left[key]
            part = self.identity.entries.get(block.entry)
            self.identity.entries[block.entry] = key
            if part is not None:
                number = self.old_of[index]
                self.left[part] = number
                self.homes[number] = index

    def _same_address(self) -> None:
        """An entry that stands on other lines now, known by its address."""
        unknown: dict[str, list[int]] = {}
        for index, entry in enumerate(self.document.entries):
            if index not in self.identity.entries and (url := canonical_url(entry.url)):
                unknown.setdefault(url, []).append(index)
        rivals: dict[str, list[int]] = {}
        for key, number in self.left.items():
            rivals.setdefault(self.items[number].url, []).append(key)
        for url, indexes in unknown.items():
            keys = rivals.get(url, [])
            if len(indexes) == len(keys) == 1:
                self._settle(indexes[0], keys[0])

    def _first_parts(self) -> None:
        """Give a thing that had no entry of its own the entry of its first part."""
        for key, number in list(self.left.items()):
            home = self.homes.get(number)
            entry = None if home is None else self.document.blocks[home].entry
            if entry is not None and entry not in self.identity.entries:
                self._settle(entry, key)

    def _settle(self, entry: int, key: int) -> None:
        self.identity.entries[entry] = key
        del self.left[key]

    def _was_published(self, key: int) -> bool:
        return self.states.get(key) == Entry.State.PUBLISHED


_BETWEEN = frozenset({BlockKind.GAP, BlockKind.PARAGRAPH})


def part_sources(block: markdown.Block) -> list[str]:
    """The lines of each part of a thing, and those above them, without the last line ending."""
    if not block.parts:
        return []
    cuts = sorted({0, *block.parts, len(block.source)})
    return [block.source[start:end].rstrip("\r\n") for start, end in pairwise(cuts)]
