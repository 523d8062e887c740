"""Applying an import: plan, merge, write.

`planning.plan_import()` is pure: it is the dry run, the preview and the merge. `apply()` is one
short transaction that writes only the differences, provided that the catalog still stands where
the plan was made; it checks that the export is the planned text, and rolls back otherwise. A long
list that is new is written in many, see `founding.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _

from catalog.errors import AddressTaken, MergeConflict, RevisionConflict
from catalog.history.revisions import Author
from catalog.importing import founding
from catalog.importing.about import fill_in
from catalog.importing.ancestry import Base
from catalog.importing.merging import Conflict, theirs_wins, undecided
from catalog.importing.planning import (
    ImportPlan,
    plan_import,
    plan_text,
    written_as,
)
from catalog.importing.rereading import bring_up_to_date
from catalog.markdown.parser import BOM
from catalog.models import Block, Catalog, Revision
from catalog.slugs import RESERVED_SLUGS
from catalog.store.document import DocumentWriter, overtaken
from catalog.store.snapshots import (
    BASE,
    Snapshot,
    StoredBlock,
    new_snapshot,
    take_snapshot,
)
from catalog.store.upstreams import save_upstream

__all__ = [
    "ImportPlan",
    "ImportResult",
    "Snapshot",
    "StoredBlock",
    "apply",
    "check_slug",
    "conflict_error",
    "file_merged",
    "import_text",
    "new_snapshot",
    "plan_import",
    "plan_text",
    "take_snapshot",
]

file_merged = Signal()
"""Sent in the transaction of an import with `plan`, `upstream`, `by`, `origin`, once it is written.

For applications above this one, which it must not import: they take care of the conflicts that
nobody has decided (`plan.waiting`). `upstream` is what Git has, `origin` the address of the version
that came in, if any.
"""

_HOPES = 3
"""Attempts to plan without a lock before one plans under it."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result of an import. `revision` is where the catalog stands now."""

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


def check_slug(slug: str) -> None:
    """Raise `AddressTaken` unless a new catalog may have this address."""
    if slug in RESERVED_SLUGS:
        raise AddressTaken(
            _("The address %(slug)s is reserved; choose another one.") % {"slug": slug}
        )
    if not Catalog.SLUG.fullmatch(slug):
        raise AddressTaken(
            _(
                "%(slug)s cannot be an address: use small letters, digits and single hyphens, "
                "80 characters at most."
            )
            % {"slug": slug}
        )


def import_text(
    text: str,
    *,
    catalog: Catalog,
    by: Author,
    theirs: bool = False,
    strict: bool = False,
    verb: str = Revision.Verb.IMPORT,
    base: Base | None = None,
    origin: str = "",
) -> ImportResult:
    """Import a text into a catalog, new (unsaved) or stored: plan and apply in one call.

    Blocks that both sides changed stay as they are here, and wait for somebody to decide; with
    `theirs` the incoming text wins. `base` is the common text where it is known.
    Raises `MergeConflict` with nothing written where there are conflicts and it is `strict`;
    `AddressTaken` when a new catalog may not have its address.
    """
    if catalog._state.adding:
        check_slug(catalog.slug)
        return apply(plan_import(text, new_snapshot(catalog)), by=by, verb=verb)
    bring_up_to_date(catalog)
    decide = theirs_wins if theirs else undecided

    def plan_and_apply() -> ImportResult:
        plan = plan_import(text, take_snapshot(catalog), decide, base)
        if plan.waiting and strict:
            raise conflict_error(plan.waiting)
        return apply(plan, by=by, verb=verb, origin=origin)

    for _hope in range(_HOPES):
        try:
            return plan_and_apply()
        except RevisionConflict:
            continue
    with transaction.atomic():
        # SQLite has locked at BEGIN already.
        Catalog.objects.select_for_update().filter(pk=catalog.pk).first()
        return plan_and_apply()


def conflict_error(conflicts: Sequence[Conflict]) -> MergeConflict:
    """The refusal that lists where both sides changed the same lines."""
    lines = ", ".join(str(conflict.line) for conflict in conflicts[:10])
    more = _(" and %d more") % (len(conflicts) - 10) if len(conflicts) > 10 else ""
    return MergeConflict(
        _(
            "Both sides changed the same lines since their last common text "
            "(incoming line %(lines)s%(more)s), so nothing was written. Change "
            "them on one side, or let the incoming text win."
        )
        % {"lines": lines, "more": more},
        conflicts,
    )


