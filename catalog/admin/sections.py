"""Sections and the lines around entries: how a list is laid out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import BySection, CatalogFilter, Step, Text, address, by
from catalog.admin.columns import correction_page
from catalog.admin.edit_pages import EditPages, NoteForm, SourceForm
from catalog.editing.arranging import (
    merge_sections,
    move_section,
    reorder_sections,
    split_section,
)
from catalog.editing.sections import (
    DANGLING,
    LINKS,
    NewEntry,
    add_section,
    edit_prose,
    remove_section,
    rename_section,
)
from catalog.history.revisions import Author
from catalog.models import Block, Entry, Revision, Section

_MOST_REPORTED = 5
"""Lines with links that are named in one message."""
_MOST_LINES = 300
"""Blocks of prose that are shown on the page of a section."""
_DEEPEST = 6
"""The level of heading that nothing can stand below."""


class TitleForm(NoteForm):
    """A section's title, plain text. `was` is the one it had when the page was opened."""

    title = forms.CharField(label=gettext_lazy("title"), max_length=500, strip=False)
    was = forms.CharField(widget=forms.HiddenInput, strip=False, required=False)
    field_order = ("title", "note")

    def __init__(self, section: Section, data: Any = None) -> None:
        super().__init__(data, initial={"title": section.title, "was": section.title})
        self.section = section

    def clean(self) -> None:
        """Refuse to overwrite unseen what somebody else has decided meanwhile."""
        if self.cleaned_data.get("was") != self.section.title:
            self.data = QueryDict(mutable=True)
            self.data.update({**self.cleaned_data, "was": self.section.title})
            raise forms.ValidationError(
                _("Someone else has renamed this section; it is now called “%(title)s”.")
                % {"title": self.section.title}
            )


