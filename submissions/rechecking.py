"""Looking again at what waits after something was published, so that the queue shows conflicts.

Only tells: what counts is compared once more by the approval itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet

from catalog.models import Catalog, Change, Entry, Revision
from submissions.choices import Kind
from submissions.models import Submission
from submissions.publishing import plan


def concerned_by(
    catalog: Catalog, *, entries: Iterable[int], addresses: Iterable[str]
) -> QuerySet[Submission]:
    """Open submissions on these entries, and open additions of these canonical addresses."""
    return Submission.objects.open().filter(
        Q(entry__in=list(entries))
        | Q(kind=Kind.ADD, canonical_url__in=[address for address in addresses if address]),
        catalog=catalog,
    )


def recheck(submissions: QuerySet[Submission], catalog: Catalog) -> None:
    """Write which fields of each are in conflict with what stands; only what differs."""
    for row in submissions.select_related("entry__block", "entry__listing", "listing"):
        planned = plan(row, row.content, catalog)
        fields = [conflict.field for conflict in planned.conflicts]
        twin = planned.twin.pk if planned.twin else row.duplicate_entry_id
        if (fields, twin) != (row.conflicts, row.duplicate_entry_id):
            Submission.objects.filter(pk=row.pk).update(conflicts=fields, duplicate_entry=twin)


def recheck_after(revision: Revision) -> None:
    """Look again at what a change that no submission made concerns, once it is committed.

    A maintainer's edit and an import do not wait for it, and are not undone by it.
    """
    if not revision.submission_token:
        transaction.on_commit(partial(_recheck_changed, revision), robust=True)


def _recheck_changed(revision: Revision) -> None:
    changed = Change.objects.filter(revision=revision).values("entry_id")
    addresses = Entry.objects.filter(
        catalog=revision.catalog_id, created_revision=revision.number
    ).values("canonical_url")
    concerned = Q(entry__in=changed) | Q(kind=Kind.ADD, canonical_url__in=addresses)
    details = revision.details.get("entry")
    if isinstance(details, int):
        concerned |= Q(entry=details)
    waiting = Submission.objects.open().filter(catalog=revision.catalog_id)
    if waiting.exists():
        recheck(
            waiting.filter(concerned).exclude(kind=Kind.ADD, canonical_url=""),
            Catalog.objects.get(pk=revision.catalog_id),
        )
