"""A catalog's sections for programs, with the places where entries can be added."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request

from api.pagination import PARAMETERS, PageNumbers
from catalog.api.catalogs import MOVED, OfCatalog
from catalog.api.listings import ListingSerializer, listings_of
from catalog.models import Catalog, Section
from catalog.published import site_of


class SectionSerializer(serializers.ModelSerializer[Section]):
    """A heading and what stands under it."""

    parent = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="Path of the section it stands in; null on the first level."
    )
    html_url = serializers.SerializerMethodField(help_text="Its page on the site.")
    listings = serializers.SerializerMethodField(
        help_text="Its tables and lists, those of its subsections not included."
    )

    class Meta:
        model = Section
        fields: ClassVar[tuple[str, ...]] = (
            "path",
            "title",
            "level",
            "parent",
            "entry_count",
            "html_url",
            "listings",
        )

    def get_parent(self, section: Section) -> str | None:
        # The list's own title is not part of the paths of the others.
        return section.parent.path if section.parent and not section.parent.is_title else None

    def get_html_url(self, section: Section) -> str:
        address: str = self.context["site"] + section.get_absolute_url()
        return address

    @extend_schema_field(ListingSerializer(many=True))
    def get_listings(self, section: Section) -> list[dict[str, Any]]:
        listings: list[dict[str, Any]] = self.context["listings"][section.pk]
        return listings


class SectionPages(PageNumbers):
    """Pages of up to 500: most lists have fewer sections."""

    most = 500


@extend_schema_view(
    get=extend_schema(
        operation_id="listSections",
        summary="The sections of a catalog",
        tags=["Lists"],
        responses={200: SectionSerializer(many=True), 301: MOVED},
    )
)
class SectionList(OfCatalog):
    """All sections in reading order, each with its listings."""

    parameters: ClassVar = PARAMETERS
    pagination_class = SectionPages

    def published(self, request: Request, catalogs: list[Catalog]) -> HttpResponseBase:
        [catalog] = catalogs
        pages = self.pagination_class()
        sections = catalog.sections.in_reading_order().select_related("parent")
        page: list[Section] = pages.paginate_queryset(sections, request)
        for section in page:
            section.catalog = catalog
        context = {
            "site": site_of(request._request),
            "listings": listings_of(catalog, [section.pk for section in page]),
        }
        rows = SectionSerializer(page, many=True, context=context)
        return pages.get_paginated_response(rows.data)
