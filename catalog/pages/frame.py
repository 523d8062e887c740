"""Parts that all pages of a catalog share: paging, and the frame around the content.

The frame (head, header, footer) is made once for each state of the catalog and language, and kept
in the memory of the process; it has places for what differs from page to page. Only a page's own
part is rendered for each request.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape, unescape
from itertools import islice
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import orjson
from django.conf import settings
from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.cache import patch_vary_headers
from django.utils.encoding import iri_to_uri
from django.utils.html import conditional_escape, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.models import Catalog, Link
from catalog.published import asks_for_part, release, site_of
from catalog.rendering.html import SourceLinks


def pages_html(page: Page[Any], query: str) -> SafeString:
    """The links, '' for a single page. `query` is the part of the address behind the path."""
    if not page.has_other_pages():
        return SafeString()
    start = escape(f"{query}&" if query else "?")
    steps = []
    for number in page.paginator.get_elided_page_range(page.number):
        if not isinstance(number, int):
            steps.append(f"<li><span>{number}</span></li>")
            continue
        current = ' aria-current="page"' if number == page.number else ""
        steps.append(f'<li><a{current} href="{start}page={number}">{number}</a></li>')
    previous = following = "<span></span>"
    if page.has_previous():
        address = f"{start}page={page.number - 1}"
        previous = f'<a rel="prev" href="{address}">← {escape(_("Previous page"))}</a>'
    if page.has_next():
        address = f"{start}page={page.number + 1}"
        following = f'<a rel="next" href="{address}">{escape(_("Next page"))} →</a>'
    # The query is escaped, and the rest is made here.
    return mark_safe(  # noqa: S308
        f'<nav class="pages" aria-label="{escape(_("Pages"))}">{previous}'
        f"<ol>{''.join(steps)}</ol>{following}</nav>"
    )


def template_or_part(request: HttpRequest, template: str, part: str) -> str:
    """The name of the template, or of its part when that is what htmx asked for."""
    return f"{template}#{part}" if asks_for_part(request) else template


def varying(response: HttpResponse) -> HttpResponse:
    """Mark the answer as depending on who asks."""
    patch_vary_headers(response, ["HX-Request"])
    return response


# Structured data of pages: schema.org in JSON-LD, and cards for social sites.
#
# A script of the type `application/ld+json` is data: browsers neither run it nor does the content
# security policy concern it. What stands in it is escaped, so that no text can end it.


DESCRIPTION_LENGTH = 200
LONGEST_WORD = 30
LISTED = 50
"""Items of a page's list that are told."""

TYPES = {
    Link.Kind.REPOSITORY: "SoftwareSourceCode",
    Link.Kind.PAPER: "ScholarlyArticle",
    Link.Kind.DATASET: "Dataset",
    Link.Kind.SITE: "WebSite",
}
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def card(title: str, description: str = "", *, kind: str = "website") -> dict[str, str]:
    """The page as other sites show a link to it."""
    return {"title": title[:DESCRIPTION_LENGTH], "description": short(description), "kind": kind}


def head_of(address: str, card: Mapping[str, str] | None, structured: str | None) -> str:
    """Return the machine-readable part of a page's head, at this canonical address, as HTML."""
    canonical = escape(address)
    out = [f'<link rel="canonical" href="{canonical}">']
    if card:
        out.append(
            f'<meta property="og:title" content="{escape(card["title"])}">'
            f'<meta property="og:type" content="{card["kind"]}">'
            f'<meta property="og:url" content="{canonical}">'
            f'<meta name="twitter:card" content="summary">'
        )
        if card["description"]:
            text = escape(card["description"])
            out.append(
                f'<meta property="og:description" content="{text}">'
                f'<meta name="description" content="{text}">'
            )
    if structured:
        out.append(f'<script type="application/ld+json">{structured}</script>')
    return "\n  ".join(out)


