"""A list as plain data: itself, its sections, and its published entries one by one."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import batched
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from catalog import markdown
from catalog.entry_tags import tag_rows
from catalog.exporting.scopes import (
    Past,
    Scope,
    past_blocks,
    past_entries,
    past_span,
    paths_of,
    span_of,
)
from catalog.models import Catalog, Column, Entry, Facet, Link, Listing, Section
from catalog.sql.bulk import BATCH, among

type Data = dict[str, Any]

type Entries = Generator[Data, None, None]
"""Whoever does not read them to the end closes them."""


@dataclass(slots=True)
class Listed:
    """A list, or a part of it; `facets` are slugs of those that its entries may have tags of."""

    catalog: Data
    sections: list[Data]
    facets: list[str]
    entries: Entries


def listed(catalog: Catalog, scope: Scope) -> Listed:
    """Return what the scope selects of a list. Raises `NotFound` for what it does not have.

    Tags of a past revision are not known, nor are the times of its entries.
    """
    if scope.is_past(catalog):
        return _listed_past(catalog, scope)
    start, end = span_of(catalog, scope.section) if scope.section else (None, None)
    sections = catalog.sections.in_reading_order()
    if start is not None:
        sections = sections.filter(position__gte=start)
    if end is not None:
        sections = sections.filter(position__lt=end)
    facets = Facet.objects.filter(catalog=catalog).order_by("rank", "slug")
    if scope.is_public:
        facets = facets.public()
    return Listed(
        catalog_data(catalog),
        [*map(section_data, sections)],
        list(facets.values_list("slug", flat=True)),
        _entries(catalog, scope, (start, end)),
    )


def catalog_data(catalog: Catalog) -> Data:
    """Return a catalog's own fields."""
    return {
        "slug": catalog.slug,
        "title": catalog.title,
        "description": catalog.description,
        "source_url": catalog.source_url,
        "license": catalog.license,
        "license_url": catalog.license_url,
        "language": catalog.language,
        "revision": catalog.revision,
        "entry_count": catalog.entry_count,
        "updated_at": written(catalog.updated_at),
    }


def section_data(section: Section) -> Data:
    """Return a section's own fields."""
    return {
        "path": section.path,
        "title": section.title,
        "level": section.level,
        "entry_count": section.entry_count,
    }


