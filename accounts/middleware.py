"""Middleware that guards the administration."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.mfa import lacks_required_mfa


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
