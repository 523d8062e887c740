"""Planning an import: what taking a text in would change, worked out without touching anything.

The plan is the dry run, the preview and the merge; `applying.apply()` writes it.
"""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from typing import Any

from catalog import markdown
from catalog.history.diffs import Diff, diff_blocks
from catalog.importing.ancestry import Base, choose_base
from catalog.importing.identity import Identity, identify
from catalog.importing.matching import Item, Matching
from catalog.importing.merging import (
    Conflict,
    Decide,
    Merged,
    items_of,
    merge,
    row_items,
    undecided,
)
from catalog.markdown.corrections import Corrections, titles_of
from catalog.markdown.linting import Finding, lint
from catalog.markdown.subsequences import longest_increasing
from catalog.models import Catalog, Entry
from catalog.sentences import finding_sentence
from catalog.store.blocks import DocumentWrite, key_of
from catalog.store.projection import living_state
from catalog.store.returning import returning_entries
from catalog.store.snapshots import Snapshot, StoredBlock, UpstreamText


@contextmanager
def collector_paused() -> Iterator[None]:
    """Let nothing look for circles of objects: an import makes very many objects and none of these,
    and to look at all of them again and again takes a fifth of its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Figure(StrEnum):
    """What becomes of a published entry in an import; counted once for each."""

    CREATED = "created"
    UPDATED = "updated"
    MOVED = "moved"
    MOVED_AND_EDITED = "moved_and_edited"
    RETURNED = "returned"
    JOINED = "joined"
    """It is a part of another now, or the heading above others."""
    REMOVED = "removed"
    UNCHANGED = "unchanged"


_FIGURES = {
    (False, False): Figure.UNCHANGED,
    (False, True): Figure.UPDATED,
    (True, False): Figure.MOVED,
    (True, True): Figure.MOVED_AND_EDITED,
}
"""The figure by whether an entry moved, and whether it was edited."""


@dataclass
class ImportPlan:
    """The plan of an import. `old_of` gives the stored block of each new one, by index."""

    text: str
    document: markdown.Document
    snapshot: Snapshot
    old_of: dict[int, int]
    moved: set[int]
    """New indexes of matched blocks that do not keep their place."""
    identity: Identity = field(default_factory=Identity)
    returned: dict[int, int] = field(default_factory=dict)
    """Keys of removed entries that come back, by index of the document's entry."""
    renamed: list[int] = field(default_factory=list)
    """Keys of entries that are probably renamed: known by all but name and address."""
    figures: Counter[Figure] = field(default_factory=Counter)
    """Number of published entries by what becomes of them; zero counts are left out."""
    conflicts: list[Conflict] = field(default_factory=list)
    waiting: list[Conflict] = field(default_factory=list)
    """The conflicts that nobody has decided: what stands here stays."""
    base: Base | None = None
    """The base that the incoming text was merged from; None for a text that was made here."""
    incoming: Sequence[IncomingBlock] | None = None
    """The incoming text, where it is not the planned one."""
    _warnings: list[Finding] | None = None

    @property
    def warnings(self) -> list[Finding]:
        """Return the findings about the planned text; computed on demand."""
        if self._warnings is None:
            self._warnings = lint(self.document)
        return self._warnings

    def diff(self) -> Diff:
        """The lines of the list that would change."""
        pairs = sorted((old, new) for new, old in self.old_of.items() if new not in self.moved)
        return diff_blocks(
            [block.source for block in self.snapshot.blocks],
            [block.source for block in self.document.blocks],
            pairs,
        )

    def figures_written(self) -> dict[str, int]:
        """Return how many published entries change, by what becomes of them."""
        return {
            figure.value: self.figures[figure]
            for figure in Figure
            if figure is not Figure.UNCHANGED
        }

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return self.snapshot.revision > 0 and self.text == self.snapshot.text

    @cached_property
    def entry_keys(self) -> dict[int, int]:
        """The key of each entry of the document that has one, by index."""
        return self.identity.entries | self.returned

    def is_suggested(self, index: int) -> bool:
        """Whether an entry of the document is prose, as far as anybody knows."""
        key = self.entry_keys.get(index, 0)
        decision = self.snapshot.decisions.get(key, "")
        return living_state(self.document.entries[index], decision) == Entry.State.SUGGESTED

    @property
    def settles(self) -> bool:
        """Whether the incoming text says more of what Git has than was known."""
        if self.base is None:
            return False
        if self.incoming is None or self.base.rows is None:
            return bool(self.snapshot.pending)
        return self.base.revision != self.snapshot.settled or (
            [source for _uid, source in self.base.rows] != [block.source for block in self.incoming]
        )

    def upstream(self, revision: int, uids: Sequence[int]) -> UpstreamText | None:
        """Return the text that Git is now known to have, on the planned blocks; None for a text
        made here.

        `uids` are those of the planned blocks at `revision`.
        """
        if self.base is None:
            return None
        if self.incoming is None:
            return UpstreamText(revision, revision)
        used = set(uids)
        free = min([0, *(block.uid for block in self.incoming)])
        rows = []
        for block in self.incoming:
            if block.index is not None:
                uid = uids[block.index]
            elif block.uid and block.uid not in used:
                uid = block.uid
            else:
                uid = free = free - 1
            used.add(uid)
            rows.append((uid, block.source))
        return UpstreamText(revision, self.base.revision, rows)

    def summary(self) -> dict[str, Any]:
        """The figures that `import_markdown --json` prints."""
        entries = self.document.entries
        suggested = sum(self.is_suggested(index) for index in range(len(entries)))
        return {
            "sections": len(self.document.sections),
            "entries": len(entries) - suggested,
            **self.figures_written(),
            "unchanged": self.figures[Figure.UNCHANGED],
            "renamed": len(self.renamed),
            "suggested": suggested,
            "opaque": sum(entry.opaque for entry in entries),
            "conflicts": [
                {
                    "line": conflict.line,
                    "base": conflict.base,
                    "ours": conflict.ours,
                    "theirs": conflict.theirs,
                }
                for conflict in self.conflicts
            ],
            "warnings": [
                {"line": warning.line, "code": warning.code, "message": finding_sentence(warning)}
                for warning in self.warnings
            ],
        }