def apply(
    plan: ImportPlan,
    *,
    by: Author,
    verb: str = Revision.Verb.IMPORT,
    details: dict[str, Any] | None = None,
    origin: str = "",
) -> ImportResult:
    """Write what was planned, seen as a whole or not at all; the same text again writes nothing.

    Raises `RevisionConflict` when the catalog has changed since the plan was made, and
    `AddressTaken` when a new catalog's slug is taken.
    """
    catalog, snapshot = plan.snapshot.catalog, plan.snapshot
    if plan.is_empty:
        if verb == Revision.Verb.IMPORT and (plan.settles or plan.waiting):
            _settle(plan, by, origin)
        return ImportResult(catalog, plan, snapshot.revision, is_new=False)
    is_new = catalog._state.adding
    news: dict[str, Any] = {
        "by": by,
        "verb": verb,
        "sha256": hashlib.sha256(plan.text.encode("utf-8")).hexdigest(),
        "details": {
            "bom": bool(plan.document.bom),
            **plan.figures_written(),
            **({BASE: plan.base.revision} if plan.base and plan.incoming else {}),
            **(details or {}),
        },
    }

    def check(revision: Revision) -> int:
        uids = _check_export(catalog, plan.text)
        upstream = plan.upstream(revision.number, uids)
        if upstream and verb == Revision.Verb.IMPORT:
            save_upstream(catalog, upstream)
            file_merged.send(Catalog, plan=plan, upstream=upstream, by=by, origin=origin)
        return revision.number

    if is_new:
        fill_in(catalog, plan.document)
        number = _write_first(plan, news, check)
    else:
        writer = DocumentWriter(written_as(plan, catalog, snapshot), snapshot.revision)
        with transaction.atomic():
            number = check(writer.write(**news))
    return ImportResult(catalog, plan, number, is_new)


def _write_first(plan: ImportPlan, news: dict[str, Any], check: Callable[[Revision], int]) -> int:
    """Write a new list: a long one in slices, any other in one transaction."""
    catalog, snapshot = plan.snapshot.catalog, plan.snapshot
    if not founding.is_long(len(plan.document.blocks)):
        try:
            with transaction.atomic():
                founding.create(catalog, is_unfinished=False)
                writer = DocumentWriter(written_as(plan, catalog, snapshot), 0)
                return check(writer.write(**news))
        except BaseException:
            founding.start_again(catalog)
            raise
    founding.create(catalog, is_unfinished=True)
    founding.clear_away()
    try:
        writer = DocumentWriter(written_as(plan, catalog, snapshot), 0)
        return writer.write_first(check, **news)
    except IntegrityError as error:
        founding.discard(catalog)
        # The rows that these referred to were cleared away.
        raise overtaken() from error
    except BaseException:
        founding.discard(catalog)
        raise


def _settle(plan: ImportPlan, by: Author, origin: str) -> None:
    """Record what Git has, where it changes nothing here. Raises `RevisionConflict`."""
    catalog, snapshot = plan.snapshot.catalog, plan.snapshot
    with transaction.atomic():
        standing = Catalog.objects.select_for_update().filter(pk=catalog.pk)
        if standing.values_list("revision", flat=True).first() != snapshot.revision:
            raise RevisionConflict(_("The list was changed in the meantime; try again."))
        upstream = plan.upstream(snapshot.revision, [block.uid for block in snapshot.blocks])
        if upstream:
            save_upstream(catalog, upstream)
            file_merged.send(Catalog, plan=plan, upstream=upstream, by=by, origin=origin)


def _check_export(catalog: Catalog, text: str) -> list[int]:
    """Law 2, before anybody sees the change; returns the uids of the blocks in order."""
    rows = list(
        Block.objects.filter(catalog=catalog).in_reading_order().values_list("uid", "source")
    )
    bom = BOM if catalog.bom else ""
    if bom + "".join([source for _uid, source in rows]) != text:
        raise AssertionError("the export differs from the text that was to be written")
    return [uid for uid, _source in rows]
