"""The page that narrows a list down; see `browsing` for what it means by that."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import NamedTuple

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Catalog
from catalog.pages.browse_index import BrowseIndex, browse_index_of
from catalog.pages.browsing import FacetValue, Narrowed, Selection
from catalog.pages.caching import published
from catalog.pages.entry_rows import rows_html, rows_of, tags_by_entry
from catalog.pages.frame import render_page
from catalog.pages.outline import Outline, outline_of
from catalog.pages.parts import template_or_part, varying
from catalog.pages.tag_index import TagRow
from catalog.rendering.languages import lang_attribute
from catalog.searching.finding import Found
from catalog.searching.near_misses import did_you_mean
from catalog.searching.segmenting import terms_of

PER_PAGE = 50
SECTIONS_OFFERED = 60


class Choice(NamedTuple):
    """A link to another state of the page."""

    label: object
    query: str
    is_chosen: bool = False
    detail: object = ""


@published
def browse(request: HttpRequest, catalog: Catalog) -> HttpResponse:
    """Entries by words, tags and section, with what each further choice would leave."""
    outline, index = outline_of(catalog), browse_index_of(catalog)
    selection = Selection.of(request.GET, index.tags, outline)
    terms = terms_of(selection.text)
    if not terms:
        selection = replace(selection, text="")
    found = Found(terms, catalog) if terms else None
    narrowed = Narrowed(index, selection, outline, found.entries if found else None)
    pks, page = _page(request.GET.get("page", "1"), index, selection, narrowed, found)

    def with_tag(tag: TagRow) -> str:
        return (selection if tag in selection.tags else selection.with_tag(tag)).query() or "?"

    rows = rows_html(
        catalog, rows_of(pks), outline, tags_by_entry(pks, index.tags), with_tag, terms
    )
    template = template_or_part(request, "catalog/browse.html", "list")
    response = render_page(
        request,
        template,
        catalog,
        query=selection.query(),
        selection=selection,
        page=page,
        rows=rows,
        near_misses=_near_misses(catalog, selection) if found and not found.entries else [],
        chips=_chips(selection, {facet.slug: facet.name for facet in index.tags.facets.values()}),
        sorts=[
            Choice(label, replace(selection, sort=sort).query() or "?", sort == selection.sort)
            for sort, label in selection.sorts.items()
        ],
        facets=[
            (
                facet,
                _lines(facet.values, selection),
                replace(selection, expanded=facet.slug).query(),
            )
            for facet in narrowed.facets()
        ],
        sections=_sections(selection, outline),
        anything=replace(selection, text="", tags=(), section=None, expanded="", sort="").query()
        or "?",
        feed=_feed(selection),
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


def _near_misses(catalog: Catalog, selection: Selection) -> list[Choice]:
    """Other words for some that nothing has, with all else that was chosen."""
    return [
        Choice(text, replace(selection, text=text).query())
        for text in did_you_mean(selection.text, catalog)
    ]


def _feed(selection: Selection) -> str:
    """Where the feed of the state is: what is offered and in which order makes none of its own."""
    return "feed.atom" + replace(selection, sort="", expanded="").query()


def _lines(values: list[FacetValue], selection: Selection) -> SafeString:
    """The links that choose the values, or take them back; made here, since there are hundreds."""
    # The address of one more tag is that of all with it behind the others.
    before, behind = _around_tags(selection)
    out = []
    for value in values:
        name, count, is_chosen = value.tag.name, value.entry_count, value.is_chosen
        marks = lang_attribute(name)
        if is_chosen:
            address = escape(selection.with_tag(value.tag).query() or "?")
            marks = f' aria-current="true"{marks}'
        else:
            address = f"{before}{value.tag.escaped}{behind}"
        out.append(
            f'<li><a href="{address}" rel="nofollow"{marks}>{escape(name)}</a>'
            f'<span class="number">{count:,}</span></li>'
        )
    # Address and name are escaped.
    return mark_safe("".join(out))  # noqa: S308


def _around_tags(selection: Selection) -> tuple[str, str]:
    """What stands before and behind one more tag in the address of the selection with it."""
    mark = TagRow(0, "", "\0", "", 0)
    before, _mark, behind = escape(selection.with_tag(mark).query()).partition(":%00")
    return before, behind


def _chips(selection: Selection, facets: dict[str, str]) -> list[Choice]:
    """What was chosen, each with the way back."""
    chips = []
    if selection.text:
        without = replace(
            selection, text="", sort="" if selection.sort == "list" else selection.sort
        )
        chips.append(Choice(f"“{selection.text}”", without.query() or "?", True))
    chips += [
        Choice(tag.name, selection.with_tag(tag).query() or "?", True, facets[tag.facet])
        for tag in selection.tags
    ]
    if selection.section:
        without = replace(selection, section=None).query() or "?"
        chips.append(Choice(selection.section.title, without, True))
    return chips


def _sections(selection: Selection, outline: Outline) -> list[Choice]:
    """The sections of the next level, from where the visitor is."""
    path = selection.section.path if selection.section else ""
    return [
        Choice(row.title, replace(selection, section=row).query(), False, row.entry_count)
        for row in outline.children.get(path, [])
        if row.entry_count
    ][:SECTIONS_OFFERED]
