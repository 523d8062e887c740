"""The base of views about submissions: idempotent requests, callers, filters, their schema."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import django_filters
import orjson
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    PolymorphicProxySerializer,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.exceptions import MethodNotAllowed, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.limits import client_address
from accounts.models import signed_in
from api.pagination import is_on
from api.parameters import ChoiceFilter, MatchingFilter, refuse_unknown
from catalog.errors import CatalogError
from submissions.choices import Kind, Status
from submissions.errors import secret
from submissions.models import Submission
from submissions.people import Actor, Retry
from submissions.protection import network_hash
from submissions.verbs.transitions import done_before

REPLAYED = "Idempotency-Replayed"
DRY_RUN = OpenApiParameter(
    "dry_run",
    {"type": "string", "enum": ["0", "1"], "default": "0"},
    description="1: only say what would come of it; nothing is stored, and no key is used.",
)
"""The parameter in the schema."""


class SecretView(APIView):
    """Base of views whose addresses or answers are for one person: kept by nobody."""

    parameters: ClassVar[frozenset[str]] = frozenset()
    """Query parameters, whatever the method."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # A method that there is not is refused as such, whoever calls and whatever comes with it.
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)
        refuse_unknown(request, self.parameters)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        finished = super().finalize_response(request, response, *args, **kwargs)
        secret(finished)
        return finished


def is_dry_run(request: Request) -> bool:
    """Whether nothing is to be done. Raises `ValidationError`."""
    return is_on(request, "dry_run", default="0")


def once(retry: Retry | None, act: Callable[[], Submission]) -> Submission:
    """Perform a request, unless it was done under its key before.

    Also where it is refused because its twin, sent at the same moment, came first.
    """
    if before := done_before(retry):
        return before
    try:
        return act()
    except CatalogError:
        if before := done_before(retry):
            return before
        raise


def answered(data: Any, submission: Submission, retry: Retry | None, status: int = 200) -> Response:
    """The answer to a verb."""
    headers = {REPLAYED: "true"} if retry and submission.is_repeat else {}
    return Response(data, status=status, headers=headers)


# Callers, and the idempotency key of their request


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


def address_of(request: Request) -> str:
    """Return the address that the request comes from."""
    return client_address(request._request)


def submitter(request: Request, data: Mapping[str, Any]) -> Actor:
    """Return the actor who submits; an account's own name and address win over what was sent."""
    return Actor(
        user=signed_in(request.user),
        name=data.get("credit", ""),
        email=data.get("email", ""),
        network_hash=network_hash(address_of(request)),
        retry=retry_of(request),
    )


def holder(request: Request, submission: Submission) -> Actor:
    """Return the actor who holds the secret of a submission, and so counts as its submitter."""
    return Actor(
        user=signed_in(request.user),
        name=submission.credit,
        token=submission.token,
        retry=retry_of(request),
    )


def moderator(request: Request) -> Actor:
    """Return the signed-in user as an actor who decides."""
    return Actor(user=signed_in(request.user), retry=retry_of(request))


def retry_of(request: Request) -> Retry | None:
    """Return the identity of a repeatable request; None without a key. Raises `ValidationError`."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        message = _("This must be 1 to 255 visible ASCII characters.")
        raise ValidationError({HEADER: [message]})
    user = signed_in(request.user)
    who = f"user:{user.pk}" if user else f"network:{network_hash(address_of(request))}"
    named = f"{who}\n{request.path}\n{key}"
    hashed = salted_hmac("submissions.api.retries", named, algorithm="sha256").hexdigest()
    return Retry(hashed, _fingerprint(request.data))


def _fingerprint(data: Any) -> str:
    """A hash of what a body says, in whatever order and spelling."""
    if isinstance(data, Mapping):
        data = {name: data[name] for name in sorted(data) if name not in _NOT_COMPARED}
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()


# Filters of lists of submissions; what is not well-formed is refused


ALL = "all"
"""The word for every status."""
_NO_NUL = r"^[^\u0000]*$"
_MOST_DIGITS = 18


def _words(about: str, words: Mapping[str, Any], **own: Any) -> ChoiceFilter:
    """A filter by one of some words, as the schema describes it."""
    described = extend_schema_field({"type": "string", "enum": [*words], "description": about})
    return described(ChoiceFilter(choices=words, **own))


class OwnFilters(django_filters.FilterSet):  # type: ignore[misc]
    """One's own submissions."""

    status = _words("How far it is.", {status.value: status for status in Status})
    kind = _words("What is proposed.", {kind.value: kind for kind in Kind})
    catalog = extend_schema_field(
        {"type": "string", "pattern": _NO_NUL, "description": "The slug of a list."}
    )(
        MatchingFilter(
            "catalog__slug",
            pattern=re.compile(r"[^\0]*\Z"),
            message=gettext_lazy("This text has a character that cannot be stored."),
        )
    )


class QueueFilters(OwnFilters):
    """The queue of a moderator; without a status, what waits."""

    status = _words(
        "Without it, what waits for a moderator.",
        {**{status.value: status for status in Status}, ALL: None},
    )
    submitter = extend_schema_field(
        {
            "type": "integer",
            "minimum": 1,
            "maximum": 10**_MOST_DIGITS - 1,
            "description": "The id of an account.",
        }
    )(
        MatchingFilter(
            pattern=re.compile(rf"[1-9][0-9]{{0,{_MOST_DIGITS - 1}}}\Z"),
            message=gettext_lazy("This must be a whole number."),
        )
    )
    has_conflicts = _words(
        "Whether the entry was changed underneath.",
        {"true": True, "false": False},
        method="filter_conflicts",
    )
    is_held = _words("Whether it is held for looking like spam.", {"true": True, "false": False})

    def filter_conflicts(
        self, rows: QuerySet[Submission], _name: str, value: bool
    ) -> QuerySet[Submission]:
        """Whether the entry was changed underneath."""
        return rows.exclude(conflicts=[]) if value else rows.filter(conflicts=[])


# Schema of the verbs and lists of submissions


CONTRIBUTING, MODERATING = "Contributing", "Moderating"
"""The tags of operations."""
SECRET = OpenApiParameter(
    "token",
    {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,64}$"},
    OpenApiParameter.PATH,
    description="The secret of a submission: who has it is taken for its submitter.",
)
KEY = OpenApiParameter(
    "id",
    {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
    OpenApiParameter.PATH,
    description="The id of a submission.",
)
EXAMPLES = [
    OpenApiExample(name, value=value, request_only=True)
    for name, value in {
        "A new entry of a list": {
            "kind": "add",
            "catalog": "open-source-chatgpt",
            "listing": 1,
            "name": "Omega",
            "url": "https://omega.example",
            "description": "A model of one's own.",
            "consent": True,
        },
        "Other cells of a row": {
            "kind": "edit",
            "entry": 1,
            "entry_revision": 1,
            "cells": {"1": "8B"},
            "consent": True,
        },
        "Another place": {"kind": "move", "entry": 1, "first": True, "consent": True},
        "A removal": {"kind": "remove", "entry": 1, "reason": "Removed.", "consent": True},
        "A report": {"kind": "report", "entry": 1, "report": "dead-link", "evidence": "404"},
    }.items()
]
"""Example bodies of `submit`."""


def either(name: str, *kinds: type[serializers.Serializer[Any]]) -> PolymorphicProxySerializer:
    """One of several answers."""
    return PolymorphicProxySerializer(name, [*kinds], None)
