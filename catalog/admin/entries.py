"""Entries: found among many, edited by field or as they are written, decided on, tagged."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext

from catalog.admin.base import CatalogFilter, OfLists, by, may_change
from catalog.admin.filters import ByListing, BySection, ByTag, StateFilter
from catalog.errors import CatalogError
from catalog.models import Catalog, Entry
from catalog.settings_editing import decide_entries


@admin.register(Entry)
class EntryAdmin(OfLists):
    """Entries of all lists."""

    list_display = ("name", "url", "section", "state", "is_opaque", "updated_at")
    list_filter = (CatalogFilter, StateFilter, "is_opaque", ByTag, BySection, ByListing)
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
