"""The pages that find entries: results, suggestions while typing, and what browsers are told."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.finding.results import Result, results_of
from catalog.finding.searching import MOST_RESULTS, Found
from catalog.finding.suggesting import suggest
from catalog.finding.text import LONGEST_QUERY, read_query
from catalog.models import Catalog
from catalog.pages.frame import render_page
from catalog.pages.pagination import pages_html
from catalog.pages.parts import template_or_part, varying
from catalog.pages.result_rows import results_html
from catalog.pages.search_note import search_note
from catalog.published.conditional import conditional
from catalog.published.parameters import reads

PER_PAGE = 20


@require_safe
@reads("q", "page")
def search_page(request: HttpRequest, slug: str = "") -> HttpResponseBase:
    """Entries that have what was asked for, of one list or of all."""
    query = _query(request)

    def respond(catalogs: list[Catalog]) -> HttpResponse:
        return _results_page(request, query, catalogs[0] if slug else None, catalogs)

    return conditional(request, slug, respond)


def _query(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", " ").strip()[:LONGEST_QUERY]


def _results_page(
    request: HttpRequest, query: str, catalog: Catalog | None, catalogs: list[Catalog]
) -> HttpResponse:
    number = request.GET.get("page", "1")
    if not number.isascii() or not number.isdecimal() or not 0 < int(number) <= MOST_RESULTS:
        raise Http404
    found = Found(read_query(query), catalog)
    total = len(found.entries)
    paginator = Paginator(range(min(total, MOST_RESULTS)), PER_PAGE)
    if int(number) > paginator.num_pages:
        raise Http404
    page = paginator.page(number)
    stop = int(number) * PER_PAGE
    results = results_of(found.best(None, stop - PER_PAGE, stop), found.terms)
    address = f"?{urlencode({'q': query})}" if query else ""
    context: dict[str, Any] = {
        "base": "catalog/base.html" if catalog else "base.html",
        "asked": query,
        "total": total,
        "is_cut": total > MOST_RESULTS,
        "results": results_html(results, with_catalog=catalog is None),
        "note": search_note(found, lambda text: f"?{urlencode({'q': text})}"),
        "everywhere": catalog and reverse("catalog:search") + address,
        "has_several": len(catalogs) > 1,
        "page": page,
        "pagination": pages_html(page, address),
    }
    template = template_or_part(request, "catalog/search.html", "found")
    if catalog:
        browse = reverse("catalog:browse", args=[catalog.slug])
        context |= {"browse": browse + address, "feed": f"{browse}feed.atom{address}"}
        response = render_page(request, template, catalog, query=address, **context)
    else:
        context["feed"] = reverse("catalog:search-feed") + address
        response = render(request, template, context)
    return varying(response)


@require_safe
@reads("q")
def suggestions(request: HttpRequest, slug: str = "") -> HttpResponseBase:
    """Names that have what was typed so far, as JSON; their `html` is safe to show."""

    def respond(catalogs: list[Catalog]) -> HttpResponse:
        catalog = catalogs[0] if slug else None
        # Not stripped: a space ends the word that is being typed.
        typed = request.GET.get("q", "")[:LONGEST_QUERY].lstrip()
        base = reverse("catalog:catalog-list")
        rows = [
            {"html": found.name, "url": base + found.path, "where": _place(found, catalog)}
            for found in suggest(typed, catalog)
        ]
        return JsonResponse({"suggestions": rows})

    return conditional(request, slug, respond)


def _place(found: Result, searched: Catalog | None) -> str:
    names = ["" if searched else found.catalog_title, found.section_title]
    return " · ".join(filter(None, names))


@require_safe
def opensearch(request: HttpRequest) -> HttpResponse:
    """What lets a browser offer this site among its search engines."""
    address = request.build_absolute_uri(reverse("catalog:search"))
    return render(
        request,
        "catalog/opensearch.xml",
        {"address": address},
        content_type="application/opensearchdescription+xml; charset=utf-8",
    )
