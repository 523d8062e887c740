"""Validators of public pages: a page that has not changed is answered with 304.

A page depends on its catalogs as they stand, on the release of the site and on the language, so
its ETag is made of these three and nothing is ever invalidated by hand. Whoever is signed in gets
pages of their own, which are not stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache, wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalog.models import Catalog

CODE_SUFFIXES = frozenset({".py", ".html", ".css", ".js", ".svg", ".mo"})


def published(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give the view the catalog of its address, and answer 304 before it asks for anything else."""

    @require_safe
    @wraps(view)
    def wrapper(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        if "\0" in request.path_info:
            # Nothing is called that, and PostgreSQL refuses to look.
            raise Http404
        catalog = get_object_or_404(Catalog.objects.published(), slug=slug)
        return conditional(request, [catalog], lambda: view(request, catalog, **kwargs))

    return wrapper


def conditional(
    request: HttpRequest, catalogs: list[Catalog], respond: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Call `respond` unless the browser already holds the page these catalogs give."""
    if request.user.is_authenticated:
        response = respond()
        patch_cache_control(response, private=True, no_store=True)
        return response
    etag = page_etag(catalogs)
    not_modified = get_conditional_response(request, etag=etag)
    response = respond() if not_modified is None else not_modified
    if response.status_code in {200, 304}:
        response.headers["ETag"] = etag
        # May be kept by anyone, but never shown without asking.
        patch_cache_control(response, no_cache=True)
    patch_vary_headers(response, ["Cookie"])
    return response


def page_etag(catalogs: list[Catalog]) -> str:
    """Weak, because a proxy may compress the page."""
    state = [(catalog.pk, catalog.revision, catalog.updated_at) for catalog in catalogs]
    text = f"{state} {release()} {get_language()}"
    return f'W/"{hashlib.blake2s(text.encode(), digest_size=12).hexdigest()}"'


def release() -> str:
    """What tells this release of the site from others: its code, templates and name."""
    # Under DEBUG templates change while the process lives.
    return _digest.__wrapped__() if settings.DEBUG else _digest()


@dataclass(frozen=True)
class _AsOf:
    """A catalog as it stands, told from others by what changes whenever anything of it does."""

    pk: int
    revision: int
    updated_at: datetime
    catalog: Catalog = field(compare=False)


def per_revision[T](read: Callable[[Catalog], T]) -> Callable[[Catalog], T]:
    """Keep what the function reads of a catalog for as long as the catalog stays as it is.

    In the memory of the process, for the last few catalogs asked for.
    """

    @lru_cache(maxsize=32)
    def kept(state: _AsOf) -> T:
        return read(state.catalog)

    @wraps(read)
    def wrapper(catalog: Catalog) -> T:
        return kept(_AsOf(catalog.pk, catalog.revision, catalog.updated_at, catalog))

    return wrapper


@cache
def _digest() -> str:
    digest = hashlib.blake2s(settings.SITE_NAME.encode())
    for folder in ("catalog", "config", "locale", "static", "templates"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in CODE_SUFFIXES:
                digest.update(path.read_bytes())
    return digest.hexdigest()
