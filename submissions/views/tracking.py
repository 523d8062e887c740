"""The page of a submission, by its secret: how far it is, what was said, what one can do.

Whoever has the address is taken for the submitter, so the page is kept by nobody and found by
nobody; see `errors.secret`. An unknown secret is answered as any wrong address.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.limits import client_address
from accounts.models import signed_in
from catalog.errors import CatalogError
from catalog.models import Catalog, Entry, Listing
from catalog.pages.frame import page_of, pages_html
from submissions import workflow
from submissions.choices import Kind, Role, Status, Verb
from submissions.errors import secret, status_of
from submissions.forms.contribution import (
    LEFT_OUT,
    PLACE,
    ContributionForm,
    TypedText,
    Why,
)
from submissions.forms.entry import FORMS, NO_PLACE, at_place
from submissions.forms.places import hand_tags, listing_of, place_of, places
from submissions.models import ContributionPolicy, Submission
from submissions.progress import preview_of, progress_of, published_lines, thread_of
from submissions.proposal import Proposal
from submissions.protection import admit_correction
from submissions.views import flow, frame
from submissions.views.frame import room
from submissions.views.preview import FormPreview
from submissions.views.suggest import choose

# The form again, with what was proposed in it: to correct it, or to answer


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
    return workflow.resubmit(
        submission=submission,
        actor=frame.actor_by_link(request, submission),
        proposal=preview.proposal,
        listing=form.listing,
        seen=form.seen,
        note=form.text("note"),
        expected_revision=_revision_read(request),
    )


def _submission_of(token: str) -> Submission:
    match = Submission.objects.by_token(token)
    if match is None:
        raise Http404
    return match


def _revision_read(request: HttpRequest) -> int | None:
    """The revision of the submission that the page showed; None where it names none."""
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


@require_http_methods(["GET", "HEAD", "POST"])
def submission_detail(request: HttpRequest, token: str) -> HttpResponse:
    """Show the submission; a POST withdraws it, or asks to look at it again."""
    submission = _submission_of(token)
    refused = ""
    status = 200
    if request.method == "POST":
        refused, status = _act(request, submission)
        if not refused:
            return secret(HttpResponseRedirect(submission.get_absolute_url()))
        submission = _submission_of(token)
    elif hasattr(request, "unproven"):
        refused = _("Not sent: the page was open for too long. Please try again.")
    return _page(request, submission, status=status, refused=refused)


def _act(request: HttpRequest, submission: Submission) -> tuple[str, int]:
    """Perform the button's action; return ('', 200), or the error's sentence and status."""
    verbs: dict[str, Any] = {Verb.WITHDRAW: workflow.withdraw, Verb.REOPEN: workflow.reopen}
    verb = verbs.get(request.POST.get("do", ""))
    if verb is None:
        return _("This action does not exist."), 400
    try:
        note = TypedText().clean(request.POST.get("note", ""))
        verb(
            submission=submission,
            actor=frame.actor_by_link(request, submission),
            note=note,
            expected_revision=_revision_read(request),
        )
    except CatalogError as error:
        return error.message, status_of(error)
    except ValidationError:
        return _("The note contains a character that cannot be stored."), 400
    return "", 200


def _page(
    request: HttpRequest, submission: Submission, *, status: int, refused: str
) -> HttpResponse:
    actor = frame.actor_by_link(request, submission)
    verbs = workflow.open_verbs(submission, actor, Role.SUBMITTER)
    is_new = request.GET.get("sent") == "1"
    response = frame.show(
        request,
        "submission_detail.html",
        submission.catalog,
        status=status,
        submission=submission,
        progress=progress_of(submission),
        thread=thread_of(submission),
        fields=shown_fields(submission),
        draft=preview_of(submission),
        lines=published_lines(submission),
        may_withdraw=Verb.WITHDRAW in verbs,
        may_correct=Verb.RESUBMIT in verbs,
        may_reopen=Verb.REOPEN in verbs,
        is_new=is_new,
        room=room(request, submission.catalog) if is_new else None,
        page_url=request.build_absolute_uri(submission.get_absolute_url()),
        refused=refused,
        note=request.POST.get("note", ""),
        others=[row for row in frame.submissions_sent(request) if row.pk != submission.pk],
        entry=_shown_entry(submission),
    )
    return secret(response)


def _shown_entry(submission: Submission) -> Entry | None:
    """The entry it is about, or became, if it has a page."""
    entry = submission.entry
    if entry is None or entry.state == Entry.State.SUGGESTED:
        return None
    entry.catalog = submission.catalog
    return entry


def shown_fields(submission: Submission) -> list[tuple[str, str]]:
    """Return the proposed values, by the labels of the fields."""
    proposal = submission.content
    form = form_of(submission, None, None)
    values: list[tuple[str, str]] = []
    for name, text in proposal.changed.items():
        field = form.fields.get(name)
        values.append((str(field.label) if field else name, text or "–"))
    if proposal.report:
        values.append((_("What is wrong"), str(proposal.report.label)))
    for label, text in (
        (_("Tags"), ", ".join(proposal.add_tags)),
        (_("Tags to remove"), ", ".join(proposal.remove_tags)),
        (_("New section"), proposal.new_section),
        (_("Evidence"), proposal.evidence),
        (_("Where it is now"), proposal.replacement_url),
        (_("Why"), proposal.reason),
    ):
        if text:
            values.append((label, text))
    return values


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str, confirmation: str) -> HttpResponse:
    """The mailed link. It only asks: programs that read mails follow links, but press nothing."""
    submission = _submission_of(token)
    refused, status = "", 200
    if request.method == "POST":
        try:
            workflow.confirm(
                submission=submission,
                actor=frame.actor_by_link(request, submission),
                confirmation=confirmation,
            )
        except CatalogError as error:
            refused, status = error.message, status_of(error)
        else:
            return secret(HttpResponseRedirect(submission.get_absolute_url()))
    elif submission.status != Status.UNCONFIRMED:
        return secret(HttpResponseRedirect(submission.get_absolute_url()))
    response = frame.show(
        request,
        "submission_confirm.html",
        submission.catalog,
        status=status,
        submission=submission,
        refused=refused,
    )
    return secret(response)


# Another version: a correction, or the answer to a question


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The form again, with what was proposed: to correct it, or to answer a moderator's question.

    `?listing=` is another place for an addition.
    """
    submission = _submission_of(token)
    actor = frame.actor_by_link(request, submission)
    if Verb.RESUBMIT not in workflow.open_verbs(submission, actor, Role.SUBMITTER):
        return _page(
            request,
            submission,
            status=409,
            refused=_("There is nothing to correct: the submission has moved on."),
        )
    catalog, is_add = submission.catalog, submission.kind == Kind.ADD
    if is_add and request.POST.get("do") == "places":
        return secret(choose(request, catalog))
    listing = listing_of(catalog, request.GET.get("listing", "")) if is_add else None
    listing = listing or submission.listing
    question = None
    if submission.status == Status.CHANGES_REQUESTED:
        question = submission.events.filter(verb=Verb.REQUEST_CHANGES).last()

    def make(data: Any) -> ContributionForm:
        data = at_place(data, catalog, listing) if is_add else data
        return form_of(submission, data, signed_in(request.user), listing)

    context: dict[str, Any] = {
        "entry": None if is_add else submission.entry,
        "title": _("Answer the moderator") if question else _("Correct your submission"),
        "question": question,
        "submission": submission,
        "revision": request.POST.get("revision") or submission.revision,
        "draft_key": f"answer:{submission.pk}:{submission.revision}",
    }
    if is_add:
        context |= {
            "place": place_of(catalog, listing) if listing else None,
            "listing_key": listing.pk if listing else NO_PLACE,
        }
    if submission.kind == Kind.MOVE:
        words = request.POST.get("q", request.GET.get("q", ""))
        context |= {"places": places(catalog, words), "words": words}
    template = {Kind.ADD: "suggest"}.get(Kind(submission.kind), submission.kind)
    return secret(flow.run(request, make, f"{template}.html", send=resubmit, **context))


