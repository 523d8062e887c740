"""Tokens in the header of a request (RFC 6750): `Authorization: Bearer lw_…`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.tokens import WrongToken, find_token, note_use

if TYPE_CHECKING:
    from drf_spectacular.openapi import AutoSchema

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
