"""The site at the root of its host, and nowhere else, whatever a request or a server says."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase


class ScriptNameRefused(SuspiciousOperation):
    """A request for a site that is mounted below the root of its host, which this one is not."""


class RootOnlyMiddleware:
    """Refuse requests with a SCRIPT_NAME (400).

    Django would begin every address of the page with it, and some servers take it from a header.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if script_name := request.META.get("SCRIPT_NAME"):
            raise ScriptNameRefused(
                f"SCRIPT_NAME is {script_name[:200]!r}, but the site is served at the root of its "
                "host: keep the web server from setting it, and from passing on a header "
                "of that name."
            )
        return self.get_response(request)
