"""Entries as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import orjson
from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from catalog.entry_tags import tag_rows
from catalog.finding.indexing import language_of
from catalog.models import Catalog, Column, Entry, Link, Listing, Section
from catalog.sql.bulk import among

FIELDS = (
    "id",
    "catalog",
    "section",
    "section_title",
    "listing",
    "name",
    "url",
    "description",
    "cells",
    "tags",
    "links",
    "text_language",
    "is_opaque",
    "created_at",
    "updated_at",
    "revision",
    "html_url",
    "api_url",
)
"""The fields of an entry, in order."""

FIELDS_PARAMETER = OpenApiParameter(
    "fields",
    {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(FIELDS)}},
    description="What is told of an entry, with commas between; everything by default.",
    explode=False,
)

# Written out: to put it together takes the ORM longer than the database to answer. Sections and
# listings are looked up for each entry: joined, PostgreSQL reads all of them.
_SELECT = f"""
SELECT entry.id, entry.name, entry.slug, entry.url, entry.description,
    CAST(entry.cells AS text), entry.is_opaque, entry.updated_revision, entry.listing_id,
    entry.created_at, entry.updated_at, catalog.id, catalog.slug,
    (SELECT section.path FROM {Section._meta.db_table} section
        WHERE section.id = entry.section_id),
    (SELECT section.title FROM {Section._meta.db_table} section
        WHERE section.id = entry.section_id),
    (SELECT CAST(listing.columns AS text) FROM {Listing._meta.db_table} listing
        WHERE listing.id = entry.listing_id),
    link.ordinal, link.text, link.url, link.kind
FROM {Entry._meta.db_table} entry
JOIN {Catalog._meta.db_table} catalog ON catalog.id = entry.catalog_id
LEFT JOIN {Link._meta.db_table} link ON link.entry_id = entry.id
WHERE entry.state = 'published' AND entry.id """  # noqa: S608

type Row = tuple[Any, ...]
type Headers = dict[tuple[int, str], str]
"""Of columns, by their catalog and key."""


def rows_of(pks: Sequence[int], fields: Sequence[str], site: str) -> list[dict[str, Any]]:
    """The entries with these of their `FIELDS`, in this order; those that are gone are left out.

    Costs three queries at most. `site` is what absolute addresses begin with.
    """
    if not pks:
        return []
    read = read_entries(pks)
    tags = tags_of(pks) if "tags" in fields else {}
    catalogs = {rows[0][11] for rows in read.values() if rows[0][5] != "[]"}
    headers = headers_of(list(catalogs)) if catalogs and "cells" in fields else {}
    written = {pk: entry_of(rows, headers, tags.get(pk, []), site) for pk, rows in read.items()}
    return [{name: written[pk][name] for name in fields} for pk in pks if pk in written]


def read_entries(pks: Sequence[int]) -> dict[int, list[Row]]:
    """The rows of entries, one for each link, by key; one query."""
    chosen, keys = among(pks)
    found: dict[int, list[Row]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SELECT + chosen, [keys])
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(row)
    return found


def headers_of(catalogs: Sequence[int]) -> Headers:
    """The headers of these catalogs' columns, with one query."""
    columns = Column.objects.filter(catalog__in=catalogs).order_by()
    rows = columns.values_list("catalog_id", "key", "header")
    return {(catalog, key): header for catalog, key, header in rows}


def entry_of(
    rows: Sequence[Row], headers: Headers, tags: list[dict[str, str]], site: str
) -> dict[str, Any]:
    """Return all `FIELDS` of an entry from its rows."""
    pk, name, slug, url, description, cells, is_opaque, revision, listing = rows[0][:9]
    created_at, updated_at, catalog, catalog_slug, path, title, columns = rows[0][9:16]
    home, api = _addresses(catalog_slug)
    return {
        "id": pk,
        "catalog": catalog_slug,
        "section": path or "",
        "section_title": title or "",
        "listing": listing,
        "name": name,
        "url": url,
        "description": description,
        "cells": _cells(cells, columns, catalog, headers),
        "tags": tags,
        "links": _links(rows),
        "text_language": language_of(name, description),
        "is_opaque": bool(is_opaque),
        "created_at": _moment(created_at),
        "updated_at": _moment(updated_at),
        "revision": revision,
        "html_url": f"{site}{home}entries/{pk}-{quote(slug)}/",
        "api_url": f"{site}{api}{pk}/",
    }


def _moment(stored: datetime) -> datetime:
    """SQLite keeps no zone; it is UTC."""
    return stored if stored.tzinfo else stored.replace(tzinfo=UTC)


def tags_of(pks: Sequence[int]) -> dict[int, list[dict[str, str]]]:
    """The public tags of entries by key, in the order of the facets and of their addresses."""
    tags: dict[int, list[dict[str, str]]] = {}
    for pk, facet, slug, name in tag_rows(pks, public_only=True, order="slug"):
        tags.setdefault(pk, []).append(tag_data(facet, slug, name))
    return tags


def tag_data(facet: str, slug: str, name: str) -> dict[str, str]:
    """A tag as it is told."""
    return {"facet": facet, "value": slug, "name": name}


@lru_cache(maxsize=1000)
def _addresses(slug: str) -> tuple[str, str]:
    """Return what the addresses of entries begin with, on the site and in the API."""
    return reverse("catalog:catalog-detail", args=[slug]), reverse("api:entry-list")


def _cells(cells: str, columns: str | None, catalog: int, headers: Headers) -> list[dict[str, str]]:
    """The cells of a table row; those that the table has no column for have no key."""
    if cells == "[]":
        return []
    found: list[dict[str, str]] = orjson.loads(cells)
    keys: list[str] = orjson.loads(columns) if columns else []
    keys += [""] * (len(found) - len(keys))
    return [
        {"column": key, "header": headers.get((catalog, key), ""), "text": cell["text"]}
        for key, cell in zip(keys, found, strict=False)
    ]


def _links(rows: Sequence[Row]) -> list[dict[str, str]]:
    found = sorted(row[16:] for row in rows if row[16] is not None)
    return [{"text": text, "url": url, "kind": kind} for _ordinal, text, url, kind in found]


def fields_of(request: Request) -> tuple[str, ...]:
    """The fields that were asked for, `FIELDS` without a wish. Raises `ValidationError`."""
    text = request.query_params.get("fields")
    if text is None:
        return FIELDS
    wanted = text.split(",")
    for name in wanted:
        if name not in FIELDS:
            raise ValidationError({"fields": [_told(name[:100])]})
    return tuple(name for name in FIELDS if name in wanted)


def _told(name: str) -> str:
    near = get_close_matches(name, FIELDS, 1)
    if near:
        told = _("There is no field “%(name)s”; did you mean “%(near)s”?")
        return told % {"name": name, "near": near[0]}
    told = _("There is no field “%(name)s”; the fields are %(known)s.")
    return told % {"name": name, "known": ", ".join(FIELDS)}
