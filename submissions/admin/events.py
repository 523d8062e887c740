"""The history of submissions: read-only for everybody, and to be taken along by maintainers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import CatalogFilter, Page, Step, minute, number
from catalog.exporting.formats import csv_lines
from catalog.models import Catalog
from submissions.admin.base import OfSubmissions, address, catalogs_of
from submissions.models import SubmissionEvent
from submissions.people import as_shown

# The history of a catalog's submissions as a file: one line for each event, sent as it is read.


COLUMNS = (
    "id",
    "created_at",
    "submission",
    "kind",
    "name",
    "verb",
    "from_status",
    "to_status",
    "actor",
    "role",
    "reason",
    "note",
    "internal_note",
    "submission_revision",
    "entry_before",
    "entry_after",
)
_CHUNK = 500
_SOURCES = {"kind": "submission__kind", "name": "submission__name", "actor": "actor_name"}
"""Where columns come from that the table calls otherwise."""


def events_as_csv(catalog: Catalog) -> Iterator[str]:
    """Comma-separated, with a header. Texts that a table would compute begin with an apostrophe."""
    yield csv_lines([COLUMNS])
    for row in _rows(catalog):
        yield csv_lines([[row[name] for name in COLUMNS]])


def events_as_json_lines(catalog: Catalog) -> Iterator[str]:
    """An object a line, with what was proposed then as `snapshot`."""
    for row in _rows(catalog):
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z).decode()


FORMATS: dict[str, tuple[Callable[[Catalog], Iterator[str]], str, str]] = {
    "csv": (events_as_csv, "text/csv; charset=utf-8", "csv"),
    "jsonl": (events_as_json_lines, "application/x-ndjson", "jsonl"),
}
"""The formats: writer, media type, and file ending."""


def _rows(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """No secret, no e-mail address, no network: what happened, and what people were called."""
    names = (*COLUMNS, "snapshot")
    events = SubmissionEvent.objects.filter(catalog=catalog).oldest_first()
    rows = events.values_list(*(_SOURCES.get(name, name) for name in names))
    for values in rows.iterator(chunk_size=_CHUNK):
        row = dict(zip(names, values, strict=True))
        yield {**row, "created_at": row["created_at"].isoformat()}


class BySubmission(admin.SimpleListFilter):
    """The events of one submission; shown while it is in use."""

    title = gettext_lazy("submission")
    parameter_name = "submission"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        key = request.GET.get("submission", "")
        return [(key, f"#{number(key)}")] if number(key) else []

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        return queryset.filter(submission=number(value)) if value else queryset


@admin.register(SubmissionEvent)
class SubmissionEventAdmin(OfSubmissions):
    """The log of moderation, newest first. Nobody changes it, superusers included."""

    list_display = ("when", "catalog", "what", "verb", "who", "words")
    list_display_links = None
    list_filter = (CatalogFilter, "verb", BySubmission)
    search_fields = ("actor_name", "note", "internal_note", "submission__name")
    list_select_related = ("catalog", "submission")
    ordering = ("-pk",)
    list_per_page = 50
    change_list_template = "admin/submissions/events.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("time"))
    def when(self, event: SubmissionEvent) -> str:
        """Return the time, to the minute."""
        return minute(event.created_at)

    @admin.display(description=gettext_lazy("by"))
    def who(self, event: SubmissionEvent) -> str:
        """The name that the person had, else the role."""
        return as_shown(event.actor_name) or str(event.get_role_display())

    @admin.display(description=gettext_lazy("submission"))
    def what(self, event: SubmissionEvent) -> str:
        """The submission, with its page."""
        url = address("submission_change", event.submission_id)
        return format_html('<a href="{}">{}</a>', url, Truncator(str(event.submission)).chars(70))

    @admin.display(description=gettext_lazy("note"))
    def words(self, event: SubmissionEvent) -> str:
        """The reason and the note."""
        return " · ".join(filter(None, [event.reason, event.note[:120]])) or "–"

    def own_pages(self) -> list[Page]:
        return [
            Page("export/<str:key>/<str:form>/", self.export_view, "export"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        exports = catalogs_of(request, maintained=True)[:200]
        return super().changelist_view(
            request,
            {
                "title": _("Events of submissions"),
                "exports": exports,
                "formats": list(FORMATS),
                **(extra_context or {}),
            },
        )

    def export_view(self, request: HttpRequest, key: str, form: str) -> HttpResponseBase:
        """All events of a catalog, for its maintainers; sent while they are read."""
        catalog = catalogs_of(request, maintained=True).filter(pk=number(key)).first()
        if catalog is None or form not in FORMATS:
            raise Http404
        lines, media_type, ending = FORMATS[form]
        response = StreamingHttpResponse(
            (line.encode() for line in lines(catalog)), content_type=media_type
        )
        name = f"{catalog.slug}-events.{ending}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def top(self) -> Step:
        return Step(_("Events"), address("submissionevent_changelist"))
