"""The page of an entry, made of rows that fixed statements read (`catalog/sql/pages.py`).

Its ETag is made of those rows, so that an edit of other entries leaves the page as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from itertools import groupby, islice, zip_longest
from math import log
from typing import NamedTuple
from urllib.parse import quote

import orjson
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import get_template
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.postings import CATALOG, TAG, WORD, address_term, key_term
from catalog.history.diffs import change_lines
from catalog.history.revisions import links_of
from catalog.models import Block, Catalog, Change, Entry, Link, Revision, Section, Successor
from catalog.outline import paths_above
from catalog.pages.blocks import BLOCKS_PER_PAGE
from catalog.pages.frame import about, card, entry_data, render_page, shortened, web_link
from catalog.pages.tags import facet_tags, facets_html
from catalog.published import published_from, reads, site_of
from catalog.rendering import lang_attribute, without_separator
from catalog.sentences import tag_name
from catalog.sql.pages import (
    ChangeRow,
    EntryRow,
    LinkRow,
    NeighbourRow,
    TagRow,
    change_rows,
    column_headers,
    entry_row,
    link_rows,
    neighbour_rows,
    section_titles,
    tag_rows,
)

# Related entries: the same thing in other places, and similar things.


SAME, LIKE = 10, 6
COMMON, FEW = 0.25, 10
"""The share of a list from which on a word or tag tells nothing, unless few entries have it."""
RARE = 300
"""Entries that a term may have to find candidates by; bounds the work in lists of any size."""
MOST_FINDING = 16
"""So many of the rarest terms find candidates."""
CANDIDATES = 40
"""The best of them, which are then compared by all terms."""
MOST_WORDS = 80


class Related(NamedTuple):
    """Entries that list the same thing, in any list, and entries of the list that are like it."""

    same: list[NeighbourRow]
    like: list[NeighbourRow]


def related_to(entry: EntryRow, catalog: int, tags: Iterable[int]) -> Related:
    """Return what goes with an entry of the list that has these tags, with two queries.

    Words and tags that are shared count the more the rarer they are, so that what two entries with
    the same tags are like differs by what is said of them.
    """
    words = f"{entry.names or ''} {entry.words or ''}".split()
    scope = key_term(CATALOG, catalog)
    terms = [WORD + word for word in dict.fromkeys(words) if len(word) > 1][:MOST_WORDS]
    terms += [key_term(TAG, tag) for tag in tags]
    address = address_term(entry.canonical_url) if entry.canonical_url else ""
    read = _read(terms, scope, address, entry.pk)
    same = list(islice((pk for pk in read.get(address, ()) if pk != entry.pk), SAME))
    within = read[scope] - BitMap([entry.pk, *same])
    like = _alike(entry.pk, {term: read[term] & within for term in terms}, len(within))
    rows = neighbour_rows([*same, *like])
    return Related(
        [rows[pk] for pk in same if pk in rows],
        [row for pk in like if (row := rows.get(pk)) and row.catalog == catalog][:LIKE],
    )


def _read(terms: Iterable[str], scope: str, address: str, near: int) -> defaultdict[str, BitMap]:
    """Read the entries of the terms in the list, and of the address in all lists; one query."""
    sql, parameters = postings.reading([*terms, scope], scope, near=near)
    if address:
        everywhere, more = postings.reading([address])
        sql, parameters = f"{sql} UNION ALL {everywhere}", [*parameters, *more]
    return postings.gather(sql, parameters)


def _alike(pk: int, shared: Mapping[str, BitMap], number: int) -> list[int]:
    """Return the entries that share most, the nearest of equals first; a few more than needed.

    `shared` are the others with each term, `number` is how many others there are.
    """
    most = max(COMMON * number, FEW)
    counts = {term: len(entries) for term, entries in shared.items()}
    weights = {term: log(number / count) for term, count in counts.items() if 0 < count <= most}
    rarest = sorted(weights, key=lambda term: (-weights[term], term))
    rough: defaultdict[int, float] = defaultdict(float)
    for term in [term for term in rarest if counts[term] <= RARE][:MOST_FINDING]:
        weight = weights[term]
        for other in shared[term]:
            rough[other] += weight
    # The keys to sort by are made for those alone that may be among the best.
    least = sorted(rough.values())[-CANDIDATES:][:1]
    most_alike = [other for other, weight in rough.items() if weight >= least[0]]
    best = sorted(most_alike, key=lambda other: (-rough[other], abs(other - pk), other))
    del best[CANDIDATES:]
    chosen, exact = BitMap(best), dict.fromkeys(best, 0.0)
    for term, weight in weights.items():
        for other in shared[term] & chosen:
            exact[other] += weight
    return sorted(best, key=lambda other: (-exact[other], abs(other - pk), other))[: 2 * LIKE]


class EntryPage(NamedTuple):
    """All that the page of an entry shows; a removed entry has its history and its section."""

    about: tuple[str, ...]
    """The list's state as far as the frame shows it."""
    entry: EntryRow
    sections: list[tuple[str, str]]
    """Path and title of those that it stands in, from the outermost."""
    history: list[ChangeRow]
    history_links: dict[int, list[tuple[str, str]]]
    """Links of its revisions by number: text and address."""
    headers: dict[str, str]
    """Headers of its table's columns by key."""
    links: list[LinkRow]
    tags: list[TagRow]
    related: Related


