"""Catalogs for programs: all of them, what one is about, its sections and its tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponseBase, HttpResponsePermanentRedirect
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import PARAMETERS, PageNumbers
from api.parameters import ChoiceFilter, MomentFilter, TextFilter, filtered
from catalog.api.published import PublishedView
from catalog.column_roles import role_in_table
from catalog.editing.settings import renamed_to
from catalog.models import Catalog, Column, Facet, Listing, Section, Tag
from catalog.published import catalogs_of, site_of

# Listings: where entries stand and new ones can be proposed


class ColumnSerializer(serializers.Serializer[Any]):
    """A column of a table."""

    index = serializers.IntegerField(min_value=0, help_text="From 0; what `cells` goes by.")
    key = serializers.CharField(help_text="The header without case, spaces and markup.")
    header = serializers.CharField(help_text="The header as the list's first such table has it.")
    role = serializers.ChoiceField(
        Column.Role.choices, help_text="In this table: what holds name and link, description, …"
    )
    facet = serializers.CharField(
        allow_null=True, help_text="Slug of the facet that its values are tags of."
    )


class ListingSerializer(serializers.Serializer[Any]):
    """A table, a list, or a run of lines."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Listing.Kind.choices)
    ordinal = serializers.IntegerField(min_value=1, help_text="Its number in its section.")
    entry_count = serializers.IntegerField(min_value=0)
    is_toc = serializers.BooleanField(help_text="Nothing but links into the list itself.")
    columns = ColumnSerializer(many=True, help_text="Of a table; else there are none.")


def listings_of(
    catalog: Catalog, sections: Sequence[int | None]
) -> dict[int | None, list[dict[str, Any]]]:
    """The listings of each of these sections of a catalog, None being what stands before the first.

    Two queries, whatever their number.
    """
    keys = [key for key in sections if key is not None]
    where = Q(section__in=keys)
    if None in sections:
        where |= Q(section=None, catalog=catalog)
    listings = Listing.objects.filter(where).in_reading_order()
    columns = {column.key: column for column in Column.objects.filter(catalog=catalog)}
    by_section: dict[int | None, list[dict[str, Any]]] = {key: [] for key in sections}
    for listing in listings:
        by_section[listing.section_id].append(
            {
                "id": listing.pk,
                "kind": listing.kind,
                "ordinal": listing.ordinal,
                "entry_count": listing.entry_count,
                "is_toc": listing.is_toc,
                "columns": _columns(listing, columns),
            }
        )
    return by_section


def _columns(listing: Listing, known: dict[str, Column]) -> list[dict[str, Any]]:
    rows = []
    for index, key in enumerate(listing.columns):
        column = known.get(key) or Column(key=key, header=key, guessed_role=Column.Role.TEXT)
        rows.append(
            {
                "index": index,
                "key": key,
                "header": column.header,
                "role": role_in_table(
                    index,
                    column.effective_role,
                    name_column=listing.name_column,
                    description_column=listing.description_column,
                ),
                "facet": column.effective_facet or None,
            }
        )
    return rows


ORDERINGS = {
    "title": ("title", "pk"),
    "-entry_count": ("-entry_count", "title", "pk"),
    "-updated_at": ("-updated_at", "title", "pk"),
}


class CatalogLinks(serializers.Serializer[Any]):
    """Links to the resources of a catalog."""

    self = serializers.URLField(help_text="The catalog itself.")
    entries = serializers.URLField(help_text="Its entries.")
    sections = serializers.URLField(help_text="Its sections and their listings.")
    tags = serializers.URLField(help_text="Its facets' tags.")
    changes = serializers.URLField(help_text="Its revisions.")
    export = serializers.URLField(help_text="All of it, in several formats.")
    readme = serializers.URLField(help_text="Its markdown as it stands.")


class CatalogSerializer(serializers.ModelSerializer[Catalog]):
    """A catalog as lists of them have it."""

    section_count = serializers.IntegerField(help_text="Sections, subsections included.")
    html_url = serializers.SerializerMethodField(help_text="Its page on the site.")
    links = serializers.SerializerMethodField()

    class Meta:
        model = Catalog
        fields: ClassVar[tuple[str, ...]] = (
            "slug",
            "title",
            "description",
            "license",
            "license_url",
            "language",
            "source_url",
            "revision",
            "entry_count",
            "section_count",
            "created_at",
            "updated_at",
            "html_url",
            "links",
        )

    def get_html_url(self, catalog: Catalog) -> str:
        return self._site + catalog.get_absolute_url()

    @extend_schema_field(CatalogLinks)
    def get_links(self, catalog: Catalog) -> dict[str, str]:
        def address(name: str) -> str:
            return self._site + reverse(f"api:{name}", args=[catalog.slug])

        return {
            "self": address("catalog-detail"),
            "entries": f"{self._site}{reverse('api:entry-list')}?catalog={catalog.slug}",
            "sections": address("section-list"),
            "tags": address("tag-list"),
            "changes": address("change-list"),
            "export": address("export"),
            "readme": self._site + reverse("catalog:readme", args=[catalog.slug]),
        }

    @property
    def _site(self) -> str:
        return site_of(self.context["request"]._request)


