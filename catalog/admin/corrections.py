"""Corrections of how a list or section is read, with a preview of what they change."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import OfLists, Step, by
from catalog.admin.edit_pages import NoteForm
from catalog.admin.forms import add_refusal
from catalog.editing.corrections import Reading, correct, correction_of, headers_in, preview_reading
from catalog.errors import CatalogError
from catalog.markdown.corrections import Children, Correction, Entries
from catalog.models import Catalog, Revision, Section

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
