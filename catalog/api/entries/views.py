"""Entries for programs: those that were asked for, and one of them."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from api.filtering import parameters_of
from catalog.api.entries import filters, paging
from catalog.api.entries.choosing import chosen
from catalog.api.entries.paging import EntryPages, page_of, search_of
from catalog.api.entries.rows import FIELDS_PARAMETER, fields_of, rows_of
from catalog.api.entries.serializers import EntrySerializer
from catalog.models import Catalog
from catalog.published import site_of
from catalog.published.view import PublishedView


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
        parameters=[*parameters_of(filters.EntryFilter), FIELDS_PARAMETER],
        responses={200: EntrySerializer(many=True)},
    )
)
class EntryList(PublishedView):
    """Published entries by any filters, page by page."""

    pagination_class = EntryPages
    parameters: ClassVar = filters.PARAMETERS | paging.PARAMETERS | {"fields"}

    def depends_on(self, request: Request) -> str:
        return filters.wanted_of(request.query_params).catalog

    def published(self, request: Request, catalogs: list[Catalog]) -> HttpResponseBase:
        fields = fields_of(request)
        wanted = filters.wanted_of(request.query_params)
        matches = chosen(catalogs, wanted)
        page = page_of(request, wanted, matches)
        rows = rows_of(page.keys, fields, site_of(request._request))
        return Response(
            {
                "count": page.count,
                "next": page.next,
                "previous": page.previous,
                "results": rows,
                **search_of(matches.text),
            }
        )
