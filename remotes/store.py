"""The rows of a remote: its lease, its problem, its log, and the program's access to it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from remotes.addresses import read_address
from remotes.credentials import decrypt, reencrypt
from remotes.git import SECONDS, Access, Repository
from remotes.hosts import installation_token
from remotes.models import Remote, RemoteEvent
from remotes.problems import OF_HOST, PASSING, LeaseLost, RemoteProblem

LEASE = timedelta(seconds=3 * SECONDS)
"""Longer than one talk with a server may take; renewed before each."""
LONGEST_WAIT = timedelta(hours=6)
_STATE = ("problem", "failures", "next_at", "in_step_at")
LASTING = timedelta(hours=1)
"""The time after which maintainers are notified of a passing problem."""


@contextmanager
def leased(remote: Remote) -> Iterator[str | None]:
    """The right to synchronise, by its name; None where somebody else has it."""
    name, now = secrets.token_hex(8), timezone.now()
    free = Q(lease_by="") | Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * LEASE)
    taken = Remote.objects.filter(free, pk=remote.pk).update(
        lease_by=name, lease_until=now + LEASE, is_queued=False
    )
    if not taken:
        yield None
        return
    try:
        yield name
    finally:
        Remote.objects.filter(pk=remote.pk, lease_by=name).update(lease_by="", lease_until=None)


def hold(remote: Remote, lease: str, **fields: Any) -> None:
    """Renew the lease, and store fields with it. Raises `LeaseLost`."""
    until = timezone.now() + LEASE
    rows = Remote.objects.filter(pk=remote.pk, lease_by=lease)
    if not rows.update(lease_until=until, **fields):
        raise LeaseLost
    for name, value in fields.items():
        setattr(remote, name, value)


def repository_of(remote: Remote) -> Repository:
    """The remote's cache on this node, with what lets it in. Raises `RemoteProblem`."""
    reencrypt(remote)
    address, token = read_address(remote.url, may_be_local=True), decrypt(remote.token)
    if remote.app_id and token:
        token = installation_token(address, remote.app_id, token)
    access = Access(
        address,
        remote.username,
        token,
        decrypt(remote.private_key),
        remote.host_key,
    )
    return Repository(Path(settings.REMOTES_FOLDER) / f"{remote.pk}.git", access)


def log(remote: Remote, kind: RemoteEvent.Kind, count: int = 0, detail: str = "") -> None:
    """Write a line of the log."""
    RemoteEvent.objects.create(remote=remote, kind=kind, count=count, detail=detail)


@transaction.atomic
def note_failure(remote: Remote, problem: RemoteProblem) -> bool:
    """Store what went wrong; returns whether maintainers are to be told now, once for each."""
    row = Remote.objects.select_for_update().get(pk=remote.pk)
    now = timezone.now()
    if row.problem != problem.problem:
        row.failing_since, row.notified_at = now, None
        log(row, RemoteEvent.Kind.FAILED, detail=problem.message)
    row.failing_since = row.failing_since or now
    row.failures += 1
    row.problem, row.detail = problem.problem, problem.detail
    wait = row.every * 2 ** min(row.failures - 1, 10)
    row.next_at = now + min(wait, max(LONGEST_WAIT, row.every))
    if problem.problem in OF_HOST:
        # Commits are looked for as ever, unless the host wants a pause.
        row.next_at = now + max(row.every, timedelta(seconds=problem.wait))
    lasts = problem.problem not in PASSING or now - row.failing_since >= LASTING
    notifies = lasts and row.notified_at is None
    if notifies:
        row.notified_at = now
        if problem.problem not in OF_HOST:
            row.in_step_at = None
    row.save(update_fields=[*_STATE, "detail", "failing_since", "notified_at"])
    remote.refresh_from_db()
    return notifies


@transaction.atomic
def note_success(remote: Remote) -> None:
    """Store that it works."""
    row = Remote.objects.select_for_update().get(pk=remote.pk)
    if row.problem:
        log(row, RemoteEvent.Kind.RECOVERED)
    row.problem, row.detail, row.failing_since, row.notified_at, row.failures = (
        "",
        "",
        None,
        None,
        0,
    )
    row.next_at = timezone.now() + row.every
    row.save(
        update_fields=["problem", "detail", "failing_since", "notified_at", "failures", "next_at"]
    )
    remote.refresh_from_db()
