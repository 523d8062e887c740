"""Exports over HTTP: formats, streams, validators, names, parts, and how it was."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import http_date

from catalog.exporting import export_chunks, export_markdown
from catalog.models import Catalog, Facet, Revision
from tests.catalog.importing.imports import change_here, new_list
from tests.catalog.importing.test_importing import text_of

pytestmark = pytest.mark.django_db

EXPORT = "/api/v1/catalogs/tools/export/"
TEXT = "\ufeff" + text_of("#t _ ##x _ a b _ ###y _ | |d |e _ ##中文 _ c")
FORMATS = {
    "markdown": "text/markdown; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "yaml": "application/yaml; charset=utf-8",
}


@pytest.fixture
def tools() -> Catalog:
    return new_list(TEXT)


def download(client: Client, query: str = "", **headers: str) -> tuple[Any, bytes]:
    """The response and its bytes; what is read to its end leaves no statement open."""
    response: Any = client.get(EXPORT + query, headers=headers or None)
    return response, response.getvalue() if response.streaming else response.content


def body(client: Client, query: str = "", **headers: str) -> bytes:
    response, content = download(client, query, **headers)
    assert response.status_code == 200, content
    return content


@pytest.mark.parametrize("name", FORMATS)
def test_format_is_chosen_by_name_or_by_accept(name: str, client: Client, tools: Catalog) -> None:
    named, content = download(client, f"?format={name}")
    accepted, same = download(client, Accept=FORMATS[name].partition(";")[0])

    assert content == same == "".join(export_chunks(tools, name)).encode()
    assert named["Content-Type"] == accepted["Content-Type"] == FORMATS[name]
    assert "Accept" in named["Vary"]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "text/markdown; charset=utf-8"),
        ("*/*", "text/markdown; charset=utf-8"),
        ("text/*", "text/markdown; charset=utf-8"),
        ("application/yaml, application/json;q=0.5", "application/json"),
        ("text/html, text/csv", "text/csv; charset=utf-8"),
    ],
)
def test_who_takes_several_formats_gets_one(
    accept: str | None, content_type: str, client: Client, tools: Catalog
) -> None:
    response, _content = download(client, **({"Accept": accept} if accept else {}))

    assert response["Content-Type"] == content_type


def test_markdown_is_the_readme_byte_for_byte(client: Client, tools: Catalog) -> None:
    assert body(client) == TEXT.encode()
    assert body(client, "?format=markdown") == client.get("/tools/README.md").getvalue()


@pytest.mark.parametrize("query", ["?format=xml", "?revision=9", "?section=z", "?revision=0"])
@pytest.mark.parametrize("accept", FORMATS.values())
def test_errors_are_json_whatever_was_requested(
    accept: str, query: str, client: Client, tools: Catalog
) -> None:
    response = client.get(EXPORT + query, headers={"Accept": accept})

    assert response.status_code in {400, 404}
    assert response["Content-Type"] == "application/json"
    assert set(response.json()) == {"code", "detail", "errors"}


def test_what_cannot_be_had_is_not_acceptable(client: Client, tools: Catalog) -> None:
    response = client.get(EXPORT, headers={"Accept": "image/png"})

    assert (response.status_code, response.json()["code"]) == (406, "not_acceptable")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", 'filename="tools-r2.md"'),
        ("?format=yaml", 'filename="tools-r2.yaml"'),
        ("?revision=1&format=csv", 'filename="tools-r1.csv"'),
        ("?section=x/y", 'filename="tools-y-r2.md"'),
        ("?section=中文", "filename*=utf-8''tools-%E4%B8%AD%E6%96%87-r2.md"),
    ],
)
def test_download_has_a_name(query: str, name: str, client: Client, tools: Catalog) -> None:
    change_here(tools, TEXT + "\n")

    response, _content = download(client, query)

    assert response["Content-Disposition"] == f"attachment; {name}"


# Validators


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_what_has_not_changed_is_not_sent_again(
    name: str, encoding: str, client: Client, tools: Catalog
) -> None:
    headers = {"Accept-Encoding": encoding}
    query = f"?format={name}"
    response, _content = download(client, query, **headers)
    headers["If-None-Match"] = response["ETag"]

    assert download(client, query, **headers)[0].status_code == 304
    change_here(tools, "x\n")
    assert download(client, query, **headers)[0].status_code == 200


def test_formats_are_distinguished(client: Client, tools: Catalog) -> None:
    etags = {name: download(client, Accept=name)[0]["ETag"] for name in FORMATS.values()}

    assert len(set(etags.values())) == 4
    for one, etag in etags.items():
        for other in etags:
            response, _content = download(client, **{"Accept": other, "If-None-Match": etag})
            assert response.status_code == (304 if other == one else 200)


def test_time_of_the_last_change_validates_too(client: Client, tools: Catalog) -> None:
    changed = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    stamp = int(changed.timestamp())
    Revision.objects.update(created_at=changed - timedelta(days=1))
    change_here(tools, "x\n")
    Catalog.objects.update(updated_at=changed)

    now, _content = download(client)
    then, _content = download(client, "?revision=1")

    assert now["Last-Modified"] == http_date(stamp)
    assert then["Last-Modified"] == http_date(stamp - 24 * 3600)
    for moved, status in ((0, 304), (-1, 200)):
        since = {"If-Modified-Since": http_date(stamp + moved)}
        assert download(client, **since)[0].status_code == status


# Streams


@pytest.mark.parametrize("name", FORMATS)
def test_gzip_holds_the_same_bytes(name: str, client: Client, tools: Catalog) -> None:
    response, content = download(client, f"?format={name}", **{"Accept-Encoding": "br, gzip"})

    assert response["Content-Encoding"] == "gzip"
    assert not response.has_header("Content-Length")
    assert gzip.decompress(content) == body(client, f"?format={name}")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_head_says_the_same_and_reads_no_rows(
    name: str, encoding: str, client: Client, tools: Catalog
) -> None:
    change_here(tools, TEXT + "\n")
    headers = {"Accept-Encoding": encoding}
    query = f"?format={name}&section=x&revision=2"
    whole, _content = download(client, query, **headers)
    with CaptureQueriesContext(connection) as queries:
        head = client.head(EXPORT + query, headers=headers)

    assert head.getvalue() == b""
    # Each request has a number of its own.
    numbers = {"X-Request-ID": head.headers["X-Request-ID"]}
    assert dict(head.headers) == {**whole.headers, **numbers}
    requests = " ".join(query["sql"] for query in queries)
    assert "catalog_block" not in requests
    assert "catalog_entry" not in requests
    assert client.head(f"{EXPORT}?section=z").status_code == 404
    assert client.head(f"{EXPORT}?revision=3").status_code == 404


@pytest.mark.parametrize("name", FORMATS)
def test_first_byte_comes_before_the_last_row_is_read(name: str, client: Client) -> None:
    """Whoever reads row by row has asked for few of them when the first pieces are there."""
    new_list("# T\n\n" + "- [A](https://example.org/a) - Some words.\n" * 5000)
    response: Any = client.get(f"{EXPORT}?format={name}")
    parts = iter(response.streaming_content)

    begun = next(parts) + next(parts) + next(parts)
    with CaptureQueriesContext(connection) as later:
        rest = b"".join(parts)

    assert 0 < len(begun) < len(rest) / 10
    if name != "markdown":
        # Tags of each 1,000 entries are asked for when their turn has come.
        assert sum("catalog_entrytag" in query["sql"] for query in later) >= 4


def test_first_byte_comes_compressed_too(client: Client) -> None:
    lines = "".join([f"- [{n}](https://example.org/{n * 7919:x})\n" for n in range(8000)])
    new_list(lines)
    response: Any = client.get(EXPORT, headers={"Accept-Encoding": "gzip"})
    parts = list(response.streaming_content)

    assert len(parts) > 5
    assert max(map(len, parts)) < sum(map(len, parts)) / 3
    assert gzip.decompress(b"".join(parts)).decode() == lines


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("markdown", "gzip"),
        ("json", ""),
        ("csv", "gzip"),
        ("yaml", ""),
        pytest.param("markdown", "", marks=pytest.mark.long),
        pytest.param("json", "gzip", marks=pytest.mark.long),
        pytest.param("csv", "", marks=pytest.mark.long),
        pytest.param("yaml", "gzip", marks=pytest.mark.long),
    ],
)
def test_download_that_is_broken_off_leaves_no_statement_open(
    name: str, encoding: str, client: Client
) -> None:
    catalog = new_list("# T\n\n" + "- [A](https://example.org/a)\n" * 3000)
    response: Any = client.get(f"{EXPORT}?format={name}", headers={"Accept-Encoding": encoding})
    next(iter(response.streaming_content))

    response.close()

    # SQLite refuses this while a statement reads the table, PostgreSQL would wait.
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_block RENAME TO catalog_block_2")
        cursor.execute("ALTER TABLE catalog_block_2 RENAME TO catalog_block")
        cursor.execute("ALTER TABLE catalog_entry RENAME TO catalog_entry_2")
        cursor.execute("ALTER TABLE catalog_entry_2 RENAME TO catalog_entry")
    change_here(catalog, "x\n")


# Parts

READ: dict[str, Callable[[bytes], list[str]]] = {
    "json": lambda data: [entry["name"] for entry in json.loads(data)["entries"]],
    "yaml": lambda data: [entry["name"] for entry in yaml.safe_load(data)["entries"]],
    "csv": lambda data: [row["name"] for row in csv.DictReader(io.StringIO(data.decode()))],
}


@pytest.mark.parametrize(
    ("query", "names", "words"),
    [
        ("section=x", "ABDE", "##x _ a b _ ###y _ | |d |e _"),
        ("section=/x/y/", "DE", "###y _ | |d |e _"),
        ("tag=license:mit", "DE", "#t _ ##x _ ###y _ | |d |e"),
        ("tag=license:mit&tag=topic:x", "DE", "#t _ ##x _ ###y _ | |d |e"),
        ("tag=license:gpl", "", ""),
        ("tag=topic:x&section=x", "ABDE", "##x _ a b _ ###y _ | |d |e"),
        ("tag=topic:x&section=中文", "", ""),
        ("q=does", "ABC", "#t _ ##x _ a b _ ##中文 _ c"),
        ("q=does&section=x", "AB", "##x _ a b"),
        ("url=https://EXAMPLE.org/e/", "E", "#t _ ##x _ ###y _ | |e"),
        ("updated_since=9999-01-01", "", ""),
    ],
)
def test_part_of_a_list(query: str, names: str, words: str, client: Client, tools: Catalog) -> None:
    for name, read in READ.items():
        assert read(body(client, f"?format={name}&{query}")) == list(names)
    mark = "" if "section" in query else "\ufeff"
    assert body(client, f"?{query}").decode() == mark + text_of(words)


def test_tables_can_be_restyled(client: Client, tools: Catalog) -> None:
    aligned = export_markdown(tools, table_style="aligned")

    assert body(client, "?table_style=aligned").decode() == aligned
    assert aligned != TEXT
    assert body(client, "?table_style=aligned&format=json") == body(client, "?format=json")


def test_list_as_it_was(client: Client, tools: Catalog) -> None:
    change_here(tools, text_of("#t _ a!"))
    change_here(tools, "")

    assert body(client, "?revision=1").decode() == TEXT
    assert body(client, "?revision=2&section=t").decode() == text_of("#t _ a!")
    assert body(client, "?revision=3") == b""
    for name, read in READ.items():
        assert read(body(client, f"?revision=1&section=x&format={name}")) == list("ABDE")
    answers = json.loads(body(client, "?revision=2&format=json"))
    assert [(row["name"], row["description"]) for row in answers["entries"]] == [("A", "Does A!.")]
    assert answers["catalog"]["revision"] == 2


def test_past_cannot_be_filtered(client: Client, tools: Catalog) -> None:
    change_here(tools, text_of("#t _ a!"))

    past = client.get(f"{EXPORT}?revision=1&tag=license:mit")

    assert (past.status_code, past.json()["code"]) == (409, "conflict")
    assert past.json()["detail"] == (
        "Filters work on the current list, not on revision 1: leave out the revision or the "
        "filters."
    )
    assert READ["json"](body(client, "?revision=2&q=does&format=json")) == ["A"]


def test_facets_that_are_not_offered_are_left_out(client: Client, tools: Catalog) -> None:
    Facet.objects.filter(slug="license").update(is_public=False)

    assert b'"tags":{"license"' not in body(client, "?format=json")
    assert b"license" not in body(client, "?format=csv").splitlines()[0]
