"""The queue: what waits for a moderator, the oldest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from catalog.admin.base import CatalogFilter, sentence
from submissions.admin.base import OfSubmissions, address, catalogs_of, maintains_any, person
from submissions.admin.bulk import MOST
from submissions.admin.filters import (
    BySubmitter,
    HeldFilter,
    KindFilter,
    SignsFilter,
    StatusFilter,
)
from submissions.admin.queue_navigation import carried
from submissions.admin.undoing import undo_offer
from submissions.mail.digest import note_language
from submissions.models import Submission
from submissions.moderating.queue_rows import rows_of
from submissions.moderating.reasons import choices_of

PER_PAGE = 50


class Option(NamedTuple):
    """A value of a filter."""

    value: str
    label: str
    is_chosen: bool


class Choice(NamedTuple):
    """A filter as a field of a form."""

    name: str
    label: str
    options: list[Option]


class InOrder(ChangeList):
    """A change list in the order of the queue, whatever the address asks for."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return ["is_held", "-priority", "created_at", "pk"]


class Queue(OfSubmissions):
    """The table of submissions, and the way through it."""

    list_display = ("name",)
    list_filter = (CatalogFilter, KindFilter, StatusFilter, SignsFilter, HeldFilter, BySubmitter)
    search_fields = (
        "name__icontains",
        "url__icontains",
        "credit__icontains",
        "submitter__display_name__icontains",
        "submitter__username__icontains",
        "token__exact",
    )
    list_select_related = ("catalog", "section", "submitter", "claimed_by")
    list_per_page = PER_PAGE
    change_list_template = "admin/submissions/queue.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        """Return the submissions that this person may see, without columns that no table shows."""
        rows: QuerySet[Submission] = super().get_queryset(request)
        return rows.select_related("catalog", "section", "submitter", "claimed_by")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return InOrder

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        note_language(person(request))
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context and "cl" in context:
            context |= self._queue(request, context["cl"])
        return response

    def _queue(self, request: HttpRequest, changelist: ChangeList) -> dict[str, Any]:
        query = carried(request.GET)
        reader = person(request)
        return {
            "title": _("Submissions"),
            "rows": rows_of(
                changelist.result_list,
                reader=reader,
                url=lambda one: address("submission_change", one.pk),
                query=query,
            ),
            "filters": list(_choices(changelist)),
            "is_narrowed": bool(query),
            "is_searched": bool(changelist.query),
            "words": changelist.query,
            "query": query,
            "waits": not request.GET.get("status"),
            "whole": _whole(changelist) if changelist.multi_page else [],
            "reasons": choices_of(catalogs_of(request)),
            "maintains": maintains_any(request),
            "undo": undo_offer(request),
        }


def _whole(changelist: ChangeList) -> list[str]:
    """Return the values of a selection over all pages: `key.revision`, `MOST` at most."""
    read = changelist.queryset.values_list("pk", "revision")[:MOST]
    return [f"{key}.{revision}" for key, revision in read]


def _choices(changelist: ChangeList) -> Iterable[Choice]:
    for spec in changelist.filter_specs:
        default = getattr(spec, "default", lambda spec=spec: _all(spec.title))()
        chosen = spec.value()  # type: ignore[attr-defined]
        options = [Option("", default, is_chosen=not chosen)]
        options += [
            Option(str(value), str(label), str(value) == chosen)
            for value, label in spec.lookup_choices  # type: ignore[attr-defined]
        ]
        yield Choice(str(spec.parameter_name), str(spec.title), options)  # type: ignore[attr-defined]


def _all(title: object) -> str:
    """Return the label of a filter's neutral choice."""
    return _("%(filter)s: all") % {"filter": sentence(str(title))}
