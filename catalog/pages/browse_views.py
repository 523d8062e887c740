"""The page that narrows a list down; see `browsing` for what it means by that."""

from __future__ import annotations

from dataclasses import replace

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from catalog.browsing.browse_index import BrowseIndex, browse_index_of
from catalog.browsing.narrowing import Narrowed, Selection
from catalog.browsing.outline import outline_of
from catalog.finding.searching import Found
from catalog.finding.text import read_query
from catalog.models import Catalog
from catalog.pages.browse_parts import choice_holes, page_holes
from catalog.pages.entry_rows import rows_html, rows_of
from catalog.pages.filters import TagLinks, filters_html
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
    outline, index = outline_of(catalog), browse_index_of(catalog)
    selection = Selection.of(request.GET, index.tags, outline)
    meaning = read_query(selection.text)
    if not meaning:
        selection = replace(selection, text="")
    found = Found(meaning, catalog) if meaning else None
    narrowed = Narrowed(index, selection, outline, found.entries if found else None)
    pks, page = _page(request.GET.get("page", "1"), index, selection, narrowed, found)
    links = TagLinks(selection, index.tags)
    entries = rows_of(pks, catalog, outline, index.rows)
    rows = rows_html(entries, index.sets.tags_of, links, found.terms if found else ())
    note = search_note(found, lambda text: replace(selection, text=text).query()) if found else ""

    def of_choice() -> dict[str, SafeString]:
        filters = filters_html(narrowed.facets(), selection, index.tags, outline)
        return choice_holes(selection, index.tags) | {"filters": filters}

    holes = index.kept((selection, get_language()), of_choice)
    response = render_page(
        request,
        template_or_part(request, "catalog/browse.html", "list"),
        catalog,
        query=selection.query(),
        page=page,
        holes=holes | page_holes(selection, index.tags, page, rows, note),
    )
    return varying(response)


def _page(
    number: str,
    index: BrowseIndex,
    selection: Selection,
    narrowed: Narrowed,
    found: Found | None,
) -> tuple[list[int], Page[int]]:
    """The keys of the page's entries, and the page."""
    paginator = Paginator(range(narrowed.count), PER_PAGE)
    try:
        page = paginator.page(number)
    except InvalidPage:
        raise Http404 from None
    places = page.object_list
    start, stop = (places[0], places[-1] + 1) if places else (0, 0)
    if found and not selection.sort:
        return found.best(narrowed.entries, start, stop), page
    sort = "" if selection.sort == "list" else selection.sort
    return index.sets.some(narrowed.entries, sort, start, stop), page
