"""Actions that are no transitions: claims, and reminders of questions.

Neither changes the status or the revision, so that nobody's open page becomes stale by it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.editing.transactions import transaction_on
from submissions.choices import WAITING, Role, Status, Verb
from submissions.errors import InvalidTransition, NotAllowed, StaleSubmission
from submissions.mail.notifications import queue_email
from submissions.models import Submission, SubmissionEvent
from submissions.people import CLOCK, Actor
from submissions.querysets import SubmissionQuerySet
from submissions.verbs.retries import remember, retry_when_locked

CLAIM_FOR = timedelta(minutes=30)


def claim(*, submission: Submission, actor: Actor, take_over: bool = False) -> Submission:
    """Claim a submission for half an hour; a hint to others, never a lock.

    Raises `StaleSubmission` that names who does already, unless one wants to `take_over`.
    """
    _refuse_others(submission, actor)
    now = timezone.now()
    free = Q(claimed_by=None) | Q(claimed_by=actor.user) | Q(claimed_until__lt=now)
    rows = Submission.objects.filter(
        Q() if take_over else free,
        pk=submission.pk,
        status__in=(*WAITING, Status.CHANGES_REQUESTED),
    )
    if not _update(rows, submission, actor, claimed_by=actor.user, claimed_until=now + CLAIM_FOR):
        submission.refresh_from_db()
        if submission.claimed_by is None:
            raise InvalidTransition(
                _("There is nothing left to decide on this submission."), submission
            )
        raise StaleSubmission(
            _("%(name)s has claimed this submission.")
            % {"name": submission.claimed_by.get_full_name()},
            submission,
        )
    submission.refresh_from_db()
    return submission


def release(*, submission: Submission, actor: Actor) -> Submission:
    """Release the claim; nothing happens if somebody else has it."""
    _refuse_others(submission, actor)
    rows = Submission.objects.filter(pk=submission.pk, claimed_by=actor.user)
    _update(rows, submission, actor, claimed_by=None, claimed_until=None)
    submission.refresh_from_db()
    return submission


def remind(*, submission: Submission, actor: Actor = CLOCK) -> Submission:
    """Remind the submitter, once, of a question that was not answered."""
    if not actor.is_clock:
        raise NotAllowed(_("You do not have permission to do this."))
    now = timezone.now()
    # Held like in every verb: the event refers to the catalog, and who approves waits the same way.
    with transaction_on(submission.catalog_id, None):
        rows = Submission.objects.filter(
            pk=submission.pk, status=Status.CHANGES_REQUESTED, reminded_at=None
        )
        is_first = rows.update(reminded_at=now)
        submission.refresh_from_db()
        if is_first:
            event = SubmissionEvent.objects.create(
                submission=submission,
                catalog_id=submission.catalog_id,
                verb=Verb.REMIND,
                from_status=submission.status,
                to_status=submission.status,
                role=Role.CLOCK,
                created_at=now,
                submission_revision=submission.revision,
                snapshot=submission.proposal,
            )
            queue_email(event)
    return submission


@retry_when_locked
def _update(rows: SubmissionQuerySet, submission: Submission, actor: Actor, **fields: Any) -> int:
    """Update the rows and store the request's key; return how many rows changed."""

    with transaction.atomic():
        count = rows.update(**fields)
        if count or fields["claimed_by"] is None:
            remember(actor, submission)
        return count


def _refuse_others(submission: Submission, actor: Actor) -> None:
    if not actor.moderates(submission.catalog_id):
        raise NotAllowed(_("You do not have permission to do this."))
