"""The headers of answers that are for one person alone."""

from __future__ import annotations

from django.http import HttpResponse


def secret(response: HttpResponse) -> HttpResponse:
    """Keep a page whose address is a secret out of caches, indexes and other sites' logs.

    Not `no-referrer`: browsers would send `Origin: null` along with the page's own forms, which
    are then taken for forged ones. To other sites nothing is told either way.
    """
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "private, no-store"
    return response