def read_entry_page(
    _request: HttpRequest, catalog: Catalog, pk: int, name: str = ""
) -> EntryPage | HttpResponseBase:
    """Read what the page shows, with eleven queries at most; another address if it is not here."""
    entry = entry_row(catalog.pk, pk, BLOCKS_PER_PAGE)
    if entry is None:
        raise Http404
    if entry.has_successor and (successor := successor_of(pk)):
        return redirect(successor, permanent=True)
    if name != entry.slug:
        return redirect("catalog:entry-detail", catalog.slug, pk, entry.slug, permanent=True)
    history = change_rows(catalog.pk, pk)
    history_links = links_of(catalog, [row.number for row in history])
    if entry.state == Entry.State.REMOVED:
        none = Related([], [])
        return EntryPage(about(catalog), entry, [], history, history_links, {}, [], [], none)
    tags = tag_rows(pk)
    related = related_to(entry, catalog.pk, [tag.pk for tag in tags])
    keys = orjson.loads(entry.columns) if entry.columns and entry.cells != "[]" else []
    return EntryPage(
        about(catalog),
        # The words are read for what is related, and not shown.
        entry._replace(names=None, words=None),
        _sections(catalog, entry),
        history,
        history_links,
        column_headers(catalog.pk, keys),
        link_rows(pk),
        tags,
        related,
    )


@published_from(read_entry_page, of_all_lists=True)
@reads()
def entry_detail(request: HttpRequest, catalog: Catalog, page: EntryPage) -> HttpResponse:
    """An entry with its fields, links, tags and history; 410 once it is removed."""
    entry, base = page.entry, catalog.get_absolute_url()
    texts = _texts_of_any(catalog, page)
    if entry.state == Entry.State.REMOVED:
        texts["removed"] = _day(entry.removed_at) if entry.removed_at else ""
        return render_page(request, "catalog/entry_gone.html", catalog, status=410, texts=texts)
    links = [(row, target) for row in page.links if (target := web_link(row.url, catalog))]
    address = web_link(entry.url, catalog) or {"url": "", "label": ""}
    # What is HTML was sanitised when it was written.
    description = SafeString(without_separator(entry.description_html))
    in_list = f"{texts['section_address'] or base}#e{entry.pk}"
    html = "" if entry.description_html else SafeString(entry.html)
    return render_page(
        request,
        "catalog/entry_detail.html",
        catalog,
        card=card(f"{entry.name} · {catalog.title}", description, kind="article"),
        structured=entry_data(
            entry.name,
            description,
            site_of(request) + request.path,
            address["url"],
            links[0][0].kind if links and links[0][0].url == entry.url else None,
            [tag_name(tag.facet_slug, tag.name) for tag in page.tags],
        ),
        texts={
            **texts,
            "description": description,
            "description_lang": lang_attribute(description),
            "html": html,
            "html_lang": lang_attribute(html),
            "address": address["url"],
            "label": shortened(address["label"], 100),
            "place": f"{base}entries/{entry.pk}/place/" if entry.is_far else in_list,
            "propose": f"{reverse('contribute:about', args=[catalog.slug])}entries/{entry.pk}",
            "fields": _fields(page),
            "links": _links(links),
            "facets": _facets(base, page.tags),
            "elsewhere": _neighbours(catalog, entry, page.related.same),
            "related": _neighbours(catalog, entry, page.related.like),
            "ancestors": _items([(f"{base}{quote(p)}/", title, "") for p, title in page.sections]),
        },
    )


def _texts_of_any(catalog: Catalog, page: EntryPage) -> dict[str, str]:
    """What pages of entries say, and of removed ones; their templates are given texts alone."""
    entry, base = page.entry, catalog.get_absolute_url()
    has_section = entry.section_path and not entry.section_is_title
    section = entry.section_title or "" if has_section else ""
    return {
        "list": catalog.title,
        "name": entry.name,
        "name_lang": lang_attribute(entry.name),
        "short_name": shortened(entry.name, 100),
        "section": section,
        "section_lang": lang_attribute(section),
        "section_address": f"{base}{quote(entry.section_path or '')}/" if section else "",
        "changes": _changes(catalog, page),
        "founded": _day(entry.created_at) if entry.created_revision <= 1 else "",
    }


