"""The base of views about submissions: idempotent requests, callers, filters, their schema."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import django_filters
import orjson
from django import forms
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    PolymorphicProxySerializer,
)
from rest_framework import serializers
from rest_framework.exceptions import MethodNotAllowed, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.limits import client_address
from accounts.models import User
from api.parameters import refuse_unknown
from catalog.errors import CatalogError
from submissions.api.bodies import MAX_KEY
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
    text = request.query_params.get("dry_run", "0")
    if text not in {"0", "1"}:
        raise ValidationError({"dry_run": [_("This must be 0 or 1.")]})
    return text == "1"


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


# Filters of lists of submissions; what is not well-formed is refused


ALL = "all"
_FLAGS = [("true", "true"), ("false", "false")]


class _Key(django_filters.Filter):  # type: ignore[misc]
    """The key of a row."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"min_value": 1, "max_value": MAX_KEY, **kwargs})


class OwnFilters(django_filters.FilterSet):  # type: ignore[misc]
    """One's own submissions."""

    status = django_filters.ChoiceFilter(choices=Status.choices)
    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    catalog = django_filters.CharFilter(field_name="catalog__slug")

    class Meta:
        model = Submission
        fields: ClassVar = ["status", "kind", "catalog"]


class QueueFilters(OwnFilters):
    """The queue of a moderator; without a status, what waits."""

    status = django_filters.ChoiceFilter(
        choices=[*Status.choices, (ALL, ALL)], method="filter_status"
    )
    submitter = _Key()
    has_conflicts = django_filters.ChoiceFilter(choices=_FLAGS, method="filter_conflicts")
    is_held = django_filters.ChoiceFilter(choices=_FLAGS, method="filter_flag")

    class Meta(OwnFilters.Meta):
        fields: ClassVar = [*OwnFilters.Meta.fields, "submitter", "has_conflicts", "is_held"]

    def filter_status(
        self, rows: QuerySet[Submission], name: str, value: str
    ) -> QuerySet[Submission]:
        """A status, or all of them."""
        return rows if value == ALL else rows.filter(status=value)

    def filter_conflicts(
        self, rows: QuerySet[Submission], name: str, value: str
    ) -> QuerySet[Submission]:
        """Whether the entry was changed underneath."""
        return rows.exclude(conflicts=[]) if value == "true" else rows.filter(conflicts=[])

    def filter_flag(
        self, rows: QuerySet[Submission], name: str, value: str
    ) -> QuerySet[Submission]:
        """Whether it is held."""
        return rows.filter(**{name: value == "true"})


def filtered(
    filters: type[OwnFilters], request: Request, rows: QuerySet[Submission]
) -> QuerySet[Submission]:
    """The rows that a request asks for. Raises `ValidationError`."""
    # Forms take an empty value for none; only a slug is a text that may be empty.
    empty = [name for name in filters.base_filters if request.query_params.get(name) == ""]
    if wrong := {name: [_("This has no value.")] for name in empty if name != "catalog"}:
        raise ValidationError(wrong)
    filterset = filters(request.query_params, rows, request=request)
    if not filterset.is_valid():
        raise ValidationError({name: list(messages) for name, messages in filterset.errors.items()})
    filtered: QuerySet[Submission] = filterset.qs
    return filtered


# Schema of the verbs and lists of submissions


CONTRIBUTING, MODERATING = "Contributing", "Moderating"
"""The tags of operations."""
_KIND = OpenApiParameter(
    "kind", {"type": "string", "enum": Kind.values}, description="What is proposed."
)
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
_CATALOG = OpenApiParameter(
    "catalog",
    {"type": "string", "pattern": r"^[^\u0000]*$"},
    description="The slug of a list.",
)
OWN_PARAMETERS = [
    OpenApiParameter(
        "status", {"type": "string", "enum": Status.values}, description="How far it is."
    ),
    _KIND,
    _CATALOG,
]
QUEUE_PARAMETERS = [
    OpenApiParameter(
        "status",
        {"type": "string", "enum": [*Status.values, ALL]},
        description="Without it, what waits for a moderator.",
    ),
    _KIND,
    _CATALOG,
    OpenApiParameter(
        "submitter",
        {"type": "integer", "minimum": 1, "maximum": MAX_KEY},
        description="The id of an account.",
    ),
    *(
        OpenApiParameter(
            name, {"type": "string", "enum": ["true", "false"]}, description=description
        )
        for name, description in (
            ("has_conflicts", "Whether the entry was changed underneath."),
            ("is_held", "Whether it is held for looking like spam."),
        )
    ),
]


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
