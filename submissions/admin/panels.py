"""The ways to decide on a submission: their buttons, their forms, and the verb each calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import Text
from submissions import workflow
from submissions.admin.amending import AmendForm
from submissions.admin.candidates import candidates_for, chosen
from submissions.admin.decision_forms import (
    ApproveForm,
    DecisionForm,
    DuplicateForm,
    RejectForm,
    ReopenForm,
    RequestChangesForm,
    SpamForm,
)
from submissions.choices import Action, Effect, Kind, Verb
from submissions.errors import StaleSubmission
from submissions.models import Submission
from submissions.moderating.reasons import with_effect
from submissions.moderating.review_context import ReviewContext
from submissions.people import Actor


class Way(NamedTuple):
    """A way to decide: its verb, its name, the key that opens it, what is said afterwards."""

    verb: Verb
    label: Text
    key: str
    message: Text


class Panel(NamedTuple):
    """A way with its form."""

    name: str
    way: Way
    form: DecisionForm
    is_open: bool


WAYS = {
    "approve": Way(
        Verb.APPROVE, gettext_lazy("Approve"), "a", gettext_lazy("“%(name)s” was published.")
    ),
    "amend": Way(
        Verb.AMEND,
        gettext_lazy("Amend and approve"),
        "e",
        gettext_lazy("“%(name)s” was amended and published."),
    ),
    "ask": Way(
        Verb.REQUEST_CHANGES,
        gettext_lazy("Ask for changes"),
        "c",
        gettext_lazy("The submitter of “%(name)s” was asked for changes."),
    ),
    "reject": Way(
        Verb.REJECT, gettext_lazy("Reject"), "r", gettext_lazy("“%(name)s” was rejected.")
    ),
    "duplicate": Way(
        Verb.REJECT,
        gettext_lazy("Duplicate"),
        "d",
        gettext_lazy("“%(name)s” was rejected as a duplicate."),
    ),
    "spam": Way(
        Verb.REJECT, gettext_lazy("Spam"), "s", gettext_lazy("“%(name)s” was rejected as spam.")
    ),
    "reopen": Way(
        Verb.REOPEN, gettext_lazy("Reopen"), "o", gettext_lazy("“%(name)s” is waiting again.")
    ),
}
"""In the order of their buttons, by the name that forms send."""


def panels_for(
    review: ReviewContext, verbs: set[Verb], typed: tuple[str, DecisionForm] | None, find: str
) -> list[Panel]:
    """What this person may do with the submission; `typed` is a form that was refused."""
    panels = []
    for name, way in WAYS.items():
        if way.verb not in verbs or (
            name in {"duplicate", "spam"} and review.submission.kind == Kind.LINES
        ):
            continue
        is_typed = typed is not None and typed[0] == name
        data = _again(typed[1].data, review) if typed and is_typed else None
        form = form_for(name, review, data, find)
        if typed and is_typed:
            form.refused_with(typed[1].errors)
        if name not in {"duplicate", "spam"} or form.fields["reason"].choices:  # type: ignore[attr-defined]
            panels.append(Panel(name, way, form, is_typed or (name == "duplicate" and bool(find))))
    return panels


def _again(data: Any, review: ReviewContext) -> QueryDict:
    """What was typed, on the submission and the entry as they stand now."""
    again = QueryDict(mutable=True)
    again.update(data)
    again["revision"] = str(review.submission.revision)
    again["seen"] = review.seen
    return again


def form_for(name: str, review: ReviewContext, data: Any = None, find: str = "") -> DecisionForm:
    """The form of one way."""
    submission = review.submission
    given = {
        "auto_id": f"id_{name}_%s",
        "initial": {"revision": submission.revision, "seen": review.seen},
    }
    match name:
        case "approve":
            given["initial"] |= {  # type: ignore[operator]
                "action": review.proposal.action,
                "replacement_url": review.proposal.replacement_url,
            }
            return ApproveForm(data, kind=submission.kind, conflicts=review.conflicts, **given)
        case "amend":
            return AmendForm(submission, review.now, data, conflicts=review.conflicts, **given)
        case "ask":
            return RequestChangesForm(data, **given)
        case "reopen":
            return ReopenForm(data, **given)
    reasons = review.reasons
    match name:
        case "reject":
            return RejectForm(data, reasons=with_effect(reasons, Effect.NONE), **given)
        case "duplicate":
            candidates = candidates_for(submission, find, data.get("of", "") if data else "")
            effect = with_effect(reasons, Effect.DUPLICATE)
            return DuplicateForm(data, reasons=effect, candidates=candidates, **given)
        case "spam":
            return SpamForm(data, reasons=with_effect(reasons, Effect.SPAM), **given)
    raise Http404


def decide(name: str, review: ReviewContext, form: Any, actor: Actor) -> Submission:
    """Call the verb of a way with what a valid form says. Raises what the verb raises."""
    return _DECISIONS[name](review, form, actor)


def _common(review: ReviewContext, form: Any, actor: Actor) -> dict[str, Any]:
    data = form.cleaned_data
    words = {name: data[name] for name in ("note", "internal_note") if name in data}
    return {
        "submission": review.submission,
        "actor": actor,
        "expected_revision": data["revision"],
        **words,
    }


def _approve(review: ReviewContext, form: ApproveForm, actor: Actor) -> Submission:
    data = form.cleaned_data
    action = data.get("action")
    return workflow.approve(
        **_common(review, form, actor),
        resolution=form.resolution() or None,
        seen=data["seen"],
        action=Action(action) if action else None,
        replacement_url=data.get("replacement_url", ""),
    )


def _amend(review: ReviewContext, form: AmendForm, actor: Actor) -> Submission:
    if form.cleaned_data["seen"] != review.seen:
        # What was not typed in would be taken for typed: it is to be looked at first.
        raise StaleSubmission(
            _("The entry was changed while you were typing; check the current version.")
        )
    return workflow.amend(
        **_common(review, form, actor),
        proposal=form.amended(),
        listing=form.listing(),
        resolution=form.resolution(),
        seen=form.cleaned_data["seen"],
    )


def _ask(review: ReviewContext, form: RequestChangesForm, actor: Actor) -> Submission:
    return workflow.request_changes(**_common(review, form, actor) | {"note": form.words()})


def _reject(review: ReviewContext, form: DecisionForm, actor: Actor) -> Submission:
    data = form.cleaned_data
    of, entry = chosen(review.submission, data["of"]) if data.get("of") else (None, None)
    return workflow.reject(
        **_common(review, form, actor),
        reason=data["reason"],
        come_back_after=data.get("come_back_after"),
        duplicate_of=of,
        duplicate_entry=entry,
    )


def _reopen(review: ReviewContext, form: ReopenForm, actor: Actor) -> Submission:
    return workflow.reopen(**_common(review, form, actor))


_DECISIONS: dict[str, Callable[[ReviewContext, Any, Actor], Submission]] = {
    "approve": _approve,
    "amend": _amend,
    "ask": _ask,
    "reject": _reject,
    "duplicate": _reject,
    "spam": _reject,
    "reopen": _reopen,
}
