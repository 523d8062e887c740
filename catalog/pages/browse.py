"""The page that narrows a list down; see `browsing` for what it means by that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from django.core.paginator import InvalidPage, Page, Paginator
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from catalog.browsing import Outline, Selection, choices_of, outline_of, sections_of
from catalog.entry_tags import tag_rows
from catalog.finding.facets import FacetRow, facets_of
from catalog.finding.ordering import BY_VALUE, POSITION
from catalog.finding.query import Entries
from catalog.finding.results import marked, marked_html
from catalog.finding.text import Term
from catalog.models import Catalog
from catalog.pages.filters import filters_html, hidden_fields, tag_links, value_name
from catalog.pages.frame import pages_html, render_page, template_or_part, varying, web_link
from catalog.pages.search import search_note
from catalog.pages.sections import entries_counted
from catalog.published import published, reads
from catalog.rendering import lang_attribute
from catalog.sentences import facet_name
from catalog.sql.bulk import among

# The parts of the page besides the filters.
#
# Made in Python, because every state of the page needs it and a template takes many times as long.


EXPORTS = {"csv": "CSV", "json": "JSON", "md": "Markdown"}
"""Export formats of a view: file endings and names."""

_NOINDEX = '<meta name="robots" content="noindex">'


def choice_holes(selection: Selection, facets: Mapping[str, FacetRow]) -> dict[str, SafeString]:
    """Return the holes that are equal on all pages of a selection, the filters open."""
    holes = {
        "robots": _NOINDEX if selection.query() or selection.unknown else "",
        "feed": escape(feed_address(selection)),
        "text": escape(selection.text),
        "kept": hidden_fields(replace(selection, text="")),
        "chips": _chosen(_chips(selection, facets), selection),
        "notice": _notice(selection.unknown) if selection.unknown else "",
        "sorts": _sorts(selection),
        "chosen": _number_chosen(selection),
        "exports": _exports(selection),
    }
    # What people wrote is escaped where it is put in, and the rest is markup.
    return {name: mark_safe(html) for name, html in holes.items()}  # noqa: S308


def page_holes(
    selection: Selection,
    facets: Mapping[str, FacetRow],
    page: Page[int],
    rows: SafeString,
    note: str,
) -> dict[str, SafeString]:
    """Return the holes of one page; `rows` are its entries, `note` says how they were searched
    for."""
    if rows:
        body = f'{note}<ul class="rows entry-rows" data-hx-boost="false">{rows}</ul>'
    else:
        body = _nothing(_chips(selection, facets))
    return {
        "count": SafeString(_count(page)),
        "total": SafeString(entries_counted(page.paginator.count)),
        # The rows are safe, as is what is made here.
        "body": mark_safe(body),  # noqa: S308
        "pagination": pages_html(page, selection.query()),
    }


def feed_address(selection: Selection) -> str:
    """Return the address of the selection's feed, whatever its order."""
    return "feed.atom" + replace(selection, sort="", expanded="").query()


type Chip = tuple[str, str, str]
"""What was chosen: the address without it, its name, and the facet's, '' where it has none."""


def _chips(selection: Selection, facets: Mapping[str, FacetRow]) -> list[Chip]:
    chips = []
    if selection.text:
        chips.append((selection.without_text().query(), f"“{selection.text}”", ""))
    for tag in selection.tags:
        facet = facet_name(tag.facet, facets[tag.facet].name)
        chips.append((selection.with_tag(tag).query(), value_name(tag), facet))
    for dates in selection.ranges:
        facet = facet_name(dates.facet, facets[dates.facet].name)
        others = tuple(other for other in selection.ranges if other != dates)
        label = f"{dates.first or '…'}–{dates.last or '…'}"
        chips.append((replace(selection, ranges=others).query(), label, facet))
    if selection.section:
        chips.append((replace(selection, section=None).query(), selection.section.title, ""))
    return [(escape(query or "?"), label, facet) for query, label, facet in chips]


def _chosen(chips: Sequence[Chip], selection: Selection) -> str:
    if not chips:
        return ""
    remove = escape(_("Remove:"))
    out = []
    for address, label, facet in chips:
        of = f'<span class="quiet"{lang_attribute(facet)}>{escape(facet)}</span> ' if facet else ""
        out.append(
            f'<li><a href="{address}" rel="nofollow"><span class="unseen">{remove} </span>{of}'
            f"<b{lang_attribute(label)}>{escape(label)}</b>"
            '<span aria-hidden="true"> ×</span></a></li>'
        )
    if len(chips) > 1:
        nothing = replace(selection.without_text(), tags=(), ranges=(), section=None, expanded="")
        address = escape(nothing.query() or "?")
        out.append(
            f'<li><a class="all" href="{address}" rel="nofollow">{escape(_("Remove all"))}</a></li>'
        )
    return f'<ul class="chips" aria-label="{escape(_("Chosen"))}">{"".join(out)}</ul>'


def _exports(selection: Selection) -> str:
    """Links to what is chosen as files, and to the page itself."""
    query = escape(replace(selection, sort="", expanded="").query())
    attributes = 'rel="nofollow" data-hx-boost="false"'
    links = [
        f'<li><a href="export.{ending}{query}" {attributes}>{label}</a></li>'
        for ending, label in EXPORTS.items()
    ]
    here = f'<li><a href="{escape(selection.query() or "?")}">{escape(_("Link"))}</a></li>'
    return "".join([*links, here])


