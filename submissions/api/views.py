"""Contributing and moderating: proposals, their trackers, the queue, and what is done with them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import may_be_anonymous_with, needs
from accounts.models import User
from accounts.tokens import Scope
from api.pagination import PARAMETERS, PageNumbers
from api.parameters import filtered, parameters_of
from catalog.errors import NotFound
from submissions.api import bodies, operations
from submissions.api.answers import (
    DryRun,
    Listed,
    Queued,
    ReviewContextAnswer,
    Tracked,
    dry_run_data,
    listed,
    queued,
    review_context_data,
    tracked,
)
from submissions.api.base import (
    CONTRIBUTING,
    DRY_RUN,
    EXAMPLES,
    KEY,
    KEY_PARAMETER,
    MODERATING,
    SECRET,
    OwnFilters,
    QueueFilters,
    SecretView,
    address_of,
    answered,
    either,
    holder,
    is_dry_run,
    moderator,
    once,
    submitter,
)
from submissions.api.operations import OperationView
from submissions.choices import Role, Verb
from submissions.errors import FindingsBlock, NotAllowed
from submissions.models import Submission, SubmissionQuerySet
from submissions.people import Actor
from submissions.protection import admit_correction
from submissions.publishing.planning import version_of
from submissions.queue_rows import records_of, what_changes
from submissions.verbs.transitions import row_for
from submissions.workflow import rows_of


class Submissions(SecretView):
    """One's own submissions, and new ones."""

    throttle_scope = Scope.SUBMIT
    pagination_class = PageNumbers

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        """Return the parameters, which differ by method."""
        if self.request.method == "POST":
            return frozenset({"dry_run"})
        return PARAMETERS | frozenset(OwnFilters.base_filters)

    def get_permissions(self) -> list[BasePermission]:
        """Anybody may propose something where the list admits it; a list is somebody's own."""
        if getattr(self.request, "method", "GET") in {"POST", "OPTIONS"}:
            return [may_be_anonymous_with(Scope.SUBMIT)()]
        return [needs(Scope.READ)()]

    @extend_schema(
        operation_id="listSubmissions",
        summary="Your submissions",
        tags=[CONTRIBUTING],
        parameters=parameters_of(OwnFilters),
        responses=Listed(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the account's submissions, newest first."""
        own = Submission.objects.submitted_by(_person(request)).order_by("-created_at", "-pk")
        rows = filtered(OwnFilters, request, own).select_related("catalog", "section")
        pages = self.pagination_class()
        page = pages.paginate_queryset(rows, request, self)
        return pages.get_paginated_response([Listed(listed(row, request)).data for row in page])

    @extend_schema(
        operation_id="submit",
        summary="Propose something",
        tags=[CONTRIBUTING],
        parameters=[DRY_RUN, KEY_PARAMETER],
        request=bodies.ANY_KIND,
        examples=EXAMPLES,
        responses={
            201: OpenApiResponse(Tracked, description="It was stored; `token` is its secret."),
            200: OpenApiResponse(
                either("TrackedOrDryRun", Tracked, DryRun),
                description="It was sent before; or with `dry_run`, what would come of it.",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """A new entry, an edit, a move, a removal or a report, for moderators to decide on.

        Nothing of it is public before. Sent twice within ten minutes it is one submission.
        """
        data = bodies.read_contribution(request.data)
        actor = submitter(request, data)
        if is_dry_run(request):
            return Response(dry_run_data(operations.examine(operations.draft_of(data), actor)))
        row = once(
            actor.retry,
            lambda: operations.send(operations.draft_of(data), actor, data, address_of(request)),
        )
        answer = tracked(by_token(row.token), holder(request, row), request)
        if row.is_repeat:
            return answered(answer, row, actor.retry)
        return Response(answer, status=201, headers={"Location": answer["api_url"]})


def _person(request: Request) -> User:
    if not isinstance(request.user, User):
        raise TypeError("the permissions let somebody in who is nobody")
    return request.user


def by_token(token: str) -> Submission:
    """The submission with this secret, with all that is told of it. Raises `NotFound`."""
    match = Submission.objects.by_token(token)
    if match is None:
        raise NotFound(_("There is no such submission."))
    return match


class SubmissionDetail(SecretView):
    """One submission. Its secret is enough; a token that comes besides has to be good for it."""

    permission_classes = (may_be_anonymous_with(Scope.READ),)

    @extend_schema(
        operation_id="getSubmission",
        summary="A submission by its secret",
        tags=[CONTRIBUTING],
        parameters=[SECRET],
        responses=Tracked,
    )
    def get(self, request: Request, token: str) -> Response:
        """Show the state, the thread, the difference and the possible actions.

        Whoever has the secret is taken for its submitter.
        """
        row = by_token(token)
        return Response(tracked(row, holder(request, row), request))


class Act(OperationView):
    """An operation of submitters."""

    permission_classes = (may_be_anonymous_with(Scope.SUBMIT),)
    throttle_scope = Scope.SUBMIT
    answer = Tracked

    def subject(self) -> tuple[Submission, Actor]:
        """The submission with the secret of the address, and who holds it."""
        row = by_token(self.kwargs["token"])
        return row, holder(self.request, row)

    def shown_data(self) -> dict[str, Any]:
        """The submission as it is now, for whoever holds its secret."""
        row, actor = self.subject()
        return tracked(row, actor, self.request)

    def version(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """The corrected version, which is examined as a new proposal is."""
        row_for(rows_of(Verb.RESUBMIT), submission, actor, Role.SUBMITTER)
        draft = operations.other_version(submission, data)
        preview = operations.examine_version(draft, submission)
        admit_correction(submission, address=address_of(self.request))
        if stops := preview.stops:
            raise FindingsBlock(stops)
        return {
            "proposal": draft.proposal,
            "listing": draft.listing,
            "seen": version_of(draft.base) if draft.base and submission.entry_id else "",
        }


# The queue of a moderator, and the decisions on what is in it. Every decision names the revision
# that it is about: a submission may have another version since.


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
        """Return the submissions that this person may see, with everything that answers need."""
        visible: SubmissionQuerySet = Submission.objects.visible_to(self.reader)
        return visible.select_related("catalog", "section", "submitter", "claimed_by")

    def find(self) -> Submission:
        """The submission of the address, with all that is told of it. Raises `NotFound`."""
        match = self.rows().for_review().filter(pk=int(self.kwargs["id"])).first()
        if match is None:
            raise NotFound(_("There is no such submission in the lists you moderate."))
        return match

    def shown_data(self) -> dict[str, Any]:
        """The submission as it is now."""
        return review_context_data(self.find(), self.reader, self.request)


class Queue(Moderation):
    """The queue."""

    parameters = PARAMETERS | frozenset(QueueFilters.base_filters)
    pagination_class = PageNumbers

    @extend_schema(
        operation_id="listQueue",
        summary="The queue",
        tags=[MODERATING],
        parameters=parameters_of(QueueFilters),
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


class Decide(Moderation, OperationView):
    """An operation of moderators."""

    answer = ReviewContextAnswer

    def subject(self) -> tuple[Submission, Actor]:
        """The submission, and who decides."""
        return self.find(), moderator(self.request)
