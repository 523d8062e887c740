"""The columns of a list's tables and their roles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import CatalogFilter, OfLists, Step, address, by
from catalog.admin.forms import add_refusal
from catalog.editing.tags import set_column_role
from catalog.errors import CatalogError
from catalog.models import Column, Entry

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

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Decide what the values under a header are."""
        column: Column = self.find(request, object_id, change=request.method == "POST")
        form = ColumnForm(column, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                revision = set_column_role(
                    column=column,
                    by=by(request),
                    role=form.cleaned_data["role"],
                    facet=form.cleaned_data["facet"],
                    separators=form.cleaned_data["separators"],
                    expected_revision=form.cleaned_data["revision"],
                )
            except CatalogError as error:
                add_refusal(form, error)
            else:
                message = _("The column was saved and the tags were updated.")
                url = address("column_changelist") + f"?catalog={column.catalog_id}"
                return self.done(
                    request, message if revision else _("Nothing has changed."), url, column
                )
        url = address("column_changelist") + f"?catalog={column.catalog_id}"
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Column]:
        return super().get_queryset(request).select_related("catalog")


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