# One's own submissions: an account's, else those that this browser knows


PER_PAGE = 25
STATES = {
    "open": (gettext_lazy("Open"), (Status.UNCONFIRMED, Status.PENDING, Status.CHANGES_REQUESTED)),
    "published": (gettext_lazy("Published"), (Status.APPLIED,)),
    "other": (
        gettext_lazy("Not published"),
        (Status.REJECTED, Status.WITHDRAWN, Status.EXPIRED, Status.REVERTED),
    ),
}


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The own submissions, newest first; `?status=` and `?catalog=` narrow them."""
    user = signed_in(request.user)
    is_sent = request.GET.get("sent") == "1"
    if user is None:
        rows = frame.submissions_sent(request)
        return secret(frame.show(request, "submission_list.html", None, rows=rows, is_sent=is_sent))
    own = Submission.objects.submitted_by(user)
    state, slug = request.GET.get("status", ""), request.GET.get("catalog", "").replace("\0", "")
    shown = own.filter(status__in=STATES[state][1]) if state in STATES else own
    if slug:
        shown = shown.filter(catalog__slug=slug)
    page = page_of(request, shown.select_related("catalog", "section"), PER_PAGE)
    query = urlencode({k: v for k, v in (("status", state), ("catalog", slug)) if v})
    response = frame.show(
        request,
        "submission_list.html",
        None,
        rows=page.object_list,
        page=page,
        pagination=pages_html(page, f"?{query}" if query else ""),
        states=[(key, label) for key, (label, _statuses) in STATES.items()],
        state=state,
        slug=slug,
        catalogs=Catalog.objects.filter(submissions__submitter=user).distinct(),
        is_own=True,
        is_sent=is_sent,
    )
    return secret(response)
