"""Entries as rows outside their list: name, host, section, description, tags.

Made in Python like `reading`: a page has fifty of them, with ten tags each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Catalog, Entry, EntryTag
from catalog.pages.frame import web_link
from catalog.pages.outline import Outline
from catalog.pages.tag_index import TagIndex, TagRow
from catalog.rendering.languages import lang_attribute

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


ROW_FIELDS = ("pk", "name", "slug", "url", "description_html", "section__path")


def rows_of(entries: QuerySet[Entry, Any]) -> list[EntryRow]:
    """The entries as rows, in their order."""
    return [EntryRow._make(row) for row in entries.values_list(*ROW_FIELDS)]


def tags_by_entry(pks: Iterable[int], index: TagIndex) -> dict[int, list[TagRow]]:
    """The public tags of the entries, in the order of the facets."""
    numbers = {slug: number for number, slug in enumerate(index.facets)}
    found: dict[int, list[TagRow]] = {}
    links = EntryTag.objects.filter(content_object__in=list(pks)).order_by("pk")
    for entry, pk in links.values_list("content_object_id", "tag_id"):
        tag = index.by_pk.get(pk)
        if tag:
            found.setdefault(entry, []).append(tag)
    for tags in found.values():
        tags.sort(key=lambda tag: numbers[tag.facet])
    return found


def rows_html(
    catalog: Catalog,
    rows: Sequence[EntryRow],
    outline: Outline,
    tags: dict[int, list[TagRow]],
    tag_address: Callable[[TagRow], str],
) -> SafeString:
    """The rows as items of a list."""
    base = reverse("catalog:catalog-detail", args=[catalog.slug])
    links: dict[TagRow, str] = {}
    out = []
    for row in rows:
        name = row.name if len(row.name) <= NAME_LENGTH else f"{row.name[:NAME_LENGTH]}…"
        address = f"{base}entries/{row.pk}-{quote(row.slug)}/"
        out.append(
            f'<li><h2><a href="{address}"{lang_attribute(name)}>{escape(name)}</a></h2>'
            f"{_host(catalog, row)}{_section(row, outline)}"
        )
        if row.description_html:
            marks = lang_attribute(row.description_html)
            out.append(f'<p class="says"{marks}>{row.description_html}</p>')
        own = tags.get(row.pk, [])[:TAGS_PER_ROW]
        for tag in own:
            if tag not in links:
                links[tag] = (
                    f'<li><a href="{escape(tag_address(tag))}"{lang_attribute(tag.name)}>'
                    f"{escape(tag.name)}</a></li>"
                )
        if own:
            out.append(f'<ul class="tags">{"".join(links[tag] for tag in own)}</ul>')
        out.append("</li>")
    # Every piece is either escaped here or was sanitised when it was written.
    return mark_safe("".join(out))  # noqa: S308


def _host(catalog: Catalog, row: EntryRow) -> str:
    """The link out, called by the host it leads to."""
    link = web_link(row.url, catalog) if row.url else None
    if not link:
        return ""
    try:
        host = (urlsplit(link["url"]).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if not host:
        return ""
    return (
        f' <a class="host" href="{escape(link["url"])}" rel="nofollow noopener ugc">'
        f"{escape(host[:NAME_LENGTH])}</a>"
    )


def _section(row: EntryRow, outline: Outline) -> str:
    section = outline.find(row.section_path) if row.section_path else None
    if section is None or section.is_title:
        return ""
    title = section.title
    return f' <a class="where" href="{section.address}"{lang_attribute(title)}>{escape(title)}</a>'
