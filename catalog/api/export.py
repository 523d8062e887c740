"""The text of a catalog: as a whole or in part, in several formats, and its changes for mirrors."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from api.formats import JsonRenderer
from api.pagination import whole_number
from api.parameters import parameters_of
from catalog.api.catalogs import MOVED, OfCatalog
from catalog.api.entry_filters import (
    PARAMETERS,
    EntryFilter,
    EntryRequest,
    entry_request,
    matches_of,
)
from catalog.api.published import Validators
from catalog.errors import RevisionConflict
from catalog.exporting import FORMATS, Format, Keys, Scope, check_scope
from catalog.exporting.markdown import TABLE_STYLES
from catalog.finding.ordering import POSITION
from catalog.history.change_feed import MOST_REVISIONS, Edit, Step, follow
from catalog.models import Catalog, Change, Revision
from catalog.published import site_of

_LARGEST = 2**53 - 1
"""The largest integer that JavaScript holds exactly."""


class ExportedCatalog(serializers.Serializer[Any]):
    """The catalog's own fields in an export."""

    slug = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    source_url = serializers.CharField(help_text="Where the README lives.")
    license = serializers.CharField(help_text="SPDX identifier of the list's text.")
    license_url = serializers.CharField()
    language = serializers.CharField(help_text="BCP 47 tag of most of the text.")
    revision = serializers.IntegerField()
    entry_count = serializers.IntegerField(help_text="Of the whole list.")
    updated_at = serializers.DateTimeField()


class ExportedSection(serializers.Serializer[Any]):
    """A heading and what stands under it."""

    path = serializers.CharField()
    title = serializers.CharField()
    level = serializers.IntegerField(min_value=1, max_value=6)
    entry_count = serializers.IntegerField(help_text="Subsections included.")


class ExportedLink(serializers.Serializer[Any]):
    """A link on the entry's lines."""

    text = serializers.CharField()
    url = serializers.CharField()


class ExportedEntry(serializers.Serializer[Any]):
    """An entry."""

    id = serializers.IntegerField(
        allow_null=True, help_text="Null in a past revision where it is not known."
    )
    name = serializers.CharField()
    url = serializers.CharField(help_text="Of its first link; may be empty.")
    description = serializers.CharField(help_text="Inline markdown.")
    section = serializers.CharField(help_text="Path of its section; empty for none.")
    listing = serializers.IntegerField(
        allow_null=True, help_text="Number of its table or list in the section."
    )
    cells = serializers.DictField(
        child=serializers.CharField(), help_text="Inline markdown by the headers of the columns."
    )
    tags = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Names of its tags by slug of their facet.",
    )
    links = ExportedLink(many=True)
    created_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)


class ExportSerializer(serializers.Serializer[Any]):
    """A list with its sections and entries."""

    catalog = ExportedCatalog()
    sections = ExportedSection(many=True)
    entries = ExportedEntry(many=True)


def _renderer(format_: Format) -> type[JsonRenderer]:
    """Return a placeholder renderer for a format; the export itself is streamed past it."""
    charset = format_.content_type.partition("charset=")[2] or None
    named = {"media_type": format_.media_type, "format": format_.name, "charset": charset}
    return type(f"{format_.name.title()}Renderer", (JsonRenderer,), named)


