"""A long list that comes for the first time: in slices, unseen until it is whole."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench.lists import make_list
from catalog.errors import RevisionConflict
from catalog.finding.ordering import CHANGED, NAME, NEWEST
from catalog.finding.query import Entries, EntryQuery
from catalog.finding.text import read_query
from catalog.history.revisions import Author
from catalog.importing import applying
from catalog.importing.applying import ImportResult, import_text
from catalog.importing.planning import plan_import
from catalog.models import Catalog, Entry
from catalog.sitemaps import KINDS, rows_of
from catalog.store import document
from catalog.store.document import DocumentWriter
from catalog.store.snapshots import new_snapshot
from tests.catalog.importing.imports import assert_sound, import_again, new_list
from tests.catalog.importing.stored import stored_state
from tests.catalog.importing.test_importing import all_rows
from tests.killing import killed

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = make_list(60)


@pytest.fixture(autouse=True)
def in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every new list be a long one, in several slices."""
    monkeypatch.setattr(applying, "AT_ONCE", 0)
    monkeypatch.setattr(document, "AT_ONCE", 17)


def seen() -> dict[str, Any]:
    """What visitors see of all lists."""
    whole = Entries(EntryQuery())
    orders = {name: whole.page(whole.order(name), 0, 100) for name in (NEWEST, CHANGED, NAME)}
    return orders | {
        "lists": list(Catalog.objects.published().values_list("slug", "entry_count")),
        "search": sorted(Entries(EntryQuery(words=read_query("project"))).keys or ()),
        "sitemaps": {name: len(rows_of(name, 1)) for name in KINDS},
        "number": whole.number,
    }


def while_hidden(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something when all rows of the next list are there, and it is still unfinished."""
    hide = DocumentWriter.write_hidden

    def write_hidden(writer: DocumentWriter) -> None:
        hide(writer)
        monkeypatch.setattr(DocumentWriter, "write_hidden", hide)
        act()

    monkeypatch.setattr(DocumentWriter, "write_hidden", write_hidden)


def test_list_in_slices_is_stored_as_one_in_a_transaction_is() -> None:
    sliced = new_list(TEXT)
    with transaction.atomic():
        whole = new_list(TEXT, "whole")

    assert stored_state(sliced) == stored_state(whole)
    assert (sliced.indexed_revision, sliced.is_unfinished) == (1, False)
    assert_sound(sliced, TEXT)
    changed = TEXT.replace("Section 1", "Section one").replace("Project 7]", "Project seven]")
    import_again(sliced, changed)
    assert_sound(sliced, changed)


def test_summary_is_that_of_the_plan_although_the_document_is_given_up() -> None:
    text = f"{TEXT}- [Kite](https://kite.example.org?utm_source=x) - Flies ..\n"
    planned = plan_import(text, new_snapshot(Catalog(slug="tools"))).summary()

    result = import_text(text, catalog=Catalog(slug="tools", title="Tools"), by=Author())

    assert planned["warnings"]
    assert result.summary() == {"catalog": "tools", "revision": 1, **planned}
    assert {(entry.url, *entry.cells) for entry in result.plan.document.entries} == {("",)}


def test_server_has_looked_at_the_tables_before_anybody_reads_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PostgreSQL plans with what it knows of them; it would look only a minute later."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite plans the same without")
    known: list[Any] = []

    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'catalog_entry'")
            known.extend(cursor.fetchone())

    while_hidden(monkeypatch, look)

    new_list(TEXT)

    assert known == [Entry.objects.count()]


def test_nobody_sees_a_list_before_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    new_list(make_list(5, seed=2), "other")
    before = seen()
    during: list[dict[str, Any]] = []
    while_hidden(monkeypatch, lambda: during.append(seen() | {"rows": Entry.objects.count()}))

    new_list(TEXT)

    assert during == [before | {"rows": 65}]
    assert (seen()["number"], len(seen()["search"]), len(seen()[NEWEST])) == (65, 65, 65)


def test_first_import_holds_no_transaction_for_all_of_it() -> None:
    with CaptureQueriesContext(connection) as queries:
        new_list(TEXT)

    statements = [query["sql"].partition(" ")[0] for query in queries]
    long = [
        statements[at:].index("COMMIT") for at, word in enumerate(statements) if word == "BEGIN"
    ]
    assert max(long) < 35


def test_import_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = all_rows() | {"catalog_word": []}
    catalog = Catalog(slug="tools", title="Tools")
    monkeypatch.setattr(applying, "_stored_uids", lambda *_args: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        import_again(catalog, TEXT)

    # Words are never taken away, and lead nowhere.
    assert all_rows() | {"catalog_word": []} == before
    monkeypatch.undo()
    assert_sound(import_again(catalog, TEXT).catalog, TEXT)


def test_later_import_to_the_same_address_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    second: list[ImportResult] = []
    other = make_list(20, seed=3)
    while_hidden(
        monkeypatch,
        lambda: second.append(import_again(Catalog(slug="tools", title="Second"), other)),
    )

    with pytest.raises(RevisionConflict):
        new_list(TEXT)

    assert Catalog.objects.get().title == "Second"
    assert_sound(second[0].catalog, other)
    assert seen()["number"] == 20


IMPORT = """
import io
from django.core.management import call_command
from catalog.importing import applying
import catalog.management.commands.import_markdown

applying.AT_ONCE = 0

def act(path):
    call_command("import_markdown", path, "--catalog", "tools", stdout=io.StringIO())
"""


def test_import_killed_between_slices_is_cleared_away_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(TEXT)
    new_list(make_list(5, seed=2), "other")

    assert killed(IMPORT, str(path), state=seen, also_between=True) > 60

    assert_sound(Catalog.objects.get(slug="tools"), TEXT)
    assert [*Catalog.objects.order_by("slug").values_list("slug", flat=True)] == ["other", "tools"]
    assert seen()["number"] == 65
