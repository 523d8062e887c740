"""The lines of a list that are no entries: prose, headings, tables' headers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy

from catalog.admin.base import CatalogFilter, OfLists, Step, address
from catalog.admin.filters import BySection
from catalog.models import Block


@admin.register(Block)
class BlockAdmin(OfLists):
    """Blocks of lines in reading order; entries have pages of their own."""

    list_display = ("excerpt", "kind", "section")
    list_filter = (CatalogFilter, "kind", BySection)
    search_fields = ("source",)
    list_select_related = ("section",)
    # What an index has.
    ordering = ("catalog", "position")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Block]:
        return super().get_queryset(request).select_related("catalog", "section")

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Nothing: other pages lead here, the index does not."""
        return {}

    @admin.display(description=gettext_lazy("lines"))
    def excerpt(self, block: Block) -> str:
        """The beginning of the source."""
        return Truncator(" ".join(block.source.split())).chars(100) or "–"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The lines as they are written."""
        block: Block = self.find(request, object_id)
        entry = block.entry if hasattr(block, "entry") else None
        if entry:
            return HttpResponseRedirect(address("entry_change", entry.pk))
        return self.page(
            request,
            "block.html",
            title=block.get_kind_display(),
            trail=self.block_trail(block),
            block=block,
        )

    def block_trail(self, block: Block) -> list[Step]:
        """The way from the list to the lines."""
        steps = []
        if block.section:
            steps = [Step(block.section.title, address("section_change", block.section_id))]
        return self.trail(block.catalog, *steps)
