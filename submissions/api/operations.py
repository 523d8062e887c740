"""The operations of the table as views: one class for all, with its body and its description."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from submissions.api import bodies, sending
from submissions.api.answers import DryRun, dry_run_data
from submissions.api.base import DRY_RUN, SecretView, answered, is_dry_run, once
from submissions.api.callers import KEY_PARAMETER
from submissions.api.described import CONTRIBUTING, KEY, MODERATING, SECRET, either
from submissions.choices import Role, Verb
from submissions.models import Submission
from submissions.operations import Operation
from submissions.people import Actor
from submissions.verbs.transitions import row_for
from submissions.workflow import rows_of


class OperationView(SecretView):
    """Base of the views of submitters, and of those of moderators."""

    operation: ClassVar[Operation]
    answer: ClassVar[type[serializers.Serializer[Any]]]

    def subject(self) -> tuple[Submission, Actor]:
        """The submission of the address, and who calls. Raises `NotFound`."""
        raise NotImplementedError

    def shown_data(self) -> dict[str, Any]:
        """The submission as it is now, for who calls."""
        raise NotImplementedError

    def version(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """The other version that a body describes, as the verb takes it."""
        draft = sending.other_version(submission, data)
        return {"proposal": draft.proposal, "listing": draft.listing}

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Perform the operation, or preview the outcome; answer with the submission's new state."""
        submission, actor = self.subject()
        data = bodies.read(bodies.body_of(self.operation), request.data)
        if self.operation.has_version and is_dry_run(request):
            row_for(rows_of(Verb(str(self.operation.verb))), submission, actor, self.operation.who)
            draft = sending.other_version(submission, data)
            return Response(dry_run_data(sending.examine_version(draft, submission)))
        done = once(actor.retry, lambda: self._act(submission, actor, data))
        return answered(self.shown_data(), done, actor.retry)

    def _act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        if self.operation.has_version:
            data |= self.version(submission, actor, data)
        with sending.as_it_stands():
            return self.operation.act(submission, actor, data)


def view_of(operation: Operation, base: type[OperationView]) -> Any:
    """The view of an operation, as the schema describes it."""
    may_be_dry, answer = operation.has_version, base.answer
    name = "TrackedOrDryRun" if operation.who == Role.SUBMITTER else "DossierAnswerOrDryRun"
    where = SECRET if operation.who == Role.SUBMITTER else KEY
    described = extend_schema(
        operation_id=operation.id,
        summary=operation.summary,
        description=operation.description,
        tags=[CONTRIBUTING if operation.who == Role.SUBMITTER else MODERATING],
        parameters=[where, *([DRY_RUN] if may_be_dry else []), KEY_PARAMETER],
        request=bodies.body_of(operation),
        responses=OpenApiResponse(
            either(name, answer, DryRun) if may_be_dry else answer,
            description="The submission as it is now.",
        ),
    )
    own = {
        "__doc__": operation.description,
        "operation": operation,
        "parameters": frozenset({"dry_run"} if may_be_dry else ()),
    }
    view: Any = type(f"{operation.body}View", (base,), own)
    return extend_schema_view(post=described)(view).as_view()
