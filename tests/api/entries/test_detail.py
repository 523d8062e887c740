"""One entry and its history, what both leave unsaid, and what it costs to ask."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.api.entry_rows import FIELDS, EntryChangeSerializer, EntrySerializer
from catalog.editing.entries import change_entry, remove_entry
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry, Revision
from tests.api.entries.requesting import ENTRIES, Json, ask, make
from tests.caching import clear_bounded_caches

pytestmark = pytest.mark.django_db

TEXT = """# Tools

## Editors

| name | language | note | |
|---|---|---|---|
| [Alpha](https://github.com/ada/alpha) / [docs](https://a.example/) | C / Rust | *Fast*. | x |
| Bravo | C | 编辑器 |
"""
SECRET = "s3cret-t0ken"
MAIL = "ada@private.example"


@pytest.fixture
def tools() -> Catalog:
    return make("tools", TEXT)


def entry(name: str) -> Entry:
    return Entry.objects.get(name=name)


def iso(moment: Any) -> str:
    return str(moment.isoformat()).replace("+00:00", "Z")


def get(client: Client, path: str, status: int = 200) -> Json:
    response = client.get(f"{ENTRIES}{path}")
    assert response.status_code == status, response.content
    answer: Json = response.json()
    return answer


def test_entry(client: Client, tools: Catalog) -> None:
    alpha = Entry.objects.first()
    assert alpha

    results = get(client, f"{alpha.pk}/")

    listing = tools.listings.get()
    assert results == {
        "id": alpha.pk,
        "catalog": "tools",
        "section": "editors",
        "section_title": "Editors",
        "listing": listing.pk,
        "name": "Alpha",
        "url": "https://github.com/ada/alpha",
        "description": "*Fast*.",
        "cells": [
            {
                "column": "name",
                "header": "name",
                "text": "[Alpha](https://github.com/ada/alpha) / [docs](https://a.example/)",
            },
            {"column": "language", "header": "language", "text": "C / Rust"},
            {"column": "note", "header": "note", "text": "*Fast*."},
            {"column": "", "header": "", "text": "x"},
        ],
        "tags": [
            {"facet": "language", "value": "c", "name": "C"},
            {"facet": "language", "value": "rust", "name": "Rust"},
            {"facet": "topic", "value": "editors", "name": "Editors"},
        ],
        "links": [
            {"text": "Alpha", "url": "https://github.com/ada/alpha", "kind": "repository"},
            {"text": "docs", "url": "https://a.example/", "kind": "site"},
        ],
        "text_language": "und",
        "is_opaque": False,
        "created_at": iso(alpha.created_at),
        "updated_at": iso(alpha.updated_at),
        "revision": 1,
        "html_url": f"http://testserver{alpha.get_absolute_url()}",
        "api_url": f"http://testserver/api/v1/entries/{alpha.pk}/",
    }
    assert tuple(results) == FIELDS
    assert client.get(results["html_url"]).status_code == 200


def test_lists_show_of_an_entry_what_its_own_address_does(client: Client, tools: Catalog) -> None:
    in_list = ask(client)["results"]

    assert in_list == [get(client, f"{each['id']}/") for each in in_list]
    assert [list(each) for each in in_list] == [list(FIELDS)] * 2


def test_sparse_entry(client: Client, tools: Catalog) -> None:
    results = get(client, f"{entry('Bravo').pk}/?fields=text_language,name")

    assert results == {"name": "Bravo", "text_language": "zh"}


def test_removed_entry_is_gone_and_keeps_its_history(client: Client, tools: Catalog) -> None:
    bravo = entry("Bravo")
    change_entry(entry=bravo, by=Author(credit="Ada", note="Shorter."), cells={2: "编辑"})
    remove_entry(entry=entry("Bravo"), by=Author(note="Dead."))
    bravo.refresh_from_db()

    assert get(client, f"{bravo.pk}/", status=404) == {
        "code": "gone",
        "detail": f"The entry {bravo.pk} was removed from its list.",
        "errors": {},
        "removed_at": iso(bravo.removed_at),
        "part_of": None,
    }
    revisions = Revision.objects.in_bulk(field_name="pk").values()
    times = {each.number: iso(each.created_at) for each in revisions}
    line, shorter = "| Bravo | C | 编辑器 |\n", "| Bravo | C | 编辑 |\n"
    assert get(client, f"{bravo.pk}/history/") == {
        "count": 2,
        "next": None,
        "previous": None,
        "results": [
            {
                "revision": 3,
                "verb": "remove",
                "operation": "delete",
                "by": "",
                "note": "Dead.",
                "created_at": times[3],
                "before": shorter,
                "after": "",
            },
            {
                "revision": 2,
                "verb": "change",
                "operation": "replace",
                "by": "Ada",
                "note": "Shorter.",
                "created_at": times[2],
                "before": line,
                "after": shorter,
            },
        ],
    }


def test_history_has_pages(client: Client, tools: Catalog) -> None:
    for n in range(3):
        change_entry(entry=entry("Bravo"), by=Author(), cells={2: str(n)})
    pk = entry("Bravo").pk

    first = get(client, f"{pk}/history/?page_size=2&count=0")

    assert [each["after"] for each in first["results"]] == [
        "| Bravo | C | 2 |\n",
        "| Bravo | C | 1 |\n",
    ]
    assert (first["count"], first["previous"]) == (None, None)
    second = ask(client, first["next"])
    assert [each["before"] for each in second["results"]] == ["| Bravo | C | 编辑器 |\n"]


@pytest.mark.parametrize("pk", ["0", "99", str(2**63), "9" * 40])
@pytest.mark.parametrize("rest", ["", "history/"])
def test_no_such_entry(client: Client, tools: Catalog, pk: str, rest: str) -> None:
    answer = get(client, f"{pk}/{rest}", status=404)

    assert answer == {"code": "not_found", "detail": f"There is no entry {pk}.", "errors": {}}


def test_suggested_entry_is_none(client: Client) -> None:
    make("prose", "# Prose\n\nSee [this](https://p.example/) and [that](https://q.example/).\n")
    pk = Entry.objects.filter(state="suggested").values_list("pk", flat=True)[0]

    get(client, f"{pk}/", status=404)
    get(client, f"{pk}/history/", status=404)


def test_nothing_secret_is_reported(client: Client, tools: Catalog) -> None:
    user = get_user_model().objects.create_user("ada", MAIL, "password")
    for n, credit in enumerate(("", "A. Lovelace")):
        by = Author(actor=user, credit=credit, note="Fine.", submission_token=SECRET)
        change_entry(entry=entry("Bravo"), by=by, cells={2: f"new {n}"})
    Revision.objects.update(details={"network": SECRET})
    pk = entry("Bravo").pk

    bodies = [
        client.get(f"{ENTRIES}{path}").content.decode() for path in ("", f"{pk}/", f"{pk}/history/")
    ]

    assert [each["by"] for each in get(client, f"{pk}/history/")["results"]] == [
        "A. Lovelace",
        "ada",
    ]
    assert [secret for secret in (SECRET, MAIL, "private") if secret in "".join(bodies)] == []


# What it costs


def queries(client: Client, path: str) -> int:
    """How many queries the answer takes when it is not kept whole."""
    clear_bounded_caches()
    with CaptureQueriesContext(connection) as captured:
        get(client, path)
    return len(captured)


QUERIES = [
    # The lists, the entries of the page, what they say, their tags, what these are
    # called, and columns.
    ("?catalog=tools", 6),
    # Of several short lists the index says which they are.
    ("", 8),
    ("?page_size=1&page=2", 7),
    # And what names the place where it goes on.
    ("?page_size=1&catalog=tools&cursor=", 7),
    # And which lists nobody may see yet.
    ("?ordering=-name", 8),
    # The index, and what the tags and the section are called.
    ("?tag=language:c&tag=license:mit", 9),
    ("?section=editors&tag=language:c", 10),
    ("?updated_since=2020-01-01", 9),
    ("?text_language=und", 8),
    ("?url=https://t.example/0", 8),
    # The words besides, the names that begin so, the shortest of those with the word.
    ("?q=tool&catalog=tools", 8),
    # And in which of them the words adjoin.
    ("?q=%22tool+0%22", 9),
]


def table(rows: int) -> str:
    lines = [f"| [Tool {n}](https://t.example/{n}) | C | MIT |\n" for n in range(rows)]
    head = "| name | language | license |\n|---|---|---|\n"
    return f"# Tools\n\n## Editors\n\n{head}{''.join(lines)}"


# So many that what was removed is not looked for.
@pytest.mark.parametrize("number", [5, 7])
@pytest.mark.parametrize(("path", "expected"), QUERIES, ids=[path for path, _ in QUERIES])
def test_lists_ask_as_few_queries_whatever_the_size(
    client: Client, number: int, path: str, expected: int
) -> None:
    for n in range(number):
        make(f"tools-{n}" if n else "tools", table(2 * number))

    first, again = queries(client, path), queries(client, path)

    # A process that has just been started asks no more than any other.
    assert (first, again) == (expected, expected)


@pytest.mark.parametrize("number", [1, 3])
def test_one_entry_asks_as_few_queries_whatever_it_has(client: Client, number: int) -> None:
    links = " / ".join(f"[Tool {n}](https://t.example/{n})" for n in range(number))
    tags = " / ".join("ABC"[:number])
    make("tools", f"# Tools\n\n| name | language |\n|---|---|\n| {links} | {tags} |\n")
    tool = Entry.objects.get()
    for n in range(number):
        change_entry(entry=Entry.objects.get(), by=Author(), cells={1: f"{tags} {n}"})

    assert queries(client, f"{tool.pk}/") == 6
    assert queries(client, f"{tool.pk}/history/") == 4


def test_schema_describes_what_is_reported(client: Client, tools: Catalog) -> None:
    results = ask(client)["results"][0]
    described = EntrySerializer().fields

    assert list(described) == list(results)
    for name in ("cells", "tags", "links"):
        rows: Any = described[name]
        assert list(rows.child.fields) == list(results[name][0])
    change_entry(entry=entry("Bravo"), by=Author(), cells={2: "new"})
    history = get(client, f"{entry('Bravo').pk}/history/")
    assert list(EntryChangeSerializer().fields) == list(history["results"][0])
