"""The page that narrows a list down; see `browsing` for what it means by that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe

from catalog.browsing import FacetChoice, Selection, choices_of, sections_of
from catalog.entry_tags import TagRow, tag_rows
from catalog.finding.facets import facets_of
from catalog.finding.ordering import BY_VALUE, POSITION
from catalog.finding.query import Entries
from catalog.finding.results import marked, marked_html
from catalog.finding.text import Term
from catalog.models import Catalog
from catalog.outline import Outline, OutlineRow
from catalog.pages.filters import filters_html, hidden_fields, tag_links, value_name
from catalog.pages.frame import about, render_page, template_or_part, varying, web_link
from catalog.pages.sections import entries_counted
from catalog.published import published_from, reads
from catalog.rendering import lang_attribute, without_separator
from catalog.sentences import facet_name
from catalog.sql.bulk import among, fetch

EXPORTS = {"csv": "CSV", "json": "JSON", "md": "Markdown"}
"""Export formats of a view: file endings and names."""


NAME_LENGTH = 150
TAGS_PER_ROW = 12

_PLAIN_LINK = re.compile(
    r"https?://(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:[/?#][^&<>\"']*)?", re.IGNORECASE
)
"""An address with its host, in which nothing has to be escaped."""
_TO_BE_ESCAPED = re.compile("[&<>\"']")

# Written out: to put it together takes the ORM longer than the database to answer.
_ROWS = """
SELECT entry.id, entry.name, entry.slug, entry.url, entry.description_html, section.path,
    section.title
FROM catalog_entry AS entry
LEFT JOIN catalog_section AS section ON section.id = entry.section_id AND NOT section.is_title
WHERE entry.id"""


class EntryRow(NamedTuple):
    """The row of an entry, whatever the query; `start` to `middle` are HTML."""

    start: str
    name: str
    escaped_name: str
    middle: str
    """The HTML from the name to the description."""
    paragraph: str
    """The start of the description's paragraph, '' without one."""
    description_html: str
    section_title: str
    """The section's title, which its tags do not repeat."""


def rows_of(pks: Sequence[int], catalog: Catalog) -> list[tuple[int, EntryRow]]:
    """The entries with their rows, in this order; those that are gone are left out. One query."""
    if not pks:
        return []
    chosen, keys = among(pks)
    base = catalog.get_absolute_url()
    rows = {row[0]: _row(catalog, base, *row) for row in fetch(f"{_ROWS} {chosen}", [keys])}
    return [(pk, rows[pk]) for pk in pks if pk in rows]


def rows_html(
    rows: Sequence[tuple[int, EntryRow]],
    tags: Iterable[TagRow],
    link_to: Callable[[str, str, str], str],
    terms: Sequence[Term] = (),
) -> SafeString:
    """The rows as items of a list, with their tags, and what the terms match in them marked.

    `link_to` makes the item that leads to a tag, of the addresses of its facet and its own, and its
    name.
    """
    titles = {pk: row.section_title for pk, row in rows}
    links: dict[int, list[str]] = {}
    for pk, *tag in tags:
        if tag[2] == titles[pk]:
            continue
        own = links.setdefault(pk, [])
        if len(own) < TAGS_PER_ROW:
            own.append(link_to(*tag))
    out = []
    for pk, (start, name, shown, middle, says, description, _section) in rows:
        if terms:
            shown = marked(name, terms)
            description = marked_html(description, terms) if says else ""
        end = "</p>" if says else ""
        if pk in links:
            end = f'{end}<ul class="tags">{"".join(links[pk])}</ul>'
        out.append(f"{start}{shown}{middle}{says}{description}{end}</li>")
    # All of it is escaped here or was sanitised when it was written.
    return mark_safe("".join(out))  # noqa: S308


def _row(
    catalog: Catalog,
    base: str,
    pk: int,
    full_name: str,
    slug: str,
    url: str,
    description: str,
    path: str | None,
    section: str | None,
) -> EntryRow:
    name = full_name if len(full_name) <= NAME_LENGTH else f"{full_name[:NAME_LENGTH]}…"
    lang = "" if name.isascii() else lang_attribute(name)
    address = slug if slug.isascii() else quote(slug)
    if plain := _PLAIN_LINK.fullmatch(url):
        # Nearly all; the others are looked at closely.
        host = _link_out(url, plain[1][:NAME_LENGTH].lower())
    else:
        host = _host(catalog, url) if url else ""
    description = without_separator(description)
    says = f'<p class="says"{lang_attribute(description)}>' if description else ""
    return EntryRow(
        f'<li><h2><a href="{base}entries/{pk}-{address}/"{lang}>',
        name,
        escape(name) if _TO_BE_ESCAPED.search(name) else name,
        f"</a></h2>{host}{_link_to(base, path, section) if path and section else ''}",
        says,
        description,
        section or "",
    )