@lru_cache(maxsize=5000)
def written(moment: datetime) -> str:
    """A time in UTC as ISO 8601 has it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


_FIELDS = (
    "pk",
    "name",
    "url",
    "description",
    "section_id",
    "listing_id",
    "cells",
    "created_at",
    "updated_at",
)


def _entries(catalog: Catalog, scope: Scope, span: tuple[int | None, int | None]) -> Entries:
    paths = dict(catalog.sections.values_list("pk", "path"))
    places = _Places(catalog)
    with closing(_rows(catalog, scope, span)) as rows:
        for batch in batched(rows, BATCH, strict=False):
            keys = [row[0] for row in batch]
            tags, links = _tags_of(keys, public_only=scope.is_public), _links_of(keys)
            for pk, name, url, description, section, listing, cells, created, updated in batch:
                yield {
                    "id": pk,
                    "name": name,
                    "url": url,
                    "description": description,
                    "section": paths.get(section, ""),
                    "listing": places.ordinals.get(listing),
                    "cells": cells_by_header(
                        [cell["text"] for cell in cells], places.headers.get(listing, [])
                    ),
                    "tags": tags.get(pk, {}),
                    "links": links.get(pk, []),
                    "created_at": written(created),
                    "updated_at": written(updated),
                }


def _rows(
    catalog: Catalog, scope: Scope, span: tuple[int | None, int | None]
) -> Generator[tuple[Any, ...], None, None]:
    """The values of `_FIELDS` of the entries, in reading order."""
    entries = Entry.objects.published().filter(catalog=catalog)
    if span[0] is not None:
        entries = entries.filter(position__gte=span[0])
    if span[1] is not None:
        entries = entries.filter(position__lt=span[1])
    for some in _filtered(entries, scope):
        yield from some.in_reading_order().values_list(*_FIELDS).iterator(chunk_size=BATCH)


def _filtered(entries: QuerySet[Entry], scope: Scope) -> Iterator[Any]:
    """The entries, or those among them that are wanted, some at a time."""
    if scope.only is None:
        yield entries
        return
    for keys in batched(scope.only, BATCH, strict=False):
        yield entries.filter(pk__in=keys)


@dataclass(slots=True)
class _Places:
    """The listings by their keys: their numbers, and the headers of the tables' columns."""

    catalog: Catalog
    ordinals: dict[int | None, int] = field(default_factory=dict)
    headers: dict[int | None, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = dict(Column.objects.filter(catalog=self.catalog).values_list("key", "header"))
        listings = Listing.objects.filter(catalog=self.catalog)
        for pk, ordinal, columns in listings.values_list("pk", "ordinal", "columns"):
            self.ordinals[pk] = ordinal
            self.headers[pk] = [names.get(key, "") for key in columns]


def cells_by_header(texts: Iterable[str], headers: Sequence[str]) -> dict[str, str]:
    """A row's cells by the headers of their columns; of equal ones later ones get spaces."""
    cells: dict[str, str] = {}
    for number, text in enumerate(texts):
        header = (headers[number] if number < len(headers) else "") or f"column {number + 1}"
        while header in cells:
            header += " "
        cells[header] = text
    return cells


# Written out: the ORM takes longer to prepare a thousand keys than the database to find them.
_LINKS = f"""
SELECT entry_id, text, url FROM {Link._meta.db_table} WHERE entry_id %s ORDER BY ordinal"""  # noqa: S608


def _tags_of(keys: Sequence[int], *, public_only: bool) -> dict[int, dict[str, list[str]]]:
    """The names of the entries' tags, by facet."""
    names: dict[int, dict[str, list[str]]] = {}
    for pk, facet, _slug, name in tag_rows(keys, public_only=public_only, order="name"):
        names.setdefault(pk, {}).setdefault(facet, []).append(name)
    return names


def _links_of(keys: Sequence[int]) -> dict[int, list[Data]]:
    grouped: dict[int, list[Data]] = {}
    chosen, values = among(keys)
    with connection.cursor() as cursor:
        cursor.execute(_LINKS % chosen, [values])
        for pk, text, url in cursor.fetchall():
            grouped.setdefault(pk, []).append({"text": text, "url": url})
    return grouped


def _listed_past(catalog: Catalog, scope: Scope) -> Listed:
    number = scope.revision or 0
    past = past_blocks(catalog, number)
    document, paths = past.document, paths_of(past.document)
    entries = list(past_entries(catalog, past))
    start, end = past_span(document, scope.section) if scope.section else (0, len(document.blocks))
    counts = _counts(document, entries)
    sections = [
        {
            "path": paths[number],
            "title": section.title,
            "level": section.level,
            "entry_count": counts[number],
        }
        for number, section in enumerate(document.sections)
        if start <= section.block < end
    ]
    revision = catalog.revisions.get(number=number)
    about = catalog_data(catalog) | {
        "revision": revision.number,
        "entry_count": len(entries),
        "updated_at": written(revision.created_at),
    }
    inside = [(key, entry) for key, entry in entries if start <= entry.block < end]
    return Listed(about, sections, [], _past_data(past, paths, inside))


def _counts(
    document: markdown.Document, entries: Iterable[tuple[int | None, markdown.Entry]]
) -> list[int]:
    """Return the number of entries in each section, subsections included."""
    counts = [0] * len(document.sections)
    for _key, entry in entries:
        if entry.section is not None:
            counts[entry.section] += 1
    for number in range(len(counts) - 1, -1, -1):
        parent = document.sections[number].parent
        if parent is not None:
            counts[parent] += counts[number]
    return counts


def _past_data(
    past: Past, paths: Sequence[str], entries: Iterable[tuple[int | None, markdown.Entry]]
) -> Entries:
    document = past.document
    ordinals: list[int] = []
    last: dict[int | None, int] = {}
    for listing in document.listings:
        last[listing.section] = last.get(listing.section, 0) + 1
        ordinals.append(last[listing.section])
    for key, entry in entries:
        headers = document.listings[entry.listing].header if entry.listing is not None else []
        yield {
            "id": key,
            "name": entry.name,
            "url": entry.url,
            "description": entry.description,
            "section": paths[entry.section] if entry.section is not None else "",
            "listing": ordinals[entry.listing] if entry.listing is not None else None,
            "cells": cells_by_header([cell.text for cell in entry.cells], headers),
            "tags": {},
            "links": [
                {"text": " ".join(link.text.split()), "url": link.url}
                for link in document.blocks[entry.block].links
            ],
            "created_at": None,
            "updated_at": None,
        }
