"""Permissions of API callers: the scope of a token, and the second factor of staff.

Who moderates which list is asked of the rules about it, not here.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.api.authentication import bearer_challenge
from accounts.mfa import lacks_required_mfa
from accounts.models import ApiToken
from accounts.tokens import Scope


class InsufficientScope(PermissionDenied):
    """The token is good, but not for this (403)."""

    default_code = "insufficient_scope"

    def __init__(self, scope: Scope) -> None:
        super().__init__(
            _("This needs a token with the scope “%(scope)s”; your token does not have it.")
            % {"scope": scope.value}
        )
        # REST framework's own name for what is sent as WWW-Authenticate.
        self.auth_header = bearer_challenge(error=self.default_code, scope=scope.value)


class MfaRequired(PermissionDenied):
    """A member of staff has no second factor yet (403)."""

    default_code = "mfa_required"

    def __init__(self) -> None:
        super().__init__(
            _("Set up two-factor authentication on the site first: it is required for staff.")
        )


class HasScope(BasePermission):
    """Asks a token for `scope`; a session has them all. Made by the functions below."""

    scope: Scope
    may_be_anonymous: bool

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True, or raise what says better than False why not."""
        if not request.user.is_authenticated:
            if self.may_be_anonymous:
                return True
            raise NotAuthenticated(
                _("Sign in, or send a token with the scope “%(scope)s”.")
                % {"scope": self.scope.value}
            )
        token = cast("ApiToken | None", request.auth)
        if token is not None and self.scope not in token.scope_names:
            raise InsufficientScope(self.scope)
        if self.scope is Scope.MODERATE and lacks_required_mfa(request.user):
            raise MfaRequired
        return True


@cache
def needs(scope: Scope) -> type[HasScope]:
    """Return the permission of what only those may do who are signed in: 401, 403 else."""
    return _permission(scope, may_be_anonymous=False)


@cache
def may_be_anonymous_with(scope: Scope) -> type[HasScope]:
    """Return the permission of what anybody may do, but a token only with the scope."""
    return _permission(scope, may_be_anonymous=True)


def _permission(scope: Scope, *, may_be_anonymous: bool) -> type[HasScope]:
    name = f"{'Anonymous' if may_be_anonymous else ''}{scope.value.title()}Permission"
    return type(name, (HasScope,), {"scope": scope, "may_be_anonymous": may_be_anonymous})
