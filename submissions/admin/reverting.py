"""Taking back what one submission did to the list: what it would change, what stands against it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from catalog.admin.base import Step
from catalog.editing.previewing import preview_edit
from catalog.errors import CatalogError
from catalog.history.line_diff import Diff
from submissions import workflow
from submissions.admin.base import actor, address
from submissions.admin.conflicts import clashes_of
from submissions.admin.deciding import Deciding
from submissions.admin.decision_forms import RevertForm
from submissions.admin.queue_navigation import carried
from submissions.admin.undoing import forget
from submissions.choices import Kind, Verb
from submissions.errors import EditConflict
from submissions.models import Submission
from submissions.moderating.options import verbs_for
from submissions.moderating.review_context import labels_of
from submissions.names import shown_name
from submissions.people import Actor


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


class Reverting(Deciding):
    """The page that reverts a submission."""

    def revert_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show what a revert would do, and do it."""
        submission, by = self.find_submission(request, key), actor(request)
        url = address("submission_change", submission.pk) + carried(request.GET)
        verbs, why_none = verbs_for(submission, by)
        if Verb.REVERT not in verbs:
            return self.refused(
                request, CatalogError(why_none or _("There is nothing to revert.")), url
            )
        try:
            outcome = preview_revert(submission, by)
        except CatalogError as error:
            return self.refused(request, error, url)
        conflicts = outcome.conflicts if isinstance(outcome, EditConflict) else []
        seen = outcome.seen if isinstance(outcome, EditConflict) else ""
        form = RevertForm(
            request.POST or None,
            kind=Kind.EDIT,
            conflicts=conflicts,
            initial={"revision": submission.revision, "seen": seen},
        )
        if request.method == "POST" and form.is_valid():
            try:
                done = self._revert(submission, form, by)
            except CatalogError as error:
                form.add_error(None, error.message)
            else:
                forget(request)
                message = _("“%(name)s” was reverted.") % {"name": shown_name(done)}
                return self.done(request, message, url)
        return self.page(
            request,
            "revert.html",
            title=_("Revert %(name)s") % {"name": shown_name(submission)},
            trail=[Step(shown_name(submission), url)],
            submission=submission,
            form=form,
            diff=outcome if isinstance(outcome, Diff) else None,
            why=outcome.message if isinstance(outcome, EditConflict) else "",
            clashes=clashes_of(form, conflicts, Kind.EDIT, labels_of(submission)),
            cancel_url=url,
        )

    def _revert(self, submission: Submission, form: RevertForm, by: Actor) -> Submission:
        data = form.cleaned_data
        return workflow.revert(
            submission=submission,
            actor=by,
            note=data["note"],
            internal_note=data["internal_note"],
            resolution=form.resolution() or None,
            seen=data["seen"],
            expected_revision=data["revision"],
        )
