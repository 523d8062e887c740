"""The page of a section with all that is below it, in the shape of the README."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from urllib.parse import quote

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.browsing import Chapter, Outline, OutlineRow, contents_html, outline_of
from catalog.models import Catalog, SectionPath
from catalog.pages.blocks import (
    BLOCKS_PER_PAGE,
    MOST,
    BlockRange,
    BlockRow,
    SortedBlocks,
    Sorting,
    addresses_of,
)
from catalog.pages.frame import card, list_data, page_of, pages_html, render_page
from catalog.pages.reading import Heading, blocks_html, headers_of
from catalog.published import published, reads, site_of
from catalog.rendering import lang_attribute


@published
@reads("page", "sort")
def section_detail(request: HttpRequest, catalog: Catalog, path: str) -> HttpResponse:
    """A section with all that is below it, in the shape of the README."""
    outline = outline_of(catalog)
    section = outline.find(path)
    if section is None:
        return former_section(request, catalog, path)
    if section is outline.rows[0] and section.is_title:
        return redirect(catalog, permanent=True)
    below, end = outline.inside(section)
    shown = BlockRange(catalog, section.position, end)
    sorting = Sorting.of(request.GET.get("sort", ""), headers_of(catalog))
    if sorting.column and shown.count() <= MOST:
        shown = SortedBlocks(catalog, section.position, end, sorting)
    else:
        sorting = Sorting()
    page = page_of(request, shown, BLOCKS_PER_PAGE)
    blocks = list(page.object_list)
    addresses = addresses_of(outline.address, blocks)
    headings = {
        row.position: Heading(row.title, row.address, row.depth - section.depth) for row in below
    }
    can_sort = page.paginator.count <= MOST
    body = blocks_html(
        catalog,
        blocks,
        addresses,
        headings,
        skip=section.position,
        sorting=sorting if can_sort else None,
    )
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
            entries_on(request, blocks, addresses),
        ),
        page=page,
        query=sorting.query(),
        holes=section_holes(outline, section, page, body, sorting.query()),
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


def section_holes(
    outline: Outline, section: OutlineRow, page: Page[BlockRow], body: SafeString, query: str
) -> dict[str, str]:
    """All that the template of a section's page leaves open; `body` is the stretch it shows.

    `query` is the part of the address behind the path that tells the order of its tables.
    """
    menu = outline.menu(section.path)
    here = menu.index(section) if section in menu else len(menu)
    holes = {
        "robots": '<meta name="robots" content="noindex">' if query else "",
        "name": escape(section.title),
        "lang": lang_attribute(section.title),
        "crumbs": _crumbs(outline.trail(section.parent_path)),
        "path": quote(section.path),
        "facts": _facts(outline, section, page),
        "children": _children(outline, section, is_giant=page.has_other_pages())
        if page.number == 1
        else "",
        "body": body or f'<p class="empty">{_("This section is empty.")}</p>',
        "pagination": pages_html(page, query),
        "previous": _neighbour("prev", _("Previous"), menu[here - 1]) if here else "<span></span>",
        "following": (
            _neighbour("next", _("Next"), menu[here + 1]) if here + 1 < len(menu) else ""
        ),
        "menu": outline.menu_html(menu, section.path),
    }
    # Titles are escaped, addresses have no character that needs it, and the rest is markup.
    return {name: mark_safe(html) for name, html in holes.items()}  # noqa: S308


def entries_counted(number: int) -> str:
    """So many entries, in words."""
    shown = number_format(number, use_l10n=True, force_grouping=True)
    return ngettext("%(shown)s entry", "%(shown)s entries", number) % {"shown": shown}


def _facts(outline: Outline, section: OutlineRow, page: Page[BlockRow]) -> str:
    out = []
    if section.entry_count:
        out.append(f'<span class="number">{entries_counted(section.entry_count)}</span>')
    if page.has_other_pages():
        place = _("page %(number)s of %(total)s") % {
            "number": page.number,
            "total": page.paginator.num_pages,
        }
        out.append(f"<span>{place}</span>")
    if section.entry_count and not section.is_title:
        address = f"{outline.address}browse/?section={quote(section.path)}"
        out.append(f'<a href="{address}" rel="nofollow">{_("Filter")}</a>')
    return "\n        ".join(out)


def _crumbs(trail: Sequence[OutlineRow]) -> str:
    if not trail:
        return ""
    steps = "".join(
        [
            f'<li><a href="{row.address}"{lang_attribute(row.title)}>{escape(row.title)}</a></li>'
            for row in trail
        ]
    )
    return f'<nav class="crumbs" aria-label="{_("You are here")}"><ol>{steps}</ol></nav>'


def _children(outline: Outline, section: OutlineRow, *, is_giant: bool) -> str:
    """Return the section's subsections: a line, or the contents of what takes more than a page."""
    rows = outline.children.get(section.path, [])
    if not rows:
        return ""
    label = _("Subsections")
    if not is_giant:
        lines = "".join([f"<li>{row.line}</li>" for row in rows])
        return f'<nav class="children" aria-label="{label}"><ul>{lines}</ul></nav>'
    lines = contents_html(Chapter(row, outline.children.get(row.path, [])) for row in rows)
    return f'<nav aria-label="{label}"><ol class="contents">{lines}</ol></nav>'


def _neighbour(rel: str, label: str, row: OutlineRow) -> str:
    title = f"<b{lang_attribute(row.title)}>{escape(row.title)}</b>"
    return f'<a rel="{rel}" href="{row.address}"><span>{label}</span> {title}</a>'
