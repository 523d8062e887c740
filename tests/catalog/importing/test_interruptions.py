"""Imports that are killed, and imports at the same time: the list is as before, or whole."""

import threading
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections

from bench.lists import make_list
from catalog.checking import check_catalog
from catalog.errors import RevisionConflict
from catalog.exporting import export_markdown
from catalog.finding import postings
from catalog.history.revisions import Author
from catalog.importing.applying import apply, import_text
from catalog.importing.planning import plan_text
from catalog.models import Catalog, Revision
from catalog.store.document import delete_catalog
from catalog.store.snapshots import take_snapshot
from tests.catalog.importing.imports import assert_sound, change_here, import_again, new_list
from tests.catalog.importing.test_importing import all_rows, text_of
from tests.killing import killed

pytestmark = pytest.mark.django_db(transaction=True)

IMPORT = """
import io
from django.core.management import call_command
import catalog.management.commands.import_markdown

def act(path):
    call_command("import_markdown", path, "--catalog", "tools", stdout=io.StringIO())
"""


@pytest.mark.parametrize("is_new", [True, False], ids=["new", "again"])
def test_import_killed_at_any_statement_leaves_no_trace(is_new: bool, tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(text_of("#t _ ##x _ b a! _ ##y _ | |c |d"))
    if not is_new:
        catalog = new_list(text_of("#t _ ##x _ a b c _ ##y _ | |d |e"))
        change_here(catalog, text_of("#t _ ##x _ a b c! _ ##y _ | |d |e"))
        change_here(catalog, text_of("#t _ ##x _ a b c _ ##y _ | |d |e"))

    assert killed(IMPORT, str(path), state=all_rows) > 25

    assert_sound(Catalog.objects.get(), path.read_text())


def at_once(*works: Callable[[], object]) -> list[BaseException]:
    """Run them in threads that begin together; returns what they raised."""
    barrier = threading.Barrier(len(works))
    raised: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_imports_at_once_into_one_list_follow_each_other() -> None:
    catalog = new_list(text_of("#t _ ##x _ a b c d e f g h"))
    texts = [text_of(f"#t _ ##x _ a b c d e f g h k{'!' * number}") for number in range(1, 9)]

    raised = at_once(
        *[
            partial(import_text, text, catalog=Catalog.objects.get(), by=Author(), theirs=True)
            for text in texts
        ]
    )

    assert raised == []
    numbers = list(catalog.revisions.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, 10))
    catalog.refresh_from_db()
    assert catalog.revision == 9
    assert export_markdown(catalog) in texts
    assert check_catalog(catalog) == []


def test_imports_at_once_into_different_lists() -> None:
    text = make_list(200)

    raised = at_once(*[partial(new_list, text, f"list-{number}") for number in range(6)])

    assert raised == []
    for catalog in Catalog.objects.all():
        assert_sound(catalog, text)
    assert Catalog.objects.count() == 6


def test_list_deleted_during_an_import_waits_for_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = new_list(text_of("#t _ ##x _ a b c"))
    holds_list, holds_index = threading.Event(), threading.Event()
    lock, importer = postings.lock, []

    def lock_in_turns() -> None:
        if threading.current_thread() in importer:
            holds_list.set()
            holds_index.wait(0.5)
            lock()
        else:
            lock()
            holds_index.set()

    def add() -> None:
        importer.append(threading.current_thread())
        import_again(catalog, text_of("#t _ ##x _ a b c d"))

    def delete() -> None:
        holds_list.wait()
        delete_catalog(Catalog.objects.get())

    monkeypatch.setattr(postings, "lock", lock_in_turns)

    assert at_once(add, delete) == []
    assert not Catalog.objects.exists()


def test_new_list_imported_twice_at_once_is_there_once(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(make_list(50))
    work = partial(
        call_command, "import_markdown", str(path), "--catalog", "tools", stdout=StringIO()
    )

    assert at_once(work, work, work, work) == []

    catalog = Catalog.objects.get()
    assert catalog.revision == 1
    assert_sound(catalog, path.read_text())


def test_imports_during_edits_lose_neither() -> None:
    letters = "a b c d e f g h"
    catalog = new_list(text_of(f"#t _ ##x _ {letters} _ ##y _ k"))

    def edit() -> None:
        """Mark one entry after the other, as an editor does who looks again after a conflict."""
        for letter in letters.split():
            while True:
                snapshot = take_snapshot(Catalog.objects.get())
                text = snapshot.text.replace(f"Does {letter.upper()}.", f"Does {letter.upper()}!.")
                try:
                    apply(plan_text(text, snapshot), by=Author(), verb=Revision.Verb.CHANGE)
                    break
                except RevisionConflict:
                    continue

    def git() -> None:
        for number in range(1, 9):
            import_again(
                Catalog.objects.get(), text_of(f"#t _ ##x _ {letters} _ ##y _ k{'!' * number}")
            )

    assert at_once(edit, git) == []

    marked = " ".join(f"{letter}!" for letter in letters.split())
    catalog.refresh_from_db()
    assert catalog.revision == 17
    assert_sound(catalog, text_of(f"#t _ ##x _ {marked} _ ##y _ k!!!!!!!!"))


def test_export_is_of_one_revision_while_the_list_changes() -> None:
    texts = [text_of(f"#t _ a{'!' * number} b{'!' * number}") for number in range(12)]
    catalog = new_list(texts[0])
    results: list[tuple[int, str]] = []

    def change() -> None:
        for text in texts[1:]:
            change_here(Catalog.objects.get(), text)

    def export() -> None:
        known = Catalog.objects.get()
        for _time in range(60):
            text = export_markdown(known)
            results.append((known.revision, text))

    assert at_once(change, export, export) == []

    assert {text == texts[number - 1] for number, text in results} == {True}
    assert check_catalog(catalog) == []
