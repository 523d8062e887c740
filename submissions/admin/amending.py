"""The form of "amend and approve": the proposal's own fields, edited where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import number
from catalog.admin.edit_pages import LinesField
from catalog.editing.entry_fields import Field, entry_fields
from catalog.editing.line_endings import with_own_endings
from catalog.models import Catalog, Listing
from submissions.admin.decision_forms import DecisionForm
from submissions.choices import Kind
from submissions.models import Submission
from submissions.proposal import MAX_TEXT, Base, Proposal
from submissions.publishing.merging import Conflict, field_in, renumbered

_MOST_PLACES = 500


class AmendForm(DecisionForm):
    """The proposal as fields. `seen` is the version of the entry that they were shown on."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    reason = forms.CharField(
        label=gettext_lazy("reason"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("For example, why a duplicate is right here."),
    )
    note = forms.CharField(
        label=gettext_lazy("note to the submitter"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self,
        submission: Submission,
        now: Base,
        *args: Any,
        conflicts: Sequence[Conflict] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.submission, self.now, self.conflicts = submission, now, conflicts
        self.proposal = submission.content
        self.own = {field.name: field for field in _fields(submission, self.proposal, now)}
        for field in self.own.values():
            rows = min(8, field.value.count("\n") + len(field.value) // 60 + 1)
            self.fields[field.name] = LinesField(
                label=field.label, rows=rows, max_length=MAX_TEXT, initial=field.value
            )
        self._add_tags()
        if places := _places(submission):
            self.fields["place"] = forms.ChoiceField(
                label=_("list or table"), choices=places, initial=_place_of(submission)
            )
        self._show_conflicts()
        self.initial["reason"] = self.proposal.reason
        own = ["place", *self.own, "add_tags", "remove_tags"]
        self.order_fields([*own, "decides", "reason", "note"])

    def _show_conflicts(self) -> None:
        """Say at each field what stands there now, and ask whether that was seen."""
        for conflict in self.conflicts:
            if (name := self._field_of(conflict)) in self.own:
                hint = _("Current value: %(value)s") % {"value": conflict.current or "–"}
                self.fields[name].help_text = hint
        if self.conflicts:
            self.fields["decides"] = forms.BooleanField(
                label=_("I have seen the changes made in the meantime: use the text here."),
                error_messages={"required": _("Confirm this, or choose differently.")},
            )

    def _field_of(self, conflict: Conflict) -> str:
        return field_in(conflict.field, self.submission.based_on, self.now)

    def resolution(self) -> dict[str, str]:
        """What the fields in conflict shall be, as `workflow.amend` takes it."""
        texts, matches = self.amended().changed, {}
        for conflict in self.conflicts:
            name = self._field_of(conflict)
            is_own = name in self.own and self.submission.kind != Kind.ADD
            matches[conflict.field] = (
                texts.get(name, self.now.text_of(name)) if is_own else conflict.proposed
            )
        return matches

    def _add_tags(self) -> None:
        for name, label in (("add_tags", _("add tags")), ("remove_tags", _("remove tags"))):
            self.fields[name] = forms.CharField(
                label=label,
                required=False,
                max_length=2000,
                initial=", ".join(getattr(self.proposal, name)),
                help_text=_("facet:value, separated by commas"),
            )

    def listing(self) -> Listing | None:
        """Where it goes, if that was chosen."""
        key = number(str(self.cleaned_data.get("place", "")))
        return Listing.objects.filter(catalog=self.submission.catalog_id, pk=key).first()

    def amended(self) -> Proposal:
        """The proposal as it was edited. What is as it stands in the entry is not proposed."""
        standing = self.now if self.proposal.kind != Kind.ADD else Base()
        texts = {}
        for name, field in self.own.items():
            text = with_own_endings(self.cleaned_data[name], field.value)
            if text != standing.text_of(name):
                texts[name] = text
        cells = {
            int(name.removeprefix("cell-")): text
            for name, text in texts.items()
            if name.startswith("cell-")
        }
        listing = self.listing()
        return replace(
            self.proposal,
            name=texts.get("name"),
            url=texts.get("url"),
            description=texts.get("description"),
            cells=cells,
            add_tags=_split(self.cleaned_data["add_tags"]),
            remove_tags=_split(self.cleaned_data["remove_tags"]),
            target=listing.pk if listing and self.proposal.kind == Kind.MOVE else None,
            reason=self.cleaned_data["reason"],
        )


def _fields(submission: Submission, proposal: Proposal, now: Base) -> list[Field]:
    """The entry's fields as they would be: proposed where something is, else as they stand."""
    fields = entry_fields(submission.listing)
    proposed = renumbered(proposal, submission.based_on, now).changed
    return [
        Field(field.name, field.label, proposed.get(field.name, now.text_of(field.name)))
        for field in fields
    ]


def _places(submission: Submission) -> list[tuple[int, str]]:
    if submission.kind not in {Kind.ADD, Kind.MOVE}:
        return []
    return places_of(submission.catalog)


def places_of(catalog: Catalog) -> list[tuple[int, str]]:
    """The lists and tables of a catalog by their sections, in reading order."""
    rows = Listing.objects.filter(catalog=catalog, is_toc=False).in_reading_order()
    matches = rows.values_list("pk", "section__title", "entry_count")[:_MOST_PLACES]
    return [(key, f"{title or _('top of the list')} ({count})") for key, title, count in matches]


def _place_of(submission: Submission) -> int | None:
    return submission.content.target or submission.listing_id


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
