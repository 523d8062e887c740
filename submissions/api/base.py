"""The base of views about submissions: answers without caching, and idempotent requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import MethodNotAllowed, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.parameters import refuse_unknown
from catalog.errors import CatalogError
from submissions.models import Submission
from submissions.people import Retry
from submissions.private_responses import secret
from submissions.verbs.retries import done_before

REPLAYED = "Idempotency-Replayed"
DRY_RUN = OpenApiParameter(
    "dry_run",
    {"type": "string", "enum": ["0", "1"], "default": "0"},
    description="1: only say what would come of it; nothing is stored, and no key is used.",
)
"""The parameter in the schema."""


class SecretView(APIView):
    """Base of views whose addresses or answers are for one person: kept by nobody."""

    parameters: ClassVar[frozenset[str]] = frozenset()
    """Query parameters, whatever the method."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # A method that there is not is refused as such, whoever calls and whatever comes with it.
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)
        refuse_unknown(request, self.parameters)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        finished = super().finalize_response(request, response, *args, **kwargs)
        secret(finished)
        return finished


def is_dry_run(request: Request) -> bool:
    """Whether nothing is to be done. Raises `ValidationError`."""
    text = request.query_params.get("dry_run", "0")
    if text not in {"0", "1"}:
        raise ValidationError({"dry_run": [_("This must be 0 or 1.")]})
    return text == "1"


def once(retry: Retry | None, act: Callable[[], Submission]) -> Submission:
    """Perform a request, unless it was done under its key before.

    Also where it is refused because its twin, sent at the same moment, came first.
    """
    if before := done_before(retry):
        return before
    try:
        return act()
    except CatalogError:
        if before := done_before(retry):
            return before
        raise


def answered(data: Any, submission: Submission, retry: Retry | None, status: int = 200) -> Response:
    """The answer to a verb."""
    headers = {REPLAYED: "true"} if retry and submission.is_repeat else {}
    return Response(data, status=status, headers=headers)
