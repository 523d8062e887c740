"""The pages that find entries: results, suggestions while typing, and what browsers are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from catalog.finding.facets import tags_of_entries
from catalog.finding.matching import Index
from catalog.finding.results import (
    MARK,
    SUGGESTION_LENGTH,
    Result,
    lists_of,
    marked,
    matched_elsewhere,
    results_of,
    same_things,
)
from catalog.finding.searching import FEW, MOST_RESULTS, TextSearch, removed_named
from catalog.finding.suggesting import (
    AROUND,
    LIST,
    SECTION,
    TAG,
    Place,
    Suggestions,
    places_called,
    suggest,
)
from catalog.finding.text import LONGEST_ADDRESS, Term, read_query, without_fields
from catalog.models import Catalog, Section
from catalog.outline import paths_above
from catalog.pages.browse import name_alone
from catalog.pages.frame import NoSuchPage, pages_html, render_page, template_or_part, varying
from catalog.published import conditional, reads
from catalog.rendering import lang_attribute
from catalog.sql.bulk import among, fetch, text_table
from catalog.tagging.columns import HOST


def results_html(
    results: Sequence[Result],
    places: Mapping[int, Sequence[Result]],
    matches: TextSearch,
    *,
    with_catalog: bool,
) -> SafeString:
    """The results as items of a list, with the other places of each by its key.

    Costs two queries, for their tags and for the sections that lead to them.
    """
    terms = matches.terms
    titles = _titles(results)
    tags = _tag_links(results, titles, terms)
    base = reverse("catalog:catalog-list")
    links: dict[tuple[int, str], str] = {}
    out = []
    for result in results:
        home = f"{base}{result.catalog_slug}/"
        steps = []
        if with_catalog:
            title = result.catalog_title
            steps.append(f'<a href="{home}"{lang_attribute(title)}>{escape(title)}</a>')
        for path in _way(result):
            key = result.catalog, path
            if key in titles and key not in links:
                title = titles[key]
                address = f"{home}{quote(path)}/"
                links[key] = f'<a href="{address}"{lang_attribute(title)}>{escape(title)}</a>'
            if key in links:
                steps.append(links[key])
        out.append(
            f'<li><h2><a href="{base}{result.path}"{lang_attribute(result.title)}>{result.name}'
            f'</a></h2><p class="where">{" / ".join(steps)}</p>'
        )
        if result.description:
            text = result.description
            out.append(f"<p{lang_attribute(text)}>{text}</p>")
        out += _marks_and_tags(result, "".join(tags.get(result.pk, ())), terms)
        if lacking := matches.lacking(result.pk):
            words = ", ".join(f"<s{lang_attribute(word)}>{escape(word)}</s>" for word in lacking)
            out.append(f'<p class="matched">{escape(_("Without:"))} {words}</p>')
        if others := places.get(result.pk):
            links_ = ", ".join(_place_link(base, place) for place in others)
            out.append(f'<p class="places">{escape(_("Also in:"))} {links_}</p>')
        out.append("</li>")
    # All of it is escaped here or was when it was marked.
    return mark_safe("".join(out))  # noqa: S308


def _marks_and_tags(result: Result, tags: str, terms: Sequence[Term]) -> Iterator[str]:
    """What led to the result where its name and description do not show it, and its tags."""
    if MARK not in result.name + result.description + tags:
        field, html = matched_elsewhere(result, terms)
        if field:
            yield f'<p class="matched">{escape(str(_FIELDS[field]))} {html}</p>'
    if tags:
        yield f'<ul class="tags">{tags}</ul>'


_FIELDS = {
    "section": _lazy("Section:"),
    "address": _lazy("Address:"),
}


def _place_link(base: str, place: Result) -> str:
    title = " / ".join(filter(None, [place.catalog_title, place.section_title]))
    return f'<a href="{base}{place.path}"{lang_attribute(title)}>{escape(title)}</a>'


def _tag_links(
    results: Sequence[Result], titles: Mapping[tuple[int, str], str], terms: Sequence[Term]
) -> dict[int, list[str]]:
    """Links to the tags of each result, as items of a list; its sections and its host, which hardly
    tell one result from another, are left out."""
    language = get_language() or ""
    base = reverse("catalog:catalog-list")
    of_result = {
        result.pk: (
            f'<li><a href="{base}{result.catalog_slug}/tags/',
            {titles.get((result.catalog, path)) for path in _way(result)},
        )
        for result in results
    }
    links: dict[int, list[str]] = {}
    for pk, facet, slug, name, facet_title in tags_of_entries(
        [*of_result], public_only=True, order="slug"
    ):
        (start, sections), own = of_result[pk], links.setdefault(pk, [])
        if name in sections or facet == HOST or len(own) == TAGS_PER_RESULT:
            continue
        middle, text = _tag_parts(language, facet, slug, name, facet_title)
        own.append(f"{start}{middle}{marked(text, terms)}</a></li>")
    return links


@lru_cache(maxsize=10_000)
def _tag_parts(
    language: str, facet: str, slug: str, name: str, facet_title: str
) -> tuple[str, str]:
    """The link to a tag from its slugs to its name, and the name in the reader's language."""
    text = name_alone(facet, name, facet_title)
    return f'{quote(facet)}/{quote(slug)}/"{lang_attribute(text)}>', text


