"""Forms of the decisions. None decides anything: the views hand what was typed to the verbs.

Each carries the revision of the submission that was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from submissions.admin.conflicts import add_conflict_fields, resolution_of
from submissions.choices import Action, Kind
from submissions.moderating.reasons import Choices
from submissions.proposal import MAX_TEXT
from submissions.publishing.merging import Conflict

READY_TEXTS = {
    "what": _("Please say in one plain sentence what it does and who it is for."),
    "link": _("The link does not open for me. Could you check it or give another one?"),
    "tone": _("Please describe what it is rather than how good it is."),
    "place": _("Which section does it fit best, and why there?"),
    "difference": _("It is close to something that is listed already. What is different?"),
    "mature": _("Can you point to a release, documentation or someone who uses it?"),
}
"""What moderators ask most."""


def _note(label: Any, *, required: bool = False, rows: int = 3, help_text: Any = "") -> Any:
    return forms.CharField(
        label=label,
        required=required,
        max_length=MAX_TEXT,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class DecisionForm(forms.Form):
    """What every decision says."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    internal_note = _note(_("internal note"), rows=2, help_text=_("For moderators only."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name != "internal_note"])

    def refused_with(self, errors: ErrorDict) -> None:
        """Show what was wrong when this was sent, instead of looking again."""
        self._errors = errors


class ApproveForm(DecisionForm):
    """Publish it; of a report say what is to be done, of conflicts what shall stand."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    note = _note(_("note to the submitter"), rows=2)

    def __init__(
        self, *args: Any, kind: str = "", conflicts: Sequence[Conflict] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.conflicts = conflicts
        if kind == Kind.REPORT:
            self.fields["action"] = forms.ChoiceField(
                label=_("what to do about it"), choices=Action.choices
            )
            self.fields["replacement_url"] = forms.CharField(
                label=_("new address"), required=False, max_length=MAX_TEXT
            )
        self.order_fields(["action", "replacement_url", "note"])
        add_conflict_fields(self, conflicts, kind)

    def resolution(self) -> dict[str, str]:
        """What the fields in conflict shall be."""
        return resolution_of(self, self.conflicts)


class RequestChangesForm(DecisionForm):
    """Ask the submitter something, in ready-made words or one's own."""

    text = forms.ChoiceField(
        label=_("canned reply"), choices=[("", "–"), *READY_TEXTS.items()], required=False
    )
    note = _note(_("question to the submitter"))
    field_order = ("text", "note", "internal_note")

    def words(self) -> str:
        """The chosen text, and what was typed."""
        chosen = READY_TEXTS.get(self.cleaned_data["text"], "")
        parts = (str(chosen), self.cleaned_data["note"])
        return "\n\n".join(part for part in parts if part.strip())

    def clean(self) -> dict[str, Any]:
        """One of both is needed."""
        data = super().clean() or self.cleaned_data
        if not self.errors and not self.words():
            self.add_error("note", _("Say what should be changed."))
        return data


class RejectForm(DecisionForm):
    """Turn it down for one of the catalog's reasons."""

    reason = forms.ChoiceField(label=_("reason"))
    note = _note(_("note to the submitter"), help_text=_("Shown with the reason."))
    come_back_after = forms.DateField(
        label=_("welcome again after"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, reasons: Choices = [], **kwargs: Any) -> None:  # noqa: B006
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", "–"), *reasons]  # type: ignore[attr-defined]
        self.order_fields(["reason", "note", "come_back_after"])


class DuplicateForm(DecisionForm):
    """Say what it repeats: `entry-3` or `submission-4`; the submitter is credited there."""

    reason = forms.ChoiceField(label=_("reason"))
    of = forms.ChoiceField(
        label=_("duplicate of"), widget=forms.RadioSelect, error_messages={"required": _("Choose.")}
    )
    note = _note(_("note to the submitter"), rows=2)

    def __init__(
        self,
        *args: Any,
        reasons: Choices = [],  # noqa: B006
        candidates: Choices = [],  # noqa: B006
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]
        self.fields["of"].choices = candidates  # type: ignore[attr-defined]
        self.order_fields(["reason", "of", "note"])


class SpamForm(DecisionForm):
    """Nothing is said to a spammer but the reason."""

    reason = forms.ChoiceField(label=_("reason"))

    def __init__(self, *args: Any, reasons: Choices = [], **kwargs: Any) -> None:  # noqa: B006
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]


class ReopenForm(DecisionForm):
    """Look at it again."""

    note = _note(_("note to the submitter"), rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["internal_note"]


class RevertForm(ApproveForm):
    """Take back what it did; of what was changed since, say what shall stand."""
