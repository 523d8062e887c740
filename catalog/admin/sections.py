"""Sections and the lines around entries: how a list is laid out."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import BySection, CatalogFilter, Page, Step, Text, address
from catalog.admin.columns import correction_page
from catalog.admin.edit_pages import EditPages, NoteForm
from catalog.editing.arranging import (
    merge_sections,
    move_section,
    reorder_sections,
    split_section,
)
from catalog.editing.sections import (
    DANGLING,
    LINKS,
    add_section,
    edit_prose,
    remove_section,
    rename_section,
)
from catalog.history.revisions import Author
from catalog.markdown.writing.slots import Values
from catalog.models import Block, Entry, Revision, Section

_MOST_REPORTED = 5
"""Lines with links that are named in one message."""
_MOST_LINES = 300
"""Blocks of prose that are shown on the page of a section."""
_DEEPEST = 6
"""The level of heading that nothing can stand below."""


class SectionForm(NoteForm):
    """A change of a section: its words, the fields that it asks for, and the edit that it makes."""

    label: Text
    """The words of its button."""
    title_of_page: Text
    lead: Text = ""
    message: Text
    takes_away = False
    """Whether the section is gone afterwards."""

    def __init__(self, section: Section, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.section = section

    def edit(self, by: Author) -> Revision | None:
        """Make the edit with the cleaned fields. Raises `CatalogError`."""
        raise NotImplementedError

    def refuse_changed(self, name: str, now: Any, message: str) -> None:
        """Refuse a form that was opened on something else than is there `now`, but only once."""
        if self.cleaned_data.get(name) != now:
            self.data = QueryDict(mutable=True)
            self.data.update({**self.cleaned_data, name: now})
            raise forms.ValidationError(message)


class RenameForm(SectionForm):
    """A section's title, plain text. `was` is the one it had when the page was opened."""

    label = gettext_lazy("Rename…")
    title_of_page = gettext_lazy("Rename the section")
    lead = gettext_lazy("Its old address leads to the new one; links to it in the list follow.")
    message = gettext_lazy("The section was renamed.")
    title = forms.CharField(label=gettext_lazy("title"), max_length=500, strip=False)
    was = forms.CharField(widget=forms.HiddenInput, strip=False, required=False)
    field_order = ("title", "note")

    def __init__(self, section: Section, data: Any = None) -> None:
        initial = {"title": section.title, "was": section.title}
        super().__init__(section, data, initial=initial)

    def clean(self) -> None:
        """Refuse to overwrite unseen what somebody else has decided meanwhile."""
        title = self.section.title
        text = _("Someone else has renamed this section; it is now called “%(title)s”.")
        self.refuse_changed("was", title, text % {"title": title})

    def edit(self, by: Author) -> Revision | None:
        return rename_section(section=self.section, title=self.cleaned_data["title"], by=by)


class MoveForm(SectionForm):
    """The place that a section goes to, with everything in it."""

    label = gettext_lazy("Move…")
    title_of_page = gettext_lazy("Move the section")
    lead = gettext_lazy("Its contents move with it, and its old address leads to the new one.")
    message = gettext_lazy("The section was moved.")
    place = forms.ChoiceField(
        label=gettext_lazy("place"),
        choices=[
            ("after", gettext_lazy("after it, on the same level")),
            ("below", gettext_lazy("below it, as its last subsection")),
            ("first", gettext_lazy("below it, as its first subsection")),
        ],
    )

    def __init__(self, section: Section, data: Any = None) -> None:
        super().__init__(section, data)
        self.fields["of"] = SectionChoice(section, _("section"))
        self.order_fields(["place", "of", "note"])

    def edit(self, by: Author) -> Revision | None:
        of, place = self.cleaned_data["of"], self.cleaned_data["place"]
        if place == "after":
            return move_section(section=self.section, by=by, after=of)
        return move_section(section=self.section, by=by, parent=of, first=place == "first")


class OrderForm(SectionForm):
    """The order of the sections beside one: a number for each."""

    label = gettext_lazy("Order…")
    title_of_page = gettext_lazy("Order of the sections")
    lead = gettext_lazy("Sections on this level are sorted by these numbers.")
    message = gettext_lazy("The sections were reordered.")

    def __init__(self, section: Section, data: Any = None) -> None:
        super().__init__(section, data)
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

    def edit(self, by: Author) -> Revision | None:
        return reorder_sections(catalog=self.section.catalog, sections=self.ordered(), by=by)