def _way(result: Result) -> list[str]:
    path = result.section_path
    return [*paths_above(path), path] if path else []


def _titles(results: Sequence[Result]) -> dict[tuple[int, str], str]:
    """The titles of the sections that lead to the results, by catalog and path."""
    titles = {
        (result.catalog, result.section_path): result.section_title
        for result in results
        if result.section_path
    }
    above = {path for _catalog, path in titles if "/" in path}
    if above:
        catalogs, keys = among({catalog for catalog, _path in titles})
        steps, paths = text_table({step for path in above for step in paths_above(path)})
        select = f"""
            SELECT catalog_id, path, title FROM {Section._meta.db_table}
            WHERE catalog_id {catalogs} AND path IN (SELECT value FROM {steps}) AND NOT is_title"""  # noqa: S608
        titles |= {(catalog, path): title for catalog, path, title in fetch(select, [keys, paths])}
    return titles


PER_PAGE = 20
TAGS_PER_RESULT = 8
MOST_LISTS = 8
"""Lists that the results of all can be narrowed to."""


@require_safe
@reads("q", "page")
def search_page(request: HttpRequest, slug: str = "") -> HttpResponseBase:
    """Entries that have what was asked for, of one list or of all."""
    query = _query(request)

    def respond(catalogs: list[Catalog]) -> HttpResponse:
        return _results_page(request, query, catalogs[0] if slug else None)

    return conditional(request, slug, respond)


