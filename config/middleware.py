"""Middleware of every request: its number and line in the log, headers, and the site at the root.

The number is in every line that is logged meanwhile, in the answer's `X-Request-ID`, and on the
page that is shown when the site fails.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable
from time import perf_counter

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed, SuspiciousOperation
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotFound,
    StreamingHttpResponse,
)

from catalog.pages.page_cache import VIEW
from config.errors import not_found
from config.telemetry import request_id

access = logging.getLogger("listwright.access")

PLAUSIBLE_ID = re.compile(r"[\w.-]{8,64}\Z", re.ASCII)
NOT_LOGGED = ("/livez", "/readyz", "/healthz", "/metrics", "/static/")
"""Paths that are polled and tell nothing about visits."""
LONGEST_PATH = 300


class RequestLogMiddleware:
    """Number the request, and log it once it is answered; it stands before everything else.

    The line has no query and no address of a network: both say who looks for what.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        number = _number_of(request)
        token = request_id.set(number)
        began = perf_counter()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = number
            if request.method == "HEAD":
                _leave_out_body(response)
            if settings.ACCESS_LOG and not request.path_info.startswith(NOT_LOGGED):
                _log(request, response, perf_counter() - began)
            return response
        finally:
            request_id.reset(token)


def _leave_out_body(response: HttpResponseBase) -> None:
    """Leave only headers: gunicorn warns of each body that it drops, after it was made."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = ()
    elif isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.content = b""


def _number_of(request: HttpRequest) -> str:
    """The proxy's number where there is a proxy to believe, else a new one."""
    sent = request.META.get("HTTP_X_REQUEST_ID", "")
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT and PLAUSIBLE_ID.match(sent):
        return str(sent)
    return secrets.token_hex(8)


def _log(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    path = request.path_info[:LONGEST_PATH]
    host = request.META.get("HTTP_HOST", "")[:LONGEST_PATH]
    fields = {
        "method": request.method,
        "path": path,
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
        "view": view_of(request),
        # Of requests that make no sense, as those for another site do.
        **({"host": host} if response.status_code == 400 else {}),
    }
    line = f"{request.method} {path!r} {response.status_code} {fields['milliseconds']} ms"
    if "host" in fields:
        line += f" host {host!r}"
    access.info("%s", line, extra={"fields": fields})


def view_of(request: HttpRequest) -> str:
    """The name of the view that answered, of which there are few; '' when none did."""
    match = getattr(request, "resolver_match", None)
    return str(match.view_name if match else request.META.get(VIEW, ""))


PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb",
    )
)  # fmt: skip
"""Browser features that no page of ours needs; security keys and the clipboard stay."""

PRIVATE = ("/accounts/", "/admin/", "/contribute/s/", "/contribute/mine/")
"""Addresses below which everything is somebody's own: no search engine's business."""


class HeadersMiddleware:
    """Add `Permissions-Policy` to every answer, and `noindex` to those that are somebody's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if request.path_info.startswith(PRIVATE):
            response.headers.setdefault("X-Robots-Tag", "noindex")
        return response


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


class NotFoundMiddleware:
    """Lead on from wrong addresses under DEBUG too, where Django shows a page of its own.

    Otherwise Django asks `handler404` itself: for redirects of renamed lists and what was meant.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.DEBUG:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # Django alone makes one of just this class: no view has the address.
        return not_found(request, Http404()) if type(response) is HttpResponseNotFound else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer for a view; what it says was not found is in the exception."""
        return not_found(request, exception) if isinstance(exception, Http404) else None
