"""Views of what is published: the same answer for everybody, and 304 for who has it already."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.utils.translation import get_language
from rest_framework.request import Request
from rest_framework.views import APIView

from api.parameters import refuse_unknown
from catalog.models import Catalog
from catalog.published import CONDITIONS, DEPENDS_ON, lazy_catalogs_of, page_etag

type Validators = tuple[str, datetime | None]
"""ETag and time of the last change."""


class PublishedView(APIView):
    """Base of the views whose answers depend on catalogs as they stand, and on nobody.

    A subclass names its `parameters`, and answers in `published`.
    """

    parameters: ClassVar[frozenset[str]] = frozenset()
    """The names of all query parameters that it knows."""

    def depends_on(self, request: Request) -> str:
        """Slug of the catalog that the answer depends on; '' for all published ones."""
        slug: str = self.kwargs.get("slug", "")
        return slug

    def validators(self, request: Request, catalogs: list[Catalog]) -> Validators:
        """Return the validators of the answer: its ETag, and its date where that is known."""
        return page_etag(request._request, self.depends_on(request), get_language()), None

    def published(self, request: Request, catalogs: list[Catalog]) -> HttpResponseBase:
        """The answer; `catalogs` are the one that it depends on, or all published ones by title."""
        raise NotImplementedError

    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """Answer, unless the client holds what would be answered."""
        refuse_unknown(request, self.parameters)
        slug = self.depends_on(request)
        catalogs = lazy_catalogs_of(request._request, slug)
        if slug and not catalogs:
            raise Catalog.objects.not_found(slug)
        if request.accepted_renderer.format == "api":
            # A page for people, which says who is signed in.
            response = self.published(request, catalogs)
            patch_cache_control(response, private=True, no_store=True)
            return response
        return self._conditional(request, slug, catalogs)

    def _conditional(
        self, request: Request, slug: str, catalogs: list[Catalog]
    ) -> HttpResponseBase:
        etag, changed = self.validators(request, catalogs)
        stamp = int(changed.timestamp()) if changed else None
        not_modified: HttpResponseBase | None = None
        if not CONDITIONS.isdisjoint(request.META):
            not_modified = get_conditional_response(request._request, etag, stamp)
        response = self.published(request, catalogs) if not_modified is None else not_modified
        if response.status_code in {200, 304}:
            response.headers.setdefault("ETag", etag)
            if stamp is not None:
                response.headers["Last-Modified"] = http_date(stamp)
            # May be kept by anyone, but never used again without asking.
            response.headers["Cache-Control"] = "public, no-cache"
            request.META[DEPENDS_ON] = slug
        return response
