"""Sections and tags of a catalog for programs."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponseBase
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.request import Request

from api.pagination import PARAMETERS, PageNumbers
from api.parameters import ChoiceFilter, TextFilter, filtered
from catalog.api.catalogs import MOVED, ListingSerializer, OfCatalog, listings_of
from catalog.models import Catalog, Section, Tag
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


# Tags


class TagSerializer(serializers.ModelSerializer[Tag]):
    """A value of a facet. `facet:value` is what `tag=` takes."""

    facet = serializers.CharField(source="facet.slug", help_text="Slug of the facet.")
    facet_name = serializers.CharField(source="facet.name", help_text="What the facet is called.")
    value = serializers.CharField(source="slug", help_text="Slug of the tag.")
    html_url = serializers.SerializerMethodField(help_text="Its page on the site.")

    class Meta:
        model = Tag
        fields: ClassVar[tuple[str, ...]] = (
            "facet",
            "facet_name",
            "value",
            "name",
            "description",
            "entry_count",
            "html_url",
        )

    def get_html_url(self, tag: Tag) -> str:
        address: str = self.context["site"] + tag.get_absolute_url()
        return address


class TagFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Filters of tags."""

    facet = TextFilter(method="of_facet")
    q = TextFilter(method="having")
    used = ChoiceFilter(method="used_or_all", choices={"true": True, "false": False})

    def of_facet(self, tags: QuerySet[Tag], _name: str, facet: str) -> QuerySet[Tag]:
        """Tags of the facet with this slug."""
        return tags.none() if "\0" in facet else tags.filter(facet__slug=facet)

    def having(self, tags: QuerySet[Tag], _name: str, text: str) -> QuerySet[Tag]:
        """Tags with the text in the name."""
        return tags.none() if "\0" in text else tags.filter(name__icontains=text)

    def used_or_all(self, tags: QuerySet[Tag], _name: str, is_used: bool) -> QuerySet[Tag]:
        """Tags that an entry has, or also the others."""
        return tags.filter(entry_count__gt=0) if is_used else tags


class TagPages(PageNumbers):
    """Pages of up to 500, as on the site."""

    most = 500


@extend_schema_view(
    get=extend_schema(
        operation_id="listTags",
        summary="The tags of a catalog",
        tags=["Lists"],
        parameters=[
            OpenApiParameter("facet", str, description="Slug of a facet: its tags alone."),
            OpenApiParameter("q", str, description="Part of the name."),
            OpenApiParameter(
                "used", bool, default=False, description="Whether to leave out what no entry has."
            ),
        ],
        responses={200: TagSerializer(many=True), 301: MOVED},
    )
)
class TagList(OfCatalog):
    """The tags of the facets that are offered, facet by facet, the most used ones first."""

    parameters: ClassVar = PARAMETERS | frozenset(TagFilter.base_filters)
    pagination_class = TagPages

    def published(self, request: Request, catalogs: list[Catalog]) -> HttpResponseBase:
        [catalog] = catalogs
        pages = self.pagination_class()
        tags = (
            Tag.objects.filter(facet__catalog=catalog, facet__is_public=True)
            .select_related("facet")
            .order_by("facet__rank", "facet__slug", "-entry_count", "slug", "pk")
        )
        page: list[Tag] = pages.paginate_queryset(filtered(TagFilter, request, tags), request)
        for tag in page:
            tag.facet.catalog = catalog
        rows = TagSerializer(page, many=True, context={"site": site_of(request._request)})
        return pages.get_paginated_response(rows.data)
