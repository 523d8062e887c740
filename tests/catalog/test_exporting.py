"""The formats of an export, whole, and as streams."""

import csv
import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.errors import NotFound
from catalog.exporting import (
    FORMATS,
    export_chunks,
    export_markdown,
    markdown_chunks,
)
from catalog.models import Catalog
from tests.catalog.importing.imports import change_here, new_list
from tests.catalog.importing.test_importing import text_of

pytestmark = pytest.mark.django_db

TEXT = (
    "# T\n\n## X\n\n"
    "| name | license | notes |\n|:--|:-:|---|\n"
    '| [A](https://example.org/a) / [B](https://example.org/b) | MIT/ISC | =1+1, "x" |\n'
    "|[丙](https://example.org/c)|-|中文|\n\n"
    "### Y\n\n- [D](https://example.org/d) - Does D.\n"
)


@pytest.fixture
def catalog() -> Catalog:
    return new_list(TEXT)


def whole(catalog: Catalog, name: str) -> str:
    return "".join(export_chunks(catalog, name))


def plain(data: dict[str, Any]) -> dict[str, Any]:
    """Without what differs from run to run."""
    data["catalog"].pop("updated_at")
    for entry in data["entries"]:
        del entry["id"], entry["created_at"], entry["updated_at"]
    return data


def test_json_and_yaml_hold_the_same(catalog: Catalog) -> None:
    data = plain(json.loads(whole(catalog, "json")))

    assert data == plain(yaml.safe_load(whole(catalog, "yaml")))
    assert data == {
        "catalog": {
            "slug": "tools",
            "title": "Tools",
            "description": "",
            "source_url": "",
            "license": "",
            "license_url": "",
            "language": "",
            "revision": 1,
            "entry_count": 3,
        },
        "sections": [
            {"path": "t", "title": "T", "level": 1, "entry_count": 3},
            {"path": "x", "title": "X", "level": 2, "entry_count": 3},
            {"path": "x/y", "title": "Y", "level": 3, "entry_count": 1},
        ],
        "entries": [
            {
                "name": "A / B",
                "url": "https://example.org/a",
                "description": '=1+1, "x"',
                "section": "x",
                "listing": 1,
                "cells": {
                    "name": "[A](https://example.org/a) / [B](https://example.org/b)",
                    "license": "MIT/ISC",
                    "notes": '=1+1, "x"',
                },
                "tags": {"license": ["ISC", "MIT"], "topic": ["X"]},
                "links": [
                    {"text": "A", "url": "https://example.org/a"},
                    {"text": "B", "url": "https://example.org/b"},
                ],
            },
            {
                "name": "丙",
                "url": "https://example.org/c",
                "description": "中文",
                "section": "x",
                "listing": 1,
                "cells": {
                    "name": "[丙](https://example.org/c)",
                    "license": "-",
                    "notes": "中文",
                },
                "tags": {"topic": ["X"]},
                "links": [{"text": "丙", "url": "https://example.org/c"}],
            },
            {
                "name": "D",
                "url": "https://example.org/d",
                "description": "Does D.",
                "section": "x/y",
                "listing": 1,
                "cells": {},
                "tags": {"topic": ["X", "Y"]},
                "links": [{"text": "D", "url": "https://example.org/d"}],
            },
        ],
    }


def test_csv_is_one_table_that_runs_no_formula(catalog: Catalog) -> None:
    rows = list(csv.reader(whole(catalog, "csv").splitlines(True)))

    assert [row[1:] for row in rows] == [
        ["section", "name", "url", "description", "license", "topic"],
        ["x", "A / B", "https://example.org/a", '\'=1+1, "x"', "ISC; MIT", "X"],
        ["x", "丙", "https://example.org/c", "中文", "", "X"],
        ["x/y", "D", "https://example.org/d", "Does D.", "", "X; Y"],
    ]


