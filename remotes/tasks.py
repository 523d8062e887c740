"""When a list's repository is looked at: after a change or decision here, when its host says so, or
regularly.

A remote is queued at most once, however much is changed meanwhile.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.tasks import task
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from catalog.models import Revision
from catalog.sql.prepared import Prepared
from remotes.connections import decrypt
from remotes.git import RemoteProblem
from remotes.models import Mode, Remote, RemoteCommit, WebhookDelivery
from remotes.syncing import sync
from submissions.choices import Verb
from submissions.models import SubmissionEvent

_LATER = timedelta(seconds=2)
_DECISIONS = {
    Verb.REQUEST_CHANGES, Verb.WITHDRAW, Verb.REJECT, Verb.EXPIRE, Verb.REOPEN, Verb.UNDO
}  # fmt: skip
"""What an answer there tells, and no revision here: those queue a push by themselves."""


_PUSHED = Prepared(
    lambda catalog: Remote.objects.filter(catalog=catalog).exclude(mode=Mode.PULL).only("pk")
)


def queue_push(*, revision: Revision, **_signal: Any) -> None:
    """Queue the remote of a list that got a revision, if what is changed here goes there."""
    if remote := _PUSHED.first(revision.catalog_id):
        queueing = partial(_queue_unless_from_there, remote.pk, revision.number)
        transaction.on_commit(queueing, robust=True)


def _queue_unless_from_there(remote_pk: int, number: int) -> None:
    came = RemoteCommit.objects.filter(remote=remote_pk, revision=number, is_ours=False)
    if not came.exists():
        queue(remote_pk)


def queue_answer(*, instance: SubmissionEvent, created: bool, **_signal: Any) -> None:
    """Queue the remote of a pull request about which something was decided without a revision."""
    if created and instance.verb in _DECISIONS:
        remotes = Remote.objects.filter(pull_requests__entries__submission=instance.submission_id)
        if remote := remotes.only("pk").first():
            transaction.on_commit(partial(queue, remote.pk), robust=True)


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


# Webhooks
#
# GitHub, Forgejo and Gitea sign what they send by a secret, GitLab sends it along. Nothing of the
# content is believed, or even read: the repository itself is asked.


MOST_BYTES = 1024 * 1024
_SIGNATURES = ("X-Hub-Signature-256", "X-Forgejo-Signature", "X-Gitea-Signature")
_DELIVERIES = (
    "X-GitHub-Delivery",
    "X-Forgejo-Delivery",
    "X-Gitea-Delivery",
    "X-Gitlab-Event-UUID",
)


@csrf_exempt
@require_POST
def receive(request: HttpRequest, key: int) -> HttpResponse:
    """Queue a look at the repository: 202; 200 for what came before, 401 without the secret."""
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = MOST_BYTES + 1
    body = request.read(MOST_BYTES + 1) if length <= MOST_BYTES else b""
    if length > MOST_BYTES or len(body) > MOST_BYTES:
        return JsonResponse({"detail": _("The request is too large for a webhook.")}, status=413)
    remote = Remote.objects.filter(pk=key).first()
    if remote is None or not _is_signed(request, body, remote):
        return JsonResponse({"detail": _("The signature is missing or wrong.")}, status=401)
    if not _is_new(request, body, remote):
        return JsonResponse({"detail": _("This delivery was already received.")})
    queue(remote.pk)
    return JsonResponse({"detail": _("The repository is being checked.")}, status=202)


def _is_signed(request: HttpRequest, body: bytes, remote: Remote) -> bool:
    try:
        secret = decrypt(remote.webhook_secret)
    except RemoteProblem:
        return False
    if not secret:
        return False
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = [request.headers.get(name, "").removeprefix("sha256=") for name in _SIGNATURES]
    token = request.headers.get("X-Gitlab-Token", "")
    return any(constant_time_compare(one, expected) for one in given) or constant_time_compare(
        token, secret
    )


def _is_new(request: HttpRequest, body: bytes, remote: Remote) -> bool:
    """Whether a delivery was not seen; what has no name is known by what it says."""
    named = next((request.headers[name] for name in _DELIVERIES if name in request.headers), "")
    digest = hashlib.sha256(named.encode() or body).hexdigest()
    made = WebhookDelivery.objects.bulk_create(
        [WebhookDelivery(remote=remote, digest=digest)], ignore_conflicts=True
    )
    seen = WebhookDelivery.objects.filter(remote=remote, digest=digest).values_list("nonce")
    return bool(made) and seen.get() == (made[0].nonce,)
