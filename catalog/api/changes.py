"""The feed of changes that a mirror follows; the rule is in `catalog.history.change_feed`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from api.pagination import whole_number
from catalog.api.catalogs import MOVED, OfCatalog
from catalog.history.change_feed import MOST_REVISIONS, Edit, Step, follow
from catalog.models import Catalog, Change, Revision
from catalog.published import site_of

_LARGEST = 2**53 - 1
"""The largest integer that JavaScript holds exactly."""
_OPS = [*Change.Op.values, "bom"]


class EditSerializer(serializers.Serializer[Edit]):
    """One splice: where `removed` stands, put `added`."""

    op = serializers.ChoiceField(
        _OPS,
        help_text="What was done; a move is two edits, `bom` is the byte order mark coming or "
        "going. Replaying does not need it.",
    )
    entry = serializers.IntegerField(
        allow_null=True, help_text="Id of the entry on these lines; null where there is none."
    )
    name = serializers.CharField(help_text="What the entry was called; may be empty.")
    offset = serializers.IntegerField(
        min_value=0,
        help_text="In bytes of the UTF-8 text, byte order mark included, as it is when the edit's "
        "turn has come.",
    )
    removed = serializers.CharField(help_text="What stands there, verbatim; may be empty.")
    added = serializers.CharField(help_text="What takes its place, verbatim; may be empty.")


class RevisionSerializer(serializers.Serializer[Any]):
    """A revision, and what it did to the text."""

    number = serializers.IntegerField(source="revision.number", min_value=1)
    verb = serializers.ChoiceField(Revision.Verb.choices, source="revision.verb")
    created_at = serializers.DateTimeField(source="revision.created_at")
    by = serializers.SerializerMethodField(help_text="Who is credited for it; may be empty.")
    note = serializers.SerializerMethodField(help_text="What they say about it; may be empty.")
    bytes = serializers.IntegerField(source="size", min_value=0, help_text="Of the text after it.")
    sha256 = serializers.SerializerMethodField(
        help_text="Of the text after it, in hexadecimal; always there for the last one of a page, "
        "else where it is known."
    )
    html_url = serializers.SerializerMethodField(
        help_text="Its page on the site; null where it changed no line, or is the first."
    )
    changes = EditSerializer(
        many=True, source="edits", help_text="To be done in order; empty where no line changed."
    )

    def get_by(self, step: Step) -> str:
        return (step.revision.credit or step.revision.actor_name) if step.is_news else ""

    def get_note(self, step: Step) -> str:
        return step.revision.note if step.is_news else ""

    def get_sha256(self, step: Step) -> str | None:
        return step.sha256 or None

    def get_html_url(self, step: Step) -> str | None:
        if not step.is_news:
            return None
        args = [self.context["catalog"].slug, step.revision.number]
        address: str = self.context["site"] + reverse("catalog:change-detail", args=args)
        return address


class ChangesSerializer(serializers.Serializer[Any]):
    """Revisions after one that a mirror has."""

    count = serializers.IntegerField(allow_null=True, help_text="Always null.")
    next = serializers.URLField(allow_null=True, help_text="Where the next ones are, if any.")
    previous = serializers.URLField(allow_null=True, help_text="Always null.")
    revision = serializers.IntegerField(help_text="Where the catalog stands.")
    results = RevisionSerializer(many=True)


@extend_schema_view(
    get=extend_schema(
        operation_id="listChanges",
        summary="Follow a catalog",
        description=(
            "Every revision after `since`, in order, as edits of the exported markdown. For each "
            "edit check that `removed` stands at `offset`, and put `added` in its place; after "
            "each revision the text is byte for byte what `export/?revision=` gives. When that "
            "does not fit, or the answer is 409, the mirror has another history (the site was "
            "restored from a backup): start again from an export."
        ),
        tags=["Lists"],
        parameters=[
            OpenApiParameter(
                "since",
                {"type": "integer", "minimum": 0, "maximum": _LARGEST, "default": 0},
                description="The revision that the mirror has; 0 for none: then the first edit is "
                "the whole text.",
            ),
            OpenApiParameter(
                "page_size",
                {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MOST_REVISIONS,
                    "default": MOST_REVISIONS,
                },
                description="Revisions at most; there are fewer where they are long.",
            ),
        ],
        responses={200: ChangesSerializer, 301: MOVED, 409: None},
    )
)
class ChangeList(OfCatalog):
    """The changes since a revision."""

    parameters: ClassVar = frozenset({"since", "page_size"})

    def published(self, request: Request, catalogs: list[Catalog]) -> HttpResponseBase:
        [catalog] = catalogs
        since = whole_number(request, "since", default=0, least=0, most=_LARGEST)
        size = whole_number(
            request, "page_size", default=MOST_REVISIONS, least=1, most=MOST_REVISIONS
        )
        page = follow(catalog, since, limit=size)
        address = None
        if page.has_more:
            last = page.steps[-1].revision.number
            address = replace_query_param(request.build_absolute_uri(), "since", last)
        context = {"catalog": catalog, "site": site_of(request._request)}
        steps = RevisionSerializer(page.steps, many=True, context=context)
        return Response(
            {
                "count": None,
                "next": address,
                "previous": None,
                "revision": page.newest,
                "results": steps.data,
            }
        )
