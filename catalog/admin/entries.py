"""Entries: found among many, edited by field or as they are written, decided on, tagged."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext

from catalog.admin.base import CatalogFilter, OfLists, by, may_change
from catalog.errors import CatalogError
from catalog.models import Catalog, Entry, Tag
from catalog.settings_editing import decide_entries


class StateFilter(admin.SimpleListFilter):
    """Published, waiting for a decision, taken for prose, removed."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("published", gettext_lazy("published")),
            ("waiting", gettext_lazy("suggested, undecided")),
            ("prose", gettext_lazy("is prose")),
            ("removed", gettext_lazy("removed")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        suggested = queryset.filter(state=Entry.State.SUGGESTED)
        match self.value():
            case "published" | "removed" as state:
                return queryset.filter(state=state)
            case "waiting":
                return suggested.filter(decision=Entry.Decision.NONE)
            case "prose":
                return suggested.filter(decision=Entry.Decision.DISMISSED)
        return queryset


class Narrowing(admin.SimpleListFilter):
    """A filter that other pages link to; it is only shown while it is in use."""

    lookup = ""

    def name_of(self, request: HttpRequest, key: str, model_admin: Any) -> str:
        """What the value is called."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        key = request.GET.get(self.parameter_name or "", "")
        return [(key, self.name_of(request, key, model_admin))] if key.isdecimal() else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(**{self.lookup: value}) if value else queryset


class ByTag(Narrowing):
    """Entries that have one tag."""

    title = gettext_lazy("tag")
    parameter_name = "tag"
    lookup = "entry_tags__tag"

    def name_of(self, request: HttpRequest, key: str, model_admin: Any) -> str:
        tag = model_admin.admin_site.get_model_admin(Tag).get_object(request, key)
        return tag.name if tag else key


class BySection(Narrowing):
    """Entries that stand in one section, not below it."""

    title = gettext_lazy("section")
    parameter_name = "section"
    lookup = "section"

    def name_of(self, request: HttpRequest, key: str, model_admin: Any) -> str:
        from catalog.models import Section

        section = model_admin.admin_site.get_model_admin(Section).get_object(request, key)
        return section.title if section else key


@admin.register(Entry)
class EntryAdmin(OfLists):
    """Entries of all lists."""

    list_display = ("name", "url", "section", "state", "is_opaque", "updated_at")
    list_filter = (CatalogFilter, StateFilter, "is_opaque", ByTag, BySection)
    search_fields = ("name", "url")
    list_select_related = ("section",)
    # What an index has: the rows of a page are not sorted out of a hundred thousand.
    ordering = ("catalog", "state", "position", "pk")
    actions = ("confirm", "dismiss")
    show_facets = admin.ShowFacets.NEVER

    @admin.action(description=gettext_lazy("Take for entries"), permissions=["change"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[Entry]) -> None:
        """Publish links in prose."""
        self._decide(request, queryset, Entry.Decision.CONFIRMED)

    @admin.action(description=gettext_lazy("Take for prose"), permissions=["change"])
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
            "%(count)d entry was decided on.", "%(count)d entries were decided on.", decided
        )
        level = messages.SUCCESS if decided else messages.WARNING
        self.message_user(request, message % {"count": decided}, level)
