"""Entries as JSON, and their description in the schema."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import orjson
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from catalog.api.entry_filters import LANGUAGES
from catalog.finding.facets import tags_of_entries
from catalog.finding.indexing import language_of
from catalog.models import Catalog, Change, Column, Entry, Link, Listing, Revision, Section
from catalog.sql.bulk import among, fetch, moment

_EXAMPLE = {
    "id": 17,
    "catalog": "tools",
    "section": "editors/modal",
    "section_title": "Modal",
    "listing": 3,
    "name": "Delta",
    "url": "https://delta.example/",
    "description": "An editor with *modes*.",
    "cells": [
        {"column": "name", "header": "Name", "text": "[Delta](https://delta.example/)"},
        {"column": "language", "header": "Language", "text": "C / Rust"},
        {"column": "note", "header": "Note", "text": "An editor with *modes*."},
    ],
    "tags": [
        {"facet": "language", "value": "c", "name": "C"},
        {"facet": "language", "value": "rust", "name": "Rust"},
    ],
    "links": [{"text": "Delta", "url": "https://delta.example/", "kind": "site"}],
    "text_language": "und",
    "is_opaque": False,
    "created_at": "2026-01-31T12:00:00Z",
    "updated_at": "2026-02-01T08:30:00.250000Z",
    "revision": 41,
    "html_url": "https://lists.example/tools/entries/17-delta/",
    "api_url": "https://lists.example/api/v1/entries/17/",
}


class CellSerializer(serializers.Serializer[Any]):
    """A cell of a table row."""

    column = serializers.CharField(help_text="Key of the column; empty behind the last one.")
    header = serializers.CharField(help_text="The column's header.")
    text = serializers.CharField(help_text="Inline markdown.")


class EntryTagSerializer(serializers.Serializer[Any]):
    """A tag: a value of a facet."""

    facet = serializers.CharField(help_text="Slug of the facet.")
    value = serializers.CharField(help_text="Slug of the value; `tag=facet:value` finds it.")
    name = serializers.CharField(help_text="What the value is called.")


class EntryLinkSerializer(serializers.Serializer[Any]):
    """A link of an entry."""

    text = serializers.CharField(help_text="Plain text.")
    url = serializers.CharField(help_text="As written in the list; may be relative.")
    kind = serializers.ChoiceField(Link.Kind.choices)


@extend_schema_serializer(examples=[OpenApiExample("An entry", _EXAMPLE, response_only=True)])
class EntrySerializer(serializers.Serializer[Any]):
    """A published entry. All of it is there, unless `fields` asks for less."""

    id = serializers.IntegerField(required=False)
    catalog = serializers.CharField(required=False, help_text="Slug of the list.")
    section = serializers.CharField(
        required=False, help_text="Path of the section; empty before the first heading."
    )
    section_title = serializers.CharField(required=False)
    listing = serializers.IntegerField(
        required=False, allow_null=True, help_text="The table or list it stands in."
    )
    name = serializers.CharField(required=False)
    url = serializers.CharField(
        required=False, help_text="Of its first link, as written in the list; may be empty."
    )
    description = serializers.CharField(required=False, help_text="Inline markdown.")
    cells = CellSerializer(many=True, required=False, help_text="Of a table row; else none.")
    tags = EntryTagSerializer(many=True, required=False, help_text="Those of public facets.")
    links = EntryLinkSerializer(many=True, required=False, help_text="All links, in order.")
    text_language = serializers.ChoiceField(
        [(tag, tag) for tag in LANGUAGES],
        required=False,
        help_text="Of name and description, as far as the script tells; `und` where it does not.",
    )
    is_opaque = serializers.BooleanField(
        required=False, help_text="Whether it can be edited as raw markdown only."
    )
    created_at = serializers.DateTimeField(required=False)
    updated_at = serializers.DateTimeField(required=False)
    revision = serializers.IntegerField(
        required=False, help_text="The list's revision that changed it last; an edit names it."
    )
    html_url = serializers.URLField(required=False, help_text="Its page on the site.")
    api_url = serializers.URLField(required=False, help_text="Itself, here.")


class EntryChangeSerializer(serializers.Serializer[Any]):
    """One change of an entry's lines."""

    revision = serializers.IntegerField(help_text="The list's revision that did it.")
    verb = serializers.ChoiceField(Revision.Verb.choices, help_text="What the revision was.")
    operation = serializers.ChoiceField(Change.Op.choices, help_text="What it did here.")
    by = serializers.CharField(help_text="Who is credited for it; may be empty.")
    note = serializers.CharField(help_text="Why; may be empty.")
    created_at = serializers.DateTimeField()
    before = serializers.CharField(help_text="The lines before; empty when they were added.")
    after = serializers.CharField(help_text="The lines after; empty when they were removed.")


# Rows


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

