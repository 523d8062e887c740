"""What happens to submissions by itself.

Periodic tasks remind of a question that nobody answers and end it a month later. When an import
joins entries or makes a heading of one, open submissions about it move to its successor.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.tasks import task
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from catalog.errors import CatalogError
from catalog.models import Catalog, Entry, Successor
from submissions.choices import Action, Kind, Status, Verb
from submissions.models import Submission
from submissions.people import SYSTEM
from submissions.proposal import Base, Proposal
from submissions.publishing.planning import base_of, mark_conflicts
from submissions.rules import ANSWER_WITHIN, CONFIRM_WITHIN, REMIND_AFTER
from submissions.verbs.transitions import record_by_system
from submissions.workflow import expire, remind, request_changes

AT_ONCE = 500
"""Rows of a query or a run; what is left waits for the next."""


@task
def remind_silent() -> int:
    """Remind of questions that were not answered; returns how many."""
    rows = Submission.objects.to_remind(silent_since=timezone.now() - REMIND_AFTER)
    return len([remind(submission=row) for row in rows.order_by("pk")[:AT_ONCE]])


@task
def expire_silent() -> int:
    """Expire what was never confirmed or answered; return how many."""
    now = timezone.now()
    rows = Submission.objects.to_expire(
        unconfirmed_since=now - CONFIRM_WITHIN, reminded_since=now - ANSWER_WITHIN
    )
    count = 0
    for submission in rows.order_by("pk")[:AT_ONCE]:
        try:
            expire(submission=submission, expected_revision=submission.revision)
            count += 1
        except CatalogError:
            # Somebody answered or decided in this moment: then it does not lapse.
            continue
    return count


# Submissions about an entry that has no page and no fields of its own any more: what is proposed
# for a field that its successor has from it goes on there; of everything else the author is asked.


def follow_joined(catalog: Catalog, keys: Sequence[int]) -> None:
    """Move open submissions on these entries to their successors; part of the caller's
    transaction."""
    for start in range(0, len(keys), AT_ONCE):
        batch = keys[start : start + AT_ONCE]
        waiting = Submission.objects.open().filter(catalog=catalog, entry__in=batch)
        rows = waiting.select_related("entry", "listing").order_by("pk")
        # Most lists have none, and then this is all that it costs.
        of_entry = {row.entry_id: row for row in _successors(batch)} if rows else {}
        for row in rows:
            if successor := of_entry.get(row.entry_id or 0):
                row.catalog = catalog
                _follow(row, successor)


def _successors(keys: Sequence[int]) -> list[Successor]:
    rows = Successor.objects.filter(entry__in=keys)
    return list(rows.select_related("into__block", "into__listing", "section"))


def _follow(row: Submission, successor: Successor) -> None:
    into = successor.into
    if into is not None:
        now = base_of(row.catalog, into)
        if _stands_there(row.content, row.based_on, now):
            _rebase(row, into, now)
            return
    if row.status == Status.PENDING and row.joined_to_id is None:
        with translation.override(row.language or settings.LANGUAGE_CODE):
            request_changes(submission=row, actor=SYSTEM, note=_question(row, successor))
    else:
        mark_conflicts(row, row.catalog)


def _stands_there(proposal: Proposal, base: Base, now: Base) -> bool:
    """Whether the other entry has from this one all that a proposal is about."""
    if proposal.kind == Kind.EDIT:
        return all(base.text_of(name) == now.text_of(name) for name in proposal.changed)
    if proposal.kind == Kind.REPORT and proposal.action != Action.REMOVE:
        return base.url == now.url
    return False


def _rebase(row: Submission, entry: Entry, base: Base) -> None:
    """Make it one about another entry, as that stands."""
    now = timezone.now()
    row.entry, row.name, row.revision = entry, row.content.name or entry.name, row.revision + 1
    row.listing = entry.listing
    row.base = base.to_json()
    Submission.objects.filter(pk=row.pk).update(
        entry=row.entry,
        listing=row.listing,
        name=row.name,
        base=row.base,
        revision=row.revision,
        updated_at=now,
    )
    record_by_system(row, Verb.FOLLOW, now)
    mark_conflicts(row, row.catalog)


def _question(row: Submission, successor: Successor) -> str:
    if successor.into is None:
        return _(
            "“%(name)s” is now a heading of the list and no longer an entry. "
            "Please suggest your change for an entry below it, or withdraw this."
        ) % {"name": row.name}
    return _(
        "“%(name)s” is now part of “%(entry)s” and no longer a separate entry. "
        "Please suggest your change there, or withdraw this: %(address)s"
    ) % {
        "name": row.name,
        "entry": successor.into.name,
        "address": settings.SITE_URL + successor.into.get_absolute_url(),
    }
