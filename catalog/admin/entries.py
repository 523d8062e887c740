"""Entries: found among many, looked at, decided on, tagged, edited, moved, removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.admin.base import (
    ByListing,
    BySection,
    ByTag,
    CatalogFilter,
    Page,
    StateFilter,
    Step,
    Text,
    address,
    by,
    number,
    person,
)
from catalog.admin.edit_pages import EditPages
from catalog.admin.entry_forms import EntryForm, MoveForm, RemovalForm
from catalog.editing import entries as editing
from catalog.editing.fields import Field, by_column, entry_fields
from catalog.editing.settings import decide_entries
from catalog.editing.tags import tag_entry, untag_entry
from catalog.errors import CatalogError, InvalidField
from catalog.finding.query import Entries, EntryQuery
from catalog.finding.text import read_query
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry, Facet, Listing, Revision, Tag
from catalog.sql.bulk import keys_among
from catalog.tagging.values import spelling_key, value_key

# The pages that change an entry: by field, as it is written, moving, removing


_MOST = 40
"""Listings that are offered at once as a place to move to."""


class Tab(NamedTuple):
    """A way to edit an entry."""

    label: Text
    url: str
    is_current: bool


class EntryEdits(EditPages):
    """The page of an entry, and those that change its lines."""

    def own_pages(self) -> list[Page]:
        return [
            Page("<str:key>/source/", self.source_view, "source"),
            Page("<str:key>/move/", self.move_view, "move"),
            Page("<str:key>/remove/", self.removal_view, "remove"),
        ]

    def entry_trail(self, entry: Entry, *steps: Step) -> list[Step]:
        """The way from the list to a page of an entry."""
        place = []
        if entry.section:
            place = [Step(entry.section.title, address("section_change", entry.section_id))]
        return self.trail(entry.catalog, *place, *steps)

    def row_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """An entry field by field, and everything else there is to do with it."""
        entry: Entry = self.find(request, key, change=request.method == "POST")
        changeable = self.has_change_permission(request, entry)
        if entry.block is None or entry.is_opaque or not changeable:
            return self.page(
                request,
                "entry.html",
                title=entry.name,
                trail=self.entry_trail(entry),
                entry=entry,
                form=None,
                **self.entry_context(request, entry),
            )
        fields, source = entry_fields(entry.listing, entry), entry.block.source
        form = EntryForm(fields, request.POST or None)
        if request.method == "POST" and form.is_valid() and form.overtaken():
            form = self._overtaken(form, fields)

        def edit(author: Author) -> Revision | None:
            return editing.change_entry(
                entry=entry, by=author, expected_source=source, **by_column(form.typed())
            )

        return self._edit_page(
            request,
            entry,
            form,
            edit,
            title=entry.name,
            message=_("The entry was saved."),
            template="entry.html",
            **self.entry_context(request, entry),
        )

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
        entry: Entry = self.find(request, key, change=True)
        if entry.block is None:
            return HttpResponseRedirect(address("entry_change", entry.pk))
        source = entry.block.source

        def edit(typed: str, author: Author) -> Revision | None:
            return editing.change_entry(
                entry=entry, source=typed, by=author, expected_source=source
            )

        return self.source_page(
            request,
            source,
            edit,
            catalog=entry.catalog,
            title=entry.name,
            message=_("The entry was saved."),
            trail=self.entry_trail(entry),
            cancel_url=address("entry_change", entry.pk),
            tabs=self._tabs(entry, is_source=True),
        )

    def _edit_page(
        self,
        request: HttpRequest,
        entry: Entry,
        form: forms.BaseForm,
        edit: Callable[[Author], Revision | None],
        **page: Any,
    ) -> HttpResponse:
        url = address("entry_change", entry.pk)
        steps = [Step(entry.name, url)] if url != request.path else []
        trail = self.entry_trail(entry, *steps)
        return self.edit_page(
            request,
            form,
            edit,
            catalog=entry.catalog,
            trail=trail,
            cancel_url=url,
            entry=entry,
            **page,
        )

    def _tabs(self, entry: Entry, *, is_source: bool = False) -> list[Tab]:
        return [
            Tab(_("By field"), address("entry_change", entry.pk), not is_source),
            Tab(_("As source"), address("entry_source", entry.pk), is_source),
        ]

    def entry_context(self, request: HttpRequest, entry: Entry) -> dict[str, Any]:
        """What the page of an entry shows besides its form."""
        tags = entry.entry_tags.select_related("tag__facet").order_by(
            "tag__facet__rank", "tag__facet__slug", "tag__name"
        )
        changeable = self.has_change_permission(request, entry)
        return {
            "source": entry.block.source if entry.block else "",
            "fields": entry_fields(entry.listing, entry),
            "tabs": self._tabs(entry) if entry.block and changeable else (),
            "may_change": changeable,
            "tags": tags,
            "dismissed": entry.dismissed_tags.select_related("tag__facet").order_by("pk"),
            "facets": entry.catalog.facets.order_by("rank", "slug") if changeable else (),
            "history_url": address("revision_changelist")
            + f"?catalog={entry.catalog_id}&entry={entry.pk}",
        }

    # Moving and removing

    def move_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Choose a listing, and say what becomes of what it has no place for."""
        entry: Entry = self.find(request, key, change=True)
        form = MoveForm(entry, request.POST or None)

        def edit(author: Author) -> Revision | None:
            return editing.move_entry(
                entry=entry,
                listing=form.cleaned_data["listing"],
                placing=form.placing(),
                with_children=form.cleaned_data.get("with_children", False),
                by=author,
                expected_source=_source(entry),
            )

        words = request.GET.get("q", "").strip()
        places = _places(entry, words)
        return self._edit_page(
            request,
            entry,
            form,
            edit,
            title=_("Move %(name)s") % {"name": entry.name},
            message=_("The entry was moved."),
            template="move.html",
            words=words,
            chosen=form.chosen.pk if form.chosen else None,
            places=places[:_MOST],
            more=len(places) > _MOST,
        )

    def removal_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Remove an entry from the list, with a reason."""
        entry: Entry = self.find(request, key, change=True)
        form = RemovalForm(entry, request.POST or None)

        def edit(author: Author) -> Revision | None:
            return editing.remove_entry(
                entry=entry,
                by=author,
                with_children=form.cleaned_data.get("with_children", False),
                expected_source=_source(entry),
            )

        return self._edit_page(
            request,
            entry,
            form,
            edit,
            title=_("Remove %(name)s") % {"name": entry.name},
            message=_("The entry was removed."),
            lead=_("Its lines are removed. Its address, tags and history stay."),
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


@admin.register(Entry)
class EntryAdmin(EntryEdits):
    """Entries of all lists."""

    list_display = ("name", "url", "section", "state", "when")
    list_filter = (CatalogFilter, StateFilter, "is_opaque", ByTag, BySection, ByListing)
    search_fields = ("name",)
    list_select_related = ("section",)
    # What an index has: the rows of a page are not sorted out of a hundred thousand.
    ordering = ("catalog", "state", "position", "pk")
    actions = ("confirm", "dismiss")
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).defer("html", "description_html")

    @admin.display(description=gettext_lazy("changed"), ordering="updated_at")
    def when(self, entry: Entry) -> str:
        """Return the day of the last change."""
        return date_format(timezone.localtime(entry.updated_at), "Y-m-d")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str
    ) -> tuple[QuerySet[Entry], bool]:
        """Published entries as readers find them; the others, which no index has, by name."""
        if not search_term:
            return queryset, False
        catalog = number(request.GET.get("catalog", "")) or None
        keys = Entries(EntryQuery(catalog, words=read_query(search_term))).keys
        others = Q(name__icontains=search_term) & ~Q(state=Entry.State.PUBLISHED)
        return queryset.filter(Q(pk__in=keys_among(keys or ())) | others), False

    def own_pages(self) -> list[Page]:
        return [
            *super().own_pages(),
            Page("<str:key>/decide/", self.decision_view, "decide"),
            Page("<str:key>/tags/", self.tags_view, "tags"),
        ]

    @admin.action(description=gettext_lazy("Treat as entries"), permissions=["change"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[Entry]) -> None:
        """Publish links in prose."""
        self._decide(request, queryset, Entry.Decision.CONFIRMED)

    @admin.action(description=gettext_lazy("Treat as text"), permissions=["change"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Entry]) -> None:
        """Keep links in prose out of the list."""
        self._decide(request, queryset, Entry.Decision.DISMISSED)

    def _decide(self, request: HttpRequest, queryset: QuerySet[Entry], decision: str) -> None:
        """One revision for each list; those somebody may not change are left alone."""
        keys = queryset.order_by().values_list("catalog", flat=True).distinct()
        decided = 0
        for catalog in Catalog.objects.filter(pk__in=list(keys)):
            if not person(request).maintains(catalog.pk):
                continue
            entries = queryset.filter(catalog=catalog)
            try:
                revision = decide_entries(
                    catalog=catalog, entries=entries, decision=decision, by=by(request)
                )
            except CatalogError as error:
                messages.error(request, error.message)
                continue
            decided += len(revision.details["entries"]) if revision else 0
        message = ngettext(
            "%(count)d entry was updated.", "%(count)d entries were updated.", decided
        )
        level = messages.SUCCESS if decided else messages.WARNING
        self.message_user(request, message % {"count": decided}, level)

    def decision_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Decide of one link whether it is an entry."""
        entry: Entry = self.find(request, key, change=True)
        decision = request.POST.get("decision", "")
        if request.method == "POST" and decision in {"confirmed", "dismissed"}:
            self._decide(request, Entry.objects.filter(pk=entry.pk), decision)
        return HttpResponseRedirect(address("entry_change", entry.pk))

    def tags_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Add, remove or restore a tag of an entry."""
        entry: Entry = self.find(request, key, change=True)
        url = address("entry_change", entry.pk) + "#tags"
        if request.method != "POST":
            return HttpResponseRedirect(url)
        try:
            if "take_off" in request.POST:
                tag = _tag(entry, request.POST["take_off"])
                untag_entry(entry=entry, tag=tag, by=by(request))
                message = _("The tag %(name)s was removed.") % {"name": tag.name}
            else:
                tag = self._requested_tag(request, entry)
                tag_entry(entry=entry, tag=tag, by=by(request))
                message = _("The tag %(name)s was added.") % {"name": tag.name}
        except CatalogError as error:
            return self.refused(request, error, url)
        return self.done(request, message, url, entry)

    def _requested_tag(self, request: HttpRequest, entry: Entry) -> Tag:
        """The tag a form names: by its key, or by a name that it or a spelling of it has."""
        if "put_on" in request.POST:
            return _tag(entry, request.POST["put_on"])
        key = number(request.POST.get("facet", ""))
        facet = get_object_or_404(Facet, catalog=entry.catalog_id, pk=key)
        name = request.POST.get("tag", "")
        spelling = spelling_key(name)
        value = value_key(facet.slug, name)
        alias = facet.aliases.filter(key=spelling, is_confirmed=True).select_related("tag").first()
        if alias:
            return alias.tag
        match = next(
            (tag for tag in facet.tags.all() if value_key(facet.slug, tag.name) == value), None
        )
        if match is None or not spelling:
            raise InvalidField(
                "tag",
                _("%(facet)s has no tag “%(name)s”; add it to the facet first.")
                % {"facet": facet.name, "name": name},
            )
        return match


def _tag(entry: Entry, key: str) -> Tag:
    tags = Tag.objects.select_related("facet").filter(facet__catalog=entry.catalog_id)
    tag: Tag = get_object_or_404(tags, pk=number(key))
    return tag