def _number_chosen(selection: Selection) -> str:
    """Return the number of selected filters as HTML, shown where the filters are hidden."""
    number = len(selection.tags) + len(selection.ranges) + bool(selection.section)
    return f' <span class="number">{number}</span>' if number else ""


def _notice(unknown: Iterable[str]) -> str:
    texts = ", ".join([f"<bdi>{escape(text)}</bdi>" for text in unknown])
    message = escape(_("Left out because this list does not have it:"))
    return f'<p class="notice">{message} {texts}</p>'


def _count(page: Page[int]) -> str:
    counted = entries_counted(page.paginator.count)
    if not page.has_other_pages():
        return counted
    numbers = {"number": page.number, "total": page.paginator.num_pages}
    return f"{counted}, {_('page %(number)s of %(total)s') % numbers}"


def _sorts(selection: Selection) -> str:
    out = []
    for sort, label in selection.sorts.items():
        address = escape(replace(selection, sort=sort).query() or "?")
        current = ' aria-current="true"' if sort == selection.sort else ""
        out.append(f'<li><a href="{address}" rel="nofollow"{current}>{escape(str(label))}</a></li>')
    return "".join(out)


def _nothing(chips: Sequence[Chip]) -> str:
    if not chips:
        return f'<p class="empty">{escape(_("This list has no entries yet."))}</p>'
    out = ['<div class="empty">']
    out.append(
        f'<p>{escape(_("No entry matches all of these. Remove one:"))}</p><ul class="plain">'
    )
    for address, label, facet in chips:
        text = escape(_("without %(label)s") % {"label": f"{facet} {label}".lstrip()})
        out.append(f'<li><a href="{address}" rel="nofollow">{text}</a></li>')
    return "".join([*out, "</ul></div>"])


# Entries as rows: name, host, section, description, tags; fifty on a page, with ten tags each.


NAME_LENGTH = 150
TAGS_PER_ROW = 12

_PLAIN_LINK = re.compile(
    r"https?://(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:[/?#][^&<>\"']*)?", re.IGNORECASE
)
"""An address with its host, in which nothing has to be escaped."""
_TO_BE_ESCAPED = re.compile("[&<>\"']")

# Written out: to put it together takes the ORM longer than the database to answer.
_ROWS = "SELECT id, name, slug, url, description_html, section_id FROM catalog_entry WHERE id"


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


def rows_of(pks: Sequence[int], catalog: Catalog, outline: Outline) -> list[tuple[int, EntryRow]]:
    """The entries with their rows, in this order; those that are gone are left out. One query."""
    if not pks:
        return []
    chosen, keys = among(pks)
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROWS} {chosen}", [keys])
        rows = {row[0]: _row(catalog, outline, *row) for row in cursor.fetchall()}
    return [(pk, rows[pk]) for pk in pks if pk in rows]


def rows_html(
    rows: Sequence[tuple[int, EntryRow]],
    link_to: Callable[[str, str, str], str],
    terms: Sequence[Term] = (),
) -> SafeString:
    """The rows as items of a list, with their tags, and what the terms match in them marked.

    `link_to` makes the item that leads to a tag, of the addresses of its facet and its own, and its
    name. Costs one query.
    """
    titles = {pk: row.section_title for pk, row in rows}
    tags: dict[int, list[str]] = {}
    for pk, *tag in tag_rows([pk for pk, _row in rows], public_only=True, order="slug"):
        if tag[2] == titles[pk]:
            continue
        own = tags.setdefault(pk, [])
        if len(own) < TAGS_PER_ROW:
            own.append(link_to(*tag))
    out = []
    for pk, (start, name, shown, middle, says, description, _section) in rows:
        if terms:
            shown = marked(name, terms)
            description = marked_html(description, terms) if says else ""
        end = "</p>" if says else ""
        if pk in tags:
            end = f'{end}<ul class="tags">{"".join(tags[pk])}</ul>'
        out.append(f"{start}{shown}{middle}{says}{description}{end}</li>")
    # All of it is escaped here or was sanitised when it was written.
    return mark_safe("".join(out))  # noqa: S308


def _row(
    catalog: Catalog,
    outline: Outline,
    pk: int,
    full_name: str,
    slug: str,
    url: str,
    description: str,
    section: int | None,
) -> EntryRow:
    name = full_name if len(full_name) <= NAME_LENGTH else f"{full_name[:NAME_LENGTH]}…"
    lang = "" if name.isascii() else lang_attribute(name)
    address = slug if slug.isascii() else quote(slug)
    if plain := _PLAIN_LINK.fullmatch(url):
        # Nearly all; the others are looked at closely.
        host = _link_out(url, plain[1][:NAME_LENGTH].lower())
    else:
        host = _host(catalog, url) if url else ""
    says = f'<p class="says"{lang_attribute(description)}>' if description else ""
    return EntryRow(
        f'<li><h2><a href="{outline.address}entries/{pk}-{address}/"{lang}>',
        name,
        escape(name) if _TO_BE_ESCAPED.search(name) else name,
        f"</a></h2>{host}{outline.link_to(section) if section else ''}",
        says,
        description,
        outline.title_of(section),
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


@published
@reads(*Selection.PARAMETERS, "page")
def browse(request: HttpRequest, catalog: Catalog) -> HttpResponse:
    """Entries by words, tags and section, with what each further choice would leave."""
    outline, facets = outline_of(catalog), facets_of(catalog)
    selection = Selection.of(request.GET, catalog, outline)
    query = selection.entry_query(catalog)
    if query.words is None:
        selection = replace(selection, text="")
    matches = Entries(query, catalog.entry_count)
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
