"""The tables of a list, their columns' roles, and corrections of how lines are read."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import CatalogFilter, OfLists, Page, Step, add_refusal, address, by
from catalog.admin.edit_pages import EditPages, NoteForm
from catalog.admin.entry_forms import NewEntryForm
from catalog.editing import entries as editing
from catalog.editing.fields import by_column, entry_fields, value_fields
from catalog.editing.settings import Reading, correct, correction_of, headers_in, preview_reading
from catalog.editing.tags import set_column_role
from catalog.errors import CatalogError
from catalog.history.revisions import Author
from catalog.markdown.corrections import Children, Correction, Entries
from catalog.models import Catalog, Column, Entry, Listing, Revision, Section

_SAMPLES = 12
"""Cells that are shown of a column."""


class ColumnForm(forms.Form):
    """A decision about a column; what is empty is left to the guess."""

    role = forms.ChoiceField(label=gettext_lazy("role"), required=False)
    facet = forms.CharField(
        label=gettext_lazy("facet"),
        max_length=80,
        required=False,
        help_text=gettext_lazy(
            "Address of the facet for these values. Leave empty to use the guess."
        ),
    )
    separators = forms.CharField(
        label=gettext_lazy("separators"),
        max_length=50,
        required=False,
        strip=False,
        help_text=gettext_lazy(
            "Characters that separate values. Leave empty for / , 、 and line breaks."
        ),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, column: Column, data: Any = None) -> None:
        super().__init__(
            data,
            initial={
                "role": column.role,
                "facet": column.facet,
                "separators": column.separators,
                "revision": column.catalog.revision,
            },
        )
        guessed = _("as guessed: %(role)s") % {"role": column.get_guessed_role_display()}
        self.fields["role"] = forms.ChoiceField(
            label=_("role"), required=False, choices=[("", guessed), *Column.Role.choices]
        )
        self.fields["facet"].widget.attrs |= {
            "list": "facets",
            "placeholder": column.guessed_facet,
            "autocomplete": "off",
        }


@admin.register(Column)
class ColumnAdmin(OfLists):
    """Columns by their header: one decision for all tables that have it."""

    list_display = ("header", "catalog", "meaning", "guess", "is_decided")
    list_filter = (CatalogFilter, "guessed_role", "role")
    search_fields = ("header", "key")
    list_select_related = ("catalog",)
    ordering = ("catalog", "header", "pk")

    @admin.display(description=gettext_lazy("role"))
    def meaning(self, column: Column) -> str:
        """Return the role of the values."""
        return _in_words(column.effective_role, column.effective_facet)

    @admin.display(description=gettext_lazy("guess"))
    def guess(self, column: Column) -> str:
        """Return the role that would be guessed without a decision."""
        return _in_words(column.guessed_role, column.guessed_facet)

    @admin.display(description=gettext_lazy("decided"), boolean=True)
    def is_decided(self, column: Column) -> bool:
        """Whether a maintainer has said something."""
        return bool(column.role or column.facet or column.separators)

    def row_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Decide what the values under a header are."""
        column: Column = self.find(request, key, change=request.method == "POST")
        form = ColumnForm(column, request.POST or None)
        url = address("column_changelist") + f"?catalog={column.catalog_id}"
        if request.method == "POST" and form.is_valid():
            message = _("The column was saved and the tags were updated.")
            values = {name: form.cleaned_data[name] for name in ("role", "facet", "separators")}
            read = form.cleaned_data["revision"]
            response = self.saved(
                request,
                form,
                lambda: set_column_role(
                    column=column, by=by(request), expected_revision=read, **values
                ),
                message,
                url,
                column,
            )
            if response:
                return response
        return self.page(
            request,
            "column.html",
            title=column.header,
            trail=self.trail(column.catalog, Step(_("Columns"), url)),
            column=column,
            form=form,
            may_change=self.has_change_permission(request, column),
            facets=column.catalog.facets.values_list("slug", flat=True),
            samples=_samples(column),
        )


def _in_words(role: str, facet: str) -> str:
    label = str(Column.Role(role).label) if role else ""
    return f"{label}: {facet}" if facet else label


def _samples(column: Column) -> list[str]:
    """Some different cells under the header, as the tables have them."""
    tables = column.catalog.listings.values_list("pk", "columns")
    places = {pk: keys.index(column.key) for pk, keys in tables if column.key in keys}
    entries = Entry.objects.filter(listing__in=list(places)[:20]).living().order_by("pk")
    texts: dict[str, None] = {}
    for listing, cells in entries.values_list("listing", "cells")[:300]:
        number = places[listing]
        if number < len(cells) and cells[number]["text"]:
            texts.setdefault(cells[number]["text"])
    return list(texts)[:_SAMPLES]


