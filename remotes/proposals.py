"""Proposals in another version of a list's file, entry by entry.

Pure: two texts are compared, nothing is read or written. What is no entry, such as running text or
a heading, cannot be proposed on the site; where that differs the version is for Git.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from catalog.importing.matching import Matching
from catalog.importing.merging import items_of
from catalog.markdown import Block, Document
from catalog.markdown.nodes import BlockKind, ListingKind
from catalog.markdown.subsequences import longest_increasing
from submissions.choices import Kind


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of an entry; `name_column` is that of its table, None in a list."""

    name: str = ""
    url: str = ""
    description: str = ""
    cells: tuple[str, ...] = ()
    name_column: int | None = None


@dataclass(frozen=True, slots=True)
class EntryProposal:
    """A change of one entry. Blocks are indexes of the older document.

    `line` is where it stands in the newer text (in the older one, for a removal). `block` is the
    entry's, None for an addition; `sibling` is one of the listing that it goes to, and `after` the
    one that it goes behind there, None for the front.
    """

    kind: Kind
    line: int
    source: str
    block: int | None = None
    before: Fields = field(default_factory=Fields)
    fields: Fields = field(default_factory=Fields)
    sibling: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The proposals of a version; `unreadable` are its lines that are no entry's."""

    proposals: list[EntryProposal]
    unreadable: list[int]


def compare(older: Document, newer: Document) -> Comparison:
    """Work out what has to be proposed for the older text to become the newer one."""
    return _Comparing(older, newer).run()


def fields_of(document: Document, block: Block) -> Fields | None:
    """Return the fields of the entry on a block; None where there is none, or only a suggested
    one."""
    if block.entry is None or document.entries[block.entry].suggested:
        return None
    entry = document.entries[block.entry]
    listing = None if block.listing is None else document.listings[block.listing]
    if listing is None or listing.kind is not ListingKind.TABLE:
        return Fields(entry.name, entry.url, entry.description)
    cells = tuple(cell.text for cell in entry.cells)
    return Fields(entry.name, entry.url, "", cells, listing.name_column)


class _Comparing:
    def __init__(self, older: Document, newer: Document) -> None:
        self.older, self.newer = older, newer
        self.old_of = Matching(items_of(older), items_of(newer)).run()
        pairs = [(new, old) for new, old in sorted(self.old_of.items()) if not _is_gap(newer, new)]
        standing = longest_increasing([old for _new, old in pairs])
        self.moved = {new for new, old in pairs if old not in standing}
        self.unreadable: list[int] = []

    def run(self) -> Comparison:
        proposals = [*self._there(), *self._gone()]
        return Comparison(proposals, sorted(self.unreadable))

    def _there(self) -> Iterator[EntryProposal]:
        for index, block in enumerate(self.newer.blocks):
            if _is_gap(self.newer, index):
                continue
            proposal = self._changed(index, block)
            if proposal is not None:
                yield proposal

    def _changed(self, index: int, block: Block) -> EntryProposal | None:
        """Return the proposal in a block of the newer text; None for none."""
        old = self.old_of.get(index)
        is_moved = index in self.moved
        before = None if old is None else self.older.blocks[old]
        if before is not None and not is_moved and _ended(before.source) == _ended(block.source):
            return None
        fields = fields_of(self.newer, block)
        was = None if before is None else fields_of(self.older, before)
        place = self._place(index, block) if old is None or is_moved else (None, None)
        if fields is None or place is None or (before is not None and was is None):
            self.unreadable.append(block.first_line)
            return None
        kind = Kind.MOVE if is_moved else Kind.EDIT if before is not None else Kind.ADD
        return EntryProposal(
            kind, block.first_line, block.source, old, was or Fields(), fields, *place
        )

    def _place(self, index: int, block: Block) -> tuple[int | None, int | None] | None:
        """A block of the listing that another goes to, and the one it goes behind; None: nowhere.

        Only what stands there in both texts can tell.
        """
        if block.listing is None:
            return None
        listing = self.newer.listings[block.listing]
        staying = [
            (new, self.old_of[new])
            for new in listing.blocks
            if new in self.old_of and new not in self.moved
        ]
        entries = [
            (new, old) for new, old in staying if fields_of(self.older, self.older.blocks[old])
        ]
        if not entries:
            return None
        above = [old for new, old in entries if new < index]
        return entries[0][1], above[-1] if above else None

    def _gone(self) -> Iterator[EntryProposal]:
        there = set(self.old_of.values())
        for index, block in enumerate(self.older.blocks):
            if index in there or _is_gap(self.older, index):
                continue
            fields = fields_of(self.older, block)
            if fields is None:
                self.unreadable.append(block.first_line)
                continue
            yield EntryProposal(Kind.REMOVE, block.first_line, block.source, index, fields, fields)


def _is_gap(document: Document, index: int) -> bool:
    return document.blocks[index].kind is BlockKind.GAP


def _ended(source: str) -> str:
    return source.rstrip("\r\n")
