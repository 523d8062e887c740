"""The queue of a moderator, and the decisions on what is in it.

Every decision names the revision that it is about: a submission may have another version since.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import needs
from accounts.models import User
from accounts.tokens import Scope
from api.pagination import PARAMETERS, PageNumbers
from catalog.errors import InvalidField, NotFound
from catalog.models import Entry
from submissions import workflow
from submissions.api import bodies, sending
from submissions.api.answers import dry_run_data
from submissions.api.base import SecretView, answered, is_dry_run, once
from submissions.api.callers import moderator, retry_of
from submissions.api.described import KEY, MODERATING, QUEUE_PARAMETERS, verb_schema
from submissions.api.fields import Body
from submissions.api.filters import QueueFilters, filtered
from submissions.api.review_contexts import Queued, ReviewContextAnswer, queued, review_context_data
from submissions.choices import Action
from submissions.errors import NotAllowed
from submissions.models import Submission
from submissions.moderating.options import refuse_unamendable
from submissions.moderating.queue_rows import records_of, what_changes
from submissions.people import Actor
from submissions.querysets import SubmissionQuerySet

_GIVEN = frozenset({"expected_revision", "note", "internal_note", "resolution", "seen"})
"""What an amendment says besides the proposal."""


class Moderation(SecretView):
    """Base of what moderators see and do: whoever moderates nothing is told so."""

    permission_classes = (needs(Scope.MODERATE),)
    throttle_scope = Scope.MODERATE

    reader: User

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises `NotAllowed`."""
        super().initial(request, *args, **kwargs)
        actor = moderator(request)
        if actor.user is None or not actor.moderates_any:
            raise NotAllowed(_("You do not moderate any list."))
        self.reader = actor.user

    def rows(self) -> SubmissionQuerySet:
        """What this person sees, with what all answers tell of it."""
        visible: SubmissionQuerySet = Submission.objects.visible_to(self.reader)
        return visible.select_related("catalog", "section", "submitter", "claimed_by")

    def find(self) -> Submission:
        """The submission of the address, with all that is told of it. Raises `NotFound`."""
        rows = self.rows().select_related(
            "entry__block",
            "entry__listing",
            "listing",
            "duplicate_of",
            "duplicate_entry",
            "decided_by",
            "joined_to",
        )
        match: Submission | None = rows.filter(pk=int(self.kwargs["id"])).first()
        if match is None:
            raise NotFound(_("There is no such submission in the lists you moderate."))
        return match

    def shown_data(self) -> dict[str, Any]:
        """The submission as it is now."""
        return review_context_data(self.find(), self.reader, self.request)


class Queue(Moderation):
    """What waits."""

    parameters = PARAMETERS | frozenset(QueueFilters.base_filters)
    pagination_class = PageNumbers

    @extend_schema(
        operation_id="listQueue",
        summary="The queue",
        tags=[MODERATING],
        parameters=QUEUE_PARAMETERS,
        responses=Queued(many=True),
    )
    def get(self, request: Request) -> Response:
        """Submissions to the lists that you moderate, in the order in which they are decided."""
        rows = self.rows() if request.query_params.get("status") else self.rows().waiting()
        ordered = rows.oldest_first()
        pages = self.pagination_class()
        page = pages.paginate_queryset(filtered(QueueFilters, request, ordered), request, self)
        visible = Submission.objects.visible_to(self.reader)
        records = records_of(visible, (row.submitter_id for row in page))
        changes = what_changes(page)
        shown_data = [
            Queued(queued(row, self.reader, records, request, changes[row.pk])).data for row in page
        ]
        return pages.get_paginated_response(shown_data)