# Written out: to put it together takes the ORM longer than the database to answer. What an entry
# stands in is looked up for each: joined, PostgreSQL reads all lists and sections, and SQLite all
# entries of the list.
_SELECT = f"""
SELECT entry.id, entry.name, entry.slug, entry.url, entry.description,
    CAST(entry.cells AS text), entry.is_opaque, entry.updated_revision, entry.listing_id,
    entry.created_at, entry.updated_at, entry.catalog_id,
    (SELECT catalog.slug FROM {Catalog._meta.db_table} catalog
        WHERE catalog.id = entry.catalog_id),
    (SELECT section.path FROM {Section._meta.db_table} section
        WHERE section.id = entry.section_id),
    (SELECT section.title FROM {Section._meta.db_table} section
        WHERE section.id = entry.section_id),
    (SELECT CAST(listing.columns AS text) FROM {Listing._meta.db_table} listing
        WHERE listing.id = entry.listing_id),
    link.ordinal, link.text, link.url, link.kind
FROM {Entry._meta.db_table} entry
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
    read: dict[int, list[Row]] = {}
    chosen, keys = among(pks)
    for row in fetch(_SELECT + chosen, [keys]):
        read.setdefault(row[0], []).append(row)
    tags = tags_of(pks) if "tags" in fields else {}
    catalogs = {rows[0][11] for rows in read.values() if rows[0][5] != "[]"}
    headers = headers_of(list(catalogs)) if catalogs and "cells" in fields else {}
    written = {pk: entry_of(rows, headers, tags.get(pk, []), site) for pk, rows in read.items()}
    return [{name: written[pk][name] for name in fields} for pk in pks if pk in written]


def headers_of(catalogs: Sequence[int]) -> Headers:
    """The headers of these catalogs' columns, with one query."""
    # Written out: to put it together takes the ORM longer than the database to answer.
    chosen, keys = among(catalogs)
    select = (
        f"SELECT catalog_id, key, header FROM {Column._meta.db_table} WHERE catalog_id {chosen}"  # noqa: S608
    )
    return {(catalog, key): header for catalog, key, header in fetch(select, [keys])}


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
        "created_at": moment(created_at),
        "updated_at": moment(updated_at),
        "revision": revision,
        "html_url": f"{site}{home}entries/{pk}-{quote(slug)}/",
        "api_url": f"{site}{api}{pk}/",
    }


def tags_of(pks: Sequence[int]) -> dict[int, list[dict[str, str]]]:
    """The public tags of entries by key, in the order of the facets and of their addresses."""
    tags: dict[int, list[dict[str, str]]] = {}
    for pk, facet, slug, name, _facet in tags_of_entries(pks, public_only=True, order="slug"):
        tags.setdefault(pk, []).append(tag_data(facet, slug, name))
    return tags


def tag_data(facet: str, slug: str, name: str) -> dict[str, str]:
    """A tag in the answer."""
    return {"facet": facet, "value": slug, "name": name}


@lru_cache(maxsize=1000)
def _addresses(slug: str) -> tuple[str, str]:
    """Return what the addresses of entries begin with, on the site and in the API."""
    return reverse("catalog:catalog-detail", args=[slug]), reverse("api:entry-list")


def _cells(cells: str, columns: str | None, catalog: int, headers: Headers) -> list[dict[str, str]]:
    """The cells of a table row; those that the table has no column for have no key."""
    if cells == "[]":
        return []
    own: list[dict[str, str]] = orjson.loads(cells)
    keys = _keys_of(columns) if columns else ()
    return [
        {"column": key, "header": headers.get((catalog, key), ""), "text": cell["text"]}
        for key, cell in zip((*keys, *[""] * len(own)), own, strict=False)
    ]


@lru_cache(maxsize=1000)
def _keys_of(columns: str) -> tuple[str, ...]:
    return tuple(orjson.loads(columns))


def _links(rows: Sequence[Row]) -> list[dict[str, str]]:
    links = sorted(row[16:] for row in rows if row[16] is not None)
    return [{"text": text, "url": url, "kind": kind} for _ordinal, text, url, kind in links]


def fields_of(request: Request) -> tuple[str, ...]:
    """The fields that were asked for, `FIELDS` without a wish. Raises `ValidationError`."""
    text = request.query_params.get("fields")
    if text is None:
        return FIELDS
    names = text.split(",")
    for name in names:
        if name not in FIELDS:
            raise ValidationError({"fields": [_refusal(name[:100])]})
    return tuple(name for name in FIELDS if name in names)


def _refusal(name: str) -> str:
    if near := get_close_matches(name, FIELDS, 1):
        message = _("There is no field “%(name)s”; did you mean “%(near)s”?")
        return message % {"name": name, "near": near[0]}
    message = _("There is no field “%(name)s”; the fields are %(known)s.")
    return message % {"name": name, "known": ", ".join(FIELDS)}
