"""The pages that change an entry: by field, as it is written, moving, removing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from catalog.admin.base import Step, Text, address, by
from catalog.admin.edit_pages import EditPages, SourceForm
from catalog.admin.entry_forms import (
    EntryForm,
    MoveForm,
    RemovalForm,
    written,
)
from catalog.editing import entries as editing
from catalog.editing.entry_fields import Field, entry_fields
from catalog.models import Entry, Listing, Revision

_MOST = 40
"""Listings that are offered at once as a place to move to."""


class Tab(NamedTuple):
    """A way to edit an entry."""

    label: Text
    url: str
    is_current: bool


class EntryEdits(EditPages):
    """The page of an entry, and those that change its lines."""

    def edit_pages(self) -> list[tuple[str, Any, str]]:
        """Route, view and name of each."""
        return [
            ("<str:key>/source/", self.source_view, "source"),
            ("<str:key>/move/", self.move_view, "move"),
            ("<str:key>/remove/", self.removal_view, "remove"),
        ]

    def find_entry(self, request: HttpRequest, key: str, *, change: bool = False) -> Entry:
        """The entry with its list and place; `change` asks for more than a look."""
        entry: Entry = self.find(request, key, change=change)
        return entry

    def entry_trail(self, entry: Entry, *steps: Step) -> list[Step]:
        """The way from the list to a page of an entry."""
        place = []
        if entry.section:
            place = [Step(entry.section.title, address("section_change", entry.section_id))]
        return self.trail(entry.catalog, *place, *steps)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """An entry field by field, and everything else there is to do with it."""
        entry = self.find_entry(request, object_id, change=request.method == "POST")
        if entry.block is None or entry.is_opaque:
            return self.entry_page(request, entry, None)
        fields = entry_fields(entry.listing, entry)
        form = EntryForm(fields, request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self.entry_page(request, entry, form)
        if form.overtaken():
            return self.entry_page(request, entry, self._overtaken(form, fields))
        typed, source = form.typed(), entry.block.source

        def edit() -> Revision | None:
            return editing.change_entry(
                entry=entry,
                by=by(request, form.cleaned_data["note"]),
                expected_source=source,
                **written(typed),
            )

        response = self._edited(request, entry, form, edit, _("The entry was saved."))
        return response or self.entry_page(request, entry, form)

    def _overtaken(self, form: EntryForm, fields: list[Field]) -> EntryForm:
        """The form again, on what stands there now."""
        clashes = set(form.overtaken()) & set(form.typed())
        again = EntryForm(fields, form.rebased())
        again.is_valid()
        message = _(
            "Someone else has changed this entry since you opened the page. Your "
            "text is kept and the other fields show the current version: check "
            "them and preview again."
        )
        again.add_error(None, message)
        for name in clashes:
            now = _("Current value: %(value)s") % {"value": form.own[name] or "–"}
            again.add_error(name, now)
        return again

    def source_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """An entry as it is written in the README."""
        entry = self.find_entry(request, key, change=True)
        if entry.block is None:
            return HttpResponseRedirect(address("entry_change", entry.pk))
        source = entry.block.source
        form = SourceForm(source, request.POST or None)
        stands = ""
        if request.method == "POST" and form.is_valid():
            if form.is_based_on_this():
                response = self._edited(
                    request,
                    entry,
                    form,
                    self._rewriting(request, entry, form),
                    _("The entry was saved."),
                )
                if response:
                    return response
            else:
                form, stands = form.again_after_conflict(), source
        return self.page(
            request,
            "edit.html",
            title=entry.name,
            trail=self.entry_trail(entry),
            tabs=self._tabs(entry, is_source=True),
            form=form,
            stands=stands,
            is_wide=True,
            cancel_url=address("entry_change", entry.pk),
        )

    def _rewriting(
        self, request: HttpRequest, entry: Entry, form: SourceForm
    ) -> Callable[[], Revision | None]:
        def edit() -> Revision | None:
            return editing.change_entry(
                entry=entry,
                source=form.typed(),
                by=by(request, form.cleaned_data["note"]),
                expected_source=form.own,
            )

        return edit

    def _edited(
        self,
        request: HttpRequest,
        entry: Entry,
        form: forms.BaseForm,
        edit: Callable[[], Revision | None],
        message: Text,
        *,
        url: str = "",
    ) -> HttpResponse | None:
        return self.edited(
            request,
            catalog=entry.catalog,
            form=form,
            edit=edit,
            url=url or address("entry_change", entry.pk),
            message=message,
            title=_("What changes in the README"),
            trail=self.entry_trail(entry, Step(entry.name, address("entry_change", entry.pk))),
        )

    def _tabs(self, entry: Entry, *, is_source: bool = False) -> list[Tab]:
        return [
            Tab(_("By field"), address("entry_change", entry.pk), not is_source),
            Tab(_("As source"), address("entry_source", entry.pk), is_source),
        ]

    def entry_page(
        self, request: HttpRequest, entry: Entry, form: EntryForm | None
    ) -> HttpResponse:
        """The page, with a form if its fields can be changed."""
        tags = entry.entry_tags.select_related("tag__facet").order_by(
            "tag__facet__rank", "tag__facet__slug", "tag__name"
        )
        changeable = self.has_change_permission(request, entry)
        return self.page(
            request,
            "entry.html",
            title=entry.name,
            trail=self.entry_trail(entry),
            entry=entry,
            source=entry.block.source if entry.block else "",
            form=form if changeable else None,
            fields=entry_fields(entry.listing, entry),
            tabs=self._tabs(entry) if entry.block and changeable else (),
            may_change=changeable,
            tags=tags,
            dismissed=entry.dismissed_tags.select_related("tag__facet").order_by("pk"),
            facets=entry.catalog.facets.order_by("rank", "slug") if changeable else (),
            history_url=address("revision_changelist") + f"?catalog={entry.catalog_id}"
            f"&entry={entry.pk}",
        )

    # Moving and removing

    def move_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Choose a listing, and say what becomes of what it has no place for."""
        entry = self.find_entry(request, key, change=True)
        form = MoveForm(entry, request.POST or None)
        if request.method == "POST" and form.is_valid():

            def edit() -> Revision | None:
                return editing.move_entry(
                    entry=entry,
                    listing=form.cleaned_data["listing"],
                    placing=form.placing(),
                    with_children=form.cleaned_data.get("with_children", False),
                    by=by(request, form.cleaned_data["note"]),
                    expected_source=_source(entry),
                )

            response = self._edited(request, entry, form, edit, _("The entry was moved."))
            if response:
                return response
        words = request.GET.get("q", "").strip()
        places = _places(entry, words)
        return self.page(
            request,
            "move.html",
            title=_("Move %(name)s") % {"name": entry.name},
            trail=self.entry_trail(entry, Step(entry.name, address("entry_change", entry.pk))),
            entry=entry,
            form=form,
            words=words,
            chosen=form.chosen.pk if form.chosen else None,
            places=places[:_MOST],
            more=len(places) > _MOST,
            cancel_url=address("entry_change", entry.pk),
        )

    def removal_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Remove an entry from the list, with a reason."""
        entry = self.find_entry(request, key, change=True)
        form = RemovalForm(entry, request.POST or None)
        if request.method == "POST" and form.is_valid():

            def edit() -> Revision | None:
                return editing.remove_entry(
                    entry=entry,
                    by=by(request, form.cleaned_data["note"]),
                    with_children=form.cleaned_data.get("with_children", False),
                    expected_source=_source(entry),
                )

            response = self._edited(request, entry, form, edit, _("The entry was removed."))
            if response:
                return response
        return self.page(
            request,
            "edit.html",
            title=_("Remove %(name)s") % {"name": entry.name},
            lead=_("Its lines are removed. Its address, tags and history stay."),
            trail=self.entry_trail(entry, Step(entry.name, address("entry_change", entry.pk))),
            form=form,
            cancel_url=address("entry_change", entry.pk),
        )


def _places(entry: Entry, words: str) -> list[Listing]:
    """Listings of the entry's list that it can go to, by their section."""
    places = Listing.objects.filter(catalog=entry.catalog_id, is_toc=False)
    if words:
        places = places.filter(
            Q(section__title__icontains=words) | Q(section__path__icontains=words)
        )
    return list(places.select_related("section").order_by("position")[: _MOST + 1])


def _source(entry: Entry) -> str | None:
    return entry.block.source if entry.block else None
