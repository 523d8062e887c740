"""Addresses for search engines, in parts that each cost the same however much a site has.

A part has the rows of a range of keys, so that no part has to count what stands in those before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.published import conditional, reads, site_of
from catalog.sql.bulk import fetch

PER_PART = 5000
"""Keys of a part; a search engine takes ten times as many addresses."""

# Items first, and lists by their keys: by its statistics SQLite may else read all of a list, or all
# lists for each item.
_OF_CATALOG = "CROSS JOIN catalog_catalog AS catalog WHERE +catalog.revision > 0 AND catalog.id ="
_DAY = "substr(CAST(item.updated_at AS text), 1, 10)"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SCHEMA = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


class Kind(NamedTuple):
    """Pages of a kind: below which address they are, their table, and what reads a part of them."""

    address: str
    """The address with `{}` for each column but the last, which is the day of the last change or
    null."""
    table: str
    select: str
    """Up to its condition on keys, which are those of `item`."""


KINDS = {
    "catalogs": Kind(
        "{}/",
        "catalog_catalog",
        f"SELECT item.slug, {_DAY} FROM catalog_catalog AS item WHERE item.revision > 0",  # noqa: S608
    ),
    # A list's own title is the catalog's page.
    "sections": Kind(
        "{}/{}/",
        "catalog_section",
        "SELECT catalog.slug, item.path, NULL FROM catalog_section AS item "  # noqa: S608
        f"{_OF_CATALOG} item.catalog_id AND NOT item.is_title",
    ),
    "entries": Kind(
        "{}/entries/{}-{}/",
        "catalog_entry",
        f"SELECT catalog.slug, item.id, item.slug, {_DAY} FROM catalog_entry AS item "  # noqa: S608
        f"{_OF_CATALOG} item.catalog_id AND item.state = 'published'",
    ),
    "tags": Kind(
        "{}/tags/{}/{}/",
        "catalog_tag",
        "SELECT catalog.slug, facet.slug, item.slug, NULL FROM catalog_tag AS item "  # noqa: S608
        "CROSS JOIN catalog_facet AS facet "
        f"{_OF_CATALOG} facet.catalog_id AND facet.id = item.facet_id AND facet.is_public"
        " AND item.entry_count > 0",
    ),
}


@require_safe
@reads()
def sitemap_index(request: HttpRequest) -> HttpResponseBase:
    """Serve the index of the parts."""

    def respond(_catalogs: object) -> HttpResponse:
        site = site_of(request)
        parts = [
            f"<sitemap><loc>{site}{reverse('catalog:sitemap', args=[name])}"
            f"{f'?p={number}' if number > 1 else ''}</loc></sitemap>\n"
            for name in KINDS
            for number in range(1, parts_of(name) + 1)
        ]
        return _xml(f"<sitemapindex {_SCHEMA}>\n{''.join(parts)}</sitemapindex>\n")

    return conditional(request, "", respond)


@require_safe
@reads("p")
def sitemap(request: HttpRequest, name: str) -> HttpResponseBase:
    """One part: the addresses of a range of keys."""
    number = request.GET.get("p", "1")
    if name not in KINDS or not number.isascii() or not number.isdecimal() or len(number) > 9:
        raise Http404

    def respond(_catalogs: object) -> HttpResponse:
        if not 1 <= int(number) <= parts_of(name):
            raise Http404
        site = site_of(request)
        return _xml(f"<urlset {_SCHEMA}>\n{''.join(_urls(name, int(number), site))}</urlset>\n")

    return conditional(request, "", respond)


def parts_of(name: str) -> int:
    """Return how many parts there are of a kind, 1 at least."""
    [(last,)] = fetch(f"SELECT max(id) FROM {KINDS[name].table}")  # noqa: S608
    return max((last or 0) - 1, 0) // PER_PART + 1


def rows_of(name: str, number: int) -> list[tuple[Any, ...]]:
    """Return the rows of a part, in a total order."""
    within = " AND item.id > %s AND item.id <= %s ORDER BY item.id"
    return fetch(KINDS[name].select + within, [(number - 1) * PER_PART, number * PER_PART])


def _urls(name: str, number: int, site: str) -> Iterator[str]:
    above, address = f"{site}{reverse('catalog:catalog-list')}", KINDS[name].address
    for *parts, changed in rows_of(name, number):
        # No address has a sign that means anything to XML once it is quoted.
        day = f"<lastmod>{changed}</lastmod>" if changed else ""
        yield f"<url><loc>{above}{quote(address.format(*parts))}</loc>{day}</url>\n"


def _xml(text: str) -> HttpResponse:
    response = HttpResponse(_XML + text, content_type="application/xml")
    # As Django's own: what it leads to is shown, not itself.
    response.headers["X-Robots-Tag"] = "noindex, noodp, noarchive"
    return response
