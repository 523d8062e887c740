"""A catalog as a whole, or a part of it, in several formats."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

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
from catalog.models import Catalog

_LARGEST = 2**53 - 1


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
