"""The page of a submission, by its secret: how far it is, what was said, what one can do.

Whoever has the address is taken for the submitter, so the page is kept by nobody and found by
nobody; see `frame.secret`. An unknown secret is answered as any wrong address.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalog.errors import CatalogError
from catalog.models import Entry
from submissions import workflow
from submissions.choices import Kind, Status, Verb
from submissions.errors import status_of
from submissions.forms.contribution import ContributionForm
from submissions.forms.places import listing_of, place_of, places
from submissions.forms.texts import TypedText
from submissions.models import Submission
from submissions.private_responses import secret
from submissions.progress import open_verbs, preview_of, progress_of, published_lines, thread_of
from submissions.views import flow, frame
from submissions.views.answering import form_of, resubmit
from submissions.views.sender import room
from submissions.views.suggest import NO_PLACE, by_column, choose


def _submission_of(token: str) -> Submission:
    rows = Submission.objects.select_related(
        "catalog", "listing__section", "section", "entry__block", "entry__listing", "entry__section"
    )
    match = rows.filter(token=token, catalog__revision__gt=0).first()
    if match is None:
        raise Http404
    return match


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
    actor, read = frame.actor_by_link(request, submission), request.POST.get("revision", "")
    verbs: dict[str, Any] = {Verb.WITHDRAW: workflow.withdraw, Verb.REOPEN: workflow.reopen}
    verb = verbs.get(request.POST.get("do", ""))
    if verb is None:
        return _("This action does not exist."), 400
    try:
        note = TypedText().clean(request.POST.get("note", ""))
        verb(
            submission=submission,
            actor=actor,
            note=note,
            expected_revision=int(read) if read.isdecimal() and len(read) < 10 else None,
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
    verbs = open_verbs(submission, actor)
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
    if Verb.RESUBMIT not in open_verbs(submission, frame.actor_by_link(request, submission)):
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
        data = by_column(data, catalog, listing) if is_add else data
        return form_of(submission, data, frame.user_of(request), listing)

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
