"""Filters of the tables of entries."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from catalog.admin.base import number
from catalog.models import Change, Entry, Listing, Section, Tag


class StateFilter(admin.SimpleListFilter):
    """Published, waiting for a decision, taken for prose, removed."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("published", gettext_lazy("published")),
            ("waiting", gettext_lazy("suggested, undecided")),
            ("prose", gettext_lazy("is text")),
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


class _Narrowing(admin.SimpleListFilter):
    """A filter that other pages link to; it is shown while it is in use."""

    model: type[Model]
    lookup: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        key = request.GET.get(self.parameter_name or "", "")
        if not number(key):
            return []
        row = model_admin.admin_site.get_model_admin(self.model).get_object(request, key)
        return [(key, str(row or key))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(**{self.lookup: value}) if value else queryset


class ByTag(_Narrowing):
    """Entries that have one tag."""

    title = gettext_lazy("tag")
    parameter_name = "tag"
    model = Tag
    lookup = "entry_tags__tag"


class BySection(_Narrowing):
    """Entries that stand in one section, not below it."""

    title = gettext_lazy("section")
    parameter_name = "section"
    model = Section
    lookup = "section"


class ByListing(_Narrowing):
    """Entries of one table or list."""

    title = gettext_lazy("listing")
    parameter_name = "listing"
    model = Listing
    lookup = "listing"


class ByEntry(_Narrowing):
    """Revisions that changed the lines of one entry."""

    title = gettext_lazy("entry")
    parameter_name = "entry"
    model = Entry

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        changes = Change.objects.filter(entry_id=number(value))
        return queryset.filter(pk__in=changes.values("revision"))