def _query(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", " ").strip()[:LONGEST_ADDRESS]


def _results_page(request: HttpRequest, query: str, catalog: Catalog | None) -> HttpResponse:
    number = request.GET.get("page", "1")
    if not number.isascii() or not number.isdecimal() or not 0 < int(number) <= MOST_RESULTS:
        raise NoSuchPage
    matches = TextSearch(read_query(query), Index(catalog.pk if catalog else None))
    total = len(matches.entries)
    is_changed = bool(matches.corrected or matches.left_out)
    paginator = Paginator(range(min(total, MOST_RESULTS)), PER_PAGE)
    if int(number) > paginator.num_pages:
        raise NoSuchPage
    page = paginator.page(number)
    stop = int(number) * PER_PAGE
    keys = matches.best(None, 0, max(stop, AROUND))
    called = (
        places_called(matches.corrected or query, catalog, keys[:AROUND])
        if stop == PER_PAGE
        else []
    )
    results = results_of(keys[stop - PER_PAGE : stop], matches.terms)
    places = same_things(results)
    shown = _once(results, places, set(keys[: stop - PER_PAGE]))
    address = f"?{urlencode({'q': query})}" if query else ""
    context: dict[str, Any] = {
        "base": "catalog/base.html" if catalog else "base.html",
        "asked": query,
        "total": total,
        "is_cut": total > MOST_RESULTS,
        "results": results_html(shown, places, matches, with_catalog=catalog is None),
        "lists": [] if catalog or not total else _lists(matches, query),
        "called": _place_rows(called, matches.terms, catalog),
        "removed": removed_named(query, catalog.pk if catalog else None)
        if total < FEW or is_changed
        else [],
        "is_changed": is_changed,
        "without_fields": total == 0 and without_fields(query),
        "matches": matches,
        "typed_address": f"?{urlencode({'q': matches.as_typed})}",
        "everywhere": catalog and reverse("catalog:search") + address,
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


def _once(
    results: Sequence[Result], places: Mapping[int, Sequence[Result]], seen: set[int]
) -> list[Result]:
    """The results without what was shown before in another place; `seen` are the earlier ones."""
    shown = []
    for result in results:
        if seen.isdisjoint([place.pk for place in places.get(result.pk, ())]):
            shown.append(result)
        seen.add(result.pk)
    return shown


def _lists(matches: TextSearch, query: str) -> list[dict[str, Any]]:
    """The lists with most of the results, to search in one of them alone."""
    address = f"?{urlencode({'q': query})}"
    counted = lists_of(matches.entries, MOST_LISTS)
    return [
        {
            "title": title,
            "count": count,
            "address": reverse("catalog:catalog-search", args=[slug]) + address,
        }
        for slug, title, count in (counted if len(counted) > 1 else ())
    ]


@require_safe
@reads("q")
def suggestions(request: HttpRequest, slug: str = "") -> HttpResponseBase:
    """Entries, lists, sections and tags for what was typed so far, as JSON.

    Their `html` is safe to show.
    """

    def respond(catalogs: list[Catalog]) -> HttpResponse:
        catalog = catalogs[0] if slug else None
        # Not stripped: a space ends the word that is being typed.
        typed = request.GET.get("q", "")[:LONGEST_ADDRESS].lstrip()
        return JsonResponse({"suggestions": _rows(suggest(typed, catalog), catalog)})

    return conditional(request, slug, respond)


def _rows(offered: Suggestions, searched: Catalog | None) -> list[dict[str, str]]:
    entries = [
        _row(each.name, each.path, "" if searched else each.catalog_title, each.section_title)
        for each in offered.entries
    ]
    return [*entries, *_place_rows(offered.places, offered.terms, searched)]


def _row(html: str, path: str, *where: str) -> dict[str, str]:
    url = reverse("catalog:catalog-list") + path
    return {"html": html, "url": url, "where": " · ".join(filter(None, where))}


def _place_rows(
    places: Sequence[Place], terms: Sequence[Term], searched: Catalog | None
) -> list[dict[str, str]]:
    kinds = {LIST: _("List"), SECTION: _("Section"), TAG: _("Tag")}
    rows = []
    for place in places:
        html = marked(place.title, terms, length=SUGGESTION_LENGTH)
        path = "/".join(filter(None, [place.catalog_slug, quote(place.path)]))
        within = "" if searched or place.kind == LIST else place.catalog_title
        rows.append(_row(html, f"{path}/", kinds[place.kind], place.facet, within))
    return rows


@require_safe
def opensearch(request: HttpRequest) -> HttpResponse:
    """Serve the description by which browsers offer this site as a search engine (OpenSearch)."""
    address = request.build_absolute_uri(reverse("catalog:search"))
    return render(
        request,
        "catalog/opensearch.xml",
        {"address": address},
        content_type="application/opensearchdescription+xml; charset=utf-8",
    )
