"""The page that narrows a list down; see `browsing` for what it means by that."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import NamedTuple

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Catalog, Entry
from catalog.pages.browsing import (
    SORTS,
    FacetValue,
    Selection,
    count_matching,
    facet_choices,
    matching,
    sorted_entries,
    span_of,
)
from catalog.pages.caching import published
from catalog.pages.entry_rows import rows_html, rows_of, tags_by_entry
from catalog.pages.frame import render_page
from catalog.pages.outline import Outline, outline_of
from catalog.pages.tag_index import TagRow, tag_index_of
from catalog.querysets import EntryQuerySet
from catalog.rendering.languages import lang_attribute

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
    """Entries by tags and section, with what each further choice would leave."""
    outline, index = outline_of(catalog), tag_index_of(catalog)
    selection = Selection.of(request.GET, index, outline)
    span = span_of(outline, selection.section)
    entries = matching(catalog, span, selection.by_facet().values())
    page = _page(
        request.GET.get("page", "1"),
        sorted_entries(entries, selection.sort),
        count_matching(catalog, selection, entries),
    )
    pks = list(page.object_list)
    rows = {row.pk: row for row in rows_of(Entry.objects.filter(pk__in=pks))}
    tags = tags_by_entry(pks, index) if pks else {}

    def with_tag(tag: TagRow) -> str:
        return (selection if tag in selection.tags else selection.with_tag(tag)).query() or "?"

    return render_page(
        request,
        "catalog/browse.html",
        catalog,
        query=selection.query(),
        selection=selection,
        page=page,
        rows=rows_html(catalog, [rows[pk] for pk in pks if pk in rows], outline, tags, with_tag),
        chips=_chips(selection, {facet.slug: facet.name for facet in index.facets.values()}),
        sorts=[
            Choice(label, replace(selection, sort=sort).query() or "?", sort == selection.sort)
            for sort, label in SORTS.items()
        ],
        facets=[
            (
                facet,
                [_line(value, selection) for value in facet.values],
                replace(selection, expanded=facet.slug).query(),
            )
            for facet in facet_choices(catalog, selection, index, span)
        ],
        sections=_sections(selection, outline),
        anything=replace(selection, tags=(), section=None, expanded="").query() or "?",
    )


def _page(number: str, entries: EntryQuerySet, count: int) -> Page[int]:
    """The keys of the page's entries: a page far behind must not read all texts before it."""
    paginator = Paginator(entries.values_list("pk", flat=True), PER_PAGE)
    paginator.count = count
    try:
        return paginator.page(number)
    except InvalidPage:
        raise Http404 from None


def _line(value: FacetValue, selection: Selection) -> SafeString:
    """The link that chooses the value, or takes it back; made here, since there can be hundreds."""
    address = escape(selection.with_tag(value.tag).query() or "?")
    name = value.tag.name
    marks = (' aria-current="true"' if value.is_chosen else "") + lang_attribute(name)
    # Address and name are escaped.
    return mark_safe(  # noqa: S308
        f'<a href="{address}" rel="nofollow"{marks}>{escape(name)}</a>'
        f'<span class="number">{value.entry_count:,}</span>'
    )


def _chips(selection: Selection, facets: dict[str, str]) -> list[Choice]:
    """What was chosen, each with the way back."""
    chips = [
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
