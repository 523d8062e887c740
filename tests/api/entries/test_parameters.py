"""What parameters may not be, and the fields of the answer."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from catalog.api.entry_rows import FIELDS
from catalog.editing.entries import remove_entry
from catalog.history.revisions import Author
from catalog.models import Entry
from tests.api.entries.requesting import ask, make, names

pytestmark = pytest.mark.django_db

TEXT = "# Tools\n\n- [Alpha](https://a.example/) - One.\n- [Bravo](https://b.example/) - Two.\n"
WORDS = "position, name, created_at, updated_at, -position, -name, -created_at, -updated_at"
MANY_TAGS = "&".join(f"tag=a:{n}" for n in range(21))
NO_TAG = "is not a tag: write facet:value, as in language:zh."
NO_MOMENT = "This is not a time in ISO 8601, such as 2026-01-31T12:00:00Z."
NO_LIST = "This cannot be a list: slugs contain only a-z, 0-9, - and _."
NO_CURSOR = "This is not a cursor; use one from “next” or “previous”."


@pytest.fixture(autouse=True)
def _list() -> None:
    make("tools", TEXT)


@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        ("catalog=", "catalog", NO_LIST),
        ("catalog=No%20list", "catalog", NO_LIST),
        ("catalog=tools%00", "catalog", NO_LIST),
        ("catalog=tools%0A", "catalog", NO_LIST),
        ("tag=", "tag", f"“” {NO_TAG}"),
        ("tag=language", "tag", f"“language” {NO_TAG}"),
        ("tag=language:c&tag=:c", "tag", f"“:c” {NO_TAG}"),
        ("tag=language:", "tag", f"“language:” {NO_TAG}"),
        (
            MANY_TAGS,
            "tag",
            "At most 20 tags can be used at once.",
        ),
        ("updated_since=", "updated_since", NO_MOMENT),
        ("updated_since=yesterday", "updated_since", NO_MOMENT),
        ("created_since=2026-02-30", "created_since", NO_MOMENT),
        ("created_since=2026-02-01T25:00:00Z", "created_since", NO_MOMENT),
        ("created_since=%00", "created_since", NO_MOMENT),
        ("text_language=de", "text_language", "This must be one of zh, ja, ko, und."),
        ("text_language=", "text_language", "This must be one of zh, ja, ko, und."),
        ("has_findings=1", "has_findings", "This must be one of true, false."),
        ("has_findings=", "has_findings", "This must be one of true, false."),
        ("ordering=", "ordering", f"This must be one of {WORDS}, relevance."),
        ("ordering=title", "ordering", f"This must be one of {WORDS}, relevance."),
        ("ordering=-relevance", "ordering", f"This must be one of {WORDS}, relevance."),
        ("q=a&q=b", "q", "This was given more than once."),
        ("page=1&page=2", "page", "This was given more than once."),
        ("fields=", "fields", f"There is no field “”; the fields are {', '.join(FIELDS)}."),
        ("fields=name,nam", "fields", "There is no field “nam”; did you mean “name”?"),
        ("page=0", "page", "This must be a whole number from 1 to 10000000."),
        ("page_size=101", "page_size", "This must be a whole number from 1 to 100."),
        ("count=2", "count", "This must be 0 or 1."),
        ("cursor=what?", "cursor", NO_CURSOR),
        ("cursor=abc", "cursor", NO_CURSOR),
        ("cursor=abc:def%0A", "cursor", NO_CURSOR),
    ],
)
def test_malformed(client: Client, query: str, name: str, sentence: str) -> None:
    assert ask(client, query, status=400) == {
        "code": "invalid",
        "detail": f"{name}: {sentence}",
        "errors": {name: [sentence]},
    }


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (
            "catalog=tolls",
            {"code": "not_found", "detail": "There is no catalog tolls: did you mean tools?"},
        ),
        ("page=2", {"code": "not_found", "detail": "There is no page 2."}),
        ("page=10000000", {"code": "not_found", "detail": "There is no page 10000000."}),
        (
            "cursor=abc:def",
            {
                "code": "not_found",
                "detail": "This position does not exist; start with an empty cursor.",
            },
        ),
        (
            "cursor=e30:def",
            {
                "code": "not_found",
                "detail": "This position does not exist; start with an empty cursor.",
            },
        ),
    ],
)
def test_not_there(client: Client, query: str, answer: dict[str, Any]) -> None:
    assert ask(client, query, status=404) == answer | {"errors": {}}


def test_unknown_parameter_is_not_left_out(client: Client) -> None:
    answer = ask(client, "langauge=zh", status=400)

    assert answer["code"] == "unknown_parameter"


def test_every_mistake_is_reported_at_once(client: Client) -> None:
    assert set(ask(client, "tag=x&ordering=y&has_findings=z", status=400)["errors"]) == {
        "tag",
        "ordering",
        "has_findings",
    }


@pytest.mark.parametrize(
    ("query", "results"),
    [
        ("fields=name", [{"name": "Alpha"}, {"name": "Bravo"}]),
        # Always in the same order, and each once.
        (
            "fields=url,name,url&q=alpha",
            [{"name": "Alpha", "url": "https://a.example/"}],
        ),
        (
            "fields=tags,links&q=bravo&count=0",
            [
                {
                    "tags": [],
                    "links": [{"text": "Bravo", "url": "https://b.example/", "kind": "site"}],
                }
            ],
        ),
    ],
)
def test_fields(client: Client, query: str, results: list[Any]) -> None:
    assert ask(client, query)["results"] == results
    # The next one gets them from memory.
    assert ask(client, f"{query}&page=1")["results"] == results


def test_pages_by_number(client: Client) -> None:
    first = ask(client, "page_size=1")
    second = ask(client, first["next"])

    assert first == {
        "count": 2,
        "next": "http://testserver/api/v1/entries/?page=2&page_size=1",
        "previous": None,
        "results": first["results"],
    }
    assert (second["count"], second["next"]) == (2, None)
    assert second["previous"] == "http://testserver/api/v1/entries/?page_size=1"
    assert ask(client, second["previous"]) == first


@pytest.mark.parametrize("query", ["count=0", "count=0&cursor=", "count=0&page_size=1"])
def test_count_can_be_left_out(client: Client, query: str) -> None:
    assert ask(client, query)["count"] is None
    assert ask(client, query.replace("count=0", "count=1"))["count"] == 2


def test_nothing_is_one_empty_page(client: Client) -> None:
    nothing: dict[str, Any] = {"count": 0, "next": None, "previous": None, "results": []}

    assert ask(client, "q=nothing") == ask(client, "q=nothing&cursor=") == nothing
    assert names(client, "q=nothing&page=1") == []
    ask(client, "q=nothing&page=2", status=404)


@pytest.mark.parametrize(("q", "is_named"), [("q=alpha", True), ("q=bravo", False), ("", False)])
def test_removed_entries_are_named_where_words_match_few(
    client: Client, q: str, is_named: bool
) -> None:
    entry = Entry.objects.get(name="Alpha")
    remove_entry(entry=entry, by=Author())
    entry.refresh_from_db()
    at = entry.removed_at.isoformat().replace("+00:00", "Z") if entry.removed_at else ""
    removed = [{"id": entry.pk, "name": "Alpha", "catalog": "tools", "removed_at": at}]

    for answer in (ask(client, q), ask(client, f"{q}&catalog=tools")):
        assert answer.get("removed") == (removed if is_named else None)


@pytest.mark.parametrize(
    ("q", "search", "results"),
    [
        ("alpha", None, ["Alpha"]),
        (
            "alpa one",
            {"searched_for": "alpha one", "as_typed": '"alpa" one', "left_out": []},
            ["Alpha"],
        ),
        ("alpha three", {"searched_for": "", "as_typed": "", "left_out": ["three"]}, ["Alpha"]),
        ('"alpa" one', {"searched_for": "", "as_typed": "", "left_out": ["alpa"]}, ["Alpha"]),
    ],
)
@pytest.mark.parametrize("page", ["", "&cursor="])
def test_answer_says_how_words_were_changed(
    client: Client, q: str, search: dict[str, Any] | None, results: list[str], page: str
) -> None:
    answer = ask(client, f"q={quote(q)}{page}")

    assert answer.get("search") == search
    assert [entry["name"] for entry in answer["results"]] == results


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_entries_are_for_reading(client: Client, verb: str) -> None:
    response = getattr(client, verb)("/api/v1/entries/")

    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


def test_holding_the_answer_is_enough(client: Client) -> None:
    response = client.get("/api/v1/entries/?q=alpha")
    again = client.get("/api/v1/entries/?q=alpha", headers={"If-None-Match": response["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert client.head("/api/v1/entries/").content == b""
