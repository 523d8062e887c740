"""Entries: found among many, looked at, decided on, tagged; `entry_edits.py` changes them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.admin.base import CatalogFilter, address, by, may_change, number
from catalog.admin.entry_edits import EntryEdits
from catalog.admin.filters import ByListing, BySection, ByTag, StateFilter
from catalog.editing.settings import decide_entries
from catalog.editing.tags import tag_entry, untag_entry
from catalog.errors import CatalogError, InvalidField
from catalog.models import Catalog, Entry, Facet, Tag
from catalog.tagging.values import spelling_key, value_key


@admin.register(Entry)
class EntryAdmin(EntryEdits):
    """Entries of all lists."""

    list_display = ("name", "url", "section", "state", "is_opaque", "updated_at")
    list_filter = (CatalogFilter, StateFilter, "is_opaque", ByTag, BySection, ByListing)
    search_fields = ("name", "url")
    list_select_related = ("section",)
    # What an index has: the rows of a page are not sorted out of a hundred thousand.
    ordering = ("catalog", "state", "position", "pk")
    actions = ("confirm", "dismiss")
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return super().get_queryset(request).defer("html", "description_html")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        pages: list[tuple[str, Any, str]] = [
            *self.edit_pages(),
            ("<str:key>/decide/", self.decision_view, "decide"),
            ("<str:key>/tags/", self.tags_view, "tags"),
        ]
        own = [path(route, wrap(view), name=f"catalog_entry_{name}") for route, view, name in pages]
        return [*own, *super().get_urls()]

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
            if not may_change(request, catalog.pk):
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
