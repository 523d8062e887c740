"""Callers, and the idempotency key of their request."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import orjson
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.limits import client_address
from accounts.models import User
from submissions.models import Submission
from submissions.people import Actor, Retry
from submissions.protection.networks import network_hash

HEADER = "Idempotency-Key"
_KEY_PATTERN = r"^[!-~]{1,255}$"
_KEY = re.compile(r"[!-~]{1,255}")
KEY_PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": _KEY_PATTERN, "minLength": 1, "maxLength": 255},
    OpenApiParameter.HEADER,
    description=(
        "Makes it safe to send the request again: with a key that was used for the same request "
        "within 7 days nothing is done, and the answer is the submission as it is now (200, with "
        "`Idempotency-Replayed: true`); for another request, 409."
    ),
)
"""The header in the schema."""
_NOT_COMPARED = frozenset({"solution"})
"""Fields that may differ when a request is repeated."""


def user_of(request: Request) -> User | None:
    """Return the user, signed in by token or session."""
    return request.user if isinstance(request.user, User) else None


def address_of(request: Request) -> str:
    """Return the address that the request comes from."""
    return client_address(request._request)


def submitter(request: Request, data: Mapping[str, Any]) -> Actor:
    """Return the actor who submits; an account's own name and address win over what was sent."""
    return Actor(
        user=user_of(request),
        name=data.get("credit", ""),
        email=data.get("email", ""),
        network_hash=network_hash(address_of(request)),
        retry=retry_of(request),
    )


def holder(request: Request, submission: Submission) -> Actor:
    """Return the actor who holds the secret of a submission, and so counts as its submitter."""
    return Actor(
        user=user_of(request),
        name=submission.credit,
        token=submission.token,
        retry=retry_of(request),
    )


def moderator(request: Request) -> Actor:
    """Return the signed-in user as an actor who decides."""
    return Actor(user=user_of(request), retry=retry_of(request))


def retry_of(request: Request) -> Retry | None:
    """Return the identity of a repeatable request; None without a key. Raises `ValidationError`."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        message = _("This must be 1 to 255 visible ASCII characters.")
        raise ValidationError({HEADER: [message]})
    user = user_of(request)
    who = f"user:{user.pk}" if user else f"network:{network_hash(address_of(request))}"
    named = f"{who}\n{request.path}\n{key}"
    hashed = salted_hmac("submissions.api.retries", named, algorithm="sha256").hexdigest()
    return Retry(hashed, _fingerprint(request.data))


def _fingerprint(data: Any) -> str:
    """A hash of what a body says, in whatever order and spelling."""
    if isinstance(data, Mapping):
        data = {name: data[name] for name in sorted(data) if name not in _NOT_COMPARED}
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()
