"""Answers about published lists: the same for everybody, and 304 for who has them already.

A page depends on its catalogs as they stand, on the release of the site and on the language, so
its ETag is made of these three and nothing is ever invalidated by hand. `pages/page_cache.py`
gives whole pages again by it. Where a view says what it reads (`published_from`), the ETag is made
of what was read instead, and an edit elsewhere in the list leaves it as it is. Whoever is signed in
gets pages of their own, which are not stored.

A view also says which parameters it reads (`reads`) and is given no others, so that a page does not
differ by what campaigns and junk add to its address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache, wraps
from operator import itemgetter
from typing import Any, Protocol, cast

import orjson
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.functional import SimpleLazyObject
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
API = "/api/"
"""Prefix of the addresses whose answers differ by the accepted media type."""

DEPENDS_ON = "catalog.depends_on"
"""The key in a request's META for the slug of the catalog that its page depends on, or '' for all.
"""
CACHED_PAGE = "catalog.cached_page"
"""The key in a request's META for the page cached at another state of its catalogs."""


class Cached(Protocol):
    """A page that somebody got before."""

    @property
    def etag(self) -> str: ...

    def response(self) -> HttpResponse:
        """Return the cached response."""


type Row = tuple[Any, ...]
"""A catalog as the driver gives it."""

_ROWS, _SITE, _STATE_OF_SITE = "catalog.rows", "catalog.site", "catalog.site_state"
_FIELDS = Catalog._meta.concrete_fields
_NAMES = [str(field.column) for field in _FIELDS]
_ATTRIBUTES = [field.attname for field in _FIELDS]
_STATE = itemgetter(*(_NAMES.index(name) for name in ("id", "revision", "updated_at")))
_TABLE = Catalog._meta.db_table
_PUBLISHED = f"SELECT {', '.join(_NAMES)} FROM {_TABLE} WHERE revision > 0"  # noqa: S608
_ONE = f"{_PUBLISHED} AND slug = %s"
_ALL = f"{_PUBLISHED} ORDER BY title, id"
# Differs whenever anything of any list does, and reads no list: an index has all of it.
_SITE_STATE = f"""
SELECT count(*), sum(revision), max(updated_at) FROM {_TABLE} WHERE revision > 0"""  # noqa: S608

CODE_SUFFIXES = frozenset({".py", ".html", ".css", ".js", ".svg", ".mo"})


