"""The queue of a moderator, and the decisions on what is in it.

Every decision names the revision that it is about: a submission may have another version since.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import needs
from accounts.models import User
from accounts.tokens import Scope
from api.pagination import PARAMETERS, PageNumbers
from catalog.errors import NotFound
from submissions.api.base import SecretView
from submissions.api.callers import moderator
from submissions.api.described import KEY, MODERATING, QUEUE_PARAMETERS
from submissions.api.filters import QueueFilters, filtered
from submissions.api.operations import OperationView
from submissions.api.review_contexts import Queued, ReviewContextAnswer, queued, review_context_data
from submissions.errors import NotAllowed
from submissions.models import Submission
from submissions.moderating.queue_rows import records_of, what_changes
from submissions.people import Actor
from submissions.querysets import SubmissionQuerySet


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
    """The queue."""

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


class Decide(Moderation, OperationView):
    """An operation of moderators."""

    answer = ReviewContextAnswer

    def subject(self) -> tuple[Submission, Actor]:
        """The submission, and who decides."""
        return self.find(), moderator(self.request)
