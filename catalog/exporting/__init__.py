"""Giving the list back: as its own markdown, byte for byte, and in other formats.

Every format is a stream of pieces that does not grow with the list, read by statements that need
no transaction: with SQLite's IMMEDIATE mode a slow download would hold the write lock.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import batched, chain, islice
from typing import Any

import yaml
from django.db.models import Prefetch, QuerySet, Subquery
from django.utils.translation import gettext as _

from catalog.errors import NotFound
from catalog.history import blocks_at
from catalog.markdown.parser import BOM, parse
from catalog.models import Block, Catalog, Column, Entry, EntryTag, Export, Link, Listing, Section
from catalog.restyling import TABLE_STYLES, StyledBlock, restyled

type Chunks = Generator[str, None, None]
"""Pieces of a text. Whoever does not read them to the end closes them."""

type Rows = Generator[StyledBlock, None, None]

FORMATS = ("markdown", "json", "csv", "yaml")
_CHUNK = 1000
"""Rows read at a time."""
_JOINED = 100
"""Blocks in one piece of an exact export."""


def markdown_chunks(
    catalog: Catalog, *, revision: int | None = None, table_style: str = "exact"
) -> Chunks:
    """The list's markdown in pieces; joined they are the text of the current or a past revision.

    `table_style` is ``exact`` (every byte as it is), ``compact`` (cells without padding) or
    ``aligned`` (each column padded to its widest cell). Raises `NotFound` for a revision that
    does not exist, and `ValueError` for a style that does not, before the first piece; by then
    `catalog.revision` also is the revision that the pieces are of.
    """
    if table_style not in TABLE_STYLES:
        raise ValueError(f"table_style has to be one of {', '.join(TABLE_STYLES)}")
    is_exact = table_style == "exact"
    blocks: Iterable[StyledBlock] = ()
    if revision in {None, catalog.revision}:
        begun, rows = _current_blocks(catalog, () if is_exact else ("kind", "listing_id"))
        blocks = chain(begun, rows)
    bom = catalog.bom
    if revision is not None and revision != catalog.revision:
        bom, past = blocks_at(catalog, revision)
        if is_exact:
            blocks = [(source,) for _uid, source in past]
        else:
            document = parse("".join([source for _uid, source in past]))
            blocks = [(block.source, block.kind.value, block.listing) for block in document.blocks]
        rows = _nothing()
    pieces = _joined(blocks) if is_exact else restyled(blocks, table_style)
    chunks = _closing(rows, BOM if bom else "", pieces)
    # Begun, so that closing it closes the statement too, whatever was read.
    next(chunks)
    return chunks


def _closing(rows: Rows, mark: str, pieces: Iterable[str]) -> Chunks:
    """The pieces, after one that is empty; at the end the rows they come from are closed."""
    with closing(rows):
        yield ""
        if mark:
            yield mark
        yield from pieces


def _joined(blocks: Iterable[StyledBlock]) -> Iterator[str]:
    """The sources, some in each piece: one by one they take longer to hand on than to read."""
    for batch in batched(blocks, _JOINED, strict=False):
        yield "".join([block[0] for block in batch])


def _nothing() -> Rows:
    yield from ()


def _current_blocks(catalog: Catalog, fields: Sequence[str]) -> tuple[list[StyledBlock], Rows]:
    """The first block and the others: source, fields, and the revision of all.

    They come by one statement, which sees one state of the database; where that is newer than
    `catalog`, this is read again.
    """
    now = Catalog.objects.filter(pk=catalog.pk).values("revision")
    while True:
        rows = _rows(
            Block.objects.filter(catalog=catalog)
            .in_reading_order()
            .values_list("source", *fields, Subquery(now))
        )
        begun = list(islice(rows, 1))
        if not begun or begun[0][-1] == catalog.revision:
            return begun, rows
        rows.close()
        catalog.refresh_from_db(fields=["revision", "bom"])


def _rows(query: QuerySet[Any, StyledBlock]) -> Rows:
    yield from query.iterator(chunk_size=_CHUNK)


def export_markdown(
    catalog: Catalog, *, revision: int | None = None, table_style: str = "exact"
) -> str:
    """The list's whole markdown; see `markdown_chunks()`. Law 2: what went in comes out."""
    return "".join(markdown_chunks(catalog, revision=revision, table_style=table_style))


def record_export(catalog: Catalog, *, number: int, sha256: str) -> None:
    """Remember that somebody took this revision out, so that a re-import may descend from it."""
    Export.objects.get_or_create(catalog=catalog, number=number, defaults={"sha256": sha256})


def digest(chunks: Iterable[str]) -> Iterator[tuple[bytes, str]]:
    """The pieces in UTF-8, each with the hexadecimal SHA-256 of everything so far."""
    total = hashlib.sha256()
    for chunk in chunks:
        data = chunk.encode("utf-8")
        total.update(data)
        yield data, total.hexdigest()


def export_chunks(catalog: Catalog, format_name: str) -> Chunks:
    """The catalog in one of `FORMATS`, in pieces. Raises `NotFound` for another format."""
    match format_name:
        case "markdown":
            return markdown_chunks(catalog)
        case "json":
            return json_chunks(catalog)
        case "csv":
            return csv_chunks(published_entries(catalog), _facet_slugs(catalog))
        case "yaml":
            return yaml_chunks(catalog)
    raise NotFound(
        _("There is no format %(name)s; choose one of %(formats)s.")
        % {"name": format_name, "formats": ", ".join(FORMATS)}
    )


