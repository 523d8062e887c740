"""Entries as the schema describes them; what is answered is made in `rows.py`, and held to this."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from catalog.api.entries.wanted import LANGUAGES
from catalog.models import Change, Link, Revision

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