class SplitForm(SectionForm):
    """The entries that go into a section of their own, and what it is called."""

    label = gettext_lazy("Split…")
    title_of_page = gettext_lazy("Split the section")
    lead = gettext_lazy(
        "The chosen entries go to a new section; those of a table keep its columns."
    )
    message = gettext_lazy("The section was split.")
    title = forms.CharField(label=gettext_lazy("title of the new section"), max_length=500)
    below = forms.BooleanField(label=gettext_lazy("as a subsection of this one"), required=False)
    entries: Any = forms.ModelMultipleChoiceField(
        label=gettext_lazy("entries that go there"),
        queryset=Entry.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("title", "below", "entries", "note")

    def __init__(self, section: Section, data: Any = None) -> None:
        super().__init__(section, data)
        here = Entry.objects.living().filter(section=section, block__parent=None)
        self.fields["entries"].queryset = here.in_reading_order()  # type: ignore[attr-defined]

    def edit(self, by: Author) -> Revision | None:
        values = {name: self.cleaned_data[name] for name in ("title", "entries", "below")}
        return split_section(section=self.section, by=by, **values)


class MergeForm(SectionForm):
    """The section that another one becomes a part of."""

    label = gettext_lazy("Merge…")
    title_of_page = gettext_lazy("Merge the section")
    lead = gettext_lazy("Its address and links to it will lead to the other section.")
    message = gettext_lazy("The sections were merged.")
    takes_away = True

    def __init__(self, section: Section, data: Any = None) -> None:
        super().__init__(section, data)
        self.fields["into"] = SectionChoice(section, _("section to merge it into"))
        self.order_fields(["into", "note"])

    def edit(self, by: Author) -> Revision | None:
        return merge_sections(section=self.section, into=self.cleaned_data["into"], by=by)


class AddForm(SectionForm):
    """A section that is to be added after another one or below it."""

    label = gettext_lazy("Add a section…")
    title_of_page = gettext_lazy("Add a section")
    message = gettext_lazy("The section was added.")
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

    def __init__(self, section: Section, data: Any = None) -> None:
        super().__init__(section, data)
        places = [("after", _("after it, on the same level"))]
        if section.level < _DEEPEST:
            places.append(("below", _("below it, as its last subsection")))
        self.fields["place"] = forms.ChoiceField(label=_("place"), choices=places)
        self.order_fields(["title", "place", "name", "url", "description", "note"])

    def edit(self, by: Author) -> Revision | None:
        is_below = self.cleaned_data["place"] == "below"
        name, url, text = (self.cleaned_data[name] for name in ("name", "url", "description"))
        return add_section(
            catalog=self.section.catalog,
            title=self.cleaned_data["title"],
            by=by,
            parent=self.section if is_below else None,
            after=None if is_below else self.section,
            entry=Values(name=name, url=url, description=text) if name or url else None,
        )


class RemovalForm(SectionForm):
    """The reason to remove a section, and whether its content goes too."""

    label = gettext_lazy("Remove…")
    title_of_page = gettext_lazy("Remove the section")
    message = gettext_lazy("The section was removed.")
    takes_away = True
    note = forms.CharField(label=gettext_lazy("reason"), max_length=500)
    with_contents = forms.BooleanField(
        label=gettext_lazy("with everything in it, subsections included"),
        required=False,
    )
    # What is gone cannot be compared: the list has to be the one that was looked at.
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, section: Section, data: Any = None) -> None:
        super().__init__(section, data, initial={"revision": section.catalog.revision})

    def clean(self) -> None:
        """Refuse to remove unseen what somebody else has added meanwhile."""
        text = _("Someone else has changed the list; check the current version and try again.")
        self.refuse_changed("revision", self.section.catalog.revision, text)

    def edit(self, by: Author) -> Revision | None:
        return remove_section(
            section=self.section,
            by=by,
            with_contents=self.cleaned_data["with_contents"],
            expected_revision=self.cleaned_data["revision"],
        )


class SectionChoice(forms.ModelChoiceField):
    """Another section of the list, set in by its level."""

    def __init__(self, section: Section, label: str) -> None:
        others = section.catalog.sections.exclude(pk=section.pk).order_by("position")
        super().__init__(queryset=others, label=label)

    def label_from_instance(self, obj: Any) -> str:
        return f"{'— ' * max(obj.level - 2, 0)}{obj.title or '–'}"


