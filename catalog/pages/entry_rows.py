"""Entries as rows outside their list: name, host, section, description, tags.

Made in Python like `reading`: a page has fifty of them, with ten tags each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import quote, urlsplit

from django.db import connection
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Catalog
from catalog.pages.frame import web_link
from catalog.pages.outline import Outline
from catalog.rendering.languages import lang_attribute
from catalog.searching.marking import marked, marked_html
from catalog.searching.segmenting import Term

NAME_LENGTH = 150
TAGS_PER_ROW = 12

type EntryRow = tuple[int, str, str, str, str, str | None]
"""Key, name, slug, URL, HTML of the description, path of the section."""

_PLAIN_LINK = re.compile(
    r"https?://(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:[/?#][^&<>\"']*)?", re.IGNORECASE
)
"""An address with its host, in which nothing has to be escaped."""
_TO_BE_ESCAPED = re.compile("[&<>\"']")

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
        found: dict[int, EntryRow] = {row[0]: row for row in cursor.fetchall()}
    return [found[pk] for pk in pks if pk in found]


def rows_html(
    catalog: Catalog,
    rows: Sequence[EntryRow],
    outline: Outline,
    tags_of: Mapping[int, Sequence[int]],
    tag_links: Mapping[int, str],
    terms: Sequence[Term] = (),
) -> SafeString:
    """The rows as items of a list, what the terms found in them marked.

    `tags_of` are the tags of each entry in their order, `tag_links` the items that lead to them.
    """
    entries = f"{outline.address}entries/"
    out = []
    for pk, full_name, slug, url, description, path in rows:
        name = full_name if len(full_name) <= NAME_LENGTH else f"{full_name[:NAME_LENGTH]}…"
        lang = "" if name.isascii() else lang_attribute(name)
        address = slug if slug.isascii() else quote(slug)
        if terms:
            shown: str = marked(name, terms)
        else:
            shown = escape(name) if _TO_BE_ESCAPED.search(name) else name
        if plain := _PLAIN_LINK.fullmatch(url):
            # Nearly all; the others are looked at closely.
            host = _link_out(url, plain[1][:NAME_LENGTH].lower())
        else:
            host = _host(catalog, url) if url else ""
        where = outline.link_to(path) if path else ""
        says = ""
        if description:
            marks = "" if description.isascii() else lang_attribute(description)
            html = marked_html(description, terms) if terms else description
            says = f'<p class="says"{marks}>{html}</p>'
        tags = ""
        if own := tags_of.get(pk):
            links = "".join([tag_links[tag] for tag in own[:TAGS_PER_ROW]])
            tags = f'<ul class="tags">{links}</ul>'
        out.append(
            f'<li><h2><a href="{entries}{pk}-{address}/"{lang}>{shown}</a></h2>'
            f"{host}{where}{says}{tags}</li>"
        )
    # Every piece is either escaped here or was sanitised when it was written.
    return mark_safe("".join(out))  # noqa: S308


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
