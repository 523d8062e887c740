"""Fields for conflicts: take what stands, what is proposed, or write another text.

Where a whole entry or its place is concerned there is nothing to write: one box says whether it
is to be done all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.importing.merging import joined, line_ending
from submissions.choices import Kind
from submissions.proposal import MAX_TEXT
from submissions.publishing.merging import Conflict

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
