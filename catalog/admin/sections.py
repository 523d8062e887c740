"""Sections and listings: where entries stand."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from catalog.admin.base import CatalogFilter, OfLists
from catalog.models import Listing, Section


@admin.register(Section)
class SectionAdmin(OfLists):
    """The sections of lists, in reading order."""

    list_display = ("indented", "catalog", "level", "entry_count", "path")
    list_display_links = ("indented",)
    list_filter = (CatalogFilter,)
    search_fields = ("title", "path")
    list_select_related = ("catalog",)
    ordering = ("catalog", "position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Section]:
        return super().get_queryset(request).select_related("catalog")

    @admin.display(description=gettext_lazy("section"), ordering="title")
    def indented(self, section: Section) -> SafeString:
        """The title, set in by its level."""
        return format_html('<span class="level-{}">{}</span>', section.level, section.title or "–")


@admin.register(Listing)
class ListingAdmin(OfLists):
    """Tables and lists, the places where an entry can be added."""

    list_display = ("place", "catalog", "kind", "headers", "entry_count")
    list_filter = (CatalogFilter, "kind")
    search_fields = ("section__title",)
    list_select_related = ("catalog", "section")
    ordering = ("catalog", "position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Listing]:
        return super().get_queryset(request).select_related("catalog", "section")

    @admin.display(description=gettext_lazy("place"))
    def place(self, listing: Listing) -> str:
        """The section, and which of its listings."""
        section = listing.section.title if listing.section else "–"
        return f"{section} · {listing}"

    @admin.display(description=gettext_lazy("columns"))
    def headers(self, listing: Listing) -> str:
        """The headers of a table, folded."""
        return ", ".join(listing.columns)
