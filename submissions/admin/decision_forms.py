"""Forms of the decisions, made from the table of operations.

None decides anything: `arguments` are what the operation takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import number
from catalog.admin.edit_pages import LinesField
from catalog.editing.fields import Field as EntryField
from catalog.editing.fields import by_column, entry_fields
from catalog.editing.lines import with_own_endings
from catalog.importing.merging import joined, line_ending
from catalog.models import Catalog, Entry, Listing
from submissions.choices import Action, Effect, Kind, Verb
from submissions.errors import StaleSubmission
from submissions.models import Submission
from submissions.operations import BUTTONS, DUPLICATE, INTERNAL, QUESTION, REASON, Button, Field
from submissions.proposal import MAX_TEXT, Base, Proposal, SubmissionDraft
from submissions.publishing.planning import Conflict, field_in, model_of, renumbered
from submissions.queue_rows import Choices, with_effect
from submissions.review_context import ReviewContext

# Fields for conflicts: take what stands, what is proposed, or write another text. Where a whole
# entry or its place is concerned one box says whether it is to be done all the same.


_WHOLE = {"entry", "listing", "place"}
FORM = "form-approve"
"""The id of the form that settles conflicts."""
CURRENT, PROPOSED, BOTH, OWN = "current", "proposed", "both", "own"
PICKS = [
    (CURRENT, gettext_lazy("Keep the current version")),
    (PROPOSED, gettext_lazy("Use the suggestion")),
    (OWN, gettext_lazy("Write it myself")),
]
PICKS_OF_LINES = [
    (CURRENT, gettext_lazy("Keep the current version")),
    (PROPOSED, gettext_lazy("Use the file's version")),
    (BOTH, gettext_lazy("Keep both, the file's below")),
    (OWN, gettext_lazy("Write it myself")),
]


class Clash(NamedTuple):
    """A conflict on a page: its fields are None where it cannot be settled there."""

    conflict: Conflict
    label: str
    question: str | Promise
    pick: forms.BoundField | None
    own: forms.BoundField | None


def is_text(conflict: Conflict, kind: str) -> bool:
    """Whether it is about a text, so that there are three sides to see."""
    return conflict.field not in _WHOLE and kind != Kind.ADD


def question_about(conflict: Conflict, kind: str) -> str:
    """Return the question where no text is in question; '' where no answer would help."""
    if kind == Kind.ADD:
        return _("It is something else: add it anyway.") if conflict.field == "url" else ""
    if conflict.field == "entry" and not conflict.current:
        return _("Add it again with the suggested text.") if conflict.proposed else ""
    if conflict.field == "entry":
        return _("Remove the current version.")
    return _("Move it anyway.") if conflict.field == "listing" else ""


def add_conflict_fields(form: forms.Form, conflicts: Sequence[Conflict], kind: str) -> None:
    """Add the fields of these conflicts to a form; they stand elsewhere on the page."""
    attrs = {"form": FORM}
    for conflict in conflicts:
        pick, own = _names(conflict)
        if is_text(conflict, kind):
            form.fields[pick] = forms.ChoiceField(
                choices=PICKS_OF_LINES if kind == Kind.LINES else PICKS,
                widget=forms.RadioSelect(attrs=attrs),
                error_messages={"required": gettext_lazy("Decide what it should be.")},
            )
            form.fields[own] = forms.CharField(
                required=False,
                strip=False,
                max_length=MAX_TEXT,
                initial=conflict.proposed,
                widget=forms.Textarea(attrs={"rows": 3, "class": "source", **attrs}),
            )
        elif question := question_about(conflict, kind):
            form.fields[pick] = forms.BooleanField(
                label=question,
                widget=forms.CheckboxInput(attrs=attrs),
                error_messages={"required": gettext_lazy("Confirm this, or choose differently.")},
            )


def resolution_of(form: forms.Form, conflicts: Iterable[Conflict]) -> dict[str, str]:
    """Return the texts for the fields in conflict, as `workflow.approve` takes them."""
    texts: dict[str, str] = {}
    data: dict[str, Any] = form.cleaned_data
    for conflict in conflicts:
        pick, own = _names(conflict)
        if pick not in data:
            continue
        sides = {
            CURRENT: conflict.current,
            BOTH: joined(conflict.current, conflict.proposed),
            OWN: _typed(str(data.get(own, "")), conflict),
        }
        texts[conflict.field] = sides.get(data[pick], conflict.proposed)
    return texts


def _typed(text: str, conflict: Conflict) -> str:
    """Return the typed text, with the line endings that browsers change put right."""
    text = text.replace("\r\n", "\n")
    sides = conflict.current, conflict.proposed
    if conflict.field == "lines" and line_ending(sides) != "\n":
        return text.replace("\n", line_ending(sides))
    return text


def clashes_of(
    form: forms.Form | None, conflicts: Iterable[Conflict], kind: str, labels: dict[str, str]
) -> list[Clash]:
    """The conflicts as a page shows them, with the fields of the form that settles them."""
    return [_clash(form, conflict, kind, labels) for conflict in conflicts]


def _clash(form: forms.Form | None, conflict: Conflict, kind: str, labels: dict[str, str]) -> Clash:
    pick, own = _names(conflict)
    fields = form.fields if form else {}
    return Clash(
        conflict,
        labels.get(conflict.field, conflict.field),
        "" if is_text(conflict, kind) else question_about(conflict, kind),
        form[pick] if form and pick in fields else None,
        form[own] if form and own in fields else None,
    )


def _names(conflict: Conflict) -> tuple[str, str]:
    return f"pick-{conflict.field}", f"own-{conflict.field}"


# Candidates for what a submission duplicates


_ENTRY = re.compile(r"/entries/(\d+)")
_MOST = 8


def candidates_for(submission: Submission, words: str = "", picked: str = "") -> Choices:
    """Entries and submissions of the same catalog: found by its findings, its address, or words.

    Values are `entry-3` and `submission-4`; the one that was `picked` is among them.
    """
    entries = Entry.objects.published().filter(catalog=submission.catalog_id)
    entries = entries.exclude(pk=submission.entry_id or 0)
    others = Submission.objects.filter(catalog=submission.catalog_id, is_spam=False)
    others = others.exclude(pk=submission.pk)
    if words:
        matching = Q(name__icontains=words) | Q(url__icontains=words)
        entries, others = entries.filter(matching), others.filter(matching)
    else:
        entries = entries.filter(_alike(submission))
        key = submission.canonical_url
        others = others.filter(canonical_url=key) if key else others.none()
    if picked:
        name, pk = chosen(picked)
        own = {"catalog": submission.catalog_id, "pk": pk}
        if name == "duplicate_entry":
            entries = entries | Entry.objects.filter(**own)
        else:
            others = others | Submission.objects.filter(**own)
    candidates = [
        (f"entry-{entry.pk}", f"{entry.name} – {entry.url}")
        for entry in entries.order_by("position", "pk")[:_MOST]
    ]
    candidates += [
        (f"submission-{other.pk}", _submission_label(other))
        for other in others.order_by("pk")[:_MOST]
    ]
    return candidates


def _alike(submission: Submission) -> Q:
    keys = [
        int(key)
        for finding in submission.findings
        for key in _ENTRY.findall(str(finding.get("link", "")))
        if len(key) < 19
    ]
    alike = Q(pk__in=[*keys, submission.duplicate_entry_id or 0])
    if submission.canonical_url:
        alike |= Q(canonical_url=submission.canonical_url)
    if submission.name:
        alike |= Q(name__iexact=submission.name)
    return alike


def _submission_label(other: Submission) -> str:
    return _("submitted: %(name)s (%(status)s)") % {
        "name": other.name or other.url,
        "status": other.get_status_display(),
    }


def chosen(value: str) -> tuple[str, int]:
    """The field of the decision that a value of `candidates_for` is for, and the key it names."""
    kind, _dash, key = value.partition("-")
    return "duplicate_entry" if kind == "entry" else "duplicate_of", number(key)


READY_TEXTS = {
    "what": gettext_lazy("Please say in one plain sentence what it does and who it is for."),
    "link": gettext_lazy("The link does not open for me. Could you check it or give another one?"),
    "tone": gettext_lazy("Please describe what it is rather than how good it is."),
    "place": gettext_lazy("Which section does it fit best, and why there?"),
    "difference": gettext_lazy("It is close to something already listed. What is different?"),
    "mature": gettext_lazy("Can you point to a release, documentation or someone who uses it?"),
}
"""Ready-made texts of frequent questions."""
_MOST_PLACES = 500


class ReadContext(NamedTuple):
    """The context of a form: the conflicts, the version seen, the reasons to choose from."""

    conflicts: Sequence[Conflict] = ()
    seen: str = ""
    reasons: Sequence[Any] = ()
    now: Base = Base()
    find: str = ""


class DecisionForm(forms.Form):
    """The form behind a button. It names the revision of the submission that was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(
        self, button: Button, submission: Submission, context: ReadContext, data: Any = None
    ) -> None:
        self.button, self.submission, self.context = button, submission, context
        proposal = submission.content
        super().__init__(
            data,
            auto_id=f"id_{button.name}_%s",
            initial={
                "revision": submission.revision,
                "seen": context.seen,
                "action": proposal.action,
                "replacement_url": proposal.replacement_url,
            },
        )
        self.add_own_fields()
        for field in button.operation.fields:
            if field not in button.omits and field.name not in {"expected_revision", "seen"}:
                self._add(field)

    @property
    def is_open(self) -> bool:
        """Whether the page shows it open: it was sent, or something is searched for it."""
        return self.is_bound or (DUPLICATE.name in self.fields and bool(self.context.find))

    def add_own_fields(self) -> None:
        """Add what stands before the fields of the operation."""

    def _add(self, field: Field) -> None:
        """Add what asks for a field of the operation."""
        reasons = with_effect(self.context.reasons, self.button.effect)
        match field.name:
            case "resolution":
                kind = self.submission.kind
                is_revert = self.button.operation.verb == Verb.REVERT
                add_conflict_fields(self, self.context.conflicts, Kind.EDIT if is_revert else kind)
            case "reason":
                empty = [("", "–")] if self.button.effect == Effect.NONE else []
                self._ask(field, forms.ChoiceField, choices=[*empty, *reasons])
            case "duplicate_of":
                picked = self.data.get(field.name, "")
                candidates = candidates_for(self.submission, self.context.find, picked)
                own = {"choices": candidates, "widget": forms.RadioSelect, "required": True}
                messages = {"required": gettext_lazy("Choose.")}
                self._ask(field, forms.ChoiceField, error_messages=messages, **own)
            case "action" | "replacement_url" if self.submission.kind != Kind.REPORT:
                return
            case "action":
                self._ask(field, forms.ChoiceField, choices=Action.choices, required=True)
            case "come_back_after":
                day = forms.DateInput(attrs={"type": "date"})
                self._ask(field, forms.DateField, widget=day)
            case "replacement_url":
                self._ask(field, forms.CharField, max_length=field.max_length)
            case _:
                self._ask_for_words(field)

    def _ask_for_words(self, field: Field) -> None:
        if field is QUESTION:
            self.fields["text"] = forms.ChoiceField(
                label=_("canned reply"), choices=[("", "–"), *READY_TEXTS.items()], required=False
            )
        hint = field.help if field is INTERNAL else ""
        if field.name == "note" and REASON.name in self.fields:
            hint = _("Shown with the reason.")
        words = forms.Textarea(attrs={"rows": 3 if field is QUESTION else 2})
        own = {"max_length": field.max_length, "widget": words, "help_text": hint}
        # A question may be one that is ready.
        self._ask(field, forms.CharField, required=False, **own)

    def _ask(self, field: Field, form_field: Any, **own: Any) -> None:
        own = {"required": field.is_required, "label": field.label, **own}
        self.fields[field.name] = form_field(**own)

    def clean(self) -> dict[str, Any]:
        """Add the ready-made words to a question; one of both is needed."""
        data = super().clean() or self.cleaned_data
        if "text" in self.fields and not self.errors:
            parts = (str(READY_TEXTS.get(data["text"], "")), data["note"])
            data["note"] = "\n\n".join(part for part in parts if part.strip())
            if not data["note"]:
                self.add_error("note", _("Say what should be changed."))
        return data

    def arguments(self) -> dict[str, Any]:
        """Return the typed values, as the operation takes them. Raises what refuses it at once."""
        data = self.cleaned_data
        names = [field.name for field in self.button.operation.fields]
        given = {name: data[name] for name in names if name in data}
        given["expected_revision"] = data["revision"]
        if self.context.conflicts:
            given["resolution"] = self.resolution()
        if original := data.get("duplicate_of"):
            kind, key = chosen(original)
            del given["duplicate_of"]
            given[kind] = key
        return given

    def resolution(self) -> dict[str, str]:
        """Return the texts for the fields in conflict."""
        return resolution_of(self, self.context.conflicts)

    def sent_again(self, review: ReviewContext, find: str) -> DecisionForm:
        """The form that was refused, on the submission and the entry as they stand now.

        It shows what was wrong when it was sent, instead of looking again.
        """
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["revision"] = str(review.submission.revision)
        data["seen"] = review.seen
        again = form_for(self.button, review, data, find)
        again.__dict__["_errors"] = self.errors
        return again


