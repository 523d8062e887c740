"""Rate limits of the API: by account, or by network for anonymous callers.

Reading is counted in the cache, and generously: it protects against programs that run wild.
Writing is counted in the database, by all processes together. All tokens of a person count as one.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.limits import Rate, allow, allow_often, client_address, network_of
from accounts.tokens import Scope

MINUTE = 60
WRITING = {
    # Dry runs and verbs; what is really submitted has stricter limits of its own.
    Scope.SUBMIT: (Rate(60, MINUTE), Rate(120, MINUTE)),
    Scope.MODERATE: (Rate(60, MINUTE), Rate(600, MINUTE)),
}
"""For each scope, the rates for a network and for an account."""


class ScopeThrottle(BaseThrottle):
    """Counts reading as such, and all else under the view's `throttle_scope`, or as submitting.

    Raises `limits.TooMany`, which says after how many seconds to try again.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        user = request.user
        key = f"user:{user.pk}" if user.is_authenticated else f"network:{_network(request)}"
        if request.method in SAFE_METHODS:
            rate = reading_rate(signed_in=user.is_authenticated)
            if rate.limit:
                allow_often("api.read", key, rate)
            return True
        scope: Scope = getattr(view, "throttle_scope", Scope.SUBMIT)
        allow(f"api.{scope}", key, WRITING[scope][user.is_authenticated])
        return True


def reading_rate(*, signed_in: bool) -> Rate:
    """Return how often one may read; a limit of 0 is none."""
    limit = settings.API_READS_SIGNED_IN if signed_in else settings.API_READS_ANONYMOUS
    return Rate(limit, MINUTE)


def _network(request: Request) -> str:
    return network_of(client_address(request._request))
