"""Listings: the tables and lists of a list, where entries are added."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import CatalogFilter, Step, address, by
from catalog.admin.edit_pages import EditPages
from catalog.admin.entry_forms import NewEntryForm, written
from catalog.editing import entries as editing
from catalog.editing.entry_fields import entry_fields
from catalog.editing.value_fields import value_fields
from catalog.models import Column, Listing, Revision


@admin.register(Listing)
class ListingAdmin(EditPages):
    """Tables and lists, the places where an entry can be added."""

    list_display = ("place", "catalog", "kind", "headers", "entry_count")
    list_filter = (CatalogFilter, "kind")
    search_fields = ("section__title",)
    list_select_related = ("catalog", "section")
    ordering = ("catalog", "position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Listing]:
        return super().get_queryset(request).select_related("catalog", "section")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<str:key>/add-entry/",
                wrap(self.add_entry_view),
                name="catalog_listing_add_entry",
            ),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("place"))
    def place(self, listing: Listing) -> str:
        """The section, and which of its listings."""
        section = listing.section.title if listing.section else "–"
        return f"{section} · {listing}"

    @admin.display(description=gettext_lazy("columns"))
    def headers(self, listing: Listing) -> str:
        """The headers of a table, folded."""
        return ", ".join(listing.columns)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A listing and its columns."""
        listing: Listing = self.find(request, object_id)
        columns = {row.key: row for row in Column.objects.filter(catalog=listing.catalog_id)}
        changeable = self.has_change_permission(request, listing) and not listing.is_toc
        return self.page(
            request,
            "listing.html",
            title=self.place(listing),
            trail=self.listing_trail(listing),
            listing=listing,
            columns=[columns[key] for key in listing.columns if key in columns],
            entries_url=address("entry_changelist")
            + f"?catalog={listing.catalog_id}&listing={listing.pk}",
            add_url=address("listing_add_entry", listing.pk) if changeable else "",
        )

    def add_entry_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Add an entry where its name belongs, or at the end."""
        listing: Listing = self.find(request, key, change=True)
        beside = [field.number for field in value_fields(listing)]
        form = NewEntryForm(entry_fields(listing, values=beside), request.POST or None)
        url = address("listing_change", listing.pk)
        trail = self.listing_trail(listing, Step(self.place(listing), url))
        title = _("Add an entry")

        def edit() -> Revision | None:
            return editing.add_entry(
                listing=listing,
                by=by(request, form.cleaned_data["note"]),
                **written(form.typed()),
            )

        if request.method == "POST" and form.is_valid():
            response = self.edited(
                request,
                catalog=listing.catalog,
                form=form,
                edit=edit,
                url=url,
                message=_("The entry was added."),
                title=title,
                trail=trail,
            )
            if response:
                return response
        return self.page(request, "edit.html", title=title, trail=trail, form=form, cancel_url=url)

    def listing_trail(self, listing: Listing, *steps: Step) -> list[Step]:
        """The way from the list to a page of a listing."""
        section = listing.section
        place = [Step(section.title, address("section_change", section.pk))] if section else []
        return self.trail(listing.catalog, *place, *steps)
