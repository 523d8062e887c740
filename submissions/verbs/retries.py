"""Retries: a transaction that met a lock, and a request that may have arrived before.

SQLite hands its one write lock to whoever asks at the right moment, and waiting for it gives up
after a time, however far the others have got in between. That is not the business of the person
who decides: what was not begun is begun again.

A client names its request with a key, and the key is written in the transaction of what the request
did: either both are there, or nothing. What comes with a known key is answered with the submission
as it is now, and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.db import OperationalError, connection
from django.tasks import task
from django.utils import timezone
from django.utils.translation import gettext as _

from submissions.errors import KeyReused
from submissions.models import RetryKey, Submission
from submissions.people import Actor, Retry

ATTEMPTS = 15
"""Each waits as long as the database's own timeout, 20 seconds."""
KEYS_VALID_FOR = timedelta(days=7)
_DELETED_AT_ONCE = 10_000


def retry_when_locked[**P, T](work: Callable[P, T]) -> Callable[P, T]:
    """Make what begins a transaction of its own begin anew if the lock was not to be had.

    Inside a transaction the lock is there already, and nothing may be done twice.
    """

    @wraps(work)
    def attempt(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.vendor != "sqlite" or connection.in_atomic_block:
            return work(*args, **kwargs)
        for _attempt in range(ATTEMPTS - 1):
            try:
                return work(*args, **kwargs)
            except OperationalError as error:
                if "locked" not in str(error):
                    raise
        return work(*args, **kwargs)

    return attempt


def done_before(retry: Retry | None) -> Submission | None:
    """Return the result of the request with this key; None for one that is new, or that has no key.

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
    get_or_create = retry_when_locked(RetryKey.objects.get_or_create)
    fields = {"fingerprint": retry.fingerprint, "submission": submission}
    known, _is_new = get_or_create(key=retry.key, defaults=fields)
    _same(known, retry)


def repeated(submission: Submission, actor: Actor) -> Submission:
    """Mark a submission as one on which this very request had been carried out already."""
    remember(actor, submission)
    submission.is_repeat = True
    return submission


@task
def forget_retries() -> int:
    """Delete the keys of requests that no client sends again; returns how many."""
    old = RetryKey.objects.filter(created_at__lt=timezone.now() - KEYS_VALID_FOR)
    keys = old.order_by("created_at").values("pk")[:_DELETED_AT_ONCE]
    return RetryKey.objects.filter(pk__in=keys).delete()[0]


def _same(known: RetryKey, retry: Retry) -> Submission:
    if known.fingerprint != retry.fingerprint:
        raise KeyReused(_("This Idempotency-Key was used for another request; use a new one."))
    return known.submission
