"""Schema of the verbs and lists of submissions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    PolymorphicProxySerializer,
)
from rest_framework import serializers

from submissions.api.fields import MAX_KEY
from submissions.api.filters import ALL
from submissions.choices import Kind, Status

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
