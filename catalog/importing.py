"""Taking a README in: plan, then apply.

`plan_import()` is pure: it is the dry run, the preview and the merge. `apply()` is one short
transaction that writes only the differences, provided that the catalog still stands where the
plan was made; it checks that the export is the planned text, and rolls back otherwise.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog import markdown
from catalog.errors import AddressTaken, MergeConflict, RevisionConflict
from catalog.history import By, past_rows
from catalog.markdown.lint import Finding, lint
from catalog.markdown.parser import BOM
from catalog.matching import Matching, longest_increasing
from catalog.merging import Conflict, Rows, items_of, merge, row_items
from catalog.models import Block, Catalog, Change, Entry, Export, Revision
from catalog.slugs import RESERVED_SLUGS
from catalog.writing import Written, write_document

_RETRIES = 5
"""How often an import plans anew when somebody else's change comes in between."""


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block's row as a plan needs it, with the id of its entry, if it is one."""

    pk: int
    uid: int
    position: int
    kind: str
    source: str
    section: int | None
    listing: int | None
    entry: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a plan is made against: a catalog as it stands at one revision.

    `bases` are the texts that Git may have had, newest first: the current one, then what it was
    before each change since the last import, as `(revision, rows)`.
    """

    catalog: Catalog
    revision: int
    bom: bool
    blocks: Sequence[StoredBlock]
    decisions: dict[int, str]
    states: dict[int, str]
    changes: Sequence[tuple[int, Sequence[Change]]] = ()
    exported: frozenset[int] = frozenset()

    @property
    def rows(self) -> list[tuple[int, str]]:
        """`(uid, source)` of the blocks."""
        return [(block.uid, block.source) for block in self.blocks]

    @property
    def text(self) -> str:
        """The text as it stands."""
        return (BOM if self.bom else "") + "".join([block.source for block in self.blocks])


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
    warnings: list[Finding] = field(default_factory=list)
    base_revision: int | None = None
    """The revision the incoming text was taken to descend from, when it had to be merged."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return self.snapshot.revision > 0 and self.text == self.snapshot.text

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
                {"line": warning.line, "code": warning.code, "message": warning.message}
                for warning in self.warnings
            ],
        }


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did. `revision` is where the catalog stands now."""

    catalog: Catalog
    plan: ImportPlan
    revision: int
    is_new: bool

    def summary(self) -> dict[str, Any]:
        """The plan's figures with the catalog and its revision before them."""
        return {
            "catalog": self.catalog.slug,
            "revision": self.revision,
            **self.plan.summary(),
        }


def _is_suggested(entry: markdown.Entry, decision: str) -> bool:
    if decision:
        return decision == Entry.Decision.DISMISSED
    return entry.suggested


def check_slug(slug: str) -> None:
    """Raise `AddressTaken` unless a new catalog may have this address."""
    if slug in RESERVED_SLUGS:
        raise AddressTaken(
            _("The address %(slug)s belongs to the site itself; choose another one.")
            % {"slug": slug}
        )
    if not Catalog.SLUG.fullmatch(slug):
        raise AddressTaken(
            _(
                "%(slug)s cannot be an address: use small letters, digits and single hyphens, "
                "80 characters at most."
            )
            % {"slug": slug}
        )


def take_snapshot(catalog: Catalog) -> Snapshot:
    """Read what a plan needs, without a lock: again, if the catalog changed meanwhile."""
    while True:
        catalog.refresh_from_db()
        revision = catalog.revision
        last_import = (
            catalog.revisions.filter(verb__in=[Revision.Verb.IMPORT, Revision.Verb.RESTORE])
            .order_by("-number")
            .values_list("number", flat=True)
            .first()
        ) or 0
        changes = _changes_since(catalog, last_import)
        blocks = [
            StoredBlock(*row)
            for row in Block.objects.filter(catalog=catalog)
            .in_reading_order()
            .values_list(
                "pk",
                "uid",
                "position",
                "kind",
                "source",
                "section_id",
                "listing_id",
                "entry__pk",
            )
        ]
        entries = list(
            Entry.objects.filter(catalog=catalog).living().values_list("pk", "decision", "state")
        )
        exported = frozenset(
            Export.objects.filter(catalog=catalog).values_list("number", flat=True)
        )
        if Catalog.objects.values_list("revision", flat=True).get(pk=catalog.pk) == revision:
            return Snapshot(
                catalog,
                revision,
                catalog.bom,
                blocks,
                {pk: decision for pk, decision, _state in entries},
                {pk: state for pk, _decision, state in entries},
                changes,
                exported,
            )


