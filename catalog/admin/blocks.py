"""The lines of a list that are no entries: prose, headings, tables' headers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import CatalogFilter, Step, address, by
from catalog.admin.edit_pages import EditPages, SourceForm
from catalog.admin.filters import BySection
from catalog.editing.sections import edit_prose
from catalog.models import Block, Revision


@admin.register(Block)
class BlockAdmin(EditPages):
    """Blocks of lines in reading order; entries have pages of their own."""

    list_display = ("excerpt", "kind", "section")
    list_filter = (CatalogFilter, "kind", BySection)
    search_fields = ("source",)
    list_select_related = ("section",)
    # What an index has.
    ordering = ("catalog", "position")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Block]:
        return super().get_queryset(request).select_related("catalog", "section", "entry")

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Return no permissions, so that the index does not list blocks; other pages link here."""
        return {}

    @admin.display(description=gettext_lazy("lines"))
    def excerpt(self, block: Block) -> str:
        """The beginning of the source."""
        return Truncator(" ".join(block.source.split())).chars(100) or "–"

    def block_trail(self, block: Block) -> list[Step]:
        """The way from the list to the lines."""
        steps = []
        if block.section:
            steps = [Step(block.section.title, address("section_change", block.section_id))]
        return self.trail(block.catalog, *steps)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The lines as they are written, to be edited if they are no entry's."""
        block: Block = self.find(request, object_id, change=request.method == "POST")
        if hasattr(block, "entry"):
            return HttpResponseRedirect(address("entry_change", block.entry.pk))
        form = SourceForm(block.source, request.POST or None)
        stands = ""
        if request.method == "POST" and form.is_valid():
            if form.is_based_on_this():
                response = self._edited(request, block, form)
                if response:
                    return response
            else:
                form, stands = form.again_after_conflict(), block.source
        changeable = self.has_change_permission(request, block)
        return self.page(
            request,
            "edit.html" if changeable else "block.html",
            title=block.get_kind_display(),
            trail=self.block_trail(block),
            block=block,
            form=form,
            stands=stands,
            is_wide=True,
            cancel_url=self._home(block),
        )

    def _edited(self, request: HttpRequest, block: Block, form: SourceForm) -> HttpResponse | None:
        def edit() -> Revision | None:
            return edit_prose(
                block=block,
                source=form.typed(),
                by=by(request, form.cleaned_data["note"]),
                expected_source=form.own,
            )

        return self.edited(
            request,
            catalog=block.catalog,
            form=form,
            edit=edit,
            url=self._home(block),
            message=_("The text was saved."),
            title=_("What changes in the README"),
            trail=self.block_trail(block),
        )

    def _home(self, block: Block) -> str:
        """Return the page to return to; the block itself may be gone after an edit."""
        if block.section_id:
            return address("section_change", block.section_id)
        return address("catalog_change", block.catalog_id)