@require_safe
@reads()
def entry_place(_request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Lead to the page of its section that the entry stands on."""
    entries = Entry.objects.published().select_related("section__catalog", "catalog")
    entry = get_object_or_404(entries, pk=pk, catalog__slug=slug, catalog__revision__gt=0)
    section, catalog = entry.section, entry.catalog
    start = section.position if section else 0
    before = Block.objects.between(catalog, start, entry.position).count()
    number = before // BLOCKS_PER_PAGE + 1
    shown_on = section if section and not section.is_title else catalog
    query = f"?page={number}" if number > 1 else ""
    return redirect(f"{shown_on.get_absolute_url()}{query}#e{entry.pk}")


def successor_of(pk: int) -> Entry | Section | None:
    """Return the entry or section to which a removed entry's address redirects."""
    successor = (
        Successor.objects.filter(entry=pk).select_related("into__catalog", "section__catalog").get()
    )
    into = successor.into
    if into is None:
        return successor.section
    # A removed one is gone with all its parts; one that is suggested has no page.
    return into if into.state != Entry.State.SUGGESTED else None


def _sections(catalog: Catalog, entry: EntryRow) -> list[tuple[str, str]]:
    path, title = entry.section_path, entry.section_title
    if not path or title is None or entry.section_is_title:
        return []
    return [*section_titles(catalog.pk, paths_above(path)), (path, title)]


def _changes(catalog: Catalog, page: EntryPage) -> str:
    """What was done to the entry as items of a list; few entries have any."""
    if not page.history:
        return ""
    history = [change_lines(_change(row)) for row in page.history]
    for lines in history:
        number = lines.change.revision.number
        lines.change.revision.links = page.history_links.get(number, ())
    context = {"history": history, "catalog": catalog}
    return get_template("catalog/entry_history.html#changes").render(context)


def _change(row: ChangeRow) -> Change:
    op, before, after, *of_revision = row
    fields = ("number", "verb", "credit", "actor_name", "note", "created_at")
    revision = Revision(**dict(zip(fields, of_revision, strict=True)))
    return Change(op=op, before=before, after=after, revision=revision)


# In Python: templates take as long for these as for all else of the page.


def _day(moment: datetime) -> str:
    return date_format(localtime(moment), "DATE_FORMAT")


def _items(rows: Iterable[tuple[str, str, str]]) -> SafeString:
    """Items of a list: links by address and text, each with what stands behind it, as HTML."""
    items = [
        f'<li><a href="{address}"{lang_attribute(text)}>'
        f"{escape(shortened(text, 120))}</a>{behind}</li>"
        for address, text, behind in rows
    ]
    return mark_safe("".join(items))  # noqa: S308


def _fields(page: EntryPage) -> SafeString:
    """The cells of a row with their columns' headers, without those that the page begins with."""
    entry = page.entry
    if entry.cells == "[]" or not entry.columns:
        return SafeString()
    names = [page.headers.get(key, key) for key in orjson.loads(entry.columns)]
    fields = [
        f"<div><dt>{escape(name or '—')}</dt>"
        f"<dd{lang_attribute(cell['html'])}>{cell['html']}</dd></div>"
        for name, cell in zip_longest(names, orjson.loads(entry.cells))
        if cell
        and cell["html"] not in {"", entry.description_html}
        and strip_tags(cell["html"]).strip() != entry.name
    ]
    # Cells were sanitised when they were written.
    return mark_safe("".join(fields))  # noqa: S308


def _links(links: Iterable[tuple[LinkRow, Mapping[str, str]]]) -> SafeString:
    """The entry's links as items of a list, each with its kind and host."""
    items = [
        f'<li><a href="{escape(target["url"])}" rel="nofollow noopener ugc"'
        f"{lang_attribute(row.text)}>{escape(shortened(row.text or target['label'], 120))}</a>"
        f' <span class="kind">{escape(str(Link.Kind(row.kind).label))}</span>'
        f' <span class="host">{escape(row.host)}</span></li>'
        for row, target in links
    ]
    return mark_safe("".join(items))  # noqa: S308


def _facets(base: str, tags: list[TagRow]) -> SafeString:
    """The tags by facet, without how many entries have them: that changes with other entries."""
    return facets_html(
        facet_tags(base, slug, name, [(tag.slug, tag.name, 0) for tag in own])
        for (slug, name), own in groupby(tags, key=lambda tag: (tag.facet_slug, tag.facet_name))
    )


def _neighbours(catalog: Catalog, entry: EntryRow, rows: Sequence[NeighbourRow]) -> SafeString:
    """Other entries as items of a list, each with where it stands if that is elsewhere."""
    home = reverse("catalog:catalog-list")
    items = []
    for row in rows:
        address = f"{home}{row.catalog_slug}/entries/{row.pk}-{quote(row.slug)}/"
        where = _where(catalog, entry, row)
        quiet = f' <span class="quiet"{lang_attribute(where)}>{escape(where)}</span>'
        items.append((address, row.name, quiet if where else ""))
    return _items(items)


def _where(catalog: Catalog, entry: EntryRow, row: NeighbourRow) -> str:
    """Return another entry's list, or its section if that is not the entry's own."""
    if row.catalog != catalog.pk:
        return row.catalog_title
    return "" if row.section_title == entry.section_title else row.section_title or ""
