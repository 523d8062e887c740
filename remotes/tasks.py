"""When lists and their repositories are brought in step: after every change, and from time to time.

A remote is queued at most once, however much is changed meanwhile.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.tasks import task
from django.utils import timezone

from remotes.models import Mode, Remote
from remotes.syncing import sync

_LATER = timedelta(seconds=2)


def queue_push(catalog_pk: int) -> None:
    """Queue the remote of a list that was changed, if what is changed here goes there."""
    remote = Remote.objects.filter(catalog=catalog_pk).exclude(mode=Mode.PULL).only("pk").first()
    if remote is not None:
        transaction.on_commit(partial(queue, remote.pk), robust=True)


def queue(remote_pk: int) -> bool:
    """Queue a remote, unless it is queued already."""
    is_first = bool(Remote.objects.filter(pk=remote_pk, is_queued=False).update(is_queued=True))
    if is_first:
        bring_in_step.enqueue(remote_pk)
    return is_first


@task
def bring_in_step(remote_pk: int) -> None:
    """Bring one list and its repository in step; later, if somebody else is at it."""
    remote = Remote.objects.select_related("catalog").filter(pk=remote_pk).first()
    if remote is not None and sync(remote) is None:
        bring_in_step.using(run_after=timezone.now() + _LATER).enqueue(remote_pk)


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
