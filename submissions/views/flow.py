"""From a form to a submission: show, preview, correct, send; nothing that was typed is lost.

Forms are protected against forgery like all others here. Where the token is missing or too old
(the page was open for days, somebody signed in meanwhile, the browser dropped its cookies), the
answer is not an error but the same form with everything in it and a new token: `csrf_failure`
hands what was typed to the view as a GET, which by its nature writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import blake2s
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure as plain_csrf_failure

from accounts.limits import TooMany
from catalog.errors import CatalogError, InvalidField
from catalog.markdown.linting import Severity
from submissions import workflow
from submissions.choices import Kind
from submissions.errors import FindingsBlock, secret, status_of
from submissions.forms.contribution import ContributionForm
from submissions.forms.entry import EditForm
from submissions.models import Submission
from submissions.proposal import Proposal, SubmissionDraft
from submissions.protection import TRAP, Admission, count_hits_of_content, new_stamp
from submissions.verbs.creating import sent_before
from submissions.views import frame
from submissions.views.frame import actor_of, challenge_for, know_again, let_in
from submissions.views.preview import FormPreview, preview_form, remarks_on

GO_ON = "go-on"
"""The button's value that confirms: I have seen what others wrote, my proposal goes on from it."""
ENTER = "enter"
"""The value sent by Enter in a field of one line: preview first, send when it was previewed."""
_NOT_TYPED = frozenset(
    {
        "csrfmiddlewaretoken",
        "do",
        "fix",
        "previewed",
        "solution",
        "stamp",
        "batch",
        "revision",
        TRAP,
    }
)
type Make = Callable[[Any], ContributionForm]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a valid token: with the form itself, where it is a contributor's."""
    match = request.resolver_match
    if match is None or match.app_name != "contribute":
        return plain_csrf_failure(request, reason=reason)
    request.unproven = request.POST  # type: ignore[attr-defined]
    request.method = "GET"
    try:
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except Http404:
        return plain_csrf_failure(request, reason=reason)
    if response.status_code == 200:
        response.status_code = 403
    return response


def run(
    request: HttpRequest,
    make: Make,
    template: str,
    *,
    send: Callable[..., Submission] | None = None,
    **context: Any,
) -> HttpResponse:
    """Answer a form's page. `make` makes the form of some data, None for an empty one.

    `send` stores what the form says; by default it submits.
    """
    unproven = getattr(request, "unproven", None)
    if request.method != "POST" and unproven is None:
        form = make(None)
        return page(request, template, form, _first_look(form, make), context)
    data = mended(unproven if unproven is not None else request.POST)
    form = make(data)
    form.is_valid()
    if unproven is not None:
        form.add_error(None, expired())
        return page(request, template, form, preview_form(form), context)
    if data.get("do") == GO_ON and form.is_behind:
        form = _on_newer(form)
    is_seen = data.get("do") == ENTER and data.get("previewed") == digest(data)
    if data.get("do") != "send" and not is_seen:
        return page(request, template, form, preview_form(form), context)
    return _send(request, form, template, send or submit, context)


def _first_look(form: ContributionForm, make: Make) -> FormPreview | None:
    """Return what is known before anything is typed: what a removal does, and what was proposed
    before."""
    if form.kind != Kind.REMOVE and form.answers is None:
        return None
    filled = make({field.html_name: field.value() or "" for field in form})
    filled.is_valid()
    return preview_form(filled)


def digest(data: Any) -> str:
    """Return the digest by which a form matches its preview."""
    typed = sorted(
        (name, value.replace("\r\n", "\n"))
        for name in data
        if name not in _NOT_TYPED
        for value in data.getlist(name)
        if value
    )
    return blake2s(json.dumps(typed).encode(), digest_size=12).hexdigest()


def expired() -> str:
    """Return the sentence above a form without a valid token."""
    return _(
        "Not sent: the page was open for too long, you signed in or out in "
        "between, or your browser blocks cookies for this site. Your text is still "
        "here; please send it again."
    )


def mended(data: QueryDict) -> QueryDict:
    """The data with the values of the fix whose button was pressed; it is previewed then."""
    try:
        values = json.loads(data.get("fix", ""))
    except ValueError:
        return data
    if not isinstance(values, dict):
        return data
    better = data.copy()
    better["do"] = "preview"
    for name, value in values.items():
        # Whatever was sent here could have been typed as well.
        if name in data and isinstance(value, str):
            better[name] = value
    return better


def _send(
    request: HttpRequest,
    form: ContributionForm,
    template: str,
    send: Callable[..., Submission],
    context: dict[str, Any],
) -> HttpResponse:
    preview = preview_form(form, is_sent=True)
    for name, message in form.missing().items():
        form.add_error(name, message)
    if form.is_valid() and isinstance(form, EditForm) and _overtaken(form):
        again = _again(form)
        newer = preview_form(again, is_sent=True)
        return page(request, template, again, newer, context, status=409)
    if form.is_valid():
        return _send_valid(request, form, preview, template, send, context)
    if not form.non_field_errors():
        _say_blocked(form, preview)
    return page(request, template, form, preview, context, status=400)


