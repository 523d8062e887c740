"""What all pages of a catalog share: paging, and the frame around what is a page's own.

The frame (head, header, footer) is made once for each state of the catalog and language, and kept
in the memory of the process; it has holes for what differs from page to page. Only a page's own
part is rendered for each request.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from html import escape
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext

from catalog.models import Catalog
from catalog.pages.caching import release
from catalog.pages.structured import head_of
from catalog.rendering.source_links import SourceLinks

WEB = re.compile("https?://", re.IGNORECASE)
WEB_OR_ANCHOR = re.compile("[a-z][a-z0-9+.-]*:|#", re.IGNORECASE)
"""Addresses that are not relative to the file, or lead into it."""

FRAMES_KEPT = 64

# Nobody can write into a list what is made up when the process starts.
_MARK = secrets.token_hex(8)
_CUT = mark_safe(f"<!--{_MARK}-->")  # noqa: S308
_HOLES = {
    name: mark_safe(f"{_MARK}-{name}-")  # noqa: S308
    for name in ("title", "head", "main", "asked", "here")
}
_HOLE = re.compile(f"{_MARK}-([a-z]+)-")


class Frame:
    """A page without what is its own."""

    def __init__(self, html: str) -> None:
        # What stands between the holes, and every second one the name of a hole.
        self.parts = _HOLE.split(html)

    def around(self, **holes: str) -> str:
        """The whole page; the holes' texts are HTML."""
        parts = self.parts.copy()
        parts[1::2] = [holes[name] for name in parts[1::2]]
        return "".join(parts)


_frames: dict[tuple[Any, ...], Frame] = {}


class Rows[T](Protocol):
    """What can be paged: a queryset, or something like it."""

    def __getitem__(self, part: slice, /) -> Iterable[T]: ...

    def count(self) -> int: ...


def page_of[T](request: HttpRequest, rows: Rows[T], per_page: int) -> Page[T]:
    """The page of the rows that the address asks for; most often the first is all there is."""
    paginator = Paginator(rows, per_page)
    number = request.GET.get("page", "1")
    if number != "1":
        try:
            return paginator.page(number)
        except InvalidPage:
            raise Http404 from None
    first = list(rows[: per_page + 1])
    if len(first) <= per_page:
        paginator.count = len(first)
    return Page(first[:per_page], 1, paginator)


def entries_counted(number: int) -> str:
    """So many entries, in words."""
    shown = number_format(number, use_l10n=True, force_grouping=True)
    return ngettext("%(shown)s entry", "%(shown)s entries", number) % {"shown": shown}


def render_page(
    request: HttpRequest,
    template: str,
    catalog: Catalog,
    *,
    status: int = 200,
    at: str = "",
    query: str = "",
    card: dict[str, str] | None = None,
    structured: SafeString | None = None,
    **context: Any,
) -> HttpResponse:
    """A page of the catalog: what the template says, in the frame of the catalog's pages.

    `at` and `query` are its address, where that is not simply the path that was asked for; `card`
    and `structured` are what it tells machines. The template gets no more than what is given here:
    what depends on who asks belongs into the frame. A template's part (`page.html#part`) gets none.
    """
    page = context.get("page")
    if page and page.has_other_pages():
        context["page_numbers"] = page.paginator.get_elided_page_range(page.number)
    start = f"{query}&" if query else "?"
    if page and page.number > 1:
        query = f"{start}page={page.number}"
    canonical = request.build_absolute_uri((at or request.path) + query)
    context |= _about(catalog) | {"pages_start": start, "cut": _CUT}
    own = get_template(template).render(context)
    if "#" in template:
        # A part of the page is all that was asked for.
        return HttpResponse(own, status=status)
    title, head, main = own.split(_CUT)
    html = _frame_of(request, catalog).around(
        title=title.strip(),
        head=head_of(canonical, card, structured) + head,
        main=main,
        asked=escape(context.get("asked", "")),
        here=escape(request.get_full_path()),
    )
    return HttpResponse(html, status=status)


def _about(catalog: Catalog) -> dict[str, Any]:
    return {
        "catalog": catalog,
        "site_name": settings.SITE_NAME,
        "source": web_link(catalog.source_url),
        "licence": web_link(catalog.license_url),
    }


def _frame_of(request: HttpRequest, catalog: Catalog) -> Frame:
    """The frame as this visitor sees it; who brings no session sees the one that all see."""
    if settings.DEBUG or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return _new_frame(request, catalog)
    key = catalog.pk, catalog.revision, catalog.updated_at, get_language(), release()
    frame = _frames.get(key)
    if frame is None:
        if len(_frames) >= FRAMES_KEPT:
            _frames.clear()
        frame = _frames[key] = _new_frame(request, catalog)
    return frame


def _new_frame(request: HttpRequest, catalog: Catalog) -> Frame:
    template = get_template("catalog/frame.html")
    return Frame(template.render(_about(catalog) | _HOLES, request))


def web_link(address: str, relative_to: Catalog | None = None) -> dict[str, str] | None:
    """The address with what to call it, when a browser may follow it out of this site.

    `relative_to` says whose file it stands in.
    """
    if relative_to and not WEB_OR_ANCHOR.match(address):
        address = SourceLinks(relative_to.source_url, {})(address, False)
    if not WEB.match(address):
        return None
    try:
        host = urlsplit(address).hostname
    except ValueError:
        host = None
    # Without a host that can be read, browsers go nowhere.
    return {"url": address, "label": address.partition("://")[2].rstrip("/")} if host else None
