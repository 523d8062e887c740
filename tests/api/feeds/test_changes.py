"""The feed of changes over HTTP: what a mirror sees of it, and what nobody may see."""

import hashlib
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from catalog.editing.entries import add_entry, change_entry, move_entry, remove_entry
from catalog.errors import CatalogError
from catalog.exporting import export_markdown
from catalog.history.revisions import Author, commit_revision
from catalog.models import Catalog, Entry, Listing, Revision
from tests.catalog.importing.imports import change_here, import_again, new_list
from tests.catalog.importing.test_importing import text_of

pytestmark = pytest.mark.django_db

FEED = "/api/v1/catalogs/tools/changes/"
TOKEN = "this-token-opens-a-tracking-page"


def page(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.content
    # As other languages read it, where a lone surrogate or a NaN is an error.
    return json.loads(response.content)


def follow(client: Client, data: bytes, since: int, *, size: int = 100) -> tuple[bytes, int]:
    """The four lines that a mirror needs, and the checks that it may make."""
    address = f"{FEED}?since={since}&page_size={size}"
    while address:
        answers = page(client, address)
        for revision in answers["results"]:
            for edit in revision["changes"]:
                offset, removed = edit["offset"], edit["removed"].encode()
                assert data[offset : offset + len(removed)] == removed
                data = data[:offset] + edit["added"].encode() + data[offset + len(removed) :]
            assert len(data) == revision["bytes"]
            assert revision["sha256"] in {None, hashlib.sha256(data).hexdigest()}
            since = revision["number"]
        address = answers["next"]
    return data, since


def entry(catalog: Catalog, name: str) -> Entry:
    return catalog.entries.living().filter(name=name).earliest("position")


def listing_of(catalog: Catalog, name: str) -> Listing:
    return Listing.objects.get(entries=entry(catalog, name))


@pytest.fixture
def tools() -> Catalog:
    return new_list(text_of("#t _ ##x _ a b c"))


def test_revision_is_reported_with_its_edits(client: Client, tools: Catalog) -> None:
    by = Author(credit="Ada", note="See *there*.", submission_token=TOKEN)
    change_entry(entry=entry(tools, "B"), by=by, description="Ünikat")
    revision = Revision.objects.get(number=2)
    old, new = text_of("b"), "- [B](https://example.org/b) - Ünikat\n"
    before = text_of("#t _ ##x _ a")

    assert page(client, f"{FEED}?since=1") == {
        "count": None,
        "next": None,
        "previous": None,
        "revision": 2,
        "results": [
            {
                "number": 2,
                "verb": "change",
                "created_at": revision.created_at.isoformat().replace("+00:00", "Z"),
                "by": "Ada",
                "note": "See *there*.",
                "bytes": len((before + new + text_of("c")).encode()),
                "sha256": hashlib.sha256((before + new + text_of("c")).encode()).hexdigest(),
                "html_url": "http://testserver/tools/changes/2/",
                "changes": [
                    {
                        "op": "replace",
                        "entry": entry(tools, "B").pk,
                        "name": "B",
                        "offset": len(before),
                        "removed": old,
                        "added": new,
                    }
                ],
            }
        ],
    }


def test_mirror_follows_from_nothing_and_from_any_revision(client: Client, tools: Catalog) -> None:
    texts = ["", export_markdown(tools)]
    for text in ("#t _ ##x _ c a b!", "#t _ ##x _ c a k", ""):
        change_here(tools, "\ufeff" * (len(texts) % 2) + text_of(text))
        texts.append(export_markdown(Catalog.objects.get()))

    for since, text in enumerate(texts):
        for size in (1, 2, 100):
            assert follow(client, text.encode(), since, size=size) == (texts[-1].encode(), 4)


def test_mirror_that_is_ahead_is_refused(client: Client, tools: Catalog) -> None:
    response = client.get(f"{FEED}?since=2")

    assert response.status_code == 409
    assert response.json() == {
        "code": "ahead_of_catalog",
        "detail": "tools has no revision 2, the newest is 1: it was restored from an older copy; "
        "start again from a new export.",
        "errors": {},
        "newest": 1,
    }


def test_who_follows_gets_nothing_until_something_changes(client: Client, tools: Catalog) -> None:
    response = client.get(f"{FEED}?since=1")
    again = client.get(f"{FEED}?since=1", headers={"If-None-Match": response["ETag"]})

    assert response.json()["results"] == []
    assert again.status_code == 304
    change_here(tools, "x\n")
    later = client.get(f"{FEED}?since=1", headers={"If-None-Match": response["ETag"]})
    assert [row["number"] for row in later.json()["results"]] == [2]


def test_what_no_public_page_shows_is_not_reported(
    client: Client, tools: Catalog, django_user_model: Any
) -> None:
    """Tokens; who imported the list; who changed what is not a line, and why."""
    actor = django_user_model.objects.create_user(
        "secret-account", "secret@example.org", display_name="Secret Person"
    )
    by = Author(actor=actor, note="secret note", submission_token=TOKEN)
    with transaction.atomic():
        commit_revision(
            catalog=tools,
            verb=Revision.Verb.TAGS,
            by=by,
            details={"operation": "secret operation", "before": "secret", "after": "secret"},
        )
    Revision.objects.filter(number=1).update(
        actor=actor, actor_name="Secret Person", note="secret", submission_token=TOKEN
    )
    public = Author(actor=actor, credit="Ada", note="public note", submission_token=TOKEN)
    remove_entry(entry=entry(tools, "A"), by=public)

    answers = client.get(FEED).content.decode() + client.get(f"{FEED}?since=1").content.decode()

    assert TOKEN not in answers
    assert "secret" not in answers.casefold()
    assert "public note" in answers
    assert [
        (row["verb"], row["by"], row["note"], row["html_url"] is None, row["changes"] == [])
        for row in page(client, f"{FEED}?since=1")["results"]
    ] == [("tags", "", "", True, True), ("remove", "Ada", "public note", False, False)]


def test_pages_of_the_site_say_the_same_of_who_did_it(client: Client, tools: Catalog) -> None:
    change_entry(entry=entry(tools, "B"), by=Author(credit="Ada", note="Why."), description="New")
    [row] = page(client, f"{FEED}?since=1")["results"]

    shown = client.get(row["html_url"]).content.decode()

    assert row["by"] in shown
    assert row["note"] in shown


@pytest.mark.django_db(transaction=True)
def test_mirror_follows_while_others_write() -> None:
    catalog = new_list("".join([text_of("a b c"), "\n", text_of("| |d |e")]))
    data, since = export_markdown(catalog).encode(), 1
    failures: list[BaseException] = []

    def working(act: Callable[[int], object]) -> threading.Thread:
        def run() -> None:
            try:
                for number in range(10):
                    with suppress(CatalogError, ObjectDoesNotExist):
                        act(number)
            except BaseException as error:
                failures.append(error)
            finally:
                connection.close()

        return threading.Thread(target=run)

    def add(number: int) -> None:
        add_entry(
            listing=listing_of(catalog, "A"), by=Author(), name=f"N{number}", url="https://n.org"
        )

    def change(number: int) -> None:
        change_entry(entry=entry(catalog, "D"), by=Author(), cells={1: f"X{number}"})

    def move(number: int) -> None:
        move_entry(entry=entry(catalog, "B" if number % 2 else "C"), by=Author(), first=True)

    def take_in(number: int) -> None:
        text = export_markdown(Catalog.objects.get()).lstrip("\ufeff")
        import_again(Catalog.objects.get(), "\ufeff" * (number % 2) + f"{text}- new {number}\n")

    writers = [working(act) for act in (add, change, move, take_in)]
    for thread in writers:
        thread.start()
    client = Client()
    while any(thread.is_alive() for thread in writers):
        data, since = follow(client, data, since, size=4)
        exported = client.get(f"{reverse('api:export', args=['tools'])}?revision={since}")
        assert exported.getvalue() == data
    for thread in writers:
        thread.join()

    data, since = follow(client, data, since)
    assert failures == []
    assert since > 20
    assert data.decode() == export_markdown(Catalog.objects.get())