class NewSectionForm(NoteForm):
    """A section that is to be added after another one or below it."""

    title = forms.CharField(label=gettext_lazy("title"), max_length=500)
    name = forms.CharField(
        label=gettext_lazy("first entry"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Its name. It is written like the entries before the section."),
    )
    url = forms.CharField(label=gettext_lazy("address"), required=False, max_length=2000)
    description = forms.CharField(
        label=gettext_lazy("description"), required=False, max_length=5000
    )

    def entry(self) -> NewEntry | None:
        """The first entry, if one is named."""
        name, url, text = (self.cleaned_data[name] for name in ("name", "url", "description"))
        return NewEntry(name, url, text) if name or url else None

    def __init__(self, section: Section, data: Any = None) -> None:
        super().__init__(data)
        places = [("after", _("after it, on the same level"))]
        if section.level < _DEEPEST:
            places.append(("below", _("below it, as its last subsection")))
        self.fields["place"] = forms.ChoiceField(label=_("place"), choices=places)
        self.order_fields(["title", "place", "name", "url", "description", "note"])


class MoveSectionForm(NoteForm):
    """The form to move a section, with everything in it."""

    place = forms.ChoiceField(
        label=gettext_lazy("place"),
        choices=[
            ("after", gettext_lazy("after it, on the same level")),
            ("below", gettext_lazy("below it, as its last subsection")),
            ("first", gettext_lazy("below it, as its first subsection")),
        ],
    )

    def __init__(self, section: Section, data: Any = None) -> None:
        super().__init__(data)
        self.fields["of"] = _section_field(section, _("section"))
        self.order_fields(["place", "of", "note"])

    def places(self) -> dict[str, Any]:
        """The place, as `move_section` takes it."""
        of, place = self.cleaned_data["of"], self.cleaned_data["place"]
        return {"after": of} if place == "after" else {"parent": of, "first": place == "first"}


class OrderForm(NoteForm):
    """The order of the sections beside one: a number for each."""

    def __init__(self, section: Section, data: Any = None) -> None:
        super().__init__(data)
        beside = section.catalog.sections.filter(parent=section.parent_id)
        self.beside = [one for one in beside.order_by("position") if one.level]
        for number, one in enumerate(self.beside, 1):
            self.fields[f"place-{one.pk}"] = forms.IntegerField(
                label=one.title or "–", initial=number, min_value=0, max_value=9999
            )
        self.order_fields([name for name in self.fields if name != "note"])

    def ordered(self) -> list[Section]:
        """The sections by their numbers; of two with the same, the one that was moved there."""
        was = {one: number for number, one in enumerate(self.beside, 1)}
        typed = {one: self.cleaned_data[f"place-{one.pk}"] for one in self.beside}
        return sorted(self.beside, key=lambda one: (typed[one], typed[one] == was[one], was[one]))


class SplitForm(NoteForm):
    """The entries that go into a section of their own, and what it is called."""

    title = forms.CharField(label=gettext_lazy("title of the new section"), max_length=500)
    below = forms.BooleanField(label=gettext_lazy("as a subsection of this one"), required=False)
    entries: Any = forms.ModelMultipleChoiceField(
        label=gettext_lazy("entries that go there"),
        queryset=Entry.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("title", "below", "entries", "note")

    def __init__(self, section: Section, data: Any = None) -> None:
        super().__init__(data)
        here = Entry.objects.living().filter(section=section, block__parent=None)
        self.fields["entries"].queryset = here.in_reading_order()  # type: ignore[attr-defined]


class MergeForm(NoteForm):
    """The section that another one becomes a part of."""

    def __init__(self, section: Section, data: Any = None) -> None:
        super().__init__(data)
        self.fields["into"] = _section_field(section, _("section that it becomes a part of"))
        self.order_fields(["into", "note"])


class SectionChoice(forms.ModelChoiceField):
    """A section, set in by its level."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{'— ' * max(obj.level - 2, 0)}{obj.title or '–'}"


def _section_field(section: Section, label: str) -> SectionChoice:
    """A field for the other sections of the list."""
    others = section.catalog.sections.exclude(pk=section.pk).order_by("position")
    return SectionChoice(queryset=others, label=label)


class SectionRemovalForm(forms.Form):
    """The form to remove a section: the reason, and whether its content goes too."""

    note = forms.CharField(label=gettext_lazy("reason"), max_length=500)
    with_contents = forms.BooleanField(
        label=gettext_lazy("with everything in it, subsections included"),
        required=False,
    )


@admin.register(Section)
class SectionAdmin(EditPages):
    """The sections of lists, in reading order."""

    list_display = ("indented", "catalog", "level", "entry_count", "path")
    list_display_links = ("indented",)
    list_filter = (CatalogFilter,)
    search_fields = ("title", "path")
    list_select_related = ("catalog",)
    ordering = ("catalog", "position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Section]:
        return super().get_queryset(request).select_related("catalog", "parent")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        pages: list[tuple[str, Any, str]] = [
            ("<str:key>/rename/", self.rename_view, "rename"),
            ("<str:key>/add-section/", self.add_section_view, "add_section"),
            ("<str:key>/move/", self.move_view, "move"),
            ("<str:key>/order/", self.order_view, "order"),
            ("<str:key>/split/", self.split_view, "split"),
            ("<str:key>/merge/", self.merge_view, "merge"),
            ("<str:key>/remove/", self.removal_view, "remove"),
            ("<str:key>/reading/", self.reading_view, "reading"),
        ]
        own = [
            path(route, wrap(view), name=f"catalog_section_{name}") for route, view, name in pages
        ]
        return [*own, *super().get_urls()]

    @admin.display(description=gettext_lazy("section"), ordering="title")
    def indented(self, section: Section) -> SafeString:
        """The title, set in by its level."""
        return format_html('<span class="level-{}">{}</span>', section.level, section.title or "–")

    def section_trail(self, section: Section, *steps: Step) -> list[Step]:
        """The way from the list to a page of a section."""
        sections = address("section_changelist") + f"?catalog={section.catalog_id}"
        return self.trail(section.catalog, Step(_("Sections"), sections), *steps)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a section's content and the actions on it."""
        section: Section = self.find(request, object_id)
        lines = section.blocks.filter(entry=None).exclude(kind=Block.Kind.GAP)
        return self.page(
            request,
            "section.html",
            title=section.title or "–",
            trail=self.section_trail(section),
            section=section,
            children=section.children.order_by("position")[:_MOST_LINES],
            listings=section.listings.order_by("position")[:_MOST_LINES],
            lines=lines.order_by("position")[:_MOST_LINES],
            entries_url=address("entry_changelist")
            + f"?catalog={section.catalog_id}&section={section.pk}",
            may_change=self.has_change_permission(request, section),
            add_entry=True,
        )

    def _edit_page(
        self,
        request: HttpRequest,
        section: Section,
        form: forms.Form,
        edit: Callable[[], Revision | None],
        *,
        title: Text,
        message: Text,
        lead: Text = "",
        after: str = "",
    ) -> HttpResponse:
        url = address("section_change", section.pk)
        trail = self.section_trail(section, Step(section.title, url))
        if request.method == "POST" and form.is_valid():
            response = self.edited(
                request,
                catalog=section.catalog,
                form=form,
                edit=edit,
                url=after or url,
                message=message,
                title=title,
                trail=trail,
            )
            if response:
                return response
        return self.page(
            request, "edit.html", title=title, trail=trail, form=form, lead=lead, cancel_url=url
        )

    def reading_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show and change how a section is read."""
        section: Section = self.find(request, key, change=True)
        url = address("section_change", section.pk)
        trail = self.section_trail(section, Step(section.title, url))
        return correction_page(self, request, section.catalog, section, url=url, trail=trail)

    def rename_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Call a section something else."""
        section: Section = self.find(request, key, change=True)
        form = TitleForm(section, request.POST or None)

        def edit() -> Revision | None:
            revision = rename_section(
                section=section,
                title=form.cleaned_data["title"],
                by=_by(request, form),
            )
            return _report_links(request, revision)

        return self._edit_page(
            request,
            section,
            form,
            edit,
            title=_("Rename the section"),
            lead=_("Its old address leads to the new one; links to it in the list follow."),
            message=_("The section was renamed."),
        )

    def add_section_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Add a section after another one or below it."""
        section: Section = self.find(request, key, change=True)
        form = NewSectionForm(section, request.POST or None)

        def edit() -> Revision | None:
            is_below = form.cleaned_data["place"] == "below"
            revision = add_section(
                catalog=section.catalog,
                title=form.cleaned_data["title"],
                by=_by(request, form),
                parent=section if is_below else None,
                after=None if is_below else section,
                entry=form.entry(),
            )
            return _report_links(request, revision)

        return self._edit_page(
            request,
            section,
            form,
            edit,
            title=_("Add a section"),
            message=_("The section was added."),
        )

    def move_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Move a section, with everything in it."""
        section: Section = self.find(request, key, change=True)
        form = MoveSectionForm(section, request.POST or None)
        return self._edit_page(
            request,
            section,
            form,
            lambda: _report_links(
                request, move_section(section=section, by=_by(request, form), **form.places())
            ),
            title=_("Move the section"),
            lead=_("Everything in it goes along, and its old address leads to the new one."),
            message=_("The section was moved."),
        )

    def order_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Reorder a section and its siblings."""
        section: Section = self.find(request, key, change=True)
        form = OrderForm(section, request.POST or None)
        return self._edit_page(
            request,
            section,
            form,
            lambda: reorder_sections(
                catalog=section.catalog, sections=form.ordered(), by=_by(request, form)
            ),
            title=_("Order of the sections"),
            lead=_("The sections on this level go in the order of their numbers."),
            message=_("The sections were put in order."),
        )

    def split_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Make a section of some of its entries."""
        section: Section = self.find(request, key, change=True)
        form = SplitForm(section, request.POST or None)
        return self._edit_page(
            request,
            section,
            form,
            lambda: split_section(
                section=section,
                title=form.cleaned_data["title"],
                entries=form.cleaned_data["entries"],
                below=form.cleaned_data["below"],
                by=_by(request, form),
            ),
            title=_("Split the section"),
            lead=_("The chosen entries go to a new section; those of a table keep its columns."),
            message=_("The section was split."),
        )

    def merge_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Merge a section into another one."""
        section: Section = self.find(request, key, change=True)
        form = MergeForm(section, request.POST or None)
        return self._edit_page(
            request,
            section,
            form,
            lambda: _report_links(
                request,
                merge_sections(
                    section=section, into=form.cleaned_data["into"], by=_by(request, form)
                ),
            ),
            title=_("Merge the section"),
            lead=_("Its address and the links to it lead to the other one."),
            message=_("The sections were merged."),
            after=address("section_changelist") + f"?catalog={section.catalog_id}",
        )

    def removal_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Remove a section."""
        section: Section = self.find(request, key, change=True)
        form = SectionRemovalForm(request.POST or None)
        # What is gone cannot be compared: the list has to be the one that was looked at.
        expected = section.catalog.revision

        def edit() -> Revision | None:
            revision = remove_section(
                section=section,
                by=_by(request, form),
                with_contents=form.cleaned_data["with_contents"],
                expected_revision=expected,
            )
            return _report_links(request, revision)

        return self._edit_page(
            request,
            section,
            form,
            edit,
            title=_("Remove the section"),
            message=_("The section was removed."),
            after=address("section_changelist") + f"?catalog={section.catalog_id}",
        )


def _by(request: HttpRequest, form: forms.Form) -> Author:
    return by(request, form.cleaned_data["note"])


def _report_links(request: HttpRequest, revision: Revision | None) -> Revision | None:
    """Report the links to a section elsewhere in the list that follow an edit, or lead nowhere
    now."""
    details = revision.details if revision else {}
    if lines := details.get(LINKS, []):
        text = _("Links to it in these lines were changed, too: %(lines)s")
        messages.info(request, text % {"lines": _shown(lines)})
    if lines := details.get(DANGLING, []):
        text = _("Links in these lines lead to a section that is gone: %(lines)s")
        messages.warning(request, text % {"lines": _shown(lines)})
    return revision


def _shown(lines: list[str]) -> str:
    more = [] if len(lines) <= _MOST_REPORTED else ["…"]
    return " · ".join([line[:120] for line in lines[:_MOST_REPORTED]] + more)


# The lines of a list that are no entries: prose, headings, tables' headers


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
