"""Whether somebody with power over the site has proved more than a password."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def lacks_required_mfa(user: User | AnonymousUser) -> bool:
    """Return whether this is a member of staff who has to set up a second factor first.

    One query, for staff and where it is required only. Whoever has a second factor was asked
    for it when they signed in.
    """
    if not settings.REQUIRE_STAFF_MFA or not user.is_staff:
        return False
    return not is_mfa_enabled(user, SECOND_FACTORS)


class StaffMfaMiddleware:
    """Lead staff without a second factor to its set-up before the administration opens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        """Answer in the view's stead; nothing, and no query, outside of the administration."""
        match = request.resolver_match
        if match is None or match.app_names[:1] != ["admin"] or match.url_name == "logout":
            return None
        if not lacks_required_mfa(request.user):
            return None
        # Where they wanted to go, for the page that follows the set-up.
        request.session["after_mfa"] = request.get_full_path()
        messages.warning(request, _("Set up two-factor authentication to open the administration."))
        return redirect("mfa_index")
