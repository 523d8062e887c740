"""Looking again at what waits after something was published, so that the queue shows conflicts.

Only tells: what counts is compared once more by the approval itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from catalog.models import Catalog, Change, Entry, Revision
from submissions.choices import Kind
from submissions.models import Submission
from submissions.publishing.planning import plan


def recheck_on(
    catalog: Catalog, *, entries: Iterable[int], addresses: Iterable[str], exclude: int
) -> None:
    """Check open submissions on these entries again, and additions of these addresses."""
    waiting = Submission.objects.open().filter(catalog=catalog).exclude(pk=exclude).order_by()
    # Two questions that an index answers each; as one with "or" it would read the whole queue.
    keys = set(waiting.filter(entry__in=list(entries)).values_list("pk", flat=True))
    known = [address for address in addresses if address]
    additions = waiting.filter(kind=Kind.ADD, canonical_url__in=known)
    keys |= set(additions.values_list("pk", flat=True))
    if keys:
        recheck(Submission.objects.filter(pk__in=keys), catalog)


def recheck(submissions: QuerySet[Submission], catalog: Catalog) -> None:
    """Write which fields of each are in conflict with what stands; only what differs."""
    for row in submissions.select_related("entry__block", "entry__listing", "listing"):
        mark_conflicts(row, catalog)


def mark_conflicts(row: Submission, catalog: Catalog) -> None:
    """Write which fields are in conflict with what stands, if that differs from what was stored."""
    planned = plan(replace(row.draft, catalog=catalog))
    fields = [conflict.field for conflict in planned.conflicts]
    twin = planned.twin.pk if planned.twin else row.duplicate_entry_id
    if (fields, twin) != (row.conflicts, row.duplicate_entry_id):
        row.conflicts, row.duplicate_entry_id = fields, twin
        Submission.objects.filter(pk=row.pk).update(conflicts=fields, duplicate_entry=twin)


def recheck_after(revision: Revision) -> None:
    """Check again what a change outside submissions concerns, once it is committed.

    A maintainer's edit and an import do not wait for it, and are not undone by it.
    """
    if not revision.submission_token:
        transaction.on_commit(partial(_recheck_changed, revision), robust=True)


def _recheck_changed(revision: Revision) -> None:
    waiting = Submission.objects.open().filter(catalog=revision.catalog_id).order_by()
    if not waiting.exists():
        return
    changed = Change.objects.filter(revision=revision).values("entry_id")
    came = Entry.objects.filter(
        catalog=revision.catalog_id, created_revision=revision.number
    ).exclude(canonical_url="")
    concerned = (
        waiting.filter(entry__in=changed)
        # A change of an entry's tags has no lines.
        | waiting.filter(entry=revision.details.get("entry") or 0)
        | waiting.filter(kind=Kind.ADD, canonical_url__in=came.values("canonical_url"))
        | waiting.filter(kind=Kind.LINES)
    )
    recheck(concerned, Catalog.objects.get(pk=revision.catalog_id))
