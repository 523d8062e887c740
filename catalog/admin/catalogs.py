"""Lists as a whole: import, export, settings, people, health, backup, deletion."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.core.cache import caches
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import team
from accounts.models import Invitation, Membership
from catalog import markdown
from catalog.admin.base import OfLists, Page, add_refusal, address, by, is_superuser, number, person
from catalog.admin.columns import correction_page
from catalog.admin.edit_pages import DeletionForm, RestoreForm, SettingsForm
from catalog.admin.imports import Imports, Kind, by_kind
from catalog.backups import backup_name, restore_backup, write_backup
from catalog.editing.settings import SETTINGS, change_settings, confirm_renamed, part_renamed
from catalog.errors import CatalogError
from catalog.exporting import (
    FORMATS,
    Format,
    digest,
    export_chunks,
    export_markdown,
    record_export,
)
from catalog.markdown.linting import Finding, lint
from catalog.models import Block, Catalog, Entry, Listing, TagAlias
from catalog.published import release
from catalog.store.document import delete_catalog
from catalog.store.entries import renamings_of
from catalog.store.snapshots import corrections_of

# The people of a list


class InviteForm(forms.Form):
    """The form of an invitation: the person and the role."""

    who = forms.CharField(
        label=gettext_lazy("e-mail address or name"),
        max_length=254,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy(
            "They receive an e-mail with a link to this list; those without an account "
            "create one first."
        ),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("role in the list"),
        choices=[
            ("moderator", gettext_lazy("moderator: decides on submissions")),
            ("maintainer", gettext_lazy("maintainer: edits the list, invites people")),
        ],
    )


class People(OfLists):
    """The page of a list's people."""

    def people_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show who has which role; maintainers change that, and everybody may leave."""
        catalog: Catalog = self.find(request, key)
        form = InviteForm(request.POST if request.POST.get("do") == "invite" else None)
        if request.method == "POST":
            try:
                message = self._act(request, catalog, form)
            except CatalogError as error:
                if not form.is_bound:
                    return self.refused(request, error, address("catalog_people", catalog.pk))
                add_refusal(form, error)
            else:
                if message:
                    has_left = request.POST.get("do") == "leave"
                    # Who has left may see none of this any more.
                    own = reverse("accounts:profile")
                    url = own if has_left else address("catalog_people", catalog.pk)
                    return self.done(request, message, url, catalog)
        return self.page(
            request,
            "people.html",
            title=_("People"),
            trail=self.trail(catalog),
            status=400 if form.errors else 200,
            catalog=catalog,
            form=form,
            members=team.members_of(catalog),
            invitations=[(one, team.link_to(one)) for one in team.invitations_of(catalog)],
            roles=Membership.Role.choices,
            may_change=person(request).maintains(catalog.pk),
        )

    def _act(self, request: HttpRequest, catalog: Catalog, form: InviteForm) -> str:
        """Perform the button's action; return '' where the form is to be shown again. Raises
        `CatalogError`."""
        do = request.POST.get("do", "")
        if do == "leave":
            own = self._member(catalog, user=request.user.pk)
            team.remove(membership=own)
            return _("You have left “%(list)s”.") % {"list": catalog.title}
        self.require_change(request, catalog)
        if do == "invite":
            return self._invite(request, catalog, form) if form.is_valid() else ""
        key = number(request.POST.get("key", ""))
        if do == "withdraw":
            invitation = Invitation.objects.filter(catalog=catalog, pk=key).first()
            if invitation is None:
                raise CatalogError(_("This invitation is no longer valid."))
            invitation.delete()
            return _("The invitation to %(email)s was withdrawn.") % {"email": invitation.email}
        member = self._member(catalog, pk=key)
        names = {"name": member.user.get_full_name()}
        if do == "remove":
            team.remove(membership=member)
            return _("%(name)s was removed.") % names
        role = request.POST.get("role", "")
        if do != "role" or role not in Membership.Role:
            raise CatalogError(_("This action does not exist."))
        team.change_role(membership=member, role=role)
        return _("%(name)s is now %(role)s.") % {**names, "role": member.get_role_display()}

    def _invite(self, request: HttpRequest, catalog: Catalog, form: InviteForm) -> str:
        inviter = by(request).actor
        if inviter is None:
            raise CatalogError(_("You do not have permission to do this."))
        given: dict[str, Any] = form.cleaned_data
        invited = team.invite(catalog=catalog, who=given["who"], role=given["role"], by=inviter)
        if isinstance(invited, Invitation):
            return _("An invitation was sent to %(email)s.") % {"email": invited.email}
        message = _("%(name)s has no e-mail address, and was given the role at once.")
        return message % {"name": invited.user.get_full_name()}

    def _member(self, catalog: Catalog, **by_key: Any) -> Membership:
        rows = Membership.objects.filter(catalog=catalog, **by_key).select_related("user")
        if (member := rows.first()) is None:
            raise CatalogError(_("This person has no role in this list."))
        return member


_RENAMED = 200
"""Renamed entries that are shown at once."""


class Place(NamedTuple):
    """A link to where the lines of a finding are edited, with their text."""

    url: str
    label: str


@admin.register(Catalog)
class CatalogAdmin(Imports, People):
    """The lists, and a page for each that leads to everything about it."""

    owner = "pk"
    list_display = ("title", "slug", "entry_count", "waiting", "revision", "updated_at")
    list_display_links = ("title",)
    search_fields = ("title", "slug")
    ordering = ("title", "pk")
    change_list_template = "admin/catalog/catalog_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The lists that are complete; another import clears away what a killed one left."""
        return super().get_queryset(request).filter(is_unfinished=False)

    @admin.display(description=gettext_lazy("suggested"), ordering="suggested_count")
    def waiting(self, catalog: Catalog) -> str | int:
        """Links in prose that nobody has decided on."""
        return catalog.suggested_count or "–"

    def own_pages(self) -> list[Page]:
        return [
            Page("import/", self.upload_view, "import"),
            Page("import/preview/", self.preview_view, "import_preview"),
            Page("restore/", self.restore_view, "restore"),
            Page("<str:key>/import/", self.upload_view, "reimport"),
            Page("<str:key>/import/preview/", self.preview_view, "reimport_preview"),
            Page("<str:key>/export/", self.export_view, "export"),
            Page("<str:key>/health/", self.health_view, "health"),
            Page("<str:key>/reading/", self.reading_view, "reading"),
            Page("<str:key>/renamed/", self.renamed_view, "renamed"),
            Page("<str:key>/people/", self.people_view, "people"),
            Page("<str:key>/backup/", self.backup_view, "backup"),
            Page("<str:key>/delete/", self.deletion_view, "delete"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(
            request,
            {
                "is_superuser": is_superuser(request),
                "import_url": address("catalog_import"),
                "restore_url": address("catalog_restore"),
                **(extra_context or {}),
            },
        )

    def row_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show a list's page: everything to do with it, and its settings."""
        catalog: Catalog = self.find(request, key, change=request.method == "POST")
        # The form writes what was typed into the instance it is given.
        form = SettingsForm(request.POST or None, instance=self.get_object(request, key))
        if request.method == "POST" and form.is_valid():
            response = self.saved(
                request,
                form,
                lambda: change_settings(
                    catalog=catalog,
                    by=by(request),
                    values={name: form.cleaned_data[name] for name in SETTINGS},
                    expected_revision=form.cleaned_data["revision"],
                ),
                _("The settings were saved."),
                address("catalog_change", catalog.pk),
                catalog,
            )
            if response:
                return response
            catalog = self.find(request, key)
        return self.page(
            request,
            "catalog.html",
            title=catalog.title,
            catalog=catalog,
            form=form,
            **self._figures(request, catalog),
        )

    def _figures(self, request: HttpRequest, catalog: Catalog) -> dict[str, Any]:
        undecided = Q(state=Entry.State.SUGGESTED, decision=Entry.Decision.NONE)
        return {
            **Entry.objects.filter(catalog=catalog)
            .living()
            .aggregate(
                opaque=Count("pk", filter=Q(is_opaque=True)),
                undecided=Count("pk", filter=undecided),
                renamed=Count("renaming"),
            ),
            "list_query": f"?catalog={catalog.pk}",
            "may_change": person(request).maintains(catalog.pk),
            "is_superuser": is_superuser(request),
            "formats": [each.name for each in FORMATS.values() if not each.is_readme],
            "offered": TagAlias.objects.filter(facet__catalog=catalog, is_confirmed=False).count(),
            "newest": catalog.revisions.order_by("-number").first(),
        }

    def export_view(self, request: HttpRequest, key: str) -> HttpResponse | StreamingHttpResponse:
        """Download the list; the exact README is remembered as a text that Git may have."""
        catalog: Catalog = self.find(request, key)
        format_name = request.POST.get("format", "")
        if request.method != "POST" or format_name not in FORMATS:
            return HttpResponse(status=405, headers={"Allow": "POST"})
        format_ = FORMATS[format_name]
        name = "README.md" if format_.is_readme else f"{catalog.slug}.{format_.ending}"
        response = StreamingHttpResponse(
            _exported(catalog, format_), content_type=format_.content_type
        )
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def health_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show the health page: the findings in the list as it stands."""
        catalog: Catalog = self.find(request, key)
        kinds, lines = _findings(catalog)
        places = _entries_at(catalog, lines)
        return self.page(
            request,
            "health.html",
            title=_("Health"),
            trail=self.trail(catalog),
            catalog=catalog,
            kinds=[(kind, _placed(kind, places)) for kind in kinds],
            total=sum(kind.count for kind in kinds),
        )

    def reading_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show and change how the list is read."""
        catalog: Catalog = self.find(request, key, change=True)
        url = address("catalog_change", catalog.pk)
        return correction_page(self, request, catalog, None, url=url, trail=self.trail(catalog))

    def renamed_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show the entries that are probably renamed, each to be confirmed or parted."""
        catalog: Catalog = self.find(request, key, change=request.method == "POST")
        url = address("catalog_renamed", catalog.pk)
        if request.method == "POST":
            chosen = renamings_of(catalog).filter(pk=number(request.POST.get("key", "")))
            renaming = chosen.select_related("entry").first()
            revision = None
            try:
                if renaming and request.POST.get("do") == "part":
                    revision = part_renamed(entry=renaming.entry, by=by(request))
                elif renaming and request.POST.get("do") == "confirm":
                    revision = confirm_renamed(
                        catalog=catalog, entries=[renaming.entry], by=by(request)
                    )
            except CatalogError as error:
                return self.refused(request, error, url)
            message = _("Saved.") if revision else _("Nothing has changed.")
            return self.done(request, message, url, catalog if revision else None)
        return self.page(
            request,
            "renamed.html",
            title=_("Probably renamed"),
            trail=self.trail(catalog),
            renamings=renamings_of(catalog).select_related("entry")[:_RENAMED],
            total=renamings_of(catalog).count(),
            may_change=person(request).maintains(catalog.pk),
        )

    def backup_view(self, request: HttpRequest, key: str) -> HttpResponse | FileResponse:
        """Download everything about the list in one file."""
        catalog: Catalog = self.find(request, key, change=True)
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        # On disk, not in memory: a list with a long history is large.
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        try:
            write_backup(catalog, file)
        except CatalogError as error:
            file.close()
            return self.refused(request, error, address("catalog_change", catalog.pk))
        file.seek(0)
        return FileResponse(
            file,
            as_attachment=True,
            filename=backup_name(catalog),
            content_type="application/zip",
        )

    def restore_view(self, request: HttpRequest) -> HttpResponse:
        """Restore a list from its backup."""
        self.require_superuser(request)
        form = RestoreForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                restored = restore_backup(form.cleaned_data["file"], slug=form.cleaned_data["slug"])
            except CatalogError as error:
                add_refusal(form, error)
            else:
                message = _("%(title)s was restored, with its history.") % {
                    "title": restored.catalog.title
                }
                if restored.renumbered:
                    message += " " + _(
                        "%(count)d entries have new ids because their old ids are in use."
                    ) % {"count": restored.renumbered}
                url = address("catalog_change", restored.catalog.pk)
                return self.done(request, message, url, restored.catalog)
        return self.page(request, "restore.html", title=_("Restore a backup"), form=form)

    def deletion_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Delete the list, once its name is typed."""
        self.require_superuser(request)
        catalog: Catalog = self.find(request, key, change=True)
        form = DeletionForm(catalog.slug, request.POST or None)
        if request.method == "POST" and form.is_valid():
            self.log_deletions(request, Catalog.objects.filter(pk=catalog.pk))
            title = catalog.title
            delete_catalog(catalog)
            message = _("%(title)s was deleted, with its entries and its history.")
            return self.done(request, message % {"title": title}, address("catalog_changelist"))
        return self.page(
            request,
            "deletion.html",
            title=_("Delete this list"),
            trail=self.trail(catalog),
            catalog=catalog,
            form=form,
            revisions=catalog.revisions.count(),
            tables=Listing.objects.filter(catalog=catalog).count(),
        )


def _exported(catalog: Catalog, format_: Format) -> Iterator[bytes]:
    """The list in a format; the README is recorded once it was read to its end."""
    sha256 = ""
    for data, sha256 in digest(export_chunks(catalog, format_.name)):  # noqa: B007
        yield data
    if format_.is_readme and sha256:
        record_export(catalog, number=catalog.revision, sha256=sha256)


def _findings(catalog: Catalog) -> tuple[list[Kind], dict[int, int]]:
    """Return the findings about the list, and the lines of their blocks.

    Kept for as long as the list stays as it is: a look over a hundred thousand entries takes
    seconds.
    """
    key = f"health-{release()}-{catalog.pk}-{catalog.revision}"
    cached: tuple[list[Kind], dict[int, int]] | None = caches["findings"].get(key)
    if cached is None:
        document = markdown.parse(export_markdown(catalog), corrections=corrections_of(catalog))
        kinds = by_kind(lint(document), shown=100)
        cached = kinds, _lines_of(document, kinds)
        caches["findings"].set(key, cached, timeout=24 * 3600)
    return cached


def _lines_of(document: markdown.Document, kinds: list[Kind]) -> dict[int, int]:
    """The first line of each block that a finding is about, by the block's index."""
    return {
        finding.block: document.blocks[finding.block].first_line
        for kind in kinds
        for finding in kind.findings
        if finding.block is not None
    }


def _entries_at(catalog: Catalog, lines: dict[int, int]) -> dict[int, Place]:
    """Return what is stored at these lines, by the codec's index of the block."""
    index_of = {line: index for index, line in lines.items()}
    places = {}
    line = 1
    blocks = Block.objects.filter(catalog=catalog).in_reading_order()
    rows = blocks.values_list("pk", "source", "entry__pk", "entry__name")
    for pk, source, entry, name in rows.iterator(chunk_size=2000):
        if line in index_of:
            url = address("entry_change", entry) if entry else address("block_change", pk)
            places[index_of[line]] = Place(url, name or " ".join(source.split())[:80])
        line += len(markdown.split_lines(source))
    return places


def _placed(kind: Kind, places: dict[int, Place]) -> list[tuple[Finding, Place | None]]:
    return [
        (finding, places.get(finding.block) if finding.block is not None else None)
        for finding in kind.findings
    ]
