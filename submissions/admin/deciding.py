"""The page of a submission, and the decisions that are made on it.

Every decision is a POST that names the revision which was read, and calls one verb of
`workflow.py`. What was typed is never lost: a refusal comes back with it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.admin.base import Step, number, person
from catalog.editing.lines import preview_edit
from catalog.errors import CatalogError
from catalog.history.diffs import Diff
from submissions import workflow
from submissions.admin.base import (
    OfSubmissions,
    actor,
    address,
    forget,
    remember,
    undo_offer,
)
from submissions.admin.decision_forms import (
    AmendForm,
    DecisionForm,
    ReadContext,
    clashes_of,
    form_for,
    forms_for,
)
from submissions.admin.queue import carried, next_url
from submissions.choices import Kind, Verb
from submissions.errors import EditConflict
from submissions.models import ContributionPolicy, Submission
from submissions.operations import BUTTONS, REVERTING
from submissions.people import Actor, shown_name, submitter_name
from submissions.publishing.previewing import Preview, preview_proposal
from submissions.queue_rows import claim_on, verbs_for
from submissions.review_context import ReviewContext, labels_of, read_review_context
from submissions.rules import UNDOABLE


class TypedField(NamedTuple):
    """A value that was typed into a form which is no longer shown."""

    label: str
    text: str


class Deciding(OfSubmissions):
    """The page of a submission."""

    def find_submission(self, request: HttpRequest, key: str) -> Submission:
        """The submission with all that its page reads, if this person may see it."""
        rows: Any = self.get_queryset(request)
        match: Submission | None = rows.for_review().filter(pk=number(key)).first()
        if match is None:
            raise Http404
        return match

    def row_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """A submission, and what can be done with it."""
        submission = self.find_submission(request, key)
        return self._show(request, read_review_context(submission, person(request)))

    def decide_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Make a decision, and go on to the next one that waits."""
        submission = self.find_submission(request, key)
        query = carried(request.GET)
        if request.method != "POST":
            return HttpResponseRedirect(address("submission_change", submission.pk) + query)
        button = BUTTONS.get(request.POST.get("do", ""))
        if button is None:
            raise Http404
        review = read_review_context(submission, person(request))
        form = form_for(button, review, request.POST)
        if not form.is_valid():
            return self._show(request, review, form, status=400)
        try:
            decided = button.operation.act(submission, actor(request), form.arguments())
        except CatalogError as error:
            form.add_error(_field_of(error, form), error.message)
            again = read_review_context(self.find_submission(request, key), person(request))
            return self._show(request, again, form, status=409)
        message = str(button.message) % {"name": shown_name(decided)}
        if button.operation.verb in UNDOABLE:
            remember(request, message, [decided])
        else:
            forget(request)
            messages.success(request, message)
        if button.operation.verb == Verb.REOPEN:
            return HttpResponseRedirect(address("submission_change", decided.pk) + query)
        return HttpResponseRedirect(next_url(request, self, decided, query))

    def preview_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show what another version would change: in its page, or as a part of it. Only reads."""
        submission = self.find_submission(request, key)
        if request.method != "POST":
            url = address("submission_change", submission.pk) + carried(request.GET)
            return HttpResponseRedirect(url)
        review = read_review_context(submission, person(request))
        form = form_for(BUTTONS["amend"], review, request.POST)
        form.is_valid()
        draft = form.draft() if isinstance(form, AmendForm) else None
        policy = ContributionPolicy.of(submission.catalog)
        amended = preview_proposal(draft, policy, submission) if draft else None
        if "part" in request.POST:
            return self.page(request, "amended.html", title="", amended=amended)
        return self._show(request, review, form, amended=amended)

    def next_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Skip this submission, and show the next one that waits."""
        submission = self.find_submission(request, key)
        return HttpResponseRedirect(next_url(request, self, submission, carried(request.GET)))

    def claim_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Claim or release the submission."""
        submission = self.find_submission(request, key)
        url = address("submission_change", submission.pk) + carried(request.GET)
        if request.method != "POST":
            return HttpResponseRedirect(url)
        me = actor(request)
        try:
            if "release" in request.POST:
                workflow.release(submission=submission, actor=me)
            else:
                take_over = "take_over" in request.POST
                workflow.claim(submission=submission, actor=me, take_over=take_over)
        except CatalogError as error:
            return self.refused(request, error, url)
        return HttpResponseRedirect(url)

    def _show(
        self,
        request: HttpRequest,
        review: ReviewContext,
        refused: DecisionForm | None = None,
        status: int = 200,
        amended: Preview | None = None,
    ) -> HttpResponse:
        """The page; `refused` is the form that was, `amended` what it would change."""
        reader, submission = person(request), review.submission
        verbs, why_none = verbs_for(submission, actor(request))
        find = request.GET.get("find", "").strip()
        panels = forms_for(review, verbs, refused, find)
        approval = next((form for form in panels if form.button.name == "approve"), None)
        is_elsewhere = refused and refused.button not in [form.button for form in panels]
        return self.page(
            request,
            "submission.html",
            title=shown_name(submission),
            status=status,
            submission=submission,
            review=review,
            who=submitter_name(submission),
            panels=panels,
            why_none=why_none,
            refusals=[str(error) for error in refused.non_field_errors()] if refused else [],
            typed_elsewhere=_typed_fields(refused) if refused and is_elsewhere else [],
            clashes=clashes_of(approval, review.conflicts, submission.kind, review.labels),
            may_undo=Verb.UNDO in verbs,
            may_revert=Verb.REVERT in verbs,
            is_maintainer=person(request).maintains(submission.catalog_id),
            claim=claim_on(submission, timezone.now()),
            is_mine=submission.claimed_by_id == reader.pk,
            query=carried(request.GET),
            find=find,
            undo=undo_offer(request),
            amended=amended,
        )

    def revert_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show what a revert would do, and do it."""
        submission, by = self.find_submission(request, key), actor(request)
        url = address("submission_change", submission.pk) + carried(request.GET)
        verbs, why_none = verbs_for(submission, by)
        if Verb.REVERT not in verbs:
            why = why_none or _("There is nothing to revert.")
            return self.refused(request, CatalogError(why), url)
        try:
            outcome = preview_revert(submission, by)
        except CatalogError as error:
            return self.refused(request, error, url)
        conflict = outcome if isinstance(outcome, EditConflict) else None
        read = ReadContext(conflict.conflicts, conflict.seen) if conflict else ReadContext()
        form = DecisionForm(REVERTING, submission, read, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                done = REVERTING.operation.act(submission, by, form.arguments())
            except CatalogError as error:
                form.add_error(None, error.message)
            else:
                forget(request)
                message = str(REVERTING.message) % {"name": shown_name(done)}
                return self.done(request, message, url)
        return self.page(
            request,
            "revert.html",
            title=_("Revert %(name)s") % {"name": shown_name(submission)},
            trail=[Step(shown_name(submission), url)],
            submission=submission,
            form=form,
            diff=outcome if isinstance(outcome, Diff) else None,
            why=conflict.message if conflict else "",
            clashes=clashes_of(form, read.conflicts, Kind.EDIT, labels_of(submission)),
            cancel_url=url,
        )


def preview_revert(submission: Submission, by: Actor) -> Diff | EditConflict:
    """The lines that a revert would change, or what stands against it.

    Done and taken back. Raises what else the verb raises.
    """
    try:
        return preview_edit(
            submission.catalog,
            lambda: workflow.revert(submission=Submission.objects.get(pk=submission.pk), actor=by),
        )
    except EditConflict as conflict:
        return conflict


def _field_of(error: CatalogError, form: DecisionForm) -> str | None:
    """The field that a refusal is about, if the form has it."""
    field = getattr(error, "field", None)
    return field if field in form.fields else None


def _typed_fields(form: DecisionForm) -> list[TypedField]:
    """Return the values that were typed before others were faster."""
    return [
        TypedField(str(field.label), str(field.value()))
        for field in form.visible_fields()
        if field.value() and field.value() != field.initial
    ]
