"""Schedule of synchronisation: after every change, and from time to time.

A remote is queued at most once, however much is changed meanwhile.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.tasks import task
from django.utils import timezone

from remotes.models import Mode, Remote, RemoteCommit, WebhookDelivery
from remotes.syncing import sync

_LATER = timedelta(seconds=2)


def queue_push(catalog_pk: int, number: int) -> None:
    """Queue the remote of a list that got a revision, if what is changed here goes there."""
    remote = Remote.objects.filter(catalog=catalog_pk).exclude(mode=Mode.PULL).only("pk").first()
    if remote is not None:
        transaction.on_commit(partial(_queue_unless_from_there, remote.pk, number), robust=True)


def _queue_unless_from_there(remote_pk: int, number: int) -> None:
    came = RemoteCommit.objects.filter(remote=remote_pk, revision=number, is_ours=False)
    if not came.exists():
        queue(remote_pk)


def queue(remote_pk: int) -> bool:
    """Queue a remote, unless it is queued already."""
    is_first = bool(Remote.objects.filter(pk=remote_pk, is_queued=False).update(is_queued=True))
    if is_first:
        bring_in_step.enqueue(remote_pk)
    return is_first


@task
def bring_in_step(remote_pk: int) -> None:
    """Synchronise a list and its repository; later again, if others are at it or more waits."""
    remote = Remote.objects.select_related("catalog").filter(pk=remote_pk).first()
    if remote is None:
        return
    result = sync(remote)
    if result is None or result.has_more:
        bring_in_step.using(run_after=timezone.now() + _LATER).enqueue(remote_pk)


@task
def forget_deliveries() -> None:
    """Forget what hosts sent more than a month ago: sent again it would cost a look."""
    WebhookDelivery.objects.filter(at__lt=timezone.now() - timedelta(days=30)).delete()


@task
def look_at_due() -> None:
    """Queue what has not been looked at for its interval, and what was queued and got lost."""
    now = timezone.now()
    for remote in Remote.objects.filter(next_at__lte=now).only("pk"):
        # Moved on, so that a remote whose task waits is not queued every minute.
        Remote.objects.filter(pk=remote.pk).update(
            is_queued=False, next_at=now + timedelta(minutes=5)
        )
        queue(remote.pk)
