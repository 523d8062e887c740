"""Authentication, permissions and rate limits of the API."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.limits import Rate, allow, allow_often, client_address, network_of
from accounts.models import ApiToken, User
from accounts.sign_in import lacks_required_mfa
from accounts.tokens import Scope, WrongToken, find_token, note_use

if TYPE_CHECKING:
    from drf_spectacular.openapi import AutoSchema

# Authentication: a token in the header of a request (RFC 6750), `Authorization: Bearer lw_…`


SCHEME = "Bearer"
_LONGEST_SCHEME_SHOWN = 20


class BearerAuthentication(BaseAuthentication):
    """Lets a program in by its token; `request.auth` is the `ApiToken` then.

    A request without the header is left to the next way to sign in. One with a header that is no
    good is refused (401), wherever it goes: a program shall learn that its token does not work.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "").strip()
        if not header:
            return None
        try:
            token = find_token(_secret_in(header))
        except WrongToken as error:
            raise AuthenticationFailed(error.message, WrongToken.code) from None
        note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, and say that the token is at fault when there was one."""
        if not request.META.get("HTTP_AUTHORIZATION", "").strip():
            return bearer_challenge()
        return bearer_challenge(error=WrongToken.code)


def bearer_challenge(**parameters: str) -> str:
    """Return the value of `WWW-Authenticate` with these parameters besides the realm."""
    realm = settings.SITE_NAME.encode("ascii", "ignore").decode().replace('"', "").strip()
    sent = {"realm": realm or "API", **parameters}
    return f"{SCHEME} " + ", ".join(f'{name}="{value}"' for name, value in sent.items())


def _secret_in(header: str) -> str:
    scheme, _space, secret = header.partition(" ")
    secret = secret.strip()
    if scheme.lower() != SCHEME.lower():
        shown = scheme[:_LONGEST_SCHEME_SHOWN] if scheme.isascii() and scheme.isalnum() else ""
        raise WrongToken(
            _("Send the token as “Authorization: Bearer lw_…”, not with the scheme “%(scheme)s”.")
            % {"scheme": shown}
            if shown and secret
            else _("Send the token as “Authorization: Bearer lw_…”.")
        )
    if not secret:
        raise WrongToken(_("The header “Authorization: Bearer” contains no token."))
    return secret


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The name of the scheme in the schema, and the scope that an operation needs."""

    target_class = BearerAuthentication
    name = "bearer"

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[Any]]:
        scopes = (
            getattr(permission, "scope", None) for permission in auto_schema.view.get_permissions()
        )
        return {self.name: [str(scope) for scope in scopes if scope]}

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "lw_…",
            "description": (
                "A token that you make on the page of your tokens, with the scopes `read`, "
                "`submit` or `moderate`."
            ),
        }


# Permissions: the scope of a token, and the second factor of staff. Who moderates which list is
# asked of the rules about it.


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


# Rate limits, by account, or by network for anonymous callers. Reading is counted in the cache, and
# generously: it protects against programs that run wild. Writing is counted in the database, by all
# processes together. All tokens of a person count as one.


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
