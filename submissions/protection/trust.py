"""Whom the queue knows well: computed from what became of their work, unless it is pinned.

Trust raises how much may be open at a time. It never publishes anything by itself.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from accounts.models import User
from catalog.models import Catalog
from submissions.choices import Status
from submissions.models import Submission, TrustPin

LEAST_APPLIED = 10
LEAST_AGE = timedelta(days=14)
"""Since the first submission."""
MOST_REJECTED = 0.2
"""Largest share of rejected among decided submissions."""
MOST_REVERTED = 1
"""Two are too many."""


def is_trusted(user: User | None, catalog: Catalog) -> bool:
    """Whether somebody is trusted in a catalog; two queries, none for who is not signed in."""
    if user is None:
        return False
    pin = TrustPin.objects.filter(catalog=catalog, user=user).first()
    return pin.is_trusted if pin else _has_earned_it(user)


def _has_earned_it(user: User) -> bool:
    of_status = {
        status: Count("pk", filter=Q(status=status))
        for status in (Status.APPLIED, Status.REJECTED, Status.REVERTED)
    }
    record = Submission.objects.submitted_by(user).aggregate(
        spam=Count("pk", filter=Q(is_spam=True)),
        first=Min("created_at"),
        **{status.value: count for status, count in of_status.items()},
    )
    applied, rejected, reverted = (record[status.value] for status in of_status)
    decided = applied + rejected + reverted
    return bool(
        applied >= LEAST_APPLIED
        and timezone.now() - record["first"] >= LEAST_AGE
        and not record["spam"]
        and reverted <= MOST_REVERTED
        and rejected <= MOST_REJECTED * decided
    )
