"""The page of all lists, in pages, and that of one list: its sections, what is new, its tags."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalog.models import Catalog, Entry
from catalog.outline import CONTENTS, Chapter, Outline, contents_html
from catalog.pages.blocks import (
    BLOCKS_PER_PAGE,
    BlockRange,
    BlockRow,
    Table,
    addresses_of,
    tables_of,
)
from catalog.pages.frame import about, card, list_data, page_of, pages_html, render_page
from catalog.pages.reading import blocks_html, guidelines_html
from catalog.pages.tags import facet_tags, facets_html
from catalog.published import conditional, published_from, reads, site_of
from catalog.rendering import lang_attribute
from catalog.sql.bulk import fetch
from catalog.sql.pages import NewRow, TopTags, newest_rows, top_tags
from catalog.sql.prepared import Prepared

MOST_CONTENTS = 5000
"""Lines of the contents when all of them are asked for."""
LONG_OPENING = 2000
"""Characters from which what stands before the first section is folded away."""
LEAST_LISTED = 5
"""Entries there from which on it is the list rather than what introduces it."""
NEWEST = 10
TOP_FACETS, TOP_TAGS = 8, 8
"""So many facets, and tags of each, stand on the page of a list; it leads to the others."""
LISTS_PER_PAGE = 40
SORTS = {"": _("A–Z"), "newest": _("Newest"), "size": _("Largest")}
_ORDERS = {"": "title, id", "newest": "created_at DESC, id DESC", "size": "entry_count DESC, id"}
_LISTED = ("slug", "title", "description", "license", "entry_count", "updated_at")
OTHER = "#"
"""The group of titles that begin with no letter from A to Z."""


@require_safe
@reads("page", "sort", "letter", "contents")
def catalog_list(request: HttpRequest) -> HttpResponseBase:
    """The catalogs; the only one is itself the home page."""

    def respond(_catalogs: list[Catalog]) -> HttpResponse:
        first = list(Catalog.objects.published()[:2])
        if len(first) != 1:
            return home_page(request)
        return list_page(request, first[0], read_list_page(request, first[0]))

    return conditional(request, "", respond)


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
    listed = Catalog.objects.published().filter(pk__in=page.object_list).values("pk", *_LISTED)
    shown = {row["pk"]: row for row in listed}
    chosen = {name: value for name, value in [("sort", sort), ("letter", letter)] if value}
    query = f"?{urlencode(chosen)}" if chosen else ""
    number = {"page": page.number} if page.number > 1 else {}
    canonical = f"?{urlencode(chosen | number)}" if chosen | number else ""
    context = {
        "catalogs": _listed(request.path, [shown[pk] for pk in page.object_list if pk in shown]),
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


def _listed(base: str, catalogs: Iterable[Mapping[str, Any]]) -> SafeString:
    """Lists as items of a list. In Python: a template takes half of the page's time for them."""
    items = []
    for row in catalogs:
        title, description, number = row["title"], row["description"], row["entry_count"]
        link = f'<a href="{base}{row["slug"]}/"{lang_attribute(title)}>{escape(title)}</a>'
        entries = ngettext("%(shown)s entry", "%(shown)s entries", number)
        shown = escape(entries % {"shown": number_format(number, 0, force_grouping=True)})
        day = escape(date_format(localtime(row["updated_at"]), "DATE_FORMAT"))
        moment = row["updated_at"].isoformat(timespec="seconds")
        items.append(f"<li><h2>{link}</h2>")
        if description:
            items.append(f"<p{lang_attribute(description)}>{escape(description)}</p>")
        items.append(
            f'<p class="facts"><span class="number">{shown}</span>'
            f" <span>{escape(gettext('last changed'))}"
            f' <time datetime="{moment}">{day}</time></span>'
        )
        if row["license"]:
            items.append(f" <span>{escape(row['license'])}</span>")
        items.append("</p></li>")
    return mark_safe("".join(items))  # noqa: S308


