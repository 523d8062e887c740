"""The page of a section with all that is below it, in the shape of the README."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.formats import number_format
from django.utils.translation import ngettext

from catalog.models import Catalog, SectionPath
from catalog.outline import Chapter, Outline, OutlineRow, Place, contents_html, menu_html
from catalog.pages.blocks import (
    BLOCKS_PER_PAGE,
    MOST,
    BlockRange,
    BlockRow,
    SortedBlocks,
    Sorting,
    Table,
    addresses_of,
    headers_of,
    tables_of,
)
from catalog.pages.frame import about, card, list_data, page_of, render_page
from catalog.pages.reading import Heading, blocks_html
from catalog.published import published_from, reads, site_of


class SectionPage(NamedTuple):
    """All that the page of a section shows."""

    about: tuple[str, ...]
    """The list's state as far as the page shows it."""
    trail: list[OutlineRow]
    """Those above the section, from the outermost, and itself."""
    place: Place
    children: list[Chapter]
    page: Page[BlockRow]
    blocks: list[BlockRow]
    tables: dict[int, Table]
    headings: dict[int, Heading]
    """Those of the sections below it on this page, by position."""
    sorting: Sorting | None
    """The order of its tables; None where there are too many rows to sort."""


def read_section_page(
    request: HttpRequest, catalog: Catalog, path: str
) -> SectionPage | HttpResponseBase:
    """Read what the page shows; another answer where no section has the address."""
    outline = Outline(catalog)
    trail = outline.trail(path)
    if not trail:
        return former_section(request, catalog, path)
    section = trail[-1]
    if section.is_title and section.position == outline.head[0].position:
        return redirect(catalog, permanent=True)
    place = outline.place_of(trail)
    shown = BlockRange(catalog, section.position, place.end)
    column = request.GET.get("sort", "")
    sorting = Sorting.of(column, headers_of(catalog, [column, column[1:]])) if column else Sorting()
    if sorting.column and shown.count() <= MOST:
        shown = SortedBlocks(catalog, section.position, place.end, sorting)
    else:
        sorting = Sorting()
    page = page_of(request, shown, BLOCKS_PER_PAGE)
    blocks = list(page.object_list)
    positions = [row.position for row in blocks] or [section.position]
    below = outline.within(min(positions), max(positions))
    return SectionPage(
        (*about(catalog), catalog.description, catalog.language),
        trail,
        place,
        _contents(outline, section, page, below),
        page,
        blocks,
        tables_of(catalog, blocks),
        {row.position: Heading(row.title, row.address, row.depth - section.depth) for row in below},
        sorting if page.paginator.count <= MOST else None,
    )


def _contents(
    outline: Outline, section: OutlineRow, page: Page[BlockRow], below: list[OutlineRow]
) -> list[Chapter]:
    """What is below the section; of one that takes more than a page, deeper."""
    if page.number > 1:
        return []
    if page.has_other_pages():
        return outline.contents(section)
    return [Chapter(row, []) for row in below if row.is_listed and row.depth == section.depth + 1]


@published_from(read_section_page)
@reads("page", "sort")
def section_detail(request: HttpRequest, catalog: Catalog, shown: SectionPage) -> HttpResponse:
    """A section with all that is below it, in the shape of the README."""
    section, page, menu = shown.trail[-1], shown.page, shown.place.menu
    addresses = addresses_of(catalog.get_absolute_url(), shown.blocks)
    body = blocks_html(
        shown.blocks,
        shown.tables,
        addresses,
        shown.headings,
        skip=section.position,
        sorting=shown.sorting,
    )
    query = shown.sorting.query() if shown.sorting else ""
    here = menu.index(section) if section in menu else len(menu)
    return render_page(
        request,
        "catalog/section_detail.html",
        catalog,
        card=card(f"{section.title} · {catalog.title}", catalog.description),
        structured=list_data(
            catalog,
            section.title,
            site_of(request) + section.address,
            section.entry_count,
            entries_on(request, shown.blocks, addresses),
        ),
        page=page,
        query=query,
        section=section,
        trail=shown.trail[:-1],
        counted=entries_counted(section.entry_count) if section.entry_count else "",
        is_sorted=bool(query),
        # What takes more than a page has contents of its own, other sections a line.
        contents=contents_html(shown.children) if page.has_other_pages() else "",
        children=[row for row, _below in shown.children],
        body=body,
        previous=menu[here - 1] if here else None,
        following=menu[here + 1] if here + 1 < len(menu) else None,
        menu=menu_html(menu, section.path),
    )


def entries_on(
    request: HttpRequest, rows: Iterable[BlockRow], addresses: Mapping[int, str]
) -> list[tuple[str, str]]:
    """Names and absolute addresses of the entries on a page of blocks."""
    site = site_of(request)
    return [
        (row.name or "", site + addresses[row.entry])
        for row in rows
        if row.entry is not None and row.entry in addresses  # Published.
    ]


def former_section(request: HttpRequest, catalog: Catalog, path: str) -> HttpResponse:
    """An address that a section had: to where it is now, or the news that it is gone."""
    former = get_object_or_404(
        SectionPath.objects.select_related("section__catalog"), catalog=catalog, path=path
    )
    if former.section:
        return redirect(former.section, permanent=True)
    return render_page(request, "catalog/section_gone.html", catalog, status=410, path=path)


def entries_counted(number: int) -> str:
    """So many entries, in words."""
    shown = number_format(number, use_l10n=True, force_grouping=True)
    return ngettext("%(shown)s entry", "%(shown)s entries", number) % {"shown": shown}
