"""The form of a submission again, with what was proposed in it: to correct it, or to answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.limits import client_address
from catalog.models import Listing
from submissions import workflow
from submissions.choices import Kind
from submissions.forms.about import LEFT_OUT, PLACE, MoveForm, RemoveForm, ReportForm, Why
from submissions.forms.columns import hand_tags
from submissions.forms.contribution import ContributionForm
from submissions.forms.entry import EditForm, SuggestForm
from submissions.models import ContributionPolicy, Submission
from submissions.proposal import Proposal
from submissions.protection.abuse import admit_correction
from submissions.views import frame
from submissions.views.form_preview import FormPreview

FORMS: dict[str, type[ContributionForm]] = {
    form.kind.value: form for form in (SuggestForm, EditForm, MoveForm, RemoveForm, ReportForm)
}


def form_of(
    submission: Submission, data: Any, user: Any, listing: Listing | None = None
) -> ContributionForm:
    """The form of a submission's kind, with what was proposed in it.

    `listing` is another place for an addition.
    """
    proposal, entry = submission.content, submission.entry
    is_add = submission.kind == Kind.ADD
    form_class = FORMS[submission.kind]
    if not is_add and entry is None:
        form_class = _Gone
    elif entry is not None:
        entry.catalog = submission.catalog
    place = listing or submission.listing
    if not is_add:
        place = entry.listing if entry else None
    return form_class(
        data,
        catalog=submission.catalog,
        policy=ContributionPolicy.of(submission.catalog),
        user=user,
        listing=place,
        entry=None if is_add else entry,
        answers=submission,
        initial=_initial(submission, proposal),
    )


class _Gone(ContributionForm):
    """The entry of the submission is gone; there is nothing to fill in."""

    kind = Kind.REPORT


def _initial(submission: Submission, proposal: Proposal) -> dict[str, Any]:
    initial: dict[str, Any] = dict(proposal.changed) if submission.kind == Kind.ADD else {}
    initial |= {
        "reason": proposal.reason,
        "new_section": proposal.new_section,
        "report": proposal.report.value if proposal.report else "",
        "evidence": proposal.evidence,
        "replacement_url": proposal.replacement_url,
        "target": proposal.target or "",
        "why": Why.OTHER,
    }
    for number, place in proposal.placing.items():
        initial[f"{PLACE}{number}"] = LEFT_OUT if place is None else str(place)
    if submission.kind == Kind.ADD:
        initial["tags"] = ", ".join(proposal.add_tags)
    if submission.kind == Kind.EDIT and submission.entry is not None:
        base = submission.based_on
        choices = hand_tags(submission.catalog, submission.entry.listing)
        offered = {choice.key for choice in choices}
        initial["tags"] = ", ".join(
            [
                *(tag for tag in base.tags if tag in offered and tag not in proposal.remove_tags),
                *proposal.add_tags,
            ]
        )
    return initial


def resubmit(request: HttpRequest, form: ContributionForm, preview: FormPreview) -> Submission:
    """Store what a form says as another version of the submission."""
    submission = form.answers
    if submission is None:
        raise ValueError("another version is of a submission")
    admit_correction(submission, address=client_address(request))
    read = str(request.POST.get("revision", ""))
    return workflow.resubmit(
        submission=submission,
        actor=frame.actor_by_link(request, submission),
        proposal=preview.proposal,
        listing=form.listing,
        seen=form.seen,
        note=form.text("note"),
        expected_revision=int(read) if read.isdecimal() and len(read) < 10 else None,
    )