def letter_of(title: str) -> str:
    """Return the letter from A to Z that a title begins with, without its accent, or `OTHER`."""
    first = title.lstrip()[:1].upper()[:1]
    if not first.isascii():
        first = unicodedata.normalize("NFKD", first)[:1]
    return first if first.isascii() and first.isalpha() else OTHER


class ListPage(NamedTuple):
    """All that the page of a list shows."""

    about: tuple[Any, ...]
    """What the list says of itself, and its days."""
    contents: list[Chapter]
    is_cut: bool
    """Whether it has more sections on the first level."""
    page: Page[BlockRow]
    blocks: list[BlockRow]
    """What stands before the first section, on this page."""
    tables: dict[int, Table]
    title: int | None
    """Position of the list's own title."""
    newest: list[NewRow]
    facets: list[TopTags]
    in_step_since: date | None
    """Day since which the list is in step with its repository, if it has one."""


_IN_STEP_AT = Prepared(
    lambda pk: Catalog.objects.filter(pk=pk).order_by().values_list("remote__in_step_at", flat=True)
)


def read_list_page(request: HttpRequest, catalog: Catalog) -> ListPage:
    """Read what the page shows of the list."""
    outline = Outline(catalog)
    most = MOST_CONTENTS if request.GET.get("contents") == "all" else CONTENTS
    contents = outline.contents(most=most + 1)
    start = next((row.position for row in outline.head if not row.is_title), None)
    page = page_of(request, BlockRange(catalog, 0, start), BLOCKS_PER_PAGE)
    blocks = list(page.object_list)
    in_step_at = _IN_STEP_AT.first(catalog.pk)
    return ListPage(
        (
            *about(catalog),
            catalog.description,
            catalog.language,
            catalog.guidelines,
            catalog.entry_count,
            catalog.decided_on,
            catalog.created_at,
            localdate(catalog.updated_at),
        ),
        contents[:most],
        len(contents) > most,
        page,
        blocks,
        tables_of(catalog, blocks),
        # It is the page's own already.
        next((row.position for row in outline.head if row.is_title), None),
        newest_rows(catalog.pk, NEWEST),
        top_tags(catalog.pk, TOP_FACETS, TOP_TAGS),
        localdate(in_step_at) if in_step_at else None,
    )


@published_from(read_list_page)
@reads("page", "contents")
def catalog_detail(request: HttpRequest, catalog: Catalog, shown: ListPage) -> HttpResponse:
    """One list: its sections, what is new, its tags."""
    return list_page(request, catalog, shown)


def _number_of_entries(blocks: Sequence[BlockRow]) -> int:
    return sum(block.state == Entry.State.PUBLISHED for block in blocks)


def list_page(request: HttpRequest, catalog: Catalog, shown: ListPage) -> HttpResponse:
    """The page of the list, at its own address or as the home page."""
    base = catalog.get_absolute_url()
    opening = blocks_html(
        shown.blocks,
        shown.tables,
        addresses_of(base, shown.blocks),
        skip=shown.title,
        without_contents=True,
    )
    site = site_of(request)
    sections = [(row.title, site + row.address) for row, _below in shown.contents]
    return render_page(
        request,
        "catalog/catalog_detail.html",
        catalog,
        at=base,
        card=card(catalog.title, catalog.description),
        structured=list_data(catalog, catalog.title, site + base, len(sections), sections),
        base=base,
        contents=contents_html(shown.contents),
        is_cut=shown.is_cut,
        page=shown.page,
        opening=opening,
        guidelines=guidelines_html(catalog.guidelines, catalog.source_url),
        opening_is_list=not shown.contents or _number_of_entries(shown.blocks) >= LEAST_LISTED,
        opening_is_long=len(opening) > LONG_OPENING,
        newest=shown.newest,
        facets=facets_html(
            facet_tags(base, facet.slug, facet.name, facet.tags, facet.total)
            for facet in shown.facets
        ),
        in_step_since=shown.in_step_since,
    )
