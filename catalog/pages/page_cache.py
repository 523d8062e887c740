"""Whole pages, cached for the next visitor and given again while what they show stays as it is.

A page is cached under its inputs (`catalog/published.py`) with its ETag and how its catalogs
stood; parameters that its view does not read are taken off the address. Giving it again costs one
query: while the catalogs stand as they did, the page is what would be made anew, and it is given,
or a 304, before sessions and languages are looked at. Where they have changed, the view may find
that what it would show has not, and gives the cached page, too (`published_from`). Who brings a
session gets pages of their own. While the database is away, cached pages are given all the same,
marked stale.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import caches
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language_from_request

from catalog.errors import DatabaseProblem, problem_of
from catalog.published import (
    CACHED_PAGE,
    CONDITIONS,
    DEPENDS_ON,
    drop_unknown,
    inputs_of,
    page_state,
)

PAGE_CACHE = "listwright.page_cache"
"""The key in a request's META for the outcome in the cache: "hit", "miss" or "stale"; unset: not
asked."""
VIEW = "listwright.view"
"""The key in a request's META for the view that made the cached page."""

LONGEST_SECONDS = 3600
LONGEST_ADDRESS = 500
"""Pages under longer ones are nobody's bookmark, and not cached."""

KNOWN_TO_VARY = frozenset({"accept", "accept-language", "cookie", "hx-request"})
"""What pages differ by and is part of their key; those that differ by more are not cached."""

_READS = frozenset({"GET", "HEAD"})
_WITH_304 = ("ETag", "Cache-Control", "Vary")
"""Headers of a 304 (RFC 9110, section 15.4.5)."""


class CachedPage(NamedTuple):
    """A page as it was sent."""

    depends_on: str
    """The slug of its catalog, '' for all published ones."""
    state: str
    """The state of its catalogs, and the release."""
    etag: str
    content: bytes
    """Compressed."""
    headers: dict[str, str]
    stored_at: float
    """Seconds since 1970."""
    view: str

    def response(self) -> HttpResponse:
        """Return the cached response."""
        return HttpResponse(zlib.decompress(self.content), headers=self.headers)


class PageCache:
    """The middleware; what stands above it in the settings sees each answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key, cached = _find(request)
        # Most addresses have nothing but what their view reads, and to look what that is takes as
        # long as all else of an answer from the cache.
        if cached is None and drop_unknown(request):
            key, cached = _find(request)
        if not key:
            return self.get_response(request)
        try:
            if cached and page_state(request, cached.depends_on) == cached.state:
                request.META[PAGE_CACHE] = "hit"
                return _again(request, cached)
        except Error as error:
            if cached is None or problem_of(error) is not DatabaseProblem.UNREACHABLE:
                raise
            request.META[PAGE_CACHE] = "stale"
            return _stale(request, cached)
        request.META[PAGE_CACHE] = "miss"
        request.META[CACHED_PAGE] = cached
        response = self.get_response(request)
        if cached and response.headers.get("ETag") == cached.etag:
            request.META[PAGE_CACHE] = "hit"
            current = cached._replace(state=page_state(request, cached.depends_on))
            caches["pages"].set(key, current, LONGEST_SECONDS)
        elif isinstance(response, HttpResponse) and _can_be_cached(request, response):
            caches["pages"].set(key, _page(request, response), LONGEST_SECONDS)
        return response


def _find(request: HttpRequest) -> tuple[str, CachedPage | None]:
    """The key of the page that is asked for, '' where it is not for everybody, and the page."""
    if not _is_for_everybody(request):
        return "", None
    key = _key(request, get_language_from_request(request))
    return key, caches["pages"].get(key)


def _page(request: HttpRequest, response: HttpResponse) -> CachedPage:
    depends_on = request.META[DEPENDS_ON]
    return CachedPage(
        depends_on,
        page_state(request, depends_on),
        # Views that say what they depend on set it.
        response.headers["ETag"],
        zlib.compress(response.content, 1),
        dict(response.items()),
        time.time(),
        match.view_name if (match := request.resolver_match) else "",
    )


def _is_for_everybody(request: HttpRequest) -> bool:
    cookies = request.COOKIES
    return (
        # Under DEBUG templates change while the process lives.
        not settings.DEBUG
        and request.method in _READS
        and settings.SESSION_COOKIE_NAME not in cookies
        # A token that is not valid is told so.
        and "HTTP_AUTHORIZATION" not in request.META
        and CookieStorage.cookie_name not in cookies
        and len(request.path) + len(request.META["QUERY_STRING"]) < LONGEST_ADDRESS
    )


def _key(request: HttpRequest, language: str) -> str:
    # As a tuple, whose quotes keep one input from passing for two.
    text = str(inputs_of(request, language))
    return f"page:{hashlib.blake2s(text.encode(), digest_size=16).hexdigest()}"


def _can_be_cached(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        response.status_code == HTTPStatus.OK
        and DEPENDS_ON in request.META
        and not response.cookies
        and KNOWN_TO_VARY.issuperset(response.headers.get("Vary", "").lower().split(", "))
        # A nonce that was read is good for one answer.
        and not getattr(request, "_csp_nonce", None)
    )


def _again(request: HttpRequest, cached: CachedPage) -> HttpResponseBase:
    """The page, or less where the browser holds it."""
    request.META[VIEW] = cached.view
    if request.META.get("HTTP_IF_NONE_MATCH") == cached.etag:
        headers = {name: cached.headers[name] for name in _WITH_304 if name in cached.headers}
        return HttpResponseNotModified(headers=headers)
    response = cached.response()
    if CONDITIONS.isdisjoint(request.META):
        return response
    # Other conditions, and lists of ETags.
    conditional = get_conditional_response(request, etag=cached.etag, response=response)
    return response if conditional is None else conditional


def _stale(request: HttpRequest, cached: CachedPage) -> HttpResponseBase:
    """The page as it was last known to be true, with its age (RFC 9111) and why (RFC 9211)."""
    response = _again(request, cached)
    age = max(0, int(time.time() - cached.stored_at))
    response.headers["Age"] = str(age)
    response.headers["Cache-Status"] = f'Listwright; hit; ttl=-{age}; detail="database away"'
    # Older than both and no standard any more, but what monitors and mirrors look for.
    response.headers["Warning"] = '111 Listwright "Revalidation Failed"'
    return response