@dataclass(frozen=True, slots=True)
class IncomingBlock:
    """A block of an incoming text: which planned block it is, if any, and which of the base."""

    index: int | None
    uid: int
    source: str


@collector_paused()
def plan_import(
    text: str, snapshot: Snapshot, decide: Decide = undecided, base: Base | None = None
) -> ImportPlan:
    """Work out what taking `text` in would change. Pure: nothing is read or written.

    What was changed here since the common text is merged in; `conflicts` of the plan are blocks
    that both sides changed, each decided by `decide`. `base` is the common text where it is known;
    otherwise the text has to tell.
    """
    theirs = markdown.parse(text, corrections=snapshot.corrections)
    if text == snapshot.text:
        base = Base(snapshot.revision, None)
    elif base is None:
        base = choose_base(snapshot, theirs)
    if base.rows is None:
        plan = plan_text(text, snapshot, document=theirs)
    else:
        merged = merge(base.rows, snapshot.rows, theirs, decide, snapshot.corrections)
        is_theirs = merged.text == text
        plan = plan_text(merged.text, snapshot, document=theirs if is_theirs else None)
        plan.conflicts, plan.waiting = merged.conflicts, merged.waiting
        if merged.text != text:
            plan.incoming = _incoming_blocks(theirs, merged, plan.document)
    plan.base = base
    return plan


def _incoming_blocks(
    theirs: markdown.Document, merged: Merged, document: markdown.Document
) -> list[IncomingBlock]:
    """The blocks of `theirs`, each with the one of the merged text in which it stands."""
    starts = list(accumulate([len(block.source) for block in document.blocks], initial=0))
    taken: set[int] = set()
    blocks = []
    for block, (offset, uid) in zip(theirs.blocks, merged.places, strict=True):
        index = None if offset is None else bisect_right(starts, offset) - 1
        # The merged text may be cut otherwise: two of these may be one there.
        if index in taken:
            index = None
        if index is not None:
            taken.add(index)
        blocks.append(IncomingBlock(index, uid, block.source))
    return blocks


def plan_text(
    text: str,
    snapshot: Snapshot,
    *,
    document: markdown.Document | None = None,
    known: dict[int, int] | None = None,
) -> ImportPlan:
    """Plan the changes that make the catalog hold exactly `text`; no merge.

    `known` gives the stored block of each new one, by index, for a text that was made from the
    stored one; otherwise they are matched.
    """
    document = document or markdown.parse(text, corrections=snapshot.corrections)
    old_of, reread, old = known or {}, set[int](), list[Item]()
    renamed: set[int] = set()
    if known is None and snapshot.blocks:
        old = row_items(snapshot.rows, snapshot.corrections)
        document, old_of, reread, renamed = _matched(text, snapshot, document, old)
    order = [old_of[index] for index in range(len(document.blocks)) if index in old_of]
    unmoved = longest_increasing(order)
    moved = {index for index, old_index in old_of.items() if old_index not in unmoved}
    identity = identify(
        document,
        snapshot.blocks,
        old_of,
        snapshot.states,
        items=lambda: old or row_items(snapshot.rows, snapshot.corrections),
        in_place=text == snapshot.text,
    )
    plan = ImportPlan(text, document, snapshot, old_of, moved, identity)
    keys = {document.entries[index].block: key for index, key in identity.entries.items()}
    plan.renamed = [keys[block] for block in sorted(renamed) if block in keys]
    plan.returned = returning_entries(
        document,
        [index for index in range(len(document.entries)) if index not in identity.entries],
        snapshot.removed,
        uids={index: snapshot.blocks[old].uid for index, old in old_of.items()},
        living={block.uid for block in snapshot.blocks},
    )
    _count_entries(plan, reread)
    return plan