def short(html: str) -> str:
    """The beginning of what the HTML says, plain."""
    return cut(" ".join(unescape(strip_tags(html)).split()))


def cut(text: str) -> str:
    """The beginning of a text, up to the end of a word where there are blanks between words."""
    if len(text) <= DESCRIPTION_LENGTH:
        return text
    start = text[: DESCRIPTION_LENGTH - 1]
    blank = start.rfind(" ", DESCRIPTION_LENGTH - LONGEST_WORD)
    return f"{start if blank < 0 else start[:blank]}…"


def shortened(text: str, most: int) -> str:
    """The text, with so many characters at most."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def list_data(
    catalog: Catalog, name: str, url: str, count: int, items: Iterable[tuple[str, str]]
) -> SafeString:
    """A list of things; `items` are names and absolute addresses."""
    return _script(
        {
            "@type": "ItemList",
            "name": name,
            "url": url,
            "description": short(catalog.description) or None,
            "license": catalog.license_url or None,
            "inLanguage": catalog.language or None,
            "numberOfItems": count,
            "itemListElement": [
                {"@type": "ListItem", "position": number, "name": cut(text), "url": address}
                for number, (text, address) in enumerate(islice(items, LISTED), 1)
            ],
        }
    )


def entry_data(
    name: str, html: str, page: str, address: str, kind: str | None, keywords: Iterable[str]
) -> SafeString:
    """The thing an entry is about, described by `html`; `kind` is that of the link to `address`."""
    type_ = TYPES.get(Link.Kind(kind), "Thing") if kind else "Thing"
    data = {
        "@type": type_,
        "name": cut(name),
        "description": short(html) or None,
        "url": address or None,
        "mainEntityOfPage": page,
    }
    if type_ == "SoftwareSourceCode":
        data["codeRepository"] = address
    if type_ != "Thing":
        data["keywords"] = ", ".join(keywords) or None
    return _script(data)


def _script(data: dict[str, Any]) -> SafeString:
    present = {key: value for key, value in data.items() if value is not None}
    text = orjson.dumps({"@context": "https://schema.org", **present}).decode()
    # No sign that means anything to HTML is left.
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308


WEB = re.compile("https?://", re.IGNORECASE)
WEB_OR_ANCHOR = re.compile("[a-z][a-z0-9+.-]*:|#", re.IGNORECASE)
"""Addresses that are not relative to the file, or lead into it."""

MOST_FRAMES = 200
MOST_SHAPES = 500
"""Templates rendered for some of their texts: an entry's page has eight that may be missing."""
LONGEST_WAY_BACK = 300
"""Longest address, with its query, to which signing in leads back."""

OWN = ("asked", "here", "back")
"""Places in the frame that every page fills."""

# Nobody can write into a list what is made up when the process starts.
_MARK = secrets.token_hex(8)
_CUT = mark_safe(f"<!--{_MARK}-->")  # noqa: S308
_PLACEHOLDER = re.compile(f"{_MARK}-([a-z_]+)-")


class Frame:
    """A page without what is its own."""

    def __init__(self, html: str) -> None:
        # What stands between the placeholders, and every second one the name of one.
        self.parts = _PLACEHOLDER.split(html)

    def around(self, **texts: str) -> str:
        """The whole page; the texts are HTML."""
        parts = self.parts.copy()
        parts[1::2] = [texts[name] for name in parts[1::2]]
        return "".join(parts)


_frames: dict[tuple[Any, ...], Frame] = {}


def _placeholders(names: Iterable[str]) -> dict[str, SafeString]:
    """Return the placeholders that a template writes."""
    return {name: mark_safe(f"{_MARK}-{name}-") for name in names}  # noqa: S308


class Rows[T](Protocol):
    """A sequence that can be paged: a queryset, or something like it."""

    def __getitem__(self, part: slice, /) -> Iterable[T]: ...

    def count(self) -> int: ...


class NoSuchPage(Http404):
    """A list has fewer pages than the address asks for."""