def _changes_since(catalog: Catalog, number: int) -> list[tuple[int, list[Change]]]:
    by_revision: dict[int, list[Change]] = {}
    rows = (
        Change.objects.filter(revision__catalog=catalog, revision__number__gt=number)
        .select_related("revision")
        .order_by("revision__number", "ordinal")
    )
    for change in rows:
        by_revision.setdefault(change.revision.number, []).append(change)
    return list(by_revision.items())


def new_snapshot(catalog: Catalog) -> Snapshot:
    """The snapshot of a catalog that does not exist yet."""
    return Snapshot(catalog, 0, False, (), {}, {})


def plan_import(text: str, snapshot: Snapshot, *, findings: bool = True) -> ImportPlan:
    """Work out what taking `text` in would change. Pure: nothing is read or written.

    What was changed here since the common text is merged in; `conflicts` of the plan are blocks
    that both sides changed, decided for the incoming text.
    """
    conflicts: list[Conflict] = []
    base_revision = None
    document = markdown.parse(text)
    if snapshot.changes and text != snapshot.text:
        base_revision, base = choose_base(snapshot, document)
        if base is not None:
            text, conflicts = merge(base, snapshot.rows, document)
            document = markdown.parse(text)
    plan = plan_text(text, snapshot, document=document)
    plan.conflicts = conflicts
    plan.base_revision = base_revision
    if findings:
        plan.warnings = lint(document)
    return plan


def plan_text(
    text: str, snapshot: Snapshot, *, document: markdown.Document | None = None
) -> ImportPlan:
    """What has to change for the catalog to hold exactly `text`; no merge, no findings."""
    document = document or markdown.parse(text)
    new = items_of(document)
    if snapshot.blocks:
        old = row_items(snapshot.rows)
        for item, block in zip(old, snapshot.blocks, strict=True):
            item.is_entry = block.entry is not None
        old_of = Matching(old, new).run()
    else:
        old_of = {}
    order = [old_of[index] for index in range(len(new)) if index in old_of]
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
    blocks = plan.snapshot.blocks
    matches = {}
    for index, section in enumerate(plan.document.sections):
        old = plan.old_of.get(section.block)
        if old is not None:
            stored = blocks[old].section
            if stored is not None and blocks[old].kind == Block.Kind.HEADING:
                matches[index] = stored
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


def choose_base(snapshot: Snapshot, theirs: markdown.Document) -> tuple[int | None, Rows | None]:
    """The text that both sides had: the past one that is nearest to the incoming text.

    Goes back from the current text to the last import, change by change, and counts the blocks
    in which each differs from the incoming text. Of equally near ones the newest that is known
    to have been exported is taken, else the oldest: it loses nothing that was changed here.
    Returns (None, None) when the current text itself is the base, so that there is nothing to
    merge.
    """
    wanted = Counter([block.source for block in theirs.blocks])
    here = Counter([block.source for block in snapshot.blocks])
    distance = sum(((wanted - here) + (here - wanted)).values())

    def gap(source: str) -> int:
        return abs(wanted[source] - here[source])

    candidates = [(distance, snapshot.revision)]
    for number, changes in reversed(snapshot.changes):
        for change in reversed(changes):
            for source, step in ((change.after, -1), (change.before, 1)):
                if source:
                    distance -= gap(source)
                    here[source] += step
                    distance += gap(source)
        candidates.append((distance, number - 1))
    nearest = min(distance for distance, _number in candidates)
    numbers = [number for distance, number in candidates if distance == nearest]
    exported = [number for number in numbers if number in snapshot.exported]
    number = max(exported) if exported else min(numbers)
    if number == snapshot.revision:
        return None, None
    undone = [changes for later, changes in snapshot.changes if later > number]
    return number, past_rows(snapshot.rows, undone)


