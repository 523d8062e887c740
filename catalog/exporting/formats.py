"""The formats that a list is exported in: their table, and those that hold it as data.

The site, the API with its schema, the administration, the management command and the tests read it;
CONTRIBUTING.md says how a format is added.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import batched
from typing import Any

import orjson
import yaml
from django.db import connection
from django.db.models import QuerySet

from catalog import markdown
from catalog.exporting.markdown import markdown_of
from catalog.exporting.scopes import (
    Chunks,
    Past,
    Scope,
    past_blocks,
    past_entries,
    past_span,
    paths_of,
    span_of,
)
from catalog.finding.facets import tags_of_entries
from catalog.models import Catalog, Column, Entry, Facet, Link, Listing, Section
from catalog.sql.bulk import BATCH, among

# A list as plain data: itself, its sections, and its published entries one by one.


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
    for pk, facet, _slug, name, _facet in tags_of_entries(
        keys, public_only=public_only, order="name"
    ):
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


ENTRIES_PER_CHUNK = 50
"""Entries in one part, where a format writes them one after the other."""


def json_chunks(part: Listed) -> Chunks:
    """``{"catalog": {…}, "sections": […], "entries": […]}``, an entry a line."""
    with closing(part.entries) as entries:
        yield f'{{"catalog": {_json(part.catalog)},\n"sections": {_json(part.sections)},\n'
        yield '"entries": ['
        separator = "\n"
        for batch in batched(entries, ENTRIES_PER_CHUNK, strict=False):
            yield separator + ",\n".join(map(_json, batch))
            separator = ",\n"
        yield "\n]}\n"


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def yaml_chunks(part: Listed) -> Chunks:
    """The data of `json_chunks()` as one YAML document."""
    with closing(part.entries) as entries:
        yield _yaml({"catalog": part.catalog, "sections": part.sections})
        is_empty = True
        for entry in entries:
            if is_empty:
                yield "entries:\n"
                is_empty = False
            yield _yaml([entry])
        if is_empty:
            yield "entries: []\n"


def _yaml(value: object) -> str:
    return yaml.dump(
        value, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=10_000
    )


def csv_chunks(part: Listed) -> Chunks:
    """All entries in one table: a column for each facet, values joined by ``; ``."""
    with closing(part.entries) as entries:
        yield csv_lines([["id", "section", "name", "url", "description", *part.facets]])
        for batch in batched(entries, ENTRIES_PER_CHUNK, strict=False):
            yield csv_lines(_cells(entry, part.facets) for entry in batch)


def _cells(entry: Data, facets: Sequence[str]) -> Iterator[Any]:
    for name in ("id", "section", "name", "url", "description"):
        yield entry[name]
    for facet in facets:
        yield "; ".join(entry["tags"].get(facet, ()))


def csv_lines(rows: Iterable[Iterable[Any]]) -> str:
    """Rows as comma-separated lines of which a spreadsheet runs nothing."""
    lines = io.StringIO()
    csv.writer(lines).writerows([_unformula(value) for value in row] for row in rows)
    return lines.getvalue()


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Characters at which spreadsheet programs begin a formula."""


def _unformula(value: object) -> object:
    """A cell that a spreadsheet would run as a formula is quoted, as OWASP advises."""
    if isinstance(value, str) and value.startswith(_FORMULA) and len(value) > 1:
        return "'" + value
    return value


@dataclass(frozen=True, slots=True)
class Format:
    """A format of exports."""

    name: str
    """The name in requests and commands."""
    content_type: str
    """The media type that is sent, with the charset where it has one."""
    ending: str
    """The file name extension, without the dot."""
    chunks: Callable[[Catalog, Scope], Chunks]
    """Writes the scope of a list. Raises `NotFound` for what the list does not have."""
    is_readme: bool = False
    """Whether the whole list in it is the README, which Git may have from then on."""
    is_document: bool = False
    """Whether it holds the list, its sections and entries as the schema describes them."""

    @property
    def media_type(self) -> str:
        """The media type by which it is chosen."""
        return self.content_type.partition(";")[0]


def _from_data(write: Callable[[Listed], Chunks]) -> Callable[[Catalog, Scope], Chunks]:
    """A writer that takes a list as data."""
    return lambda catalog, scope: write(listed(catalog, scope))


README = Format("markdown", "text/markdown; charset=utf-8", "md", markdown_of, is_readme=True)
_ROWS = (
    # The API answers with the first where nothing is asked for.
    README,
    Format("json", "application/json", "json", _from_data(json_chunks), is_document=True),
    Format("csv", "text/csv; charset=utf-8", "csv", _from_data(csv_chunks)),
    Format(
        "yaml",
        "application/yaml; charset=utf-8",
        "yaml",
        _from_data(yaml_chunks),
        is_document=True,
    ),
)
FORMATS = {row.name: row for row in _ROWS}
"""The formats by name."""
