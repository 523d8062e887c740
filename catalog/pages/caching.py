"""Validators of public pages: a page that has not changed is answered with 304.

A page depends on its catalogs as they stand, on the release of the site and on the language, so
its ETag is made of these three and nothing is ever invalidated by hand. Together with the address
it is the key of whole pages, kept for those who come without an ETag. Whoever is signed in gets
pages of their own, which are not stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, wraps
from http import HTTPStatus
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from catalog.models import Catalog

CONDITIONS = frozenset(
    {
        "HTTP_IF_MATCH",
        "HTTP_IF_NONE_MATCH",
        "HTTP_IF_MODIFIED_SINCE",
        "HTTP_IF_UNMODIFIED_SINCE",
    }
)
KEPT_SECONDS = 3600
LONGEST_ADDRESS = 500
"""Pages under longer ones are nobody's bookmark, and not kept."""

type State = tuple[Any, ...]
"""A catalog's id, revision and time of change; the time may be as the database writes it."""

_FIELDS = Catalog._meta.concrete_fields
_STATE = itemgetter(
    *(_FIELDS.index(Catalog._meta.get_field(name)) for name in ("id", "revision", "updated_at"))
)
_SELECT = (
    f"SELECT {', '.join(str(field.column) for field in _FIELDS)} "  # noqa: S608
    f"FROM {Catalog._meta.db_table} WHERE slug = %s AND revision > 0"
)

CODE_SUFFIXES = frozenset({".py", ".html", ".css", ".js", ".svg", ".mo"})


def published(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Give the view the catalog of its address, unless what it would answer is known already."""

    @require_safe
    @wraps(view)
    def wrapper(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        row = None
        if "\0" not in request.path_info:
            # With a NUL nothing is called, and PostgreSQL refuses to look.
            row = _row_of(slug)
        if row is None:
            raise Http404
        return _answer(request, [_STATE(row)], lambda: view(request, _catalog_from(row), **kwargs))

    return wrapper


def conditional(
    request: HttpRequest, catalogs: list[Catalog], respond: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Call `respond` unless the browser or this site holds the page these catalogs give."""
    states = [(catalog.pk, catalog.revision, catalog.updated_at) for catalog in catalogs]
    return _answer(request, states, respond)


def _answer(
    request: HttpRequest, states: list[State], respond: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    # Who brings no session is nobody; to ask who it is would cost more than the page.
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        response = respond()
        patch_cache_control(response, private=True, no_store=True)
        return response
    etag = page_etag(states)
    not_modified: HttpResponseBase | None = None
    if not CONDITIONS.isdisjoint(request.META):
        not_modified = get_conditional_response(request, etag=etag)
    response = _kept_whole(request, etag, respond) if not_modified is None else not_modified
    if response.status_code in {200, 304}:
        response.headers["ETag"] = etag
        # May be kept by anyone, but never shown without asking.
        response.headers["Cache-Control"] = "no-cache"
    if response.has_header("Vary"):
        patch_vary_headers(response, ["Cookie"])
    else:
        response.headers["Vary"] = "Cookie"
    return response


def _kept_whole(
    request: HttpRequest, etag: str, respond: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """The page as somebody got it before, under the same address and ETag."""
    address = f"{request.scheme} {request.get_host()} {request.get_full_path()}"
    if settings.DEBUG or len(address) > LONGEST_ADDRESS:
        return respond()
    key = f"page:{hashlib.blake2s(f'{etag} {address}'.encode(), digest_size=16).hexdigest()}"
    kept = cache.get(key)
    if kept:
        content, content_type = kept
        return HttpResponse(content, content_type=content_type)
    response = respond()
    if isinstance(response, HttpResponse) and response.status_code == HTTPStatus.OK:
        cache.set(key, (response.content, response.headers["Content-Type"]), KEPT_SECONDS)
    return response


def page_etag(states: list[State]) -> str:
    """Weak, because a proxy may compress the page."""
    text = f"{states} {release()} {get_language()}"
    return f'W/"{hashlib.blake2s(text.encode(), digest_size=12).hexdigest()}"'


def _row_of(slug: str) -> tuple[Any, ...] | None:
    """The published catalog's row as the driver gives it: most often its start is all we need."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [slug])
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _catalog_from(row: tuple[Any, ...]) -> Catalog:
    """The catalog of a row, as the ORM would make it."""
    values = []
    for field_, value in zip(_FIELDS, row, strict=True):
        column = field_.get_col(Catalog._meta.db_table)
        for convert in (
            *connection.ops.get_db_converters(column),
            *column.get_db_converters(connection),
        ):
            value = convert(value, column, connection)
        values.append(value)
    return Catalog.from_db(connection.alias, [f.attname for f in _FIELDS], values)


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


@lru_cache(maxsize=1)
def _digest() -> str:
    digest = hashlib.blake2s(settings.SITE_NAME.encode())
    for folder in ("catalog", "config", "locale", "static", "templates"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in CODE_SUFFIXES:
                digest.update(path.read_bytes())
    return digest.hexdigest()