class AmendForm(DecisionForm):
    """The proposal as fields, edited where they stand; shown on the version that is `seen`."""

    def add_own_fields(self) -> None:
        """Add the entry's fields, its tags and its place, and why it is proposed."""
        submission, self.proposal = self.submission, self.submission.content
        self.own = {field.name: field for field in _fields(submission, self.context.now)}
        if submission.kind in {Kind.ADD, Kind.MOVE}:
            places: list[tuple[int | str, str]] = [*places_of(submission.catalog)]
            is_new = bool(self.proposal.new_section) and submission.listing_id is None
            self.fields["place"] = forms.ChoiceField(
                label=_("list or table"),
                choices=[("", _("end of the list")), *places] if is_new else places,
                initial=self.proposal.target or submission.listing_id,
                required=not is_new,
            )
        if submission.kind == Kind.ADD:
            self.fields["new_section"] = forms.CharField(
                label=_("new section"),
                required=False,
                max_length=500,
                initial=self.proposal.new_section,
                help_text=_("Created for it after the chosen place; leave it empty for none."),
            )
        for field in self.own.values():
            rows = min(8, field.value.count("\n") + len(field.value) // 60 + 1)
            self.fields[field.name] = LinesField(
                label=field.label, rows=rows, max_length=MAX_TEXT, initial=field.value
            )
        for name, label in (("add_tags", _("add tags")), ("remove_tags", _("remove tags"))):
            self.fields[name] = forms.CharField(
                label=label,
                required=False,
                max_length=2000,
                initial=", ".join(getattr(self.proposal, name)),
                help_text=_("facet:value, separated by commas"),
            )
        self._show_conflicts()
        self.fields["reason"] = forms.CharField(
            label=_("reason"),
            required=False,
            max_length=500,
            initial=self.proposal.reason,
            help_text=_("For example, why a duplicate is right here."),
        )

    def _add(self, field: Field) -> None:
        """Conflicts are settled by the texts themselves."""
        if field.name != "resolution":
            super()._add(field)

    def _show_conflicts(self) -> None:
        """Show at each field what stands there now, and ask whether that was seen."""
        for conflict in self.context.conflicts:
            if (name := self._field_of(conflict)) in self.own:
                hint = _("Current value: %(value)s") % {"value": conflict.current or "–"}
                self.fields[name].help_text = hint
        if self.context.conflicts:
            self.fields["decides"] = forms.BooleanField(
                label=_("I have seen the changes made in the meantime: use the text here."),
                error_messages={"required": _("Confirm this, or choose differently.")},
            )

    def _field_of(self, conflict: Conflict) -> str:
        return field_in(conflict.field, self.submission.based_on, self.context.now)

    def arguments(self) -> dict[str, Any]:
        """The other version besides. Raises `StaleSubmission`."""
        if self.cleaned_data["seen"] != self.context.seen:
            # What was not typed in would be taken for typed: it is to be looked at first.
            raise StaleSubmission(
                _("The entry was changed while you were typing; check the current version.")
            )
        version = {"proposal": self.amended(), "listing": self.listing()}
        return super().arguments() | version

    def resolution(self) -> dict[str, str]:
        """Return the typed texts for the fields in conflict."""
        texts, matches = self.amended().changed, {}
        for conflict in self.context.conflicts:
            name = self._field_of(conflict)
            is_own = name in self.own and self.submission.kind != Kind.ADD
            matches[conflict.field] = (
                texts.get(name, self.context.now.text_of(name)) if is_own else conflict.proposed
            )
        return matches

    def draft(self) -> SubmissionDraft | None:
        """The submission as it would be with what is typed so far; None where it cannot be read.

        Whether the changes of others were seen is not asked yet.
        """
        if not {*self.own, "add_tags", "remove_tags", "reason"} <= self.cleaned_data.keys():
            return None
        row = self.submission
        base = row.based_on if row.kind == Kind.ADD else self.context.now
        return SubmissionDraft(
            row.catalog, self.amended(), self.listing() or row.listing, row.entry, base
        )

    def listing(self) -> Listing | None:
        """Return the chosen listing, if any."""
        key = number(str(self.cleaned_data.get("place", "")))
        return Listing.objects.filter(catalog=self.submission.catalog_id, pk=key).first()

    def amended(self) -> Proposal:
        """The proposal as it was edited. What is as it stands in the entry is not proposed."""
        standing = self.context.now if self.proposal.kind != Kind.ADD else Base()
        texts = {}
        for name, field in self.own.items():
            text = with_own_endings(self.cleaned_data[name], field.value)
            if text != standing.text_of(name):
                texts[name] = text
        listing = self.listing()
        return replace(
            self.proposal,
            **{"name": None, "url": None, "description": None, "cells": {}, **by_column(texts)},
            add_tags=_split(self.cleaned_data["add_tags"]),
            remove_tags=_split(self.cleaned_data["remove_tags"]),
            target=listing.pk if listing and self.proposal.kind == Kind.MOVE else None,
            new_section=self.cleaned_data.get("new_section", ""),
            reason=self.cleaned_data["reason"],
        )


def form_for(
    button: Button, review: ReviewContext, data: Any = None, find: str = ""
) -> DecisionForm:
    """The form of a button, on a submission as it was read."""
    form_class = AmendForm if button.operation.has_version else DecisionForm
    context = ReadContext(review.conflicts, review.seen, review.reasons, review.now, find)
    return form_class(button, review.submission, context, data)


def forms_for(
    review: ReviewContext, verbs: set[Verb], refused: DecisionForm | None, find: str
) -> list[DecisionForm]:
    """Return the decisions open to this person; `refused` is a form that was refused."""
    shown = []
    for button in BUTTONS.values():
        if button.operation.verb not in verbs:
            continue
        if button.effect != Effect.NONE and (
            review.submission.kind == Kind.LINES or not with_effect(review.reasons, button.effect)
        ):
            continue
        if refused is not None and refused.button == button:
            shown.append(refused.sent_again(review, find))
        else:
            shown.append(form_for(button, review, find=find))
    return shown


def _fields(submission: Submission, now: Base) -> list[EntryField]:
    """The entry's fields as they would be: proposed where something is, else as they stand."""
    proposed = renumbered(submission.content, submission.based_on, now).changed
    return [
        EntryField(field.name, field.label, proposed.get(field.name, now.text_of(field.name)))
        for field in entry_fields(model_of(submission), values=submission.content.cells)
    ]


def places_of(catalog: Catalog) -> list[tuple[int, str]]:
    """The lists and tables of a catalog by their sections, in reading order."""
    rows = Listing.objects.filter(catalog=catalog, is_toc=False).in_reading_order()
    matches = rows.values_list("pk", "section__title", "entry_count")[:_MOST_PLACES]
    return [(key, f"{title or _('top of the list')} ({count})") for key, title, count in matches]


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