class FacetSerializer(serializers.ModelSerializer[Facet]):
    """A question that entries can be filtered by."""

    tag_count = serializers.IntegerField(help_text="Its tags that an entry has.")

    class Meta:
        model = Facet
        fields: ClassVar[tuple[str, ...]] = ("slug", "name", "description", "tag_count")


class CatalogDetailSerializer(CatalogSerializer):
    """A catalog with what is needed to filter its entries, and to contribute to it."""

    guidelines = serializers.CharField(help_text="For contributors, in markdown.")
    facets = FacetSerializer(many=True, source="public_facets")
    listings = ListingSerializer(
        many=True, source="listings_on_top", help_text="Those that stand before the first section."
    )

    class Meta(CatalogSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (
            *CatalogSerializer.Meta.fields,
            "guidelines",
            "facets",
            "listings",
        )


class CatalogFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Filters and orders of catalogs."""

    q = TextFilter(method="having")
    language = TextFilter("language", lookup_expr="iexact")
    updated_since = MomentFilter("updated_at", lookup_expr="gte")
    ordering = ChoiceFilter(method="ordered", choices=ORDERINGS)

    def having(self, catalogs: QuerySet[Catalog], _name: str, text: str) -> QuerySet[Catalog]:
        """Catalogs with the text in title or description."""
        if "\0" in text:
            return catalogs.none()
        return catalogs.filter(Q(title__icontains=text) | Q(description__icontains=text))

    def ordered(
        self, catalogs: QuerySet[Catalog], _name: str, fields: tuple[str, ...]
    ) -> QuerySet[Catalog]:
        """Catalogs in this order."""
        return catalogs.order_by(*fields)


@extend_schema_view(
    get=extend_schema(
        operation_id="listCatalogs",
        summary="Find catalogs",
        tags=["Lists"],
        parameters=[
            OpenApiParameter("q", str, description="Part of the title or the description."),
            OpenApiParameter("language", str, description="BCP 47 tag of most of the text."),
            OpenApiParameter(
                "updated_since",
                OpenApiTypes.DATETIME,
                description="Changed at this moment or later. Without a zone it is UTC.",
            ),
            OpenApiParameter(
                "ordering",
                str,
                enum=list(ORDERINGS),
                default="title",
                description="What comes first; `-` for the largest or newest.",
            ),
        ],
        responses=CatalogSerializer(many=True),
    )
)
class CatalogList(PublishedView):
    """All catalogs that have a text."""

    parameters: ClassVar = PARAMETERS | frozenset(CatalogFilter.base_filters)
    pagination_class = PageNumbers

    def published(self, request: Request, catalogs: list[Catalog]) -> HttpResponseBase:
        rows = _counted(Catalog.objects.published()).order_by(*ORDERINGS["title"])
        pages = self.pagination_class()
        page = pages.paginate_queryset(filtered(CatalogFilter, request, rows), request)
        serializer = CatalogSerializer(page, many=True, context={"request": request})
        return pages.get_paginated_response(serializer.data)


MOVED = OpenApiResponse(description="The catalog was renamed; `Location` is its new address.")


class OfCatalog(PublishedView):
    """Base of what is below the address of a catalog; from a former one it leads to the new one."""

    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        slug = kwargs["slug"]
        if not catalogs_of(request._request, slug) and (renamed := renamed_to(slug)):
            address = request.get_full_path().replace(f"/{slug}/", f"/{renamed.slug}/", 1)
            return HttpResponsePermanentRedirect(address)
        return super().get(request, **kwargs)


@extend_schema_view(
    get=extend_schema(
        operation_id="getCatalog",
        summary="What a catalog is about",
        tags=["Lists"],
        responses={200: CatalogDetailSerializer, 301: MOVED},
    )
)
class CatalogDetail(OfCatalog):
    """One catalog, with its facets and guidelines."""

    def published(self, request: Request, catalogs: list[Catalog]) -> HttpResponseBase:
        catalog: Any = _counted(Catalog.objects.filter(pk=catalogs[0].pk)).get()
        used = Count("tags", filter=Q(tags__entry_count__gt=0))
        facets = Facet.objects.public().filter(catalog=catalog).annotate(tag_count=used)
        catalog.public_facets = facets.order_by("rank", "slug")
        catalog.listings_on_top = listings_of(catalog, [None])[None]
        return Response(CatalogDetailSerializer(catalog, context={"request": request}).data)


def _counted(catalogs: QuerySet[Catalog]) -> QuerySet[Catalog]:
    return catalogs.annotate(section_count=Count("sections"))


# Sections


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


class LongPages(PageNumbers):
    """Pages of up to 500, as on the site: most lists have fewer sections, and fewer tags."""

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
    pagination_class = LongPages

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

    facet = TextFilter("facet__slug")
    q = TextFilter("name", lookup_expr="icontains")
    used = ChoiceFilter(method="used_or_all", choices={"true": True, "false": False})

    def used_or_all(self, tags: QuerySet[Tag], _name: str, is_used: bool) -> QuerySet[Tag]:
        """Tags that an entry has, or also the others."""
        return tags.filter(entry_count__gt=0) if is_used else tags


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
    pagination_class = LongPages

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