def _send_valid(
    request: HttpRequest,
    form: ContributionForm,
    preview: FormPreview,
    template: str,
    send: Callable[..., Submission],
    context: dict[str, Any],
) -> HttpResponse:
    # Sent twice it would be stopped by itself: the same address is proposed already.
    if before := _sent_before(request, form, preview.proposal):
        return sent(request, before)
    if preview.stops:
        _say_blocked(form, preview)
        return page(request, template, form, preview, context, status=400)
    try:
        submission = send(request, form, preview)
    except CatalogError as error:
        # The other half of a double click came first.
        if before := _sent_before(request, form, preview.proposal):
            return sent(request, before)
        status = _refused(form, preview, error)
        if isinstance(error, TooMany) and error.retry_after:
            context = {**context, "retry_after": error.retry_after}
        return page(request, template, form, preview, context, status=status)
    return sent(request, submission)


def _sent_before(
    request: HttpRequest, form: ContributionForm, proposal: Proposal
) -> Submission | None:
    """Return the submission of a form that is sent a second time: a double click, or the Back
    button."""
    if form.answers is not None:
        return None
    draft = SubmissionDraft(form.catalog, proposal, form.listing, form.entry)
    return sent_before(draft, actor_of(request, form))


def submit(
    request: HttpRequest,
    form: ContributionForm,
    preview: FormPreview,
    admission: Admission | None = None,
    batch: str = "",
) -> Submission:
    """Store what a form says as a new submission.

    What is one of several in a `batch` has its `admission` already.
    """
    actor, proposal = actor_of(request, form), preview.proposal
    listing, entry = form.listing, form.entry
    if admission is None:
        admission = let_in(request, form, actor, proposal)
    else:
        count_hits_of_content(proposal, form.catalog, listing, entry)
    place = entry or listing
    return workflow.submit(
        catalog=form.catalog,
        actor=actor,
        proposal=proposal,
        listing=listing,
        entry=entry,
        section=place.section if place else None,
        base=form.base(),
        note=form.cleaned_data["note"],
        credit=form.text("credit"),
        language=get_language() or "",
        consent=bool(form.cleaned_data.get("consent")),
        sign_off=bool(form.cleaned_data.get("sign_off")),
        is_held=admission.is_held,
        batch=batch,
    )


def sent(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Lead to the page of what was sent."""
    response = HttpResponseRedirect(f"{submission.get_absolute_url()}?sent=1")
    frame.remember_sent(request, response, [submission.token])
    return secret(response)


def _refused(form: ContributionForm, preview: FormPreview, error: CatalogError) -> int:
    """Show in the form why nothing was stored; return the status of the answer."""
    if isinstance(error, FindingsBlock):
        preview.remarks.clear()
        preview.remarks.update(remarks_on(form, error.findings))
        _say_blocked(form, preview)
        return 400
    if isinstance(error, InvalidField):
        form.refuse(error)
        return 400
    say_refused(form, error)
    return status_of(error)


def say_refused(form: ContributionForm, error: CatalogError) -> None:
    """Show why nothing is accepted from this person; at the address, where one would let them
    in."""
    is_capped = isinstance(error, TooMany) and error.retry_after is None
    if is_capped and "email" in form.fields and not form.text("email"):
        form.add_error("email", error.message)
        _say_blocked(form)
    else:
        form.add_error(None, error.message)


def _say_blocked(form: ContributionForm, preview: FormPreview | None = None) -> None:
    """Show at the top that nothing was sent, and why where no field below says it."""
    form.add_error(None, _("Not sent yet. Please check the marked fields below."))
    for remark in preview.whole if preview else ():
        if remark.severity == Severity.BLOCK:
            form.add_error(None, remark.message)


def _overtaken(form: EditForm) -> bool:
    """Whether others have changed the same. An answer may be sent all the same: it stays marked."""
    return form.answers is None and bool(form.clashes())


def _on_newer[F: ContributionForm](form: F) -> F:
    """The form with what was typed, on what stands there now."""
    again = type(form)(
        form.rebased(),
        catalog=form.catalog,
        policy=form.policy,
        user=form.user,
        listing=form.listing,
        entry=form.entry,
        answers=form.answers,
    )
    again.is_valid()
    return again


def _again(form: EditForm) -> EditForm:
    """The form on what stands there now, saying what others have written."""
    clashes = form.clashes()
    again = _on_newer(form)
    again.add_error(
        None,
        _(
            "Someone else has changed this entry since you opened the page. Your "
            "text is kept and the other fields show the current version: check them and send again."
        ),
    )
    for name, now in clashes.items():
        again.add_error(name, _("Current value: %(value)s") % {"value": now or "–"})
    return again


def page(
    request: HttpRequest,
    template: str,
    form: ContributionForm,
    preview: FormPreview | None,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """The page of a form, with what it would do beside it; `room` in the context of a new one."""
    if "email" in form.fields and "room" in context and context["room"].needs_address:
        form.fields["email"].is_required_here = True  # type: ignore[attr-defined]
    response = frame.show(
        request,
        template,
        form.catalog,
        status=status,
        form=form,
        preview=preview,
        stamp=form.data.get("stamp") or new_stamp(),
        enter=ENTER,
        trap=TRAP,
        challenge=challenge_for(request, form),
        **{"previewed": digest(form.data) if form.is_bound and preview else "", **context},
    )
    if status == 429 and "retry_after" in context:
        response.headers["Retry-After"] = str(context["retry_after"])
    know_again(request, response)
    return response
