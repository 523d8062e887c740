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
from django.utils.safestring import SafeString, mark_safe

from catalog.browsing.outline import Outline
from catalog.entry_tags import tag_rows
from catalog.finding.marking import marked, marked_html
from catalog.finding.text import Term
from catalog.models import Catalog
from catalog.pages.frame import web_link
from catalog.rendering.languages import lang_attribute
from catalog.sql.bulk import among

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
    # Every piece is either escaped here or was sanitised when it was written.
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
