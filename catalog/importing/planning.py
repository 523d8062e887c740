"""Planning an import: what taking a text in would change, worked out without touching anything.

The plan is the dry run, the preview and the merge; `applying.apply()` writes it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from catalog import markdown
from catalog.history.line_diff import Diff, diff_blocks
from catalog.history.subsequences import longest_increasing
from catalog.importing.ancestry import Base, choose_base
from catalog.importing.matching import Matching
from catalog.importing.merging import Conflict, Merged, items_of, merge, row_items
from catalog.markdown.findings import Finding
from catalog.markdown.linting.lint import lint
from catalog.models import Entry
from catalog.sentences import finding_sentence
from catalog.store.snapshots import Snapshot
from catalog.store.upstreams import UpstreamText


@dataclass(slots=True)
class ImportPlan:
    """What an import would do. `old_of` gives the stored block of each new one, by index."""

    text: str
    document: markdown.Document
    snapshot: Snapshot
    old_of: dict[int, int]
    moved: set[int]
    """New indexes of matched blocks that do not keep their place."""
    created: int = 0
    updated: int = 0
    moved_entries: int = 0
    removed: int = 0
    unchanged: int = 0
    conflicts: list[Conflict] = field(default_factory=list)
    base: Base | None = None
    """From what the incoming text was merged; None for a text that was made here."""
    incoming: Sequence[IncomingBlock] | None = None
    """The incoming text, where it is not the planned one."""
    _warnings: list[Finding] | None = None

    @property
    def warnings(self) -> list[Finding]:
        """What is worth a look in the planned text; looked for when it is asked for."""
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

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return self.snapshot.revision > 0 and self.text == self.snapshot.text

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
        """What Git is now known to have, on the planned blocks; None for a text made here.

        `uids` are those of the planned blocks at `revision`.
        """
        if self.base is None:
            return None
        if self.incoming is None:
            return UpstreamText(revision, revision)
        used = set(uids)
        free = min(0, *[block.uid for block in self.incoming])
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
        """The figures of contract.md, JSON-ready."""
        entries = self.document.entries
        decisions = self.snapshot.decisions
        blocks = self.snapshot.blocks
        suggested = 0
        for entry in entries:
            old = self.old_of.get(entry.block)
            known = blocks[old].entry if old is not None else None
            decision = decisions.get(known, "") if known is not None else ""
            suggested += _is_suggested(entry, decision)
        return {
            "sections": len(self.document.sections),
            "entries": len(entries) - suggested,
            "created": self.created,
            "updated": self.updated,
            "moved": self.moved_entries,
            "removed": self.removed,
            "unchanged": self.unchanged,
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


def _is_suggested(entry: markdown.Entry, decision: str) -> bool:
    if decision:
        return decision == Entry.Decision.DISMISSED
    return entry.suggested


def plan_import(text: str, snapshot: Snapshot) -> ImportPlan:
    """Work out what taking `text` in would change. Pure: nothing is read or written.

    What was changed here since the common text is merged in; `conflicts` of the plan are blocks
    that both sides changed, decided for the incoming text.
    """
    theirs = markdown.parse(text)
    base = Base(snapshot.revision, None)
    if text != snapshot.text:
        base = choose_base(snapshot, theirs)
    if base.rows is None:
        plan = plan_text(text, snapshot, document=theirs)
    else:
        merged = merge(base.rows, snapshot.rows, theirs)
        plan = plan_text(merged.text, snapshot)
        plan.conflicts = merged.conflicts
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
    """What has to change for the catalog to hold exactly `text`; no merge.

    `known` gives the stored block of each new one, by index, for a text that was made from the
    stored one; otherwise they are matched.
    """
    document = document or markdown.parse(text)
    old_of = known or {}
    if known is None and snapshot.blocks:
        old = row_items(snapshot.rows)
        for item, block in zip(old, snapshot.blocks, strict=True):
            item.is_entry = block.entry is not None
        old_of = Matching(old, items_of(document)).run()
    order = [old_of[index] for index in range(len(document.blocks)) if index in old_of]
    unmoved = longest_increasing(order)
    moved = {index for index, old_index in old_of.items() if old_index not in unmoved}
    plan = ImportPlan(text, document, snapshot, old_of, moved)
    _count_entries(plan)
    return plan


def _count_entries(plan: ImportPlan) -> None:
    blocks, document = plan.snapshot.blocks, plan.document
    sections, listings = _places(plan)
    living = 0
    for entry in document.entries:
        block = document.blocks[entry.block]
        index = plan.old_of.get(entry.block)
        old = blocks[index] if index is not None else None
        if old is None or old.entry is None:
            plan.created += not entry.suggested
            continue
        if _is_suggested(entry, plan.snapshot.decisions.get(old.entry, "")):
            continue
        living += 1
        if block.source != old.source:
            plan.updated += 1
        elif (
            entry.block in plan.moved
            or (block.section is not None and sections.get(block.section) != old.section)
            or (block.listing is not None and listings.get(block.listing) != old.listing)
        ):
            plan.moved_entries += 1
        else:
            plan.unchanged += 1
    kept = {
        blocks[old].entry
        for new, old in plan.old_of.items()
        if document.blocks[new].entry is not None
    }
    plan.removed = sum(
        block.entry is not None
        and block.entry not in kept
        and plan.snapshot.states.get(block.entry) == Entry.State.PUBLISHED
        for block in blocks
    )


def _places(plan: ImportPlan) -> tuple[dict[int, int], dict[int, int]]:
    """The stored section and listing of each new one, by index; see `Written`."""
    return section_matches(plan), listing_matches(plan)


def section_matches(plan: ImportPlan) -> dict[int, int]:
    """Stored section by index of the new one: the one whose heading's block it keeps."""
    heads: dict[int, int] = {}
    seen: set[int] = set()
    for index, block in enumerate(plan.snapshot.blocks):
        if block.section is not None and block.section not in seen:
            # A section begins with its heading.
            seen.add(block.section)
            heads[index] = block.section
    matches = {}
    for index, section in enumerate(plan.document.sections):
        old = plan.old_of.get(section.block)
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
