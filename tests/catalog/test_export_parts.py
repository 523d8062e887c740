"""Parts of a list: sections, some entries, and how it was."""

import csv
import json
from collections.abc import Iterable
from typing import Any

import pytest

from catalog import markdown
from catalog.errors import NotFound
from catalog.exporting import Keys, Scope, export_chunks
from catalog.exporting.markdown import reduced
from catalog.markdown.grouping import may_group
from catalog.markdown.nodes import BlockKind
from catalog.markdown.parser import BOM
from catalog.models import Catalog, Facet
from tests.catalog.importing.imports import change_here, ids, new_list
from tests.catalog.importing.test_importing import text_of
from tests.lists import NAMES, needs_real_lists, read_list

pytestmark = pytest.mark.django_db


def exported(catalog: Catalog, name: str = "markdown", **scope: Any) -> str:
    return "".join(export_chunks(catalog, name, Scope(**scope)))


def names(catalog: Catalog, **scope: Any) -> list[str]:
    """The names of the entries in JSON; the other formats agree with it."""
    entries = json.loads(exported(catalog, "json", **scope))["entries"]
    rows = list(csv.DictReader(exported(catalog, "csv", **scope).splitlines()))
    assert [row["name"] for row in rows] == [entry["name"] for entry in entries]
    return [entry["name"] for entry in entries]


TEXT = BOM + text_of("#t _ ##x _ a b _ ###y _ | |d |e _ ##z _ c")


@pytest.mark.parametrize(
    ("section", "words", "entries"),
    [
        ("t", "#t _ ##x _ a b _ ###y _ | |d |e _ ##z _ c", "ABDEC"),
        ("x", "##x _ a b _ ###y _ | |d |e _", "ABDE"),
        ("x/y", "###y _ | |d |e _", "DE"),
        ("z", "##z _ c", "C"),
    ],
)
def test_section_is_what_stands_under_its_heading(section: str, words: str, entries: str) -> None:
    catalog = new_list(TEXT)

    assert exported(catalog, section=section) == text_of(words)
    assert names(catalog, section=section) == list(entries)
    change_here(catalog, "x\n")
    assert exported(catalog, revision=1, section=section) == text_of(words)
    assert names(catalog, revision=1, section=section) == list(entries)


@pytest.mark.parametrize("revision", [None, 1])
@pytest.mark.parametrize("name", ["markdown", "json"])
def test_section_that_is_not_there_is_refused(name: str, revision: int | None) -> None:
    catalog = new_list(TEXT)
    if revision:
        change_here(catalog, "x\n")

    with pytest.raises(NotFound, match=r"There is no section x/yy: did you mean x/y\?"):
        export_chunks(catalog, name, Scope(revision=revision, section="x/yy"))


def test_section_can_be_restyled() -> None:
    catalog = new_list("# T\n\n|a|b|\n|-|-|\n|[A](https://a.org)|1|\n")
    compact = "# T\n\n| a | b |\n| --- | --- |\n| [A](https://a.org) | 1 |\n"

    assert exported(catalog, section="t", table_style="compact") == compact
    change_here(catalog, "x\n")
    assert exported(catalog, revision=1, section="t", table_style="compact") == compact


# Some entries


def picked(catalog: Catalog, expected: Iterable[str]) -> Keys:
    keys = ids(catalog)
    return Keys([keys[name] for name in keys if name in expected])


@pytest.mark.parametrize(
    ("text", "expected", "left"),
    [
        (TEXT, "AE", BOM + text_of("#t _ ##x _ a _ ###y _ | |e")),
        (TEXT, "C", BOM + text_of("#t _ ##z _ c")),
        (TEXT, "", BOM),
        (text_of("a b _ c"), "BC", text_of("b c")),
        (text_of("| |a _ | |b |c"), "AC", text_of("| |a _ | |c")),
        (
            "- Group\n  - [A](https://a.org)\n  - [B](https://b.org)\n- [C](https://c.org)\n",
            "B",
            "- Group\n  - [B](https://b.org)\n",
        ),
        (
            "* [A](https://a.org)\n    * [B](https://b.org)\n        * [C](https://c.org)\n",
            "C",
            "* [A](https://a.org)\n    * [B](https://b.org)\n        * [C](https://c.org)\n",
        ),
        (
            "1. [A](https://a.org)\r\n\r\n2. [B](https://b.org)\r\n\r\ntext\r\n\r\n- [C](https://c.org)",
            "BC",
            "2. [B](https://b.org)\r\n\r\n- [C](https://c.org)",
        ),
        (
            "- [A](https://a.org)\n- [B][]\n\n[b]: https://b.org\n[c]: https://c.org\n",
            "B",
            "- [B][]\n\n[b]: https://b.org\n",
        ),
        (
            "[b]: https://b.org\n\nprose\n\n| n |\n|---|\n| [B][b] |",
            "B",
            "| n |\n|---|\n| [B][b] |\n\n[b]: https://b.org\n",
        ),
    ],
)
def test_some_entries_are_left_of_a_list(text: str, expected: str, left: str) -> None:
    catalog = new_list(text)
    only = picked(catalog, expected)

    assert exported(catalog, only=only) == left
    assert names(catalog, only=only) == list(expected)


