"""Proposing something, and following what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import may_be_anonymous_with, needs
from accounts.models import User
from accounts.tokens import Scope
from api.pagination import PARAMETERS, PageNumbers
from catalog.errors import NotFound
from submissions import workflow
from submissions.api import bodies, sending
from submissions.api.answers import DryRun, Listed, Tracked, dry_run_data, listed, tracked
from submissions.api.base import (
    DRY_RUN,
    SecretView,
    answered,
    is_dry_run,
    once,
)
from submissions.api.callers import KEY_PARAMETER, address_of, holder, retry_of, submitter
from submissions.api.described import (
    CONTRIBUTING,
    EXAMPLES,
    OWN_PARAMETERS,
    SECRET,
    either,
    verb_schema,
)
from submissions.api.fields import Body
from submissions.api.filters import OwnFilters, filtered
from submissions.choices import Role, Verb
from submissions.errors import FindingsBlock
from submissions.models import Submission
from submissions.people import Actor
from submissions.protection.abuse import admit_correction
from submissions.publishing.bases import version_of
from submissions.verbs.transitions import row_for
from submissions.workflow import rows_of


class Submissions(SecretView):
    """One's own submissions, and new ones."""

    throttle_scope = Scope.SUBMIT
    pagination_class = PageNumbers

    @property
    def parameters(self) -> frozenset[str]:  # type: ignore[override]
        """Other ones for each method."""
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
        parameters=OWN_PARAMETERS,
        responses=Listed(many=True),
    )
    def get(self, request: Request) -> Response:
        """Of the account, the newest first."""
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
            return Response(dry_run_data(sending.examine(sending.draft_of(data), actor)))
        row = once(
            actor.retry,
            lambda: sending.send(sending.draft_of(data), actor, data, address_of(request)),
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
    rows = Submission.objects.select_related(
        "catalog", "listing__section", "section", "entry__block", "entry__listing", "entry__section"
    )
    match = rows.filter(token=token, catalog__revision__gt=0).first()
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
        """How far it is, what was said, what it would change, what can be done now.

        Whoever has the secret is taken for its submitter.
        """
        row = by_token(token)
        return Response(tracked(row, holder(request, row), request))


class SubmitterVerb(SecretView):
    """Base of the verbs of submitters: `act` does it with what was sent."""

    permission_classes = (may_be_anonymous_with(Scope.SUBMIT),)
    throttle_scope = Scope.SUBMIT
    body: ClassVar[type[Body]] = bodies.Answer

    def act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        """Do it. Raises what the verb raises."""
        raise NotImplementedError

    def post(self, request: Request, token: str) -> Response:
        """Do it, and answer with the submission as it is then."""
        row = by_token(token)
        data = bodies.read(self.body, request.data)
        actor = holder(request, row)
        done = once(actor.retry, lambda: self.act(row, actor, data))
        answer = tracked(by_token(token), actor, request)
        return answered(answer, done, actor.retry)


def _with_words(verb: Callable[..., Submission]) -> Any:
    def act(
        self: SubmitterVerb, submission: Submission, actor: Actor, data: dict[str, Any]
    ) -> Submission:
        return verb(
            submission=submission,
            actor=actor,
            note=data.get("note", ""),
            expected_revision=data.get("expected_revision"),
        )

    return act


@verb_schema("withdraw", "Withdraw", bodies.Answer, Tracked, CONTRIBUTING)
class Withdraw(SubmitterVerb):
    """Before it is decided."""

    act = _with_words(workflow.withdraw)


@verb_schema("appeal", "Ask to look at it again", bodies.Answer, Tracked, CONTRIBUTING)
class Appeal(SubmitterVerb):
    """Of a rejection, once; of what was withdrawn or lapsed, at any time."""

    act = _with_words(workflow.reopen)


@verb_schema("confirm", "Confirm the address", bodies.Confirmation, Tracked, CONTRIBUTING)
class Confirm(SubmitterVerb):
    """With the secret that was mailed to it."""

    body = bodies.Confirmation

    def act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        return workflow.confirm(submission=submission, actor=actor, **data)


@verb_schema(
    "resubmit",
    "Correct it, or answer a question",
    bodies.Resubmission,
    Tracked,
    CONTRIBUTING,
    or_dry_run="TrackedOrDryRun",
)
class Resubmit(SubmitterVerb):
    """What is sent takes the place of what was proposed, in every state that is not published.

    What is open goes on waiting with the new version; what was rejected, withdrawn, taken back or
    lapsed waits for a moderator again. All versions are kept.
    """

    parameters = frozenset({"dry_run"})
    body = bodies.Resubmission

    def post(self, request: Request, token: str) -> Response:
        """Do it, or say what would come of it."""
        if not is_dry_run(request):
            return super().post(request, token)
        row = by_token(token)
        # Used or not, a key has to be one.
        retry_of(request)
        draft = sending.other_version(row, bodies.read(self.body, request.data))
        return Response(dry_run_data(sending.examine_version(draft, row)))

    def act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        row_for(rows_of(Verb.RESUBMIT), submission, actor, Role.SUBMITTER)
        draft = sending.other_version(submission, data)
        preview = sending.examine_version(draft, submission)
        admit_correction(submission, address=address_of(self.request))
        if stops := preview.stops:
            raise FindingsBlock(stops)
        with sending.as_it_stands():
            return workflow.resubmit(
                submission=submission,
                actor=actor,
                proposal=draft.proposal,
                listing=draft.listing,
                seen=version_of(draft.base) if draft.base and submission.entry_id else "",
                note=data.get("note", ""),
                expected_revision=data.get("expected_revision"),
            )