@extend_schema_view(
    get=extend_schema(
        operation_id="exportCatalog",
        summary="Export a catalog",
        description=(
            "The format is that of `format`, else of `Accept`, else markdown. All of it is "
            "streamed. Markdown is the README byte for byte, as the command `export_markdown` "
            "writes it; of a section it is what stands between its heading and the next one of "
            "its level or above. With filters (all those of `entries/`) it is cut down to the "
            "lines of the entries that match, with their headings, the heads of their tables, and "
            "the list items they stand in. Of a past `revision` the text is known and what can be "
            "read off it: there are no tags and times, and filters cannot be combined with it "
            "(409)."
        ),
        tags=["Lists"],
        parameters=[
            *parameters_of(EntryFilter, without={"catalog", "ordering"}),
            OpenApiParameter(
                "revision",
                {"type": "integer", "minimum": 1, "maximum": _LARGEST},
                description="The list as it was then; by default as it is.",
            ),
            OpenApiParameter(
                "table_style",
                str,
                enum=list(TABLE_STYLES),
                default="exact",
                description="Of markdown: as written, with one space around cells, or with "
                "columns padded to their widest cell.",
            ),
        ],
        responses={
            **{
                (200, each.media_type): ExportSerializer if each.is_document else str
                for each in FORMATS.values()
            },
            301: MOVED,
            409: None,
        },
    )
)
@method_decorator(gzip_page, name="dispatch")
class Export(OfCatalog):
    """The catalog, a section of it, some of its entries, or how it was."""

    parameters: ClassVar = PARAMETERS - {"catalog", "ordering"} | {"revision", "table_style"}
    renderer_classes = tuple(map(_renderer, FORMATS.values()))

    def validators(self, request: Request, catalogs: list[Catalog]) -> Validators:
        etag, _changed = super().validators(request, catalogs)
        [catalog] = catalogs
        number = _revision(request)
        changed: datetime | None = catalog.updated_at
        if number and number != catalog.revision:
            past = catalog.revisions.filter(number=number)
            changed = past.values_list("created_at", flat=True).first()
        return etag, changed

    def published(self, request: Request, catalogs: list[Catalog]) -> HttpResponseBase:
        [catalog] = catalogs
        scope = _scope(request, catalog)
        format_ = FORMATS[request.accepted_renderer.format]
        response = StreamingHttpResponse(content_type=format_.content_type)
        if request.method == "HEAD":
            check_scope(catalog, scope)
        else:
            response.streaming_content = format_.chunks(catalog, scope)
        response.headers["Content-Disposition"] = _disposition(catalog, scope, format_)
        return response

    def handle_exception(self, error: Exception) -> Response:
        # Whatever format was asked for.
        self.request.accepted_renderer = JsonRenderer()
        self.request.accepted_media_type = JsonRenderer.media_type
        response: Response = super().handle_exception(error)
        return response


def _scope(request: Request, catalog: Catalog) -> Scope:
    """Return the scope that the parameters ask for. Raises `ValidationError`,
    `RevisionConflict`."""
    # Most often the whole is asked for, which takes less time than to find nothing in a form.
    is_whole = PARAMETERS.isdisjoint(request.query_params)
    requested = EntryRequest() if is_whole else entry_request(request.query_params)
    style = request.query_params.get("table_style", "exact")
    if style not in TABLE_STYLES:
        message = _("This must be one of %(words)s.") % {"words": ", ".join(TABLE_STYLES)}
        raise ValidationError({"table_style": [message]})
    scope = Scope(_revision(request), requested.section, None, style, is_public=True)
    filters = replace(requested, section="", ordering="position")
    if filters == EntryRequest():
        return scope
    if scope.is_past(catalog):
        raise RevisionConflict(
            _(
                "Filters work on the current list, not on revision %(number)d: "
                "leave out the revision or the filters."
            )
            % {"number": scope.revision}
        )
    matches = matches_of([catalog], replace(filters, catalog=catalog.slug))
    return replace(scope, only=Keys(matches.page(matches.order(POSITION), 0, matches.number)))


def _revision(request: Request) -> int | None:
    return whole_number(request, "revision", default=0, most=_LARGEST) or None


def _disposition(catalog: Catalog, scope: Scope, format_: Format) -> str:
    """The header that says what to call the file."""
    section = scope.section.rpartition("/")[2]
    name = "-".join(filter(None, [catalog.slug, section, f"r{scope.revision or catalog.revision}"]))
    return content_disposition_header(True, f"{name}.{format_.ending}") or ""


# Changes for mirrors; the rule is in `catalog.history.change_feed`


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
