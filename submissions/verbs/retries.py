"""Requests that are sent again because nobody knows whether the first one arrived.

A client names its request with a key, and the key is written in the transaction of what the request
did: either both are there, or nothing. What comes with a known key is answered with the submission
as it is now, and does nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from submissions.errors import KeyReused
from submissions.models import RetryKey, Submission
from submissions.people import Actor, Retry
from submissions.verbs.patience import patiently

KEPT_FOR = timedelta(days=7)
_FORGOTTEN_AT_ONCE = 10_000


def done_before(retry: Retry | None) -> Submission | None:
    """What the request with this key did; None for one that is new, or that has no key.

    Raises `KeyReused` for another request under the same key.
    """
    if retry is None:
        return None
    known = RetryKey.objects.select_related("submission__catalog").filter(key=retry.key).first()
    if known is None:
        return None
    submission = _same(known, retry)
    submission.is_repeat = True
    return submission


def remember(actor: Actor, submission: Submission) -> None:
    """Write the key of the request that somebody acts by; inside the transaction of what it did.

    Two requests with one key that go by different catalogs do not wait for each other before: the
    later one is refused here, and undone.
    """
    if (retry := actor.retry) is None:
        return
    told = {"fingerprint": retry.fingerprint, "submission": submission}
    known, _is_new = patiently(lambda: RetryKey.objects.get_or_create(key=retry.key, defaults=told))
    _same(known, retry)


def repeated(submission: Submission, actor: Actor) -> Submission:
    """The row, marked as found: what this person asks for had been done already."""
    remember(actor, submission)
    submission.is_repeat = True
    return submission


def forget(now: datetime | None = None) -> int:
    """Delete the keys that no client sends again; returns how many."""
    old = RetryKey.objects.filter(created_at__lt=(now or timezone.now()) - KEPT_FOR)
    keys = old.order_by("created_at").values("pk")[:_FORGOTTEN_AT_ONCE]
    return RetryKey.objects.filter(pk__in=keys).delete()[0]


def _same(known: RetryKey, retry: Retry) -> Submission:
    if known.fingerprint != retry.fingerprint:
        raise KeyReused(_("This Idempotency-Key was used for another request; take a new one."))
    return known.submission
