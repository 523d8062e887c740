"""Entries for programs: lists of them, one of them, and its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import PARAMETERS, PageNumbers
from api.parameters import parameters_of
from catalog.api import entry_filters, entry_pages
from catalog.api.entry_filters import EntryRequest, matches_of
from catalog.api.entry_pages import EntryPages, page_of, search_of
from catalog.api.entry_rows import (
    FIELDS_PARAMETER,
    EntryChangeSerializer,
    EntrySerializer,
    fields_of,
    rows_of,
)
from catalog.api.published import PublishedView
from catalog.errors import EntryGone
from catalog.finding.searching import FEW, removed_named
from catalog.models import Catalog, Change, Entry, Successor
from catalog.published import site_of


@extend_schema_view(
    get=extend_schema(
        operation_id="listEntries",
        summary="Entries by any filters",
        description=(
            "Published entries of one list or of all, in list order unless asked for otherwise. "
            "All filters combine. What is not there, a tag or section or word, finds nothing; a "
            "list that is not there is 404."
        ),
        tags=["Entries"],
        parameters=[*parameters_of(entry_filters.EntryFilter), FIELDS_PARAMETER],
        responses={200: EntrySerializer(many=True)},
    )
)
class EntryList(PublishedView):
    """Published entries by any filters, page by page."""

    pagination_class = EntryPages
    parameters: ClassVar = entry_filters.PARAMETERS | entry_pages.PARAMETERS | {"fields"}

    def depends_on(self, request: Request) -> str:
        return entry_filters.entry_request(request.query_params).catalog

    def published(self, request: Request, catalogs: list[Catalog]) -> HttpResponseBase:
        fields = fields_of(request)
        requested = entry_filters.entry_request(request.query_params)
        matches = matches_of(catalogs, requested)
        page = page_of(request, requested, matches)
        rows = rows_of(page.keys, fields, site_of(request._request))
        return Response(
            {
                "count": page.count,
                "next": page.next,
                "previous": page.previous,
                "results": rows,
                **search_of(matches.text),
                **_removed(requested, catalogs, matches.number),
            }
        )


def _removed(
    requested: EntryRequest, catalogs: list[Catalog], number: int
) -> dict[str, list[dict[str, Any]]]:
    """Return the removed entries that are called so, where words match few or none."""
    if not requested.q or number >= FEW:
        return {}
    entries = removed_named(requested.q, catalogs[0].pk if requested.catalog else None)
    rows = [
        {
            "id": entry.pk,
            "name": entry.name,
            "catalog": entry.catalog.slug,
            "removed_at": entry.removed_at,
        }
        for entry in entries
    ]
    return {"removed": rows} if rows else {}


# One entry


ID = OpenApiParameter("id", {"type": "integer", "minimum": 0}, "path", description="Of the entry.")
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that is, or was, published."""

    catalog: str
    removed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class OneEntry(PublishedView):
    """Base of what is about the entry that the address names."""

    def depends_on(self, request: Request) -> str:
        return self.entry.catalog

    @property
    def pk(self) -> int:
        """The entry's id."""
        pk: int = self.kwargs["id"]
        return pk

    @cached_property
    def entry(self) -> Known:
        """Raises `NotFound` for an entry that never was published."""
        entries = Entry.objects.exclude(state=Entry.State.SUGGESTED)
        fields = "catalog__slug", "removed_at", "created_at", "updated_at"
        rows = entries.filter(pk=min(self.pk, _LARGEST)).order_by().values_list(*fields)
        for row in rows:
            return Known(*row)
        raise self._unknown()

    def _unknown(self) -> NotFound:
        return NotFound(_("There is no entry %(pk)d.") % {"pk": self.pk})


@extend_schema_view(
    get=extend_schema(
        operation_id="getEntry",
        summary="One entry",
        description="Of a removed one 404 with the code `gone`, since when, and what "
        "it is a part of now.",
        tags=["Entries"],
        parameters=[ID, FIELDS_PARAMETER],
        responses=EntrySerializer,
    )
)
class EntryDetail(OneEntry):
    """One published entry; `gone` once it was removed."""

    parameters: ClassVar = frozenset({"fields"})

    def published(self, request: Request, catalogs: list[Catalog]) -> HttpResponseBase:
        fields = fields_of(request)
        if self.entry.removed_at:
            message = _("The entry %(pk)d was removed from its list.") % {"pk": self.pk}
            successor = Successor.objects.filter(entry=self.pk).values_list("into", flat=True)
            raise EntryGone(message, self.entry.removed_at, successor.first())
        for entry in rows_of([self.pk], fields, site_of(request._request)):
            return Response(entry)
        raise self._unknown()


@extend_schema_view(
    get=extend_schema(
        operation_id="getEntryHistory",
        summary="What was done to an entry",
        description="The newest change first. Removed entries keep their history.",
        tags=["Entries"],
        parameters=[ID],
        responses={200: EntryChangeSerializer(many=True)},
    )
)
class EntryHistory(OneEntry):
    """The history of an entry, newest first; removed ones keep theirs."""

    parameters: ClassVar = PARAMETERS
    pagination_class = PageNumbers

    def published(self, request: Request, catalogs: list[Catalog]) -> HttpResponseBase:
        changes = (
            Change.objects.of_entry(catalogs[0], self.pk)
            .order_by("-revision__number", "-ordinal")
            .values_list(*_OF_CHANGE.values())
        )
        pages = self.pagination_class()
        rows = pages.paginate_queryset(changes, request, self)
        answers = [dict(zip(_OF_CHANGE, row, strict=True)) for row in rows]
        return pages.get_paginated_response(answers)


_OF_CHANGE: dict[str, str | Coalesce] = {
    "revision": "revision__number",
    "verb": "revision__verb",
    "operation": "op",
    "by": Coalesce(NullIf("revision__credit", Value("")), "revision__actor_name"),
    "note": "revision__note",
    "created_at": "revision__created_at",
    "before": "before",
    "after": "after",
}
"""The columns of a change in the answer."""
