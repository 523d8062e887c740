"""Headers that every answer, or every answer below some addresses, carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

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
