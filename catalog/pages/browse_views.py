"""The page that narrows a list down; see `browsing` for what it means by that."""

from __future__ import annotations

from dataclasses import replace

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse

from catalog.browsing.outline import outline_of
from catalog.browsing.selection import Selection, choices_of, sections_of
from catalog.finding.facets import facets_of
from catalog.finding.ordering import BY_VALUE, POSITION
from catalog.finding.query import Entries, entries
from catalog.models import Catalog
from catalog.pages.browse_parts import choice_holes, page_holes
from catalog.pages.entry_rows import rows_html, rows_of
from catalog.pages.filters import filters_html, tag_links
from catalog.pages.frame import render_page
from catalog.pages.parts import template_or_part, varying
from catalog.pages.search_note import search_note
from catalog.published.conditional import published
from catalog.published.parameters import reads

PER_PAGE = 50


@published
@reads(*Selection.PARAMETERS, "page")
def browse(request: HttpRequest, catalog: Catalog) -> HttpResponse:
    """Entries by words, tags and section, with what each further choice would leave."""
    outline, facets = outline_of(catalog), facets_of(catalog)
    selection = Selection.of(request.GET, catalog, outline)
    query = selection.entry_query(catalog)
    if query.words is None:
        selection = replace(selection, text="")
    matches = entries(query, catalog.entry_count)
    pks, page = _page(request.GET.get("page", "1"), selection, matches)
    terms = matches.text.terms if matches.text else ()
    rows = rows_html(rows_of(pks, catalog, outline), tag_links(selection), terms)
    note = ""
    if matches.text:
        note = search_note(matches.text, lambda text: replace(selection, text=text).query())
    choices = choices_of(matches, selection, facets)
    sections = sections_of(matches, selection, outline)
    response = render_page(
        request,
        template_or_part(request, "catalog/browse.html", "list"),
        catalog,
        query=selection.query(),
        page=page,
        holes=choice_holes(selection, facets)
        | {"filters": filters_html(choices, selection, sections, outline)}
        | page_holes(selection, facets, page, rows, note),
    )
    return varying(response)


def _page(number: str, selection: Selection, matches: Entries) -> tuple[list[int], Page[int]]:
    """The keys of the page's entries, and the page."""
    paginator = Paginator(range(matches.number), PER_PAGE)
    try:
        page = paginator.page(number)
    except InvalidPage:
        raise Http404 from None
    places = page.object_list
    start, stop = (places[0], places[-1] + 1) if places else (0, 0)
    if selection.text and not selection.sort:
        return matches.best(start, stop), page
    sort = selection.sort if selection.sort in BY_VALUE else POSITION
    return matches.page(matches.order(sort), start, stop), page
