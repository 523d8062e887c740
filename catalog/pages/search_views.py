"""The pages that find entries: results, suggestions while typing, and what browsers are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.models import Catalog, Section
from catalog.pages.caching import conditional
from catalog.pages.frame import render_page
from catalog.pages.outline import paths_above
from catalog.searching.finding import (
    LONGEST_QUERY,
    MOST_RESULTS,
    Result,
    did_you_mean,
    search,
    suggest,
)

PER_PAGE = 20


class Found(NamedTuple):
    """A result with the sections that lead to it."""

    result: Result
    trail: list[Section]


@require_safe
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
    found = search(query, catalog, limit=PER_PAGE, offset=(int(number) - 1) * PER_PAGE)
    paginator = Paginator(range(found.total), PER_PAGE)
    if int(number) > paginator.num_pages:
        raise Http404
    page = paginator.page(number)
    address = f"?{urlencode({'q': query})}" if query else ""
    context: dict[str, Any] = {
        "base": "catalog/base.html" if catalog else "base.html",
        "asked": query,
        "found": found,
        "results": _with_trails(found.results),
        "near_misses": did_you_mean(query, catalog) if query and not found.total else [],
        "everywhere": catalog and reverse("catalog:search") + address,
        "has_several": len(catalogs) > 1,
        "page": page,
    }
    if catalog:
        return render_page(request, "catalog/search.html", catalog, query=address, **context)
    context["pages_start"] = f"{address}&"
    context["page_numbers"] = paginator.get_elided_page_range(page.number)
    return render(request, "catalog/search.html", context)


def _with_trails(results: Sequence[Result]) -> list[Found]:
    """The results with their sections and those above them, read with one query."""
    paths = {
        path
        for result in results
        if (section := result.entry.section)
        for path in [*paths_above(section.path), section.path]
    }
    catalogs = {result.entry.catalog_id for result in results}
    rows = Section.objects.filter(catalog__in=catalogs, path__in=paths, is_title=False)
    sections = {
        (row.catalog_id, row.path): row for row in rows.only("catalog_id", "path", "title")
    } if paths else {}  # fmt: skip
    found = []
    for result in results:
        section = result.entry.section
        steps = [*paths_above(section.path), section.path] if section else []
        keys = [(result.entry.catalog_id, path) for path in steps]
        found.append(Found(result, [sections[key] for key in keys if key in sections]))
    return found


@require_safe
def suggestions(request: HttpRequest, slug: str = "") -> HttpResponseBase:
    """Names that have what was typed so far, as JSON; their `html` is safe to show."""

    def respond(catalogs: list[Catalog]) -> HttpResponse:
        catalog = catalogs[0] if slug else None
        # Not stripped: a space ends the word that is being typed.
        typed = request.GET.get("q", "")[:LONGEST_QUERY].lstrip()
        rows = [
            {
                "html": suggestion.name,
                "url": reverse(
                    "catalog:entry-detail",
                    args=[
                        suggestion.entry.catalog.slug,
                        suggestion.entry.pk,
                        suggestion.entry.slug,
                    ],
                ),
                "where": _place(suggestion.entry.section, suggestion.entry.catalog, catalog),
            }
            for suggestion in suggest(typed, catalog)
        ]
        return JsonResponse({"suggestions": rows})

    return conditional(request, slug, respond)


def _place(section: Section | None, owner: Catalog, searched: Catalog | None) -> str:
    names = [] if searched else [owner.title]
    if section and not section.is_title:
        names.append(section.title)
    return " · ".join(names)


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