class QueuedSubmission(Moderation):
    """One submission."""

    @extend_schema(
        operation_id="getQueuedSubmission",
        summary="A submission, for whoever decides on it",
        tags=[MODERATING],
        parameters=[KEY],
        responses=ReviewContextAnswer,
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """The exact lines, what was noticed, what was changed underneath, what was said."""
        return Response(self.shown_data())


class ModeratorVerb(Moderation):
    """Base of the verbs of moderators: `act` does it with what was sent."""

    body: ClassVar[type[Body]] = bodies.Seen

    def act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        """Do it. Raises what the verb raises."""
        raise NotImplementedError

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Do it, and answer with the submission as it is then."""
        row = self.find()
        data = bodies.read(self.body, request.data)
        actor = moderator(request)
        done = once(actor.retry, lambda: self.act(row, actor, data))
        return answered(self.shown_data(), done, actor.retry)


@verb_schema("approve", "Publish it", bodies.Approval, ReviewContextAnswer, MODERATING)
class Approve(ModeratorVerb):
    """Publish it; of a report do what `action` says.

    Where the entry was changed underneath it is refused (409) with the `conflicts`; send it again
    with `resolution`, the texts that these fields shall have, and `seen`.
    """

    body = bodies.Approval

    def act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        action = data.pop("action", None)
        chosen = Action(action) if action else None
        with sending.as_it_stands():
            return workflow.approve(submission=submission, actor=actor, action=chosen, **data)


@verb_schema(
    "amend",
    "Publish another version",
    bodies.Amendment,
    ReviewContextAnswer,
    MODERATING,
    or_dry_run="DossierAnswerOrDryRun",
)
class Amend(ModeratorVerb):
    """Publish another version: what is sent takes the place of what was proposed.

    Both versions are kept, and both people credited.
    """

    parameters = frozenset({"dry_run"})
    body = bodies.Amendment

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Do it, or say what would come of it."""
        if not is_dry_run(request):
            return super().post(request, **kwargs)
        row = self.find()
        # Used or not, a key has to be one.
        retry_of(request)
        refuse_unamendable(row)
        draft = sending.other_version(row, bodies.read(self.body, request.data))
        return Response(dry_run_data(sending.examine_version(draft, row)))

    def act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        refuse_unamendable(submission)
        draft = sending.other_version(submission, data)
        given = {name: data[name] for name in _GIVEN & data.keys()}
        with sending.as_it_stands():
            return workflow.amend(
                submission=submission,
                actor=actor,
                proposal=draft.proposal,
                listing=draft.listing,
                **given,
            )


@verb_schema("reject", "Turn it down", bodies.Rejection, ReviewContextAnswer, MODERATING)
class Reject(ModeratorVerb):
    """For one of the list's reasons."""

    body = bodies.Rejection

    def act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        of, entry = data.pop("duplicate_of", None), data.pop("duplicate_entry", None)
        with sending.as_it_stands():
            return workflow.reject(
                submission=submission,
                actor=actor,
                duplicate_of=self._submission(submission, of) if of else None,
                duplicate_entry=_entry(submission, entry) if entry else None,
                **data,
            )

    def _submission(self, submission: Submission, key: int) -> Submission:
        match: Submission | None = self.rows().filter(catalog=submission.catalog_id, pk=key).first()
        if match is None:
            raise InvalidField("duplicate_of", _("There is no such submission in this list."))
        return match


def _entry(submission: Submission, key: int) -> Entry:
    match = Entry.objects.filter(catalog=submission.catalog_id, pk=key).first()
    if match is None:
        raise InvalidField("duplicate_entry", _("There is no such entry in this list."))
    return match


@verb_schema(
    "requestChangesOf", "Ask for changes", bodies.Question, ReviewContextAnswer, MODERATING
)
class RequestChanges(ModeratorVerb):
    """Ask the submitter something before it is decided."""

    body = bodies.Question

    def act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        return workflow.request_changes(submission=submission, actor=actor, **data)


@verb_schema("reopen", "Let it wait again", bodies.Reopening, ReviewContextAnswer, MODERATING)
class Reopen(ModeratorVerb):
    """What was rejected, withdrawn, or lapsed."""

    body = bodies.Reopening

    def act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        return workflow.reopen(submission=submission, actor=actor, **data)


@verb_schema("revert", "Take back what it did", bodies.Settled, ReviewContextAnswer, MODERATING)
class Revert(ModeratorVerb):
    """Undo on the list what was published, computed against what stands now.

    Conflicts are settled as those of an approval.
    """

    body = bodies.Settled

    def act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        with sending.as_it_stands():
            return workflow.revert(submission=submission, actor=actor, **data)


@verb_schema("undo", "Take back your decision", bodies.Undoing, ReviewContextAnswer, MODERATING)
class Undo(ModeratorVerb):
    """Within a minute, one's own."""

    body = bodies.Undoing

    def act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        return workflow.undo(submission=submission, actor=actor, **data)


@verb_schema("claim", "Say that you look at it", bodies.Claim, ReviewContextAnswer, MODERATING)
class Claim(ModeratorVerb):
    """For half an hour; a hint to others, never a lock."""

    body = bodies.Claim

    def act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        return workflow.claim(submission=submission, actor=actor, **data)


@verb_schema(
    "release", "Say that you do not look at it", bodies.Nothing, ReviewContextAnswer, MODERATING
)
class Release(ModeratorVerb):
    """Nothing happens if somebody else does."""

    body = bodies.Nothing

    def act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        return workflow.release(submission=submission, actor=actor)


VERBS: dict[str, type[ModeratorVerb]] = {
    "approve": Approve,
    "amend": Amend,
    "reject": Reject,
    "request-changes": RequestChanges,
    "reopen": Reopen,
    "revert": Revert,
    "undo": Undo,
    "claim": Claim,
    "release": Release,
}
"""By the last part of their addresses."""