def published_entries(catalog: Catalog) -> QuerySet[Entry]:
    """A catalog's published entries in reading order, with what an export says about them."""
    tags = EntryTag.objects.select_related("tag__facet").order_by(
        "tag__facet__rank", "tag__facet__slug", "tag__name"
    )
    return (
        Entry.objects.filter(catalog=catalog)
        .published()
        .in_reading_order()
        .select_related("section", "listing")
        .prefetch_related(
            Prefetch("entry_tags", tags), Prefetch("links", Link.objects.order_by("ordinal"))
        )
    )


def entry_data(entry: Entry, headers: dict[str, str]) -> dict[str, Any]:
    """An entry as JSON-ready data; `headers` are column headers by key."""
    tags: dict[str, list[str]] = {}
    for tagging in entry.entry_tags.all():
        tags.setdefault(tagging.tag.facet.slug, []).append(tagging.tag.name)
    columns = entry.listing.columns if entry.listing else []
    cells = {}
    for number, cell in enumerate(entry.cells):
        key = columns[number] if number < len(columns) else ""
        header = headers.get(key, "") or f"column {number + 1}"
        while header in cells:
            header += " "
        cells[header] = cell["text"]
    return {
        "id": entry.pk,
        "name": entry.name,
        "url": entry.url,
        "description": entry.description,
        "section": entry.section.path if entry.section else "",
        "listing": entry.listing.ordinal if entry.listing else None,
        "cells": cells,
        "tags": tags,
        "links": [{"text": link.text, "url": link.url} for link in entry.links.all()],
        "created_at": entry.created_at.isoformat(),
        "updated_at": entry.updated_at.isoformat(),
    }


def catalog_data(catalog: Catalog) -> dict[str, Any]:
    """What a catalog says about itself."""
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
        "updated_at": catalog.updated_at.isoformat(),
    }


def section_data(section: Section) -> dict[str, Any]:
    """A section as JSON-ready data."""
    return {
        "path": section.path,
        "title": section.title,
        "level": section.level,
        "entry_count": section.entry_count,
    }


def headers_of(catalog: Catalog) -> dict[str, str]:
    """Column headers by key."""
    return dict(Column.objects.filter(catalog=catalog).values_list("key", "header"))


def json_chunks(catalog: Catalog) -> Chunks:
    """``{"catalog": {…}, "sections": […], "entries": […]}``, an entry a line."""
    headers = headers_of(catalog)
    sections = catalog.sections.in_reading_order()
    yield f'{{"catalog": {_dump(catalog_data(catalog))},\n"sections": '
    yield _dump([section_data(section) for section in sections]) + ',\n"entries": ['
    separator = "\n"
    for entry in published_entries(catalog).iterator(chunk_size=_CHUNK):
        yield separator + _dump(entry_data(entry, headers))
        separator = ",\n"
    yield "\n]}\n"


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def yaml_chunks(catalog: Catalog) -> Chunks:
    """The data of `json_chunks()` as one YAML document."""
    headers = headers_of(catalog)
    sections = [section_data(section) for section in catalog.sections.in_reading_order()]
    yield _yaml({"catalog": catalog_data(catalog), "sections": sections})
    is_empty = True
    for entry in published_entries(catalog).iterator(chunk_size=_CHUNK):
        if is_empty:
            yield "entries:\n"
            is_empty = False
        yield _yaml([entry_data(entry, headers)])
    if is_empty:
        yield "entries: []\n"


def _yaml(value: object) -> str:
    return yaml.dump(
        value, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=10_000
    )


def _facet_slugs(catalog: Catalog) -> list[str]:
    return list(catalog.facets.order_by("rank", "slug").values_list("slug", flat=True))


def csv_chunks(entries: QuerySet[Entry], facets: list[str]) -> Chunks:
    """All entries in one table: a column for each facet, values joined by ``; ``. RFC 4180."""
    head = ["id", "section", "name", "url", "description", *facets]
    yield _csv_line(head)
    for entry in entries.iterator(chunk_size=_CHUNK):
        data = entry_data(entry, {})
        yield _csv_line(
            [
                data["id"],
                data["section"],
                data["name"],
                data["url"],
                data["description"],
                *["; ".join(data["tags"].get(facet, ())) for facet in facets],
            ]
        )


def listing_csv_chunks(listing: Listing) -> Chunks:
    """One table of the list with its own columns."""
    headers = headers_of(listing.catalog)
    yield _csv_line(["id", *[headers.get(key, key) for key in listing.columns]])
    entries = listing.entries.published().in_reading_order().only("pk", "cells", "name", "url")
    for entry in entries.iterator(chunk_size=_CHUNK):
        yield _csv_line([entry.pk, *[cell["text"] for cell in entry.cells]])


def _csv_line(values: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([_unformula(value) for value in values])
    return line.getvalue()


def _unformula(value: object) -> object:
    """A cell that a spreadsheet would run as a formula is quoted, as OWASP advises."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} and len(value) > 1:
        return "'" + value
    return value