@lru_cache(maxsize=20_000)
def _link_to(base: str, path: str, title: str) -> str:
    """The link to the section where an entry stands."""
    return (
        f' <a class="where" href="{base}{quote(path)}/"{lang_attribute(title)}>{escape(title)}</a>'
    )


def _host(catalog: Catalog, url: str) -> str:
    """The link out, called by the host it leads to."""
    link = web_link(url, catalog)
    if not link:
        return ""
    try:
        host = (urlsplit(link["url"]).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return _link_out(escape(link["url"]), escape(host[:NAME_LENGTH])) if host else ""


def _link_out(url: str, host: str) -> str:
    return f' <a class="host" href="{url}" rel="nofollow noopener ugc">{host}</a>'


PER_PAGE = 50


class BrowsePage(NamedTuple):
    """All that the page shows."""

    about: tuple[str, ...]
    selection: Selection
    facets: dict[str, str]
    """The names of the facets that something is chosen of, by slug."""
    page: Page[int]
    rows: list[tuple[int, EntryRow]]
    tags: list[TagRow]
    terms: tuple[Term, ...]
    corrected: str
    """The words that were looked for instead of those typed."""
    typed: str
    as_typed: str
    """The query that finds what was typed alone."""
    left_out: Sequence[str]
    choices: list[FacetChoice]
    sections: list[tuple[OutlineRow, int]]


def read_browse_page(request: HttpRequest, catalog: Catalog) -> BrowsePage:
    """Read the entries that are chosen, and what each further choice would leave."""
    facets = facets_of(catalog)
    selection = Selection.of(request.GET, catalog)
    query = selection.entry_query(catalog)
    if query.words is None:
        selection = replace(selection, text="")
    matches = Entries(query, catalog.entry_count)
    pks, page = _page(request.GET.get("page", "1"), selection, matches)
    text = matches.text
    rows = rows_of(pks, catalog)
    return BrowsePage(
        about(catalog),
        selection,
        {slug: facets[slug].name for slug in selection.chosen_facets},
        page,
        rows,
        tag_rows([pk for pk, _row in rows], public_only=True, order="slug"),
        tuple(text.terms) if text else (),
        text.corrected if text else "",
        text.typed if text else "",
        text.as_typed if text else "",
        text.left_out if text else (),
        choices_of(matches, selection, facets),
        sections_of(matches, selection, Outline(catalog)),
    )


@published_from(read_browse_page)
@reads(*Selection.PARAMETERS, "page")
def browse(request: HttpRequest, catalog: Catalog, shown: BrowsePage) -> HttpResponse:
    """Entries by words, tags and section, with what each further choice would leave."""
    selection, base = shown.selection, catalog.get_absolute_url()
    plain = replace(selection, sort="", expanded="")
    nothing = replace(selection.without_text(), tags=(), ranges=(), section=None, expanded="")
    response = render_page(
        request,
        template_or_part(request, "catalog/browse.html", "list"),
        catalog,
        query=selection.query(),
        page=shown.page,
        selection=selection,
        address=selection.query() or "?",
        plain=plain.query(),
        hidden=mark_safe(hidden_fields(replace(selection, text=""))),  # noqa: S308
        chips=_chips(selection, shown.facets),
        nothing=nothing.query() or "?",
        number_chosen=len(selection.tags) + len(selection.ranges) + bool(selection.section),
        sorts=[
            (label, replace(selection, sort=sort).query() or "?", sort == selection.sort)
            for sort, label in selection.sorts.items()
        ],
        exports=EXPORTS,
        counted=entries_counted(shown.page.paginator.count),
        filters=filters_html(shown.choices, selection, shown.sections, base),
        matches=shown,
        typed_address=replace(selection, text=shown.as_typed).query(),
        rows=rows_html(shown.rows, shown.tags, tag_links(selection), shown.terms),
    )
    return varying(response)


class Chip(NamedTuple):
    """Something that was chosen."""

    address: str
    """The address without it."""
    label: str
    facet: str
    """The name of its facet, '' where it has none."""

    @property
    def name(self) -> str:
        """What was chosen, in full."""
        return f"{self.facet} {self.label}".lstrip()


def _chips(selection: Selection, facets: Mapping[str, str]) -> list[Chip]:
    chips = []
    if selection.text:
        chips.append(Chip(selection.without_text().query(), f"“{selection.text}”", ""))
    for tag in selection.tags:
        facet = facet_name(tag.facet, facets[tag.facet])
        chips.append(Chip(selection.with_tag(tag).query(), value_name(tag), facet))
    for dates in selection.ranges:
        facet = facet_name(dates.facet, facets[dates.facet])
        others = tuple(other for other in selection.ranges if other != dates)
        label = f"{dates.first or '…'}–{dates.last or '…'}"
        chips.append(Chip(replace(selection, ranges=others).query(), label, facet))
    if selection.section:
        chips.append(Chip(replace(selection, section=None).query(), selection.section.title, ""))
    return [chip._replace(address=chip.address or "?") for chip in chips]


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