def page_of[T](request: HttpRequest, rows: Rows[T], per_page: int) -> Page[T]:
    """The page of the rows that the address asks for; most often the first is all there is."""
    # It asks no more of what it pages than `Rows` has.
    paginator: Paginator[T] = Paginator(rows, per_page)  # type: ignore[arg-type]
    number = request.GET.get("page", "1")
    if number != "1":
        try:
            return paginator.page(number)
        except InvalidPage:
            raise NoSuchPage from None
    first = list(rows[: per_page + 1])
    if len(first) <= per_page:
        paginator.count = len(first)
    return Page(first[:per_page], 1, paginator)


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
    texts: Mapping[str, str] | None = None,
    **context: Any,
) -> HttpResponse:
    """A page of the catalog: what the template says, in the frame of the catalog's pages.

    `at` and `query` are its address, where that is not simply the path that was asked for; `card`
    and `structured` are what it tells machines. The template gets no more than what is given here:
    what depends on who asks belongs into the frame. A template's part (`page.html#part`) gets none.
    Where it gets `texts` alone, it is rendered once for those of them that say anything.
    """
    page = context.get("page")
    if page and "pagination" not in context:
        context["pagination"] = pages_html(page, query)
    if page and page.number > 1:
        query = f"{query}&page={page.number}" if query else f"?page={page.number}"
    canonical = site_of(request) + iri_to_uri((at or request.path) + query)
    own = {
        "head": head_of(canonical, card, structured),
        "asked": escape(context.get("asked", "")),
        "here": escape(request.get_full_path()),
        "back": _back(request),
    }
    if texts is not None:
        html = _filled(_frame_of(request, catalog), _of_texts(template, texts), own)
    elif "#" in template:
        # A part of the page is all that was asked for.
        html = get_template(template).render(context | _about(catalog))
    else:
        whole = get_template(template).render({**context, **_about(catalog), "cut": _CUT})
        html = _filled(_frame_of(request, catalog), whole, own)
    return HttpResponse(html, status=status)


def _of_texts(template: str, texts: Mapping[str, str]) -> str:
    """What the template says with these texts."""
    given = {name: conditional_escape(text) for name, text in texts.items() if text}
    # Under DEBUG templates change while the process lives.
    shaped = _shape.__wrapped__ if settings.DEBUG else _shape
    return shaped(template, frozenset(given), get_language()).around(**given)


@lru_cache(maxsize=MOST_SHAPES)
def _shape(template: str, names: frozenset[str], _language: str | None) -> Frame:
    """The template with places for the texts of these names; it has no others."""
    return Frame(get_template(template).render({**_placeholders(names), "cut": _CUT}))


def _back(request: HttpRequest) -> str:
    """Return the address to which signing in leads back, as the value of a parameter."""
    address = request.get_full_path()
    return quote(address if len(address) < LONGEST_WAY_BACK else request.path)


def _filled(frame: Frame, html: str, own: dict[str, str]) -> str:
    """The frame with what a template says in it."""
    title, head, main = html.split(_CUT)
    return frame.around(**own | {"title": title.strip(), "head": own["head"] + head, "main": main})


def about(catalog: Catalog) -> tuple[str, ...]:
    """Return the list's state as far as the frame shows it."""
    return (
        catalog.slug,
        catalog.title,
        catalog.license,
        catalog.license_url,
        catalog.source_url,
    )


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
    key = *about(catalog), get_language(), release()
    frame = _frames.get(key)
    if frame is None:
        if len(_frames) >= MOST_FRAMES:
            _frames.clear()
        frame = _frames[key] = _new_frame(request, catalog)
    return frame


def _new_frame(request: HttpRequest, catalog: Catalog) -> Frame:
    context = _about(catalog) | _placeholders(["title", "head", "main", *OWN])
    return Frame(get_template("catalog/frame.html").render(context, request))


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