# The pages of a section, by the last part of their addresses, in the order of their buttons.
OPERATIONS: dict[str, type[SectionForm]] = {
    "rename": RenameForm,
    "move": MoveForm,
    "order": OrderForm,
    "split": SplitForm,
    "merge": MergeForm,
    "add_section": AddForm,
    "remove": RemovalForm,
}


@admin.register(Section)
class SectionAdmin(EditPages):
    """The sections of lists, in reading order."""

    list_display = ("indented", "catalog", "level", "entry_count", "path")
    list_display_links = ("indented",)
    list_filter = (CatalogFilter,)
    search_fields = ("title", "path")
    list_select_related = ("catalog", "parent")
    ordering = ("catalog", "position", "pk")

    def own_pages(self) -> list[Page]:
        return [
            *(
                Page(
                    f"<str:key>/{name.replace('_', '-')}/", partial(self.edit_view, kind=form), name
                )
                for name, form in OPERATIONS.items()
            ),
            Page("<str:key>/reading/", self.reading_view, "reading"),
        ]

    @admin.display(description=gettext_lazy("section"), ordering="title")
    def indented(self, section: Section) -> SafeString:
        """The title, set in by its level."""
        return format_html('<span class="level-{}">{}</span>', section.level, section.title or "–")

    def section_trail(self, section: Section, *steps: Step) -> list[Step]:
        """The way from the list to a page of a section."""
        sections = address("section_changelist") + f"?catalog={section.catalog_id}"
        return self.trail(section.catalog, Step(_("Sections"), sections), *steps)

    def row_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show a section's content and the actions on it."""
        section: Section = self.find(request, key)
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
            operations=[
                (address(f"section_{name}", section.pk), form.label)
                for name, form in OPERATIONS.items()
            ],
            may_change=self.has_change_permission(request, section),
        )

    def edit_view(self, request: HttpRequest, key: str, kind: type[SectionForm]) -> HttpResponse:
        """Change a section in one of the ways of `OPERATIONS`, after a preview."""
        section: Section = self.find(request, key, change=True)
        form = kind(section, request.POST or None)
        url = address("section_change", section.pk)
        trail = self.section_trail(section, Step(section.title, url))

        def edit(author: Author) -> Revision | None:
            revision = form.edit(author)
            _report_links(request, revision)
            return revision

        beside = address("section_changelist") + f"?catalog={section.catalog_id}"
        return self.edit_page(
            request,
            form,
            edit,
            catalog=section.catalog,
            title=kind.title_of_page,
            message=kind.message,
            trail=trail,
            cancel_url=url,
            url=beside if kind.takes_away else url,
            lead=kind.lead,
        )

    def reading_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show and change how a section is read."""
        section: Section = self.find(request, key, change=True)
        url = address("section_change", section.pk)
        trail = self.section_trail(section, Step(section.title, url))
        return correction_page(self, request, section.catalog, section, url=url, trail=trail)


def _report_links(request: HttpRequest, revision: Revision | None) -> None:
    """Report the links from elsewhere that follow an edit of a section, or lead nowhere now."""
    details = revision.details if revision else {}
    if lines := details.get(LINKS, []):
        text = _("Links to it in these lines were also changed: %(lines)s")
        messages.info(request, text % {"lines": _shown(lines)})
    if lines := details.get(DANGLING, []):
        text = _("Links in these lines lead to a section that is gone: %(lines)s")
        messages.warning(request, text % {"lines": _shown(lines)})


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
    list_select_related = ("catalog", "section", "entry")
    # What an index has.
    ordering = ("catalog", "position")

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

    def row_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """The lines as they are written, to be edited if they are no entry's."""
        block: Block = self.find(request, key, change=request.method == "POST")
        if hasattr(block, "entry"):
            return HttpResponseRedirect(address("entry_change", block.entry.pk))
        title, trail = block.get_kind_display(), self.block_trail(block)
        if not self.has_change_permission(request, block):
            return self.page(request, "block.html", title=title, trail=trail, block=block)

        def edit(source: str, author: Author) -> Revision | None:
            return edit_prose(block=block, source=source, by=author, expected_source=block.source)

        return self.source_page(
            request,
            block.source,
            edit,
            catalog=block.catalog,
            title=title,
            message=_("The text was saved."),
            trail=trail,
            cancel_url=self._home(block),
        )

    def _home(self, block: Block) -> str:
        """Return the page to return to; the block itself may be gone after an edit."""
        if block.section_id:
            return address("section_change", block.section_id)
        return address("catalog_change", block.catalog_id)
