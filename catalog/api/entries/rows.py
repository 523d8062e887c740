"""Entries as JSON. An entry's is kept with its shelf, so that a page is mostly joined."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote

import orjson
from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from api.negotiation import dump
from catalog.api.entries.sets import language_of, moment_of
from catalog.api.entries.shelf import Shelf
from catalog.browsing.browse_index import BrowseIndex
from catalog.entry_tags import tag_rows
from catalog.models import Catalog, Column, Entry, Link, Listing, Section
from catalog.sql.keys import among

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
"""What is told of an entry, in this order."""

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
    (SELECT section.path FROM {Section._meta.db_table} section
        WHERE section.id = entry.section_id),
    (SELECT section.title FROM {Section._meta.db_table} section
        WHERE section.id = entry.section_id),
    (SELECT CAST(listing.columns AS text) FROM {Listing._meta.db_table} listing
        WHERE listing.id = entry.listing_id),
    link.ordinal, link.text, link.url, link.kind
FROM {Entry._meta.db_table} entry
LEFT JOIN {Link._meta.db_table} link ON link.entry_id = entry.id
WHERE entry.id """  # noqa: S608

type Row = tuple[Any, ...]
type Headers = dict[tuple[int, str], str]
"""Of columns, by their catalog and key."""


def rows_of(
    shelf: Shelf, pks: Sequence[int], fields: Sequence[str], site: str
) -> list[orjson.Fragment]:
    """The entries with these of their `FIELDS`, in this order; those that are gone are left out.

    Costs one query unless all were asked for before, and another one when they are the first of
    the shelf. `site` is what absolute addresses begin with.
    """
    kept = shelf.rows_for((site, *fields))
    # Taken out first: another thread may clear them.
    found = {pk: row for pk in pks if (row := kept.get(pk))}
    missing = [pk for pk in pks if pk not in found]
    if missing:
        read = read_entries(missing)
        headers = shelf.kept("headers", partial(headers_of, list(shelf.catalogs)))
        new = {}
        for pk, rows in read.items():
            catalog = shelf.catalogs[shelf.catalog_with(pk)]
            told = entry_of(rows, catalog, headers, site) | _from_index(shelf.index_with(pk), pk)
            new[pk] = dump({name: told[name] for name in fields})
        kept |= new
        found |= new
    return [orjson.Fragment(found[pk]) for pk in pks if pk in found]


def _from_index(index: BrowseIndex, pk: int) -> dict[str, Any]:
    """What is in memory of an entry."""
    columns = index.sets.columns
    at = columns.known.rank(pk) - 1
    tags = [index.tags.by_pk[tag] for tag in index.sets.tags_of[pk]]
    return {
        "tags": [tag_data(tag.facet, tag.slug, tag.name) for tag in tags],
        "created_at": moment_of(columns.created[at]),
        "updated_at": moment_of(columns.updated[at]),
    }


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


def entry_of(rows: Sequence[Row], catalog: Catalog, headers: Headers, site: str) -> dict[str, Any]:
    """What the rows of an entry say of it: all `FIELDS` but its tags and times."""
    pk, name, slug, url, description, cells, is_opaque, revision, listing, path, title, columns = (
        rows[0][:12]
    )
    home, api = _addresses(catalog.slug)
    return {
        "id": pk,
        "catalog": catalog.slug,
        "section": path or "",
        "section_title": title or "",
        "listing": listing,
        "name": name,
        "url": url,
        "description": description,
        "cells": _cells(cells, columns, catalog.pk, headers),
        "links": _links(rows),
        "text_language": language_of(name, description),
        "is_opaque": bool(is_opaque),
        "revision": revision,
        "html_url": f"{site}{home}entries/{pk}-{quote(slug)}/",
        "api_url": f"{site}{api}{pk}/",
    }


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
    """What the addresses of entries begin with, on the site and in the API."""
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
    found = sorted(row[12:] for row in rows if row[12] is not None)
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
    told = _("There is no field “%(name)s”; there are %(known)s.")
    return told % {"name": name, "known": ", ".join(FIELDS)}