def _matched(
    text: str, snapshot: Snapshot, document: markdown.Document, old: Sequence[Item]
) -> tuple[markdown.Document, dict[int, int], set[int], set[int]]:
    """The document as it is read in the end, the stored block of each of its blocks, those of them
    that say something else now although their lines are the same, and those probably renamed."""
    new = items_of(document)
    for item, block in zip(old, snapshot.blocks, strict=True):
        item.is_entry = block.entry is not None
    matching = Matching(old, new)
    old_of = matching.run()
    corrections = followed_corrections(snapshot, document, old_of)
    if corrections != snapshot.corrections:
        # Sections that something was decided about are called otherwise in this text.
        document = markdown.parse(text, corrections=corrections)
        new = items_of(document)
        matching = Matching(old, new)
        old_of = matching.run()
    # Definitions elsewhere or the head of its table say otherwise of the same line now.
    reread = {
        index
        for index, old_index in old_of.items()
        if (old[old_index].name, old[old_index].url) != (new[index].name, new[index].url)
    }
    return document, old_of, reread, matching.renamed


def _count_entries(plan: ImportPlan, reread: Collection[int]) -> None:
    sections, listings = section_matches(plan), listing_matches(plan)
    states, identity = plan.snapshot.states, plan.identity
    stood = {block.entry: block for block in plan.snapshot.blocks if block.entry is not None}
    for index, entry in enumerate(plan.document.entries):
        key = identity.entries.get(index, 0)
        state = states.get(key)
        if plan.is_suggested(index):
            plan.figures[Figure.UPDATED] += state == Entry.State.PUBLISHED
        elif state is None:
            is_back = index in plan.returned
            plan.figures[Figure.RETURNED if is_back else Figure.CREATED] += 1
        else:
            block, old = plan.document.blocks[entry.block], stood[key]
            is_moved = (
                entry.block in plan.moved
                or old.section != key_of(sections, block.section)
                or old.listing != key_of(listings, block.listing)
            )
            is_edited = (
                block.source != old.source
                or entry.block in reread
                or state != Entry.State.PUBLISHED
            )
            plan.figures[_FIGURES[is_moved, is_edited]] += 1
    living = set(identity.entries.values())
    for key in stood:
        if key not in living and states.get(key) == Entry.State.PUBLISHED:
            is_part = key in identity.joined or key in identity.headings
            plan.figures[Figure.JOINED if is_part else Figure.REMOVED] += 1


def followed_corrections(
    snapshot: Snapshot, document: markdown.Document, old_of: Mapping[int, int]
) -> Corrections:
    """Return the corrections of sections, by the titles that these have in the document."""
    if not snapshot.corrected:
        return {}
    titles = titles_of(document.sections)
    new_of = {
        key: titles[index]
        for index, key in _sections_by_heads(snapshot.blocks, document, old_of).items()
    }
    return {
        new_of.get(section or 0, known): correction
        for section, known, correction in snapshot.corrected
    }


def section_matches(plan: ImportPlan) -> dict[int, int]:
    """Stored section by index of the new one: the one whose heading's block it keeps."""
    return _sections_by_heads(plan.snapshot.blocks, plan.document, plan.old_of)


def _sections_by_heads(
    blocks: Sequence[StoredBlock], document: markdown.Document, old_of: Mapping[int, int]
) -> dict[int, int]:
    heads: dict[int, int] = {}
    seen: set[int] = set()
    for index, block in enumerate(blocks):
        if block.section is not None and block.section not in seen:
            # A section begins with its heading, or behind the item that its heading ends.
            seen.add(block.section)
            heads[index] = block.section
    first: dict[int | None, int] = {}
    for index, read in enumerate(document.blocks):
        first.setdefault(read.section, index)
    matches = {}
    for index, section in enumerate(document.sections):
        old = old_of.get(first.get(index, section.block))
        if old in heads:
            matches[index] = heads[old]
    return matches


def listing_matches(plan: ImportPlan) -> dict[int, int]:
    """Stored listing by index of the new one: the one that most of its blocks come from."""
    votes: Counter[tuple[int, int]] = Counter()
    for new, old in plan.old_of.items():
        listing, stored = plan.document.blocks[new].listing, plan.snapshot.blocks[old].listing
        if listing is not None and stored is not None:
            votes[listing, stored] += 1
    matches: dict[int, int] = {}
    taken: set[int] = set()
    for (listing, stored), _votes in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0])):
        if listing not in matches and stored not in taken:
            matches[listing] = stored
            taken.add(stored)
    return matches


def written_as(
    plan: ImportPlan,
    catalog: Catalog,
    snapshot: Snapshot,
    *,
    is_rebuild: bool = False,
    keeps_guesses: bool = False,
) -> DocumentWrite:
    """Return the document write of a plan: the new text, and the stored row of each part."""
    return DocumentWrite(
        catalog=catalog,
        base=snapshot.revision,
        document=plan.document,
        old_of=plan.old_of,
        moved=plan.moved,
        blocks=snapshot.blocks,
        sections=section_matches(plan),
        listings=listing_matches(plan),
        entries=plan.entry_keys,
        joined=plan.identity.joined,
        headings=plan.identity.headings,
        is_rebuild=is_rebuild,
        keeps_guesses=keeps_guesses,
    )