# Listings: the tables and lists of a list, where entries are added


@admin.register(Listing)
class ListingAdmin(EditPages):
    """Tables and lists, the places where an entry can be added."""

    list_display = ("place", "catalog", "kind", "headers", "entry_count")
    list_filter = (CatalogFilter, "kind")
    search_fields = ("section__title",)
    list_select_related = ("catalog", "section")
    ordering = ("catalog", "position", "pk")

    def own_pages(self) -> list[Page]:
        return [
            Page("<str:key>/add-entry/", self.add_entry_view, "add_entry"),
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

    def row_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """A listing and its columns."""
        listing: Listing = self.find(request, key)
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

        def edit(author: Author) -> Revision | None:
            return editing.add_entry(listing=listing, by=author, **by_column(form.typed()))

        return self.edit_page(
            request,
            form,
            edit,
            catalog=listing.catalog,
            title=_("Add an entry"),
            message=_("The entry was added."),
            trail=self.listing_trail(listing, Step(self.place(listing), url)),
            cancel_url=url,
        )

    def listing_trail(self, listing: Listing, *steps: Step) -> list[Step]:
        """The way from the list to a page of a listing."""
        section = listing.section
        place = [Step(section.title, address("section_change", section.pk))] if section else []
        return self.trail(listing.catalog, *place, *steps)


# Corrections of how a list or section is read, with a preview of what they change


SHOWN = 100
"""Names that are shown of each kind."""
_GUESS = ("", gettext_lazy("automatic"))


class CorrectionForm(NoteForm):
    """A decision about how lines are read; what is empty is left to the reader."""

    entries = forms.ChoiceField(
        label=gettext_lazy("what is here"),
        required=False,
        choices=[
            _GUESS,
            (Entries.NONE.value, gettext_lazy("are no entries")),
            (Entries.ALL.value, gettext_lazy("are entries")),
        ],
    )
    children = forms.ChoiceField(
        label=gettext_lazy("items below an item, or below a line in bold"),
        required=False,
        choices=[
            _GUESS,
            (Children.ATTRIBUTES.value, gettext_lazy("are attributes of what is named above them")),
            (Children.ENTRIES.value, gettext_lazy("are entries of their own")),
        ],
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, catalog: Catalog, section: Section | None, data: Any = None) -> None:
        decided = correction_of(catalog, section)
        initial = {field.name: getattr(decided, field.name) for field in fields(decided)}
        super().__init__(data, initial={**initial, "revision": catalog.revision})
        headers = headers_in(section) if section else []
        if headers:
            choices = [("", _("automatic")), *headers]
            for name, label in (
                ("name", _("the column with the names")),
                ("description", _("the column with the descriptions")),
            ):
                self.fields[name] = forms.ChoiceField(label=label, required=False, choices=choices)
        self.order_fields(["entries", "children", "name", "description", "note"])

    def correction(self) -> Correction:
        """Return the chosen correction."""
        return Correction(
            **{field.name: self.cleaned_data.get(field.name, "") for field in fields(Correction)}
        )


def correction_page(
    admin: OfLists,
    request: HttpRequest,
    catalog: Catalog,
    section: Section | None,
    *,
    url: str,
    trail: list[Step],
) -> HttpResponse:
    """Choose, see what changes, save."""
    form = CorrectionForm(catalog, section, request.POST or None)
    reading: Reading | None = None
    if request.method == "POST" and form.is_valid():

        def edit() -> Revision | None:
            return correct(
                catalog=catalog,
                section=section,
                correction=form.correction(),
                by=by(request, form.cleaned_data["note"]),
                expected_revision=form.cleaned_data["revision"],
            )

        try:
            if request.POST.get("do") == "save":
                revision = edit()
                message = _("Saved; the list was read again.")
                text = message if revision else _("Nothing has changed.")
                return admin.done(request, text, url, catalog if revision else None)
            reading = preview_reading(catalog, edit)
        except CatalogError as error:
            add_refusal(form, error)
    return admin.page(
        request,
        "correction.html",
        title=_("How it is read"),
        trail=trail,
        form=form,
        reading=reading,
        shown=f":{SHOWN}",
        is_list=section is None,
        columns_query=f"?catalog={catalog.pk}",
        cancel_url=url,
    )
