"""The periodic tasks for what nobody answers: a reminder, and a month later the end."""

from __future__ import annotations

from django.tasks import task
from django.utils import timezone

from catalog.errors import CatalogError
from submissions.models import Submission
from submissions.rules import ANSWER_WITHIN, CONFIRM_WITHIN, REMIND_AFTER
from submissions.workflow import expire, remind

AT_ONCE = 500
"""More wait for the next run."""


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
