"""The page of all lists, in pages, and that of one list: its sections, what is new, its tags."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlencode

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalog.browsing import outline_of
from catalog.models import Catalog
from catalog.pages.blocks import BLOCKS_PER_PAGE, BlockRange, addresses_of
from catalog.pages.frame import card, list_data, page_of, pages_html, render_page
from catalog.pages.reading import blocks_html, guidelines_of
from catalog.pages.tags import facet_tags
from catalog.published import conditional, published, reads, site_of
from catalog.sql.bulk import fetch
from catalog.sql.pages import newest_rows, top_tags

LONG_OPENING = 2000
"""Characters from which what stands before the first section is folded away."""
NEWEST = 10
TOP_FACETS, TOP_TAGS = 8, 8
"""So many facets, and tags of each, stand on the page of a list; it leads to the others."""
LISTS_PER_PAGE = 40
SORTS = {"": _("A–Z"), "newest": _("Newest"), "size": _("Largest")}
_ORDERS = {"": "title, id", "newest": "created_at DESC, id DESC", "size": "entry_count DESC, id"}
OTHER = "#"
"""The group of titles that begin with no letter from A to Z."""


@require_safe
@reads("page", "sort", "letter")
def catalog_list(request: HttpRequest) -> HttpResponseBase:
    """The catalogs; the only one is itself the home page."""

    def respond(_catalogs: list[Catalog]) -> HttpResponse:
        first = list(Catalog.objects.published()[:2])
        return catalog_page(request, first[0]) if len(first) == 1 else home_page(request)

    return conditional(request, "", respond)


def home_page(request: HttpRequest) -> HttpResponse:
    """Show the lists that the address asks for; what it asks for in vain is left out."""
    sort, letter = request.GET.get("sort", ""), request.GET.get("letter", "")
    sort = sort if sort in SORTS else ""
    rows = fetch(
        f"SELECT id, title FROM catalog_catalog WHERE revision > 0 ORDER BY {_ORDERS[sort]}"  # noqa: S608
    )
    letters = {pk: letter_of(title) for pk, title in rows}
    offered = sorted(set(letters.values()), key=lambda each: (each == OTHER, each))
    letter = letter if letter in offered else ""
    keys = [pk for pk in letters if letter in {"", letters[pk]}]
    # A list can be paged, though its `count` is another.
    page: Page[int] = page_of(request, keys, LISTS_PER_PAGE)  # type: ignore[arg-type]
    shown = Catalog.objects.published().in_bulk(page.object_list)
    chosen = {name: value for name, value in [("sort", sort), ("letter", letter)] if value}
    query = f"?{urlencode(chosen)}" if chosen else ""
    number = {"page": page.number} if page.number > 1 else {}
    canonical = f"?{urlencode(chosen | number)}" if chosen | number else ""
    context = {
        "catalogs": [shown[pk] for pk in page.object_list if pk in shown],
        "canonical": site_of(request) + request.path + canonical,
        "base": request.path,
        "sorts": SORTS.items(),
        "sort": sort,
        "letters": offered if len(rows) > LISTS_PER_PAGE else [],
        "letter": letter,
        "number": page.paginator.count,
        "pagination": pages_html(page, query),
    }
    return render(request, "catalog/catalog_list.html", context)


def letter_of(title: str) -> str:
    """Return the letter from A to Z that a title begins with, without its accent, or `OTHER`."""
    first = unicodedata.normalize("NFKD", title.lstrip()[:1])[:1].upper()
    return first if first.isascii() and first.isalpha() else OTHER


@published
@reads("page")
def catalog_detail(request: HttpRequest, catalog: Catalog) -> HttpResponse:
    """One list: its sections, what is new, its tags."""
    return catalog_page(request, catalog)


def catalog_page(request: HttpRequest, catalog: Catalog) -> HttpResponse:
    """The page of the list, at its own address or as the home page."""
    outline = outline_of(catalog)
    opening = page_of(request, BlockRange(catalog, 0, outline.start()), BLOCKS_PER_PAGE)
    blocks = list(opening.object_list)
    # The list's own title, which is the page's already.
    title = next((row.position for row in outline.rows if row.is_title), None)
    addresses = addresses_of(outline.address, blocks)
    opening_html = blocks_html(catalog, blocks, addresses, skip=title, without_contents=True)
    chapters = outline.children.get("", [])
    sections = ((row.title, site_of(request) + row.address) for row in chapters)
    return render_page(
        request,
        "catalog/catalog_detail.html",
        catalog,
        at=outline.address,
        card=card(catalog.title, catalog.description),
        structured=list_data(
            catalog, catalog.title, site_of(request) + outline.address, len(chapters), sections
        ),
        base=outline.address,
        contents=outline.contents,
        page=opening,
        opening=opening_html,
        guidelines=guidelines_of(catalog),
        opening_is_long=bool(outline.contents) and len(opening_html) > LONG_OPENING,
        newest=newest_rows(catalog.pk, NEWEST),
        facets=[
            facet_tags(outline.address, facet.slug, facet.name, facet.tags, facet.total)
            for facet in top_tags(catalog.pk, TOP_FACETS, TOP_TAGS)
        ],
    )