def import_text(
    text: str,
    *,
    catalog: Catalog,
    by: By,
    theirs: bool = False,
    verb: str = Revision.Verb.IMPORT,
) -> ImportResult:
    """Take a text into a catalog, new (unsaved) or stored; plan and apply in one call.

    Raises `MergeConflict` with nothing written when both sides changed the same blocks and
    `theirs` does not say that the incoming text wins.
    """
    is_new = catalog.pk is None
    if is_new:
        check_slug(catalog.slug)
    for attempt in range(_RETRIES):
        snapshot = new_snapshot(catalog) if is_new else take_snapshot(catalog)
        plan = plan_import(text, snapshot)
        if plan.conflicts and not theirs:
            raise conflict_error(plan.conflicts)
        try:
            return apply(plan, by=by, verb=verb)
        except RevisionConflict:
            if is_new or attempt == _RETRIES - 1:
                raise
    raise AssertionError("unreachable")


def conflict_error(conflicts: Sequence[Conflict]) -> MergeConflict:
    """The refusal that lists where both sides changed the same lines."""
    lines = ", ".join(str(conflict.line) for conflict in conflicts[:10])
    more = _(" and %d more") % (len(conflicts) - 10) if len(conflicts) > 10 else ""
    return MergeConflict(
        _(
            "Both sides changed the same lines since their last common text (incoming line "
            "%(lines)s%(more)s), so nothing was written; change them on one side, or say that "
            "the incoming text wins."
        )
        % {"lines": lines, "more": more},
        conflicts,
    )


def apply(
    plan: ImportPlan,
    *,
    by: By,
    verb: str = Revision.Verb.IMPORT,
    details: dict[str, Any] | None = None,
) -> ImportResult:
    """Write what was planned, in one transaction; the same text again writes nothing.

    Raises `RevisionConflict` when the catalog has changed since the plan was made, and
    `AddressTaken` when a new catalog's slug is taken.
    """
    catalog, snapshot = plan.snapshot.catalog, plan.snapshot
    if plan.is_empty:
        return ImportResult(catalog, plan, snapshot.revision, is_new=False)
    is_new = catalog.pk is None
    if is_new and Catalog.objects.filter(slug=catalog.slug).exists():
        raise AddressTaken(
            _("The address %(slug)s is taken by another list; choose another one.")
            % {"slug": catalog.slug}
        )
    digest = hashlib.sha256(plan.text.encode("utf-8")).hexdigest()
    try:
        with transaction.atomic():
            if is_new:
                catalog.revision = 0
                catalog.save(force_insert=True)
            written = write_document(
                Written(
                    catalog=catalog,
                    document=plan.document,
                    old_of=plan.old_of,
                    moved=plan.moved,
                    blocks=snapshot.blocks,
                    sections=section_matches(plan),
                    listings=listing_matches(plan),
                ),
                by=by,
                verb=verb,
                expected_revision=snapshot.revision,
                sha256=digest,
                details={
                    "bom": bool(plan.document.bom),
                    "created": plan.created,
                    "updated": plan.updated,
                    "moved": plan.moved_entries,
                    "removed": plan.removed,
                    **(details or {}),
                },
            )
            _check_export(catalog, plan.text)
    except BaseException:
        if is_new:
            catalog.pk = None
            catalog._state.adding = True
        raise
    return ImportResult(catalog, plan, written.number, is_new)


def _check_export(catalog: Catalog, text: str) -> None:
    """Law 2, before anybody sees the change."""
    sources: Iterable[str] = (
        Block.objects.filter(catalog=catalog).in_reading_order().values_list("source", flat=True)
    )
    bom = BOM if catalog.bom else ""
    if bom + "".join(sources) != text:
        raise AssertionError("the export differs from the text that was to be written")
