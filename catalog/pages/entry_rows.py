"""Entries as rows outside their list: name, host, section, description, tags.

Made in Python like `reading`: a page has fifty of them, with ten tags each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from django.db import connection
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Catalog
from catalog.pages.browse_index import BrowseIndex
from catalog.pages.frame import web_link
from catalog.pages.outline import Outline
from catalog.pages.tag_index import TagRow
from catalog.rendering.languages import lang_attribute
from catalog.searching.marking import marked, marked_html
from catalog.searching.segmenting import Term

NAME_LENGTH = 150
TAGS_PER_ROW = 12


class EntryRow(NamedTuple):
    """What a row needs of its entry."""

    pk: int
    name: str
    slug: str
    url: str
    description_html: str
    section_path: str | None


_PLAIN_HOST = re.compile(
    r"https?://(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?=[/?#]|$)", re.IGNORECASE
)

# Written out: to put it together takes the ORM longer than the database to answer.
_ROWS = """
    SELECT entry.id, entry.name, entry.slug, entry.url, entry.description_html, section.path
    FROM catalog_entry entry LEFT JOIN catalog_section section ON section.id = entry.section_id
    WHERE entry.id IN ({marks})
"""


def rows_of(pks: Sequence[int]) -> list[EntryRow]:
    """The entries as rows, in this order, with one query; those that are gone are left out."""
    if not pks:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ROWS.format(marks=", ".join(["%s"] * len(pks))), list(pks))
        found = {row[0]: EntryRow(*row) for row in cursor}
    return [found[pk] for pk in pks if pk in found]


def tags_of(pks: Sequence[int], index: BrowseIndex) -> dict[int, list[TagRow]]:
    """The public tags of the entries, in the order of the facets and of their addresses."""
    by_pk, place = index.tags.by_pk, index.tags.place
    own = index.sets.tags_of
    return {pk: sorted([by_pk[tag] for tag in own.get(pk, ())], key=place) for pk in pks}


def rows_html(
    catalog: Catalog,
    rows: Sequence[EntryRow],
    outline: Outline,
    tags: dict[int, list[TagRow]],
    tag_address: Callable[[TagRow], str],
    terms: Sequence[Term] = (),
) -> SafeString:
    """The rows as items of a list, what the terms found in them marked.

    `tag_address` gives the address of a tag's link, escaped.
    """
    base = reverse("catalog:catalog-detail", args=[catalog.slug])
    links: dict[TagRow, str] = {}
    out = []
    for row in rows:
        name = row.name if len(row.name) <= NAME_LENGTH else f"{row.name[:NAME_LENGTH]}…"
        address = f"{base}entries/{row.pk}-{quote(row.slug)}/"
        out.append(
            f'<li><h2><a href="{address}"{lang_attribute(name)}>'
            f"{marked(name, terms) if terms else escape(name)}</a></h2>"
            f"{_host(catalog, row)}{_section(row, outline)}"
        )
        if row.description_html:
            marks = lang_attribute(row.description_html)
            html = marked_html(row.description_html, terms) if terms else row.description_html
            out.append(f'<p class="says"{marks}>{html}</p>')
        own = tags.get(row.pk, [])[:TAGS_PER_ROW]
        for tag in own:
            if tag not in links:
                links[tag] = (
                    f'<li><a href="{tag_address(tag)}"{lang_attribute(tag.name)}>'
                    f"{escape(tag.name)}</a></li>"
                )
        if own:
            out.append(f'<ul class="tags">{"".join(links[tag] for tag in own)}</ul>')
        out.append("</li>")
    # Every piece is either escaped here or was sanitised when it was written.
    return mark_safe("".join(out))  # noqa: S308


def _host(catalog: Catalog, row: EntryRow) -> str:
    """The link out, called by the host it leads to."""
    if plain := _PLAIN_HOST.match(row.url):
        # Nearly all; the others are looked at closely.
        return _link_out(row.url, plain[1].lower())
    link = web_link(row.url, catalog) if row.url else None
    if not link:
        return ""
    try:
        host = (urlsplit(link["url"]).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return _link_out(link["url"], host) if host else ""


def _link_out(url: str, host: str) -> str:
    return (
        f' <a class="host" href="{escape(url)}" rel="nofollow noopener ugc">'
        f"{escape(host[:NAME_LENGTH])}</a>"
    )


def _section(row: EntryRow, outline: Outline) -> str:
    section = outline.find(row.section_path) if row.section_path else None
    if section is None or section.is_title:
        return ""
    title = section.title
    return f' <a class="where" href="{section.address}"{lang_attribute(title)}>{escape(title)}</a>'
