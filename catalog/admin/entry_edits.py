"""The pages that change an entry: by field, as it is written, moving, removing."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse

from catalog.admin.base import Step, Text, address
from catalog.admin.edit_pages import EditPages
from catalog.admin.entry_forms import EntryForm, entry_fields
from catalog.models import Entry


class Tab(NamedTuple):
    """A way to edit an entry."""

    label: Text
    url: str
    is_current: bool


class EntryEdits(EditPages):
    """The page of an entry, and those that lead to a change of its lines."""

    def edit_pages(self) -> list[tuple[str, Any, str]]:
        """Route, view and name of each."""
        return []

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
        """An entry and everything there is to do with it."""
        entry = self.find_entry(request, object_id, change=request.method == "POST")
        return self.entry_page(request, entry, None)

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
            tabs=(),
            may_change=changeable,
            tags=tags,
            dismissed=entry.dismissed_tags.select_related("tag__facet").order_by("pk"),
            facets=entry.catalog.facets.order_by("rank", "slug") if changeable else (),
            history_url=address("revision_changelist") + f"?catalog={entry.catalog_id}"
            f"&entry={entry.pk}",
        )
