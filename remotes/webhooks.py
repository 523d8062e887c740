"""Webhooks of hosts: a push makes the site fetch at once.

GitHub, Forgejo and Gitea sign what they send by a secret, GitLab sends it along. Nothing of the
content is believed, or even read: the repository itself is asked.
"""

from __future__ import annotations

import hashlib
import hmac

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from remotes.credentials import decrypt
from remotes.models import Remote, WebhookDelivery
from remotes.problems import RemoteProblem
from remotes.tasks import queue

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
