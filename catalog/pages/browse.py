"""The page that narrows a list down; see `browsing` for what it means by that.

The rows of entries and the filters beside them are made in Python: there are hundreds of links, and
all of an address but the one value is the same in each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.browsing import NOT_STATED, FacetChoice, Selection, choices_of, sections_of
from catalog.finding.facets import EntryTagRow, TagRow, facets_of
from catalog.finding.ordering import BY_VALUE, CHANGED, NEWEST, POSITION
from catalog.finding.query import Entries
from catalog.finding.results import marked, marked_html
from catalog.finding.text import Term
from catalog.models import Catalog, Entry
from catalog.outline import Outline, OutlineRow
from catalog.pages.frame import (
    NoSuchPage,
    about,
    render_page,
    template_or_part,
    varying,
    web_link,
)
from catalog.pages.sections import entries_counted
from catalog.published import published_from, reads
from catalog.rendering import lang_attribute, without_separator
from catalog.sentences import facet_name, tag_name
from catalog.sql.bulk import among, fetch
from catalog.tagging.columns import HOST, INFERRED_FACETS
from catalog.tagging.values import is_answer

EXPORTS = {"csv": "CSV", "json": "JSON", "md": "Markdown"}
"""Export formats of a view: file endings and names."""


_MARK = "\0"
"""A placeholder for one more value in an address; it occurs in none."""

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
    links: Mapping[int, Sequence[str]] | None = None,
    terms: Sequence[Term] = (),
    dates: Mapping[int, datetime] | None = None,
) -> SafeString:
    """The rows as items of a list, with their dates and links to tags (`tag_links`), and what the
    terms match in them marked."""
    links = links or {}
    out = []
    for pk, (start, name, shown, middle, says, description, _section) in rows:
        if terms:
            shown = marked(name, terms)
            description = marked_html(description, terms) if says else ""
        if dates and (date := dates.get(pk)):
            day = timezone.localdate(date)
            middle = f'{middle} <time class="kind" datetime="{day}">{date_format(day)}</time>'
        end = "</p>" if says else ""
        if links.get(pk):
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
    dates: dict[int, datetime]
    """The moments by which the rows are ordered."""
    tags: list[EntryTagRow]
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
    choices, tags = choices_of(catalog, matches, selection, [pk for pk, _row in rows])
    return BrowsePage(
        about(catalog),
        selection,
        {slug: facets[slug].name for slug in selection.chosen_facets},
        page,
        rows,
        _dates(selection.sort, pks),
        tags,
        tuple(text.terms) if text else (),
        text.corrected if text else "",
        text.typed if text else "",
        text.as_typed if text else "",
        text.left_out if text else (),
        choices,
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
            # As text: what is translated when it is shown is, each time that it is looked at.
            (str(label), replace(selection, sort=sort).query() or "?", sort == selection.sort)
            for sort, label in selection.sorts.items()
        ],
        exports=EXPORTS,
        counted=entries_counted(shown.page.paginator.count),
        filters=filters_html(shown.choices, selection, shown.sections, base),
        matches=shown,
        typed_address=replace(selection, text=shown.as_typed).query(),
        rows=rows_html(
            shown.rows,
            tag_links(selection, shown.rows, shown.tags),
            shown.terms,
            shown.dates,
        ),
    )
    return varying(response)


def _dates(sort: str, pks: Sequence[int]) -> dict[int, datetime]:
    """Return when entries came or were changed, where they are in that order; one query."""
    column = {NEWEST: "created_at", CHANGED: "updated_at"}.get(sort)
    if column is None:
        return {}
    return dict(Entry.objects.filter(pk__in=pks).values_list("pk", column))


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
        value = value_name(tag.facet, tag.slug, tag.name)
        chips.append(Chip(selection.with_tag(tag).query(), value, facet))
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
        raise NoSuchPage from None
    places = page.object_list
    start, stop = (places[0], places[-1] + 1) if places else (0, 0)
    if selection.text and not selection.sort:
        return matches.best(start, stop), page
    sort = selection.sort if selection.sort in BY_VALUE else POSITION
    return matches.page(matches.order(sort), start, stop), page


def tag_links(
    selection: Selection, rows: Sequence[tuple[int, EntryRow]], tags: Iterable[EntryTagRow]
) -> dict[int, list[str]]:
    """The links of each row to the selection with one more of its tags, as items of a list."""
    before, behind = _around_tag(selection)
    language = get_language() or ""
    own = escape(selection.query())
    chosen = {(tag.facet, tag.slug) for tag in selection.tags}
    titles = {pk: row.section_title for pk, row in rows}
    links: dict[int, list[str]] = {}
    for pk, facet, slug, name, facet_title in tags:
        items = links.setdefault(pk, [])
        # The host stands beside the name already.
        if name == titles[pk] or facet == HOST or len(items) == TAGS_PER_ROW:
            continue
        key, called = _parts(language, facet, slug, name, facet_title)
        address = own if (facet, slug) in chosen else f"{before}{key}{behind}"
        items.append(f'<li><a href="{address}" rel="nofollow"{called}</li>')
    return links


@lru_cache(maxsize=20_000)
def _parts(
    language: str, facet: str, slug: str, name: str, facet_title: str = ""
) -> tuple[str, str]:
    """Return a tag's slugs, escaped, and the end of a link with its name in the reader's language.

    With the facet's title its facet is not named beside it.
    """
    shown = name_alone(facet, name, facet_title) if facet_title else value_name(facet, slug, name)
    # Slugs keep their colons readable.
    return escape(quote(f"{facet}:{slug}", safe=":")), _called(shown)


def name_alone(facet: str, name: str, facet_title: str) -> str:
    """Return the name of a value where its facet is not named: *Yes* alone says nothing."""
    text = tag_name(facet, name)
    return f"{facet_name(facet, facet_title)} {text}" if is_answer(name) else text


def filters_html(
    choices: Iterable[FacetChoice],
    selection: Selection,
    sections: Sequence[tuple[OutlineRow, int]],
    base: str,
) -> SafeString:
    """All that narrows the list at `base` down further; `sections` with the entries that each would
    leave."""
    html = _facets(choices, selection) + _sections(selection, sections, base)
    if not html:
        html = f'<p class="quiet">{escape(_("No further filters apply."))}</p>'
    # Every address and name in it is escaped.
    return mark_safe(html)  # noqa: S308


def _facets(choices: Iterable[FacetChoice], selection: Selection) -> str:
    before, behind = _around_tag(selection)
    all_before, all_behind = _around(replace(selection, expanded=_MARK), "%00")
    language = get_language() or ""
    all_of = escape(_("all %(total)s"))
    out, closed = [], []
    for facet in choices:
        name = facet_name(facet.slug, facet.name)
        head, slug, quoted = _headed(facet.slug, name)
        if not facet.values:
            address = f"{all_before}{quoted}{all_behind}#by-{slug}"
            closed.append(f'<li><a href="{address}" rel="nofollow"{_called(name)}</li>')
            continue
        out.append(head)
        if facet.slug == selection.expanded:
            letters = escape(_("Values with"))
            out.append(
                f'<li class="letters" hidden><label class="unseen" for="letters">{letters}</label>'
                f'<input id="letters" type="search" placeholder="{letters}"></li>'
            )
        most = max((v.entry_count for v in facet.values if v.tag.slug != NOT_STATED), default=0)
        for tag, count, is_chosen in facet.values:
            key, called = _parts(language, tag.facet, tag.slug, tag.name)
            if is_chosen:
                address = escape(selection.with_tag(tag).query() or "?")
                called = f' aria-current="true"{called}'
            else:
                address = f"{before}{key}{behind}"
            bar = share(min(count, most), most)
            out.append(
                f'<li class="share-{bar}"><a href="{address}" rel="nofollow"{called}'
                f'<span class="number">{count:,}</span></li>'
            )
        if facet.slug == selection.expanded:
            address = escape(replace(selection, expanded="").query() or "?")
            fewer = escape(_("fewer"))
            out.append(f'<li><a class="all" href="{address}" rel="nofollow">{fewer}</a></li>')
        elif facet.total > len(facet.values):
            address = f"{all_before}{quoted}{all_behind}#by-{slug}"
            text = all_of % {"total": f"{facet.total:,}"}
            out.append(f'<li><a class="all" href="{address}" rel="nofollow">{text}</a></li>')
        out.append(f"</ul>{_range_form(facet, selection)}</section>")
    if closed:
        heading = f'<h2 id="more-filters">{escape(_("More filters"))}</h2>'
        items = f'<ul class="plain">{"".join(closed)}</ul>'
        out.append(f'<section aria-labelledby="more-filters">{heading}{items}</section>')
    return "".join(out)


STEPS = 20
"""Lengths that a bar can have; the stylesheet has a class for each."""


def share(count: int, most: int) -> int:
    """Return the length of a bar behind the count, of `STEPS`, where `most` has the longest."""
    return max(1, round(STEPS * count / most)) if count and most else 0


def value_name(facet: str, slug: str, name: str) -> str:
    """Return the name of a value; the stand-in for none has no name of its own.

    Each entry has a host, but only frequent ones are values: nothing is left unsaid of the others.
    """
    if slug == NOT_STATED:
        return _("other") if facet in INFERRED_FACETS else _("not stated")
    return tag_name(facet, name)


def _range_form(facet: FacetChoice, selection: Selection) -> str:
    """The form that chooses dates from one to another, '' for a facet of other values."""
    if len(facet.dates) < 2:
        return ""
    others = tuple(dates for dates in selection.ranges if dates.facet != facet.slug)
    own = next((dates for dates in selection.ranges if dates.facet == facet.slug), None)
    rest = replace(selection, ranges=others)
    selects = []
    for name, label, chosen in (
        ("from", _("from"), own.first if own else ""),
        ("to", _("to"), own.last if own else ""),
    ):
        options = ['<option value="">…</option>']
        for date in facet.dates:
            selected = " selected" if date == chosen else ""
            value = escape(f"{facet.slug}:{date}")
            options.append(f'<option value="{value}"{selected}>{date}</option>')
        selects.append(
            f'<label>{escape(label)} <select name="{name}">{"".join(options)}</select></label>'
        )
    button = f"<button>{escape(_('Show'))}</button>"
    return f'<form class="range">{hidden_fields(rest)}{"".join(selects)}{button}</form>'


def hidden_fields(selection: Selection) -> str:
    """Return the hidden fields by which a form keeps the rest of the selection."""
    fields = [("q", selection.text)] if selection.text else []
    fields += [("tag", tag.key) for tag in selection.tags]
    fields += selection.range_fields()
    if selection.section:
        fields.append(("section", selection.section.path))
    if selection.sort:
        fields.append(("sort", selection.sort))
    return "".join(
        [f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields]
    )


@lru_cache(maxsize=2000)
def _headed(facet: str, name: str) -> tuple[str, str, str]:
    """Return the start of a facet, and its slug for attributes and for addresses."""
    slug = escape(facet)
    heading = f'<h2 id="by-{slug}"{lang_attribute(name)}>{escape(name)}</h2>'
    return (
        f'<section aria-labelledby="by-{slug}">{heading}<ul class="bars">',
        slug,
        escape(quote(facet)),
    )


def _sections(selection: Selection, sections: Sequence[tuple[OutlineRow, int]], base: str) -> str:
    """The sections of the next level, from where the visitor is; '' when there are none."""
    if not sections:
        return ""
    title = escape(_("Subsection") if selection.section else _("Section"))
    before, behind = _around(replace(selection, section=sections[0][0]._replace(path=_MARK)), "%00")
    most = max(count for _row, count in sections)
    out = [
        f'<section aria-labelledby="of-section"><h2 id="of-section">{title}</h2><ul class="bars">'
    ]
    for row, count in sections:
        number = f'<span class="number">{count:,}</span>'
        # What is behind the list's own address was made fit for one when the row was read.
        address = f"{before}{row.address[len(base) : -1]}{behind}"
        bar = share(count, most)
        link = f'<a href="{address}" rel="nofollow"{_called(row.title)}'
        out.append(f'<li class="share-{bar}">{link}{number}</li>')
    return "".join([*out, "</ul></section>"])


def _around_tag(selection: Selection) -> tuple[str, str]:
    """Return the address of a selection before and behind one more tag."""
    return _around(selection.with_tag(TagRow(0, "", _MARK, "", 0)), ":%00")


def _around(selection: Selection, mark: str) -> tuple[str, str]:
    """Return the address of a selection before and behind the value at a mark."""
    before, _mark, behind = escape(selection.query()).partition(mark)
    return before, behind


@lru_cache(maxsize=20_000)
def _called(name: str) -> str:
    """The end of a link with this name."""
    return f"{lang_attribute(name)}>{escape(name)}</a>"