def published(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Pass the view the catalog of its address, unless the answer is known already."""

    @require_safe
    @wraps(view)
    def wrapper(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        rows = _rows_of(request, slug)
        if not rows:
            raise Http404
        return _answer(request, slug, lambda: view(request, _catalog_from(rows[0]), **kwargs))

    return wrapper


def published_from[R](
    read: Callable[..., R | HttpResponseBase], *, of_all_lists: bool = False
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Pass the view what `read` reads of the request and the catalog of its address.

    It is everything that the page shows, for `of_all_lists` from other lists as well. The page's
    ETag is made of it, so it consists of plain values, or such as have a `repr` of all that is in
    them. Where `read` gives an answer instead (another address), that is the answer.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @require_safe
        @wraps(view)
        def wrapper(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
            rows = _rows_of(request, slug)
            if not rows:
                raise Http404
            depends_on = "" if of_all_lists else slug
            # Before what it stands for is read: what changes meanwhile is noticed next time.
            state_of(request, depends_on)
            catalog = _catalog_from(rows[0])
            shown = read(request, catalog, **kwargs)
            if isinstance(shown, HttpResponseBase):
                return _answer(request, depends_on, lambda: shown)
            etag = _etag(request, f"{_digest_of(shown)} {release()}", get_language())
            return _answer(request, depends_on, lambda: view(request, catalog, shown), etag)

        return wrapper

    return decorate


def _digest_of(shown: object) -> str:
    """A digest of everything in a value made of tuples, lists, dicts and plain values."""
    # Named tuples are written by Python as `repr`, which takes five times as long.
    text = orjson.dumps(shown, default=_plain, option=orjson.OPT_NON_STR_KEYS)
    return hashlib.blake2s(text).hexdigest()


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, tuple) else repr(value)


def site_of(request: HttpRequest) -> str:
    """Scheme and host that the request came to, checked once: what absolute addresses begin with.

    Raises `DisallowedHost`.
    """
    site: str | None = request.META.get(_SITE)
    if site is None:
        site = request.META[_SITE] = f"{request.scheme}://{request.get_host()}"
    return site


def asks_for_part(request: HttpRequest) -> bool:
    """Whether htmx wants a part of the page; where it has forgotten an address it wants all."""
    headers = request.META
    return "HTTP_HX_REQUEST" in headers and "HTTP_HX_HISTORY_RESTORE_REQUEST" not in headers


def inputs_of(request: HttpRequest, language: str | None) -> tuple[str | None, ...]:
    """Return everything in a request that its page may depend on, for callers without a session.

    Cache keys and ETags are made of it. A view that reads more of a request says so by `Vary`, and
    is not cached unless what it names is in here. Raises `DisallowedHost`.
    """
    return (
        site_of(request),
        # Addresses are made with what a server says that the site is mounted under.
        request.META.get("SCRIPT_NAME", ""),
        request.path_info,
        request.META.get("QUERY_STRING", ""),
        language,
        _shape_of(request),
    )


def _shape_of(request: HttpRequest) -> str:
    """Return what distinguishes the answers of one address besides the language."""
    if request.path_info.startswith(API):
        return str(request.META.get("HTTP_ACCEPT", ""))
    return str(asks_for_part(request))


def catalogs_of(request: HttpRequest, slug: str) -> list[Catalog]:
    """The published catalog of this slug, or all published ones for ''; [] where none is.

    Costs one query, unless the request has asked for them before.
    """
    return [_catalog_from(row) for row in _rows_of(request, slug)]


def lazy_catalogs_of(request: HttpRequest, slug: str) -> list[Catalog]:
    """The same as `catalogs_of`, read when it is looked at: most answers need no list as such."""
    return cast(list[Catalog], SimpleLazyObject(lambda: catalogs_of(request, slug)))


def conditional(
    request: HttpRequest, slug: str, respond: Callable[[list[Catalog]], HttpResponseBase]
) -> HttpResponseBase:
    """Call `respond` with the catalog of this slug, or with all published ones when it is ''.

    Unless the browser holds the page that they give. All of them are read when they are looked
    at first. Raises `Http404` when there is no such one.
    """
    if slug and not _rows_of(request, slug):
        raise Http404
    return _answer(request, slug, lambda: respond(lazy_catalogs_of(request, slug)))


def _answer(
    request: HttpRequest, slug: str, respond: Callable[[], HttpResponseBase], etag: str = ""
) -> HttpResponseBase:
    # Who brings no session is nobody; to ask who it is would cost more than the page.
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        response = respond()
        patch_cache_control(response, private=True, no_store=True)
        return response
    etag = etag or page_etag(request, slug, get_language())
    cached: Cached | None = request.META.get(CACHED_PAGE)
    if cached and cached.etag == etag:
        respond = cached.response
    not_modified: HttpResponseBase | None = None
    if not CONDITIONS.isdisjoint(request.META):
        not_modified = get_conditional_response(request, etag=etag)
    response = respond() if not_modified is None else not_modified
    if response.status_code in {200, 304}:
        response.headers["ETag"] = etag
        # May be kept by anyone, but never shown without asking.
        response.headers["Cache-Control"] = "no-cache"
        request.META[DEPENDS_ON] = slug
    if response.has_header("Vary"):
        patch_vary_headers(response, ["Cookie"])
    else:
        response.headers["Vary"] = "Cookie"
    return response


def page_etag(request: HttpRequest, slug: str, language: str | None) -> str:
    """Return the present ETag of a page that depends on the catalog of this slug ('': on all
    published ones).

    Costs one query, unless the request has asked for them before.
    """
    return _etag(request, page_state(request, slug), language)


def page_state(request: HttpRequest, slug: str) -> str:
    """Return the state that a page is made from: while it is equal, so is the page for the same
    inputs."""
    return f"{state_of(request, slug)} {release()}"


def _etag(request: HttpRequest, shown: str, language: str | None) -> str:
    """The ETag of a page that differs by this and by the request."""
    text = f"{shown} {inputs_of(request, language)}"
    # Weak, because a proxy may compress the page.
    return f'W/"{hashlib.blake2s(text.encode(), digest_size=12).hexdigest()}"'


def state_of(request: HttpRequest, slug: str) -> str:
    """Return the state of the catalog, or of all for '', which differs after any change."""
    if slug:
        return str([(pk, rev, str(at)) for pk, rev, at in map(_STATE, _rows_of(request, slug))])
    state: str | None = request.META.get(_STATE_OF_SITE)
    if state is None:
        with connection.cursor() as cursor:
            cursor.execute(_SITE_STATE)
            number, revisions, at = cursor.fetchone()
        state = request.META[_STATE_OF_SITE] = f"{number} {revisions} {at}"
    return state


def _rows_of(request: HttpRequest, slug: str) -> list[Row]:
    """The published catalog's row, or all for ''; most often their start is enough."""
    known: dict[str, list[Row]] = request.META.setdefault(_ROWS, {})
    if slug not in known:
        known[slug] = []
        if "\0" not in request.path_info:
            # With a NUL nothing is called, and PostgreSQL refuses to look.
            with connection.cursor() as cursor:
                cursor.execute(_ONE if slug else _ALL, [slug] if slug else [])
                known[slug] = cursor.fetchall()
    return known[slug]


def _catalog_from(row: Row) -> Catalog:
    """The catalog of a row, as the ORM would make it."""
    values = list(row)
    for number, column, convert in _converters(connection.vendor):
        values[number] = convert(values[number], column, connection)
    return Catalog.from_db(DEFAULT_DB_ALIAS, _ATTRIBUTES, values)


@cache
def _converters(_vendor: str) -> list[tuple[int, Any, Callable[..., Any]]]:
    """Return the ORM's converters of the driver's values, by number of the field."""
    return [
        (number, column, convert)
        for number, field_ in enumerate(_FIELDS)
        for column in [field_.get_col(_TABLE)]
        for convert in (
            *connection.ops.get_db_converters(column),
            *column.get_db_converters(connection),
        )
    ]


def release() -> str:
    """Return the digest of this release: its code, templates and name."""
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
    def cached(state: _AsOf) -> T:
        return read(state.catalog)

    @wraps(read)
    def wrapper(catalog: Catalog) -> T:
        return cached(_AsOf(catalog.pk, catalog.revision, catalog.updated_at, catalog))

    return wrapper


@lru_cache(maxsize=1)
def _digest() -> str:
    digest = hashlib.blake2s(settings.SITE_NAME.encode())
    code = [settings.BASE_DIR / name for name in ("api", "catalog", "config")]
    for folder in (
        *code,
        *(settings.RESOURCES / name for name in ("locale", "static", "templates")),
    ):
        for path in sorted(folder.rglob("*")):
            if path.suffix in CODE_SUFFIXES:
                digest.update(path.read_bytes())
    return digest.hexdigest()


type View = Callable[..., HttpResponseBase]

_READS = "reads_parameters"


def reads[V: View](*names: str) -> Callable[[V], V]:
    """Mark a view as one whose answer depends on these parameters alone."""

    def mark(view: V) -> V:
        vars(view)[_READS] = frozenset(names)
        return view

    return mark


def parameters_of(view: Any) -> frozenset[str] | None:
    """Return what the view is marked to read; None where it may read any."""
    return getattr(view, _READS, None)


def drop_unknown(request: HttpRequest) -> bool:
    """Remove those parameters from the request that its view does not read, if it has any."""
    if not request.META["QUERY_STRING"]:
        return False
    try:
        known = parameters_of(resolve(request.path_info).func)
    except Resolver404:
        return False
    if known is None or known.issuperset(request.GET):
        return False
    query = request.GET.copy()
    for name in request.GET.keys() - known:
        del query[name]
    request.META["QUERY_STRING"] = query.urlencode()
    # What was read before would stay as it was.
    request.GET = QueryDict(request.META["QUERY_STRING"])
    return True