def test_entries_in_html_keep_what_is_around_them() -> None:
    row = "<tr><td><a href=https://{0}.org>{0}</a></td></tr>\n"
    catalog = new_list(f"<table>\n{row.format('a')}{row.format('b')}</table>\n\ntext\n")

    left = exported(catalog, only=picked(catalog, "b"))

    assert left == f"<table>\n{row.format('b')}</table>\n"


def test_some_entries_of_a_section_in_another_style() -> None:
    catalog = new_list(TEXT)
    only = picked(catalog, "AEC")

    assert exported(catalog, section="x/y", only=only, table_style="compact") == (
        "### y\n\n| name | license |\n| --- | --- |\n| [E](https://example.org/e) | MIT |\n"
    )
    assert names(catalog, section="x", only=only) == ["A", "E"]


def what_is_read(document: markdown.Document, keys: set[int]) -> list[tuple[Any, ...]]:
    """Entries as they read, with the titles of the sections they stand in."""
    return [
        (
            entry.name,
            entry.url,
            # Which column of a table describes is read off all its rows; its cells are compared.
            "" if entry.cells else entry.description,
            [cell.text for cell in entry.cells],
            [link.url for link in document.blocks[entry.block].links],
            document.sections[entry.section].title if entry.section is not None else None,
        )
        for number, entry in enumerate(document.entries)
        if number in keys
    ]


def reduced_text(document: markdown.Document, keys: set[int]) -> str:
    levels = {section.block: section.level for section in document.sections}
    blocks = [
        (block.source, block.kind, block.listing, block.depth, levels.get(number), block.entry)
        for number, block in enumerate(document.blocks)
    ]
    return "".join([part.source for part in reduced(blocks, keys)])


def test_summary_over_what_is_left_is_a_heading() -> None:
    document = markdown.parse(
        "## Tools\n\n<details>\n<summary><b>Kites, *reels*</b></summary>\n\n"
        "- [a](https://a.org)\n- [b](https://b.org)\n\n</details>\n\n- [c](https://c.org)\n"
    )

    assert reduced_text(document, {1}) == (
        "## Tools\n\n### Kites, \\*reels\\*\n\n- [b](https://b.org)\n"
    )


@needs_real_lists
@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_of_real_lists_reads_as_it_did(name: str) -> None:
    """Rows and items; how a paragraph or a line of HTML reads may depend on those around it.

    So may an item that is a part of the thing above it, when no thing of its own is beside it.
    """
    document = markdown.parse(read_list(name))
    keys = {
        number
        for number, entry in enumerate(document.entries)
        if number % 5 == 0
        and entry.url
        and document.blocks[entry.block].kind in {BlockKind.TABLE_ROW, BlockKind.ITEM}
        and not may_group(document.blocks[entry.block].source)
    }

    left = markdown.parse(reduced_text(document, keys))

    results = what_is_read(left, set(range(len(left.entries))))
    missing = [entry for entry in what_is_read(document, keys) if entry not in results]
    assert missing == []


# As it was


def test_past_entries_are_known_by_their_keys() -> None:
    catalog = new_list(TEXT)
    keys = ids(catalog)
    change_here(catalog, text_of("#t _ ##x _ a! k _ ##z _ c"))

    past = json.loads(exported(catalog, "json", revision=1))

    assert {entry["name"]: entry["id"] for entry in past["entries"]} == keys
    assert past["sections"] == [
        {"path": "t", "title": "t", "level": 1, "entry_count": 5},
        {"path": "x", "title": "x", "level": 2, "entry_count": 4},
        {"path": "x/y", "title": "y", "level": 3, "entry_count": 2},
        {"path": "z", "title": "z", "level": 2, "entry_count": 1},
    ]
    assert (past["catalog"]["revision"], past["catalog"]["entry_count"]) == (1, 5)
    assert past["entries"][3] == {
        "id": keys["E"],
        "name": "E",
        "url": "https://example.org/e",
        "description": "",
        "section": "x/y",
        "listing": 1,
        "cells": {"name": "[E](https://example.org/e)", "license": "MIT"},
        "tags": {},
        "links": [{"text": "E", "url": "https://example.org/e"}],
        "created_at": None,
        "updated_at": None,
    }


def test_newest_revision_by_its_number_is_the_whole_truth() -> None:
    catalog = new_list(TEXT)

    assert exported(catalog, "json", revision=1) == exported(catalog, "json")


def test_facets_that_are_not_offered_are_left_out_for_readers() -> None:
    catalog = new_list(TEXT)
    Facet.objects.filter(slug="license").update(is_public=False)

    assert '"license":["MIT"]' in exported(catalog, "json")
    assert '"license":["MIT"]' not in exported(catalog, "json", is_public=True)
    assert exported(catalog, "csv", is_public=True).splitlines()[0].count("license") == 0