STYLES = {
    "exact": TEXT,
    "compact": TEXT.replace("|:--|:-:|---|", "| :-- | :-: | --- |").replace(
        "|[丙](https://example.org/c)|-|中文|", "| [丙](https://example.org/c) | - | 中文 |"
    ),
    "aligned": (
        "# T\n\n## X\n\n"
        "| name                                                    | license | notes     |\n"
        "| :------------------------------------------------------ | :-----: | --------- |\n"
        '| [A](https://example.org/a) / [B](https://example.org/b) | MIT/ISC | =1+1, "x" |\n'
        "| [丙](https://example.org/c)                             | -       | 中文      |\n\n"
        "### Y\n\n- [D](https://example.org/d) - Does D.\n"
    ),
}


@pytest.mark.parametrize(("style", "text"), STYLES.items())
def test_tables_can_be_restyled(style: str, text: str, catalog: Catalog) -> None:
    assert export_markdown(catalog, table_style=style) == text
    change_here(catalog, "x\n")
    assert export_markdown(catalog, revision=1, table_style=style) == text
    assert export_markdown(catalog, table_style=style) == "x\n"


def test_restyling_again_changes_nothing(catalog: Catalog) -> None:
    for style, text in STYLES.items():
        assert export_markdown(new_list(text, slug=style), table_style=style) == text


def test_what_does_not_exist_is_refused_before_the_first_part(catalog: Catalog) -> None:
    with pytest.raises(NotFound, match="no revision 2"):
        markdown_chunks(catalog, revision=2)
    with pytest.raises(ValueError, match="exact, compact, aligned"):
        markdown_chunks(catalog, table_style="wide")
    with pytest.raises(NotFound, match="no format xml"):
        export_chunks(catalog, "xml")


def test_export_is_of_the_revision_that_stands_there(catalog: Catalog) -> None:
    stale = Catalog.objects.get()
    change_here(catalog, "\ufeffnew\n")

    assert export_markdown(stale) == "\ufeffnew\n"
    assert stale.revision == 2
    assert export_markdown(stale, revision=1) == TEXT


@pytest.mark.parametrize("name", FORMATS)
def test_empty_list_is_exported(name: str) -> None:
    empty = new_list("", slug="empty")

    text = whole(empty, name)

    readers: dict[str, Callable[[str], Any]] = {
        "markdown": lambda text: text,
        "json": lambda text: json.loads(text)["entries"],
        "yaml": lambda text: yaml.safe_load(text)["entries"],
        "csv": lambda text: text.splitlines()[1:],
    }
    assert not readers[name](text)


@pytest.mark.parametrize("name", FORMATS)
def test_exports_stream(name: str) -> None:
    """What is asked of the database for the first piece is a part of what the whole takes."""
    many = new_list("# T\n\n" + "- [A](https://example.org/a) - Some words.\n" * 2500)

    with CaptureQueriesContext(connection) as first:
        chunks = export_chunks(many, name)
        parts = [next(chunks), next(chunks)]
    with CaptureQueriesContext(connection) as rest:
        number = sum(1 for _chunk in chunks)

    assert all(len(part) < 25_000 for part in parts)
    assert number >= {"markdown": 24, "json": 49, "csv": 48, "yaml": 2499}[name]
    # Tags and links of each 1,000 entries are asked for when their turn has come.
    requests = [query["sql"].count("catalog_entrytag") > 0 for query in (*first, *rest)]
    assert sum(requests) == (0 if name == "markdown" else 3)
    assert sum(requests[len(first) :]) >= (0 if name == "markdown" else 2)


def test_entries_cost_the_same_number_of_statements_whatever_their_number() -> None:
    few, many = new_list(text_of("| |a")), new_list(text_of("| |a |b |c"), slug="many")
    counts = []
    for catalog in (few, many):
        with CaptureQueriesContext(connection) as queries:
            list(export_chunks(catalog, "csv"))
        counts.append(len(queries))

    assert counts == [9, 9]
