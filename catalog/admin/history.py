"""The history of lists: what was changed, by whom, line by line. Nothing here can be edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import ByEntry, CatalogFilter, Page, Step, address, minute, person
from catalog.admin.edit_pages import EditPages, NoteForm
from catalog.editing.lines import revert_revision
from catalog.errors import CatalogError
from catalog.exporting import README, digest, markdown_chunks
from catalog.history.diffs import linked_lines
from catalog.history.revisions import Author
from catalog.models import Catalog, Revision

MOST_CHANGES = 200
"""Changes of one revision that are shown; an import can have thousands."""


@admin.register(Revision)
class RevisionAdmin(EditPages):
    """Revisions, newest first, each with the exact lines."""

    list_display = ("number", "catalog", "verb", "who", "what", "when")
    list_display_links = ("number", "verb")
    list_filter = (CatalogFilter, "verb", ByEntry)
    search_fields = ("note", "actor_name", "credit")
    list_select_related = ("catalog",)
    ordering = ("-pk",)

    @admin.display(description=gettext_lazy("time"), ordering="created_at")
    def when(self, revision: Revision) -> str:
        """Return the time, to the minute."""
        return minute(revision.created_at)

    @admin.display(description=gettext_lazy("by"))
    def who(self, revision: Revision) -> str:
        """Return who made the revision, and who is credited if that is somebody else."""
        names = [revision.actor_name, revision.credit]
        return " / ".join(dict.fromkeys(filter(None, names))) or "–"

    @admin.display(description=gettext_lazy("note"))
    def what(self, revision: Revision) -> str:
        """The reason that was given, else what an import did."""
        return revision.note or _in_words(revision.details)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: history does not change."""
        return False

    def own_pages(self) -> list[Page]:
        return [
            Page("<str:key>/revert/", self.revert_view, "revert"),
            Page("<str:key>/README.md", self.text_view, "text"),
        ]

    def row_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show the changes of a revision."""
        revision: Revision = self.find(request, key)
        catalog = revision.catalog
        changes = revision.changes.order_by("ordinal")
        others = catalog.revisions.order_by()
        return self.page(
            request,
            "revision.html",
            title=_("Revision %(number)d") % {"number": revision.number},
            trail=self._trail(catalog),
            catalog=catalog,
            revision=revision,
            who=self.who(revision),
            revert_url=self._revert_url(request, revision),
            lines=linked_lines(catalog, changes[:MOST_CHANGES]),
            total=changes.count(),
            most=MOST_CHANGES,
            details=_readable(revision.details),
            before=others.filter(number=revision.number - 1).first(),
            after=others.filter(number=revision.number + 1).first(),
        )

    def revert_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Take back the changes of a revision, as far as they still stand."""
        revision: Revision = self.find(request, key)
        catalog = revision.catalog
        if not person(request).maintains(catalog.pk):
            raise PermissionDenied
        form = NoteForm(request.POST or None)
        url = address("revision_change", revision.pk)
        title = _("Revert revision %(number)d") % {"number": revision.number}
        trail = self._trail(catalog, Step(str(revision.number), url))

        def edit(author: Author) -> Revision | None:
            return revert_revision(catalog=catalog, number=revision.number, by=author)

        return self.edit_page(
            request,
            form,
            edit,
            catalog=catalog,
            title=title,
            message=_("The revision was reverted."),
            trail=trail,
            cancel_url=url,
            url=address("revision_changelist") + f"?catalog={catalog.pk}",
            lead=_(
                "The lines return to what they were before this revision. Later changes are kept."
            ),
        )

    def _revert_url(self, request: HttpRequest, revision: Revision) -> str:
        """Return the address to revert a revision; '' for the founding one, and for those who may
        not."""
        if revision.number == 1 or not person(request).maintains(revision.catalog_id):
            return ""
        return address("revision_revert", revision.pk)

    def _trail(self, catalog: Catalog, *steps: Step) -> list[Step]:
        history = Step(_("History"), address("revision_changelist") + f"?catalog={catalog.pk}")
        return self.trail(catalog, history, *steps)

    def text_view(self, request: HttpRequest, key: str) -> HttpResponse | StreamingHttpResponse:
        """The README as it was at that revision."""
        revision: Revision = self.find(request, key)
        try:
            chunks = markdown_chunks(revision.catalog, revision=revision.number)
        except CatalogError as error:
            return self.refused(request, error, address("revision_change", revision.pk))
        response = StreamingHttpResponse(
            (data for data, _sha256 in digest(chunks)), content_type=README.content_type
        )
        name = f"README-{revision.number}.md"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


_COUNTS = {
    "created": gettext_lazy("%d created"),
    "updated": gettext_lazy("%d updated"),
    "moved": gettext_lazy("%d moved"),
    "moved_and_edited": gettext_lazy("%d moved and edited"),
    "returned": gettext_lazy("%d returned"),
    "joined": gettext_lazy("%d merged into another entry"),
    "removed": gettext_lazy("%d removed"),
}


def _in_words(details: dict[str, Any]) -> str:
    """The counts of an import, or what a decision was about, in a few words."""
    counts = [str(text) % details[name] for name, text in _COUNTS.items() if details.get(name)]
    if counts:
        return ", ".join(counts)
    words = [details.get(name) for name in ("operation", "facet", "column", "tag", "name")]
    return " · ".join(str(word) for word in words if word)


def _readable(details: dict[str, Any]) -> list[tuple[str, str]]:
    """Details as they can be shown: a name and a text each."""
    return [(name, _text(value)) for name, value in details.items() if value not in ("", None, [])]


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(part)}" for name, part in value.items())
    if isinstance(value, list):
        more = f" … ({len(value)})" if len(value) > 20 else ""
        return ", ".join(_text(part) for part in value[:20]) + more
    return str(value)
