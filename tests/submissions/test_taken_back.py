"""What the public reads of a decision that was taken back within its minute: nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.checking import check_catalog
from catalog.editing.entries import change_entry
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry
from submissions import workflow
from submissions.models import Kind, Submission
from submissions.people import Actor
from tests.submission_factories import (
    TEXT,
    edit,
    entry_called,
    make_moderator,
    make_tools,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog() -> Catalog:
    return make_tools()


@pytest.fixture
def moderator(catalog: Catalog) -> Actor:
    return make_moderator(catalog)


def proposals(catalog: Catalog) -> dict[str, Submission]:
    about: dict[str, Any] = {"entry": entry_called("Alpha")}
    return {
        "add": submit(catalog),
        "edit": edit("Alpha", name="Alpha 2"),
        "remove": submit(catalog, kind=Kind.REMOVE, reason="Gone.", **about),
        "move": submit(catalog, kind=Kind.MOVE, after=entry_called("Beta").pk, **about),
    }


def answers(client: Client, catalog: Catalog, entry: Entry) -> list[tuple[str, int]]:
    """How many changes each of the public accounts of them has."""
    pages = [f"/{catalog.slug}/changes/", entry.get_absolute_url()]
    shown = [client.get(address).content.decode() for address in pages]
    feed = client.get(f"/{catalog.slug}/changes/feed.atom").content.decode()
    history = client.get(f"/api/v1/entries/{entry.pk}/history/").json()
    return [
        ("changes", shown[0].count('class="byline"')),
        ("entry", shown[1].count('class="byline"')),
        ("feed", feed.count("<entry>")),
        ("api", history["count"]),
    ]


@pytest.mark.parametrize("kind", ["add", "edit", "remove", "move"])
def test_decision_and_its_undo_are_no_news(
    client: Client, catalog: Catalog, moderator: Actor, kind: str
) -> None:
    submission, alpha = proposals(catalog)[kind], entry_called("Alpha")
    before = answers(client, catalog, alpha)

    workflow.approve(submission=submission, actor=moderator)
    workflow.undo(submission=submission, actor=moderator)

    assert answers(client, catalog, alpha) == before
    for omega in Entry.objects.filter(name="Omega"):
        assert client.get(f"/api/v1/entries/{omega.pk}/history/").json()["count"] == 0
    steps = client.get(f"/api/v1/catalogs/{catalog.slug}/changes/?since=1").json()["results"]
    assert [(step["by"], step["note"], step["html_url"]) for step in steps] == [
        ("", "", None) for _step in steps
    ]
    assert len(steps) == 2
    assert export_markdown(catalog) == TEXT
    assert check_catalog(Catalog.objects.get(pk=catalog.pk)) == []
    # Whoever was led there by a feed in that minute still finds it.
    assert client.get(f"/{catalog.slug}/changes/2/").status_code == 200


def test_what_somebody_changed_in_between_is_read_between_both(
    client: Client, catalog: Catalog, moderator: Actor
) -> None:
    submission = edit("Alpha", description="Edits any text.")
    workflow.approve(submission=submission, actor=moderator)
    change_entry(entry=entry_called("Alpha"), by=Author(), url="https://alpha2.example")

    workflow.undo(submission=submission, actor=moderator)

    assert export_markdown(catalog) == TEXT.replace("alpha.example", "alpha2.example")
    numbers = catalog.revisions.news().newest_first().values_list("number", flat=True)
    assert [*numbers] == [4, 3, 2]


def test_revert_later_is_news(client: Client, catalog: Catalog, moderator: Actor) -> None:
    submission = edit("Alpha", description="Edits any text.")
    workflow.approve(submission=submission, actor=moderator)
    workflow.revert(submission=submission, actor=moderator)

    numbers = catalog.revisions.news().newest_first().values_list("number", flat=True)
    assert [*numbers] == [3, 2]


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\n- [a](https://a.example) - x\n- [b](https://b.example) - y",
        "# T\n\n- [a](https://a.example) - x\n\n- [b](https://b.example) - y",
        "# T\r\n\r\n* [a](https://a.example) - x\r\n* [b](https://b.example) - y",
    ],
)
def test_file_without_a_last_line_ending_comes_back(text: str) -> None:
    catalog = make_tools(text=text)
    moderator, listing = make_moderator(catalog), catalog.listings.get()
    states, rows = [text], []
    for name in ("y", "z"):
        url = f"https://{name}.example"
        rows.append(submit(catalog, listing=listing, name=name, url=url))
        workflow.approve(submission=rows[-1], actor=moderator)
        states.append(export_markdown(catalog))

    for row, state in zip(reversed(rows), reversed(states[:-1]), strict=True):
        workflow.undo(submission=row, actor=moderator)
        assert export_markdown(catalog) == state
    assert check_catalog(Catalog.objects.get(pk=catalog.pk)) == []


def test_addition_is_taken_out_from_before_one_that_stands_behind_it() -> None:
    text = "# T\n\n- [a](https://a.example) - x\n- [b](https://b.example) - y"
    catalog = make_tools(text=text)
    moderator, listing = make_moderator(catalog), catalog.listings.get()
    first, second = [
        submit(catalog, listing=listing, name=name, url=f"https://{name}.example")
        for name in ("y", "z")
    ]
    for row in (first, second):
        workflow.approve(submission=row, actor=moderator)

    workflow.undo(submission=first, actor=moderator)

    assert export_markdown(catalog) == f"{text}\n- [z](https://z.example)"
    assert check_catalog(Catalog.objects.get(pk=catalog.pk)) == []
