"""The page of all lists: by title, newest or largest first, by first letter, in pages."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlencode

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from catalog.models import Catalog
from catalog.pages.frame import page_of, pages_html
from catalog.published import site_of
from catalog.sql.bulk import fetch

LISTS_PER_PAGE = 40
SORTS = {"": _("A–Z"), "newest": _("Newest"), "size": _("Largest")}
_ORDERS = {"": "title, id", "newest": "created_at DESC, id DESC", "size": "entry_count DESC, id"}
OTHER = "#"
"""The group of titles that begin with no letter from A to Z."""


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
