"""The document to be written, and the stored rows of its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalog import markdown
from catalog.models import Catalog
from catalog.store.snapshots import StoredBlock

BATCH = 1000
"""Rows of one statement."""


def key_of(keys: Mapping[int, int], index: int | None) -> int | None:
    """The key of a part of the document by its index; 0 for one that is new, None for none."""
    return None if index is None else keys.get(index, 0)


@dataclass(slots=True)
class DocumentWrite:
    """A document to be written, and which stored rows its parts are.

    `old_of` gives the index in `blocks` for each matched new block, `moved` the new blocks that
    do not keep their place. `sections`, `listings` and `entries` are stored keys by index in the
    document, entries that come back among them. Of stored entries that are none any more, `joined`
    gives the entry and `headings` the section that they have become, index by key.
    """

    catalog: Catalog
    document: markdown.Document
    old_of: Mapping[int, int]
    moved: set[int]
    blocks: Sequence[StoredBlock]
    sections: Mapping[int, int]
    listings: Mapping[int, int]
    entries: Mapping[int, int]
    joined: Mapping[int, int] = field(default_factory=dict)
    headings: Mapping[int, int] = field(default_factory=dict)
    is_rebuild: bool = False
    """The lines are the stored ones: write all links again, and nothing that comes is news."""
    keeps_guesses: bool = False
    """Whether guessed column roles stay. An edit of one entry does so, too: a guess is as good as
    the cells that it was made from, and is made anew when the whole is written."""
    keys: list[int] = field(default_factory=list)
    """Primary keys of the document's blocks, 0 for those that have no rows yet."""
    uids: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)

    @property
    def lost_entries(self) -> list[int]:
        """Keys of stored entries that do not stand on their blocks any more."""
        standing = {
            self.old_of.get(entry.block): self.entries.get(index)
            for index, entry in enumerate(self.document.entries)
        }
        return [
            block.entry
            for number, block in enumerate(self.blocks)
            if block.entry is not None and standing.get(number) != block.entry
        ]

    @property
    def removed_blocks(self) -> list[StoredBlock]:
        """The stored blocks that the document does not have."""
        matched = set(self.old_of.values())
        return [block for index, block in enumerate(self.blocks) if index not in matched]
