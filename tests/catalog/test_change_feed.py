"""A mirror that holds an old export follows to the new one, byte for byte."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.editing.entries import add_entry, change_entry, move_entry, remove_entry
from catalog.editing.lines import revert_revision
from catalog.editing.sections import add_section, edit_prose, remove_section, rename_section
from catalog.editing.settings import change_settings
from catalog.editing.tags import add_facet
from catalog.errors import CatalogError
from catalog.exporting import export_markdown
from catalog.history import change_feed
from catalog.history import revisions as history
from catalog.history.change_feed import AheadOfCatalog, Edit, follow
from catalog.history.revisions import Author, text_at
from catalog.models import Block, Catalog, Entry, Listing, Section
from tests.catalog.importing.imports import change_here, import_again, new_list
from tests.catalog.importing.test_importing import text_of
from tests.catalog.mirrors import Mirror
from tests.effort import IS_LONG
from tests.lists import NAMES, needs_real_lists, read_list

pytestmark = pytest.mark.django_db

BY = Author(credit="someone", note="why")
TEXT = text_of("#t _ ##x _ a b c _ ##y _ | |d |e") + "\nAbout 中文.\n"


def entry(catalog: Catalog, name: str) -> Entry:
    return catalog.entries.living().filter(name=name).earliest("position")


def listing_of(catalog: Catalog, name: str) -> Listing:
    return Listing.objects.get(entries=entry(catalog, name))


def section(catalog: Catalog, title: str) -> Section:
    return catalog.sections.filter(title=title).earliest("position")


def edit_last_prose(catalog: Catalog) -> None:
    block = catalog.blocks.filter(kind=Block.Kind.PARAGRAPH).latest("position")
    edit_prose(block=block, source="Über 中文.\n", by=BY)


def decide(catalog: Catalog) -> None:
    change_settings(catalog=catalog, by=BY, values={"title": "Others"})


def take_in(catalog: Catalog, text: str) -> None:
    import_again(catalog, text, theirs=True)


EDITS: dict[str, Callable[[Catalog], object]] = {
    "add": lambda catalog: add_entry(
        listing=listing_of(catalog, "A"), by=BY, name="Ä", url="https://example.org/ä"
    ),
    "add a row": lambda catalog: add_entry(
        listing=listing_of(catalog, "D"),
        by=BY,
        name="丙",
        url="https://example.org/c",
        first=True,
    ),
    "change": lambda catalog: change_entry(entry=entry(catalog, "B"), by=BY, description="Ünikat"),
    "move": lambda catalog: move_entry(entry=entry(catalog, "A"), by=BY, after=entry(catalog, "C")),
    "move up": lambda catalog: move_entry(entry=entry(catalog, "C"), by=BY, first=True),
    "remove": lambda catalog: remove_entry(entry=entry(catalog, "D"), by=BY),
    "add a section": lambda catalog: add_section(catalog=catalog, title="Ž", by=BY),
    "rename a section": lambda catalog: rename_section(
        section=section(catalog, "x"), title="Ü", by=BY
    ),
    "remove a section": lambda catalog: remove_section(
        section=section(catalog, "y"), by=BY, with_contents=True
    ),
    "edit prose": edit_last_prose,
    "revert": lambda catalog: revert_revision(catalog=catalog, number=catalog.revision, by=BY),
    "import": lambda catalog: take_in(catalog, text_of("#t _ ##y _ c! a k _ ##x _ b")),
    "import with a mark": lambda catalog: take_in(catalog, "\ufeff" + text_of("#t _ b a")),
    "import nothing": lambda catalog: take_in(catalog, ""),
    "settings": decide,
    "facet": lambda catalog: add_facet(catalog=catalog, name="Kind", by=BY),
}


def answers(catalog: Catalog, since: int) -> list[tuple[str, int, str, str, str]]:
    """The edits of the newest revisions, short."""
    catalog.refresh_from_db()
    return [
        (edit.op, edit.offset, edit.removed, edit.added, edit.name)
        for step in follow(catalog, since).steps
        for edit in step.edits
    ]


def test_edits_are_splices() -> None:
    catalog = new_list("ä\n\n- [A](https://a.org) - b\n- [C](https://c.org) - d\n")
    a, c = entry(catalog, "A"), entry(catalog, "C")

    change_entry(entry=a, by=BY, description="ü")
    move_entry(entry=c, by=BY, first=True)
    remove_entry(entry=a, by=BY)
    import_again(catalog, "\ufeffä\n\n- [C](https://c.org) - d")

    one, other = "- [A](https://a.org) - ü\n", "- [C](https://c.org) - d\n"
    assert answers(catalog, 1) == [
        ("replace", 4, "- [A](https://a.org) - b\n", one, "A"),
        ("move", 4 + len(one.encode()), other, "", "C"),
        ("move", 4, "", other, "C"),
        ("delete", 4 + len(other), one, "", "A"),
        ("bom", 0, "", "\ufeff", ""),
        ("replace", 7, other, other.rstrip(), "C"),
    ]
    entries = [edit.entry for step in follow(catalog, 1).steps for edit in step.edits]
    assert entries == [a.pk, c.pk, c.pk, a.pk, None, c.pk]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("is_open", [False, True], ids=["", "no last newline"])
@pytest.mark.parametrize("name", EDITS)
def test_every_kind_of_edit_is_followed(name: str, is_open: bool, ending: str) -> None:
    text = TEXT.rstrip("\n") if is_open else TEXT
    catalog = new_list(text.replace("\n", ending))
    change_here(catalog, text_of("#t _ ##x _ a b c! _ ##y _ | |d |e!") + "\nAbout 中文.\n")
    mirror = Mirror.of(catalog)

    EDITS[name](catalog)

    assert mirror.catch_up(catalog)
    assert mirror.data.decode() == export_markdown(Catalog.objects.get())


def edited_at_random(catalog: Catalog, chance: random.Random, times: int) -> list[str]:
    """Make so many edits, but for those that are refused. Returns the text of every revision."""
    texts = ["", export_markdown(catalog)]
    for _time in range(times):
        catalog.refresh_from_db()
        with suppress(CatalogError, ObjectDoesNotExist):
            EDITS[chance.choice(list(EDITS))](catalog)
        catalog.refresh_from_db()
        if chance.random() < 0.3:
            history.save_checkpoint.func(catalog.pk, catalog.revision)
        texts += [text_at(catalog, number) for number in range(len(texts), catalog.revision + 1)]
    return texts


class AnyEdits(TestCase):
    """Edits one after another; a class, because each example gets a transaction of its own."""

    @settings(max_examples=100 if IS_LONG else 4, suppress_health_check=[HealthCheck.too_slow])
    @given(st.randoms(use_true_random=False), st.booleans(), st.integers(1, 7))
    def test_any_edits_are_followed(self, chance: random.Random, is_crlf: bool, limit: int) -> None:
        catalog = new_list(TEXT.replace("\n", "\r\n") if is_crlf else TEXT)
        with pytest.MonkeyPatch.context() as patch:
            # Revisions with a few changes count as large.
            patch.setattr(change_feed, "MOST_EDITS", chance.choice([3, 2000]))
            patch.setattr(change_feed, "MOST_DIFFERENCES", chance.choice([1, 2, 500]))
            patch.setattr(change_feed, "_SEGMENT", chance.choice([1, 2, 300]))
            texts = edited_at_random(catalog, chance, 12)
            for start in {0, 1, len(texts) // 2, len(texts) - 1}:
                mirror = Mirror(texts[start].encode(), start)
                mirror.catch_up(catalog, limit=limit, texts=texts)
                assert mirror.data.decode() == texts[-1]


def test_founding_text_is_the_first_edit() -> None:
    catalog = new_list("\ufeffä\n")
    change_here(catalog, "\ufeffä\nb\n")

    first = follow(catalog, 0)

    assert [step.edits for step in first.steps] == [[Edit("insert", 0, "", "\ufeffä\n")]]
    assert first.has_more
    assert Mirror().catch_up(catalog) == [1, 2]


def test_list_that_began_empty_is_followed() -> None:
    catalog = new_list("")
    mirror = Mirror.of(catalog)
    change_here(catalog, "a\n")

    assert mirror.catch_up(catalog) == [2]
    assert mirror.data == b"a\n"
    assert Mirror().catch_up(catalog) == [1, 2]


def test_who_has_the_newest_gets_nothing() -> None:
    catalog = new_list("a\n")

    assert follow(catalog, 1) == change_feed.Following([], newest=1, has_more=False)


def test_who_is_ahead_learns_where_the_list_stands() -> None:
    catalog = new_list("a\n")

    with pytest.raises(AheadOfCatalog, match="no revision 2, the newest is 1: it was") as refusal:
        follow(catalog, 2)

    assert refusal.value.newest == 1


def test_revisions_that_change_no_line_have_no_edits() -> None:
    catalog = new_list(TEXT)
    add_facet(catalog=catalog, name="Kind", by=BY)

    [step] = follow(Catalog.objects.get(), 1).steps

    assert (step.revision.verb, step.edits, step.size) == ("tags", [], len(TEXT.encode()))


def test_pages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = new_list(text_of("a"))
    for words in ("a!", "a! b c d", "a! b! c d", "a b c d", "k l m n o", "k!", "k"):
        change_here(catalog, text_of(words))
    catalog.refresh_from_db()
    mirror = Mirror(text_of("a").encode(), 1)

    def pages(**bounds: int) -> list[list[int]]:
        results, since = [], 1
        with monkeypatch.context() as patch:
            for name, bound in bounds.items():
                patch.setattr(change_feed, name, bound)
            while since < catalog.revision:
                numbers = [step.revision.number for step in follow(catalog, since).steps]
                results.append(numbers)
                since = numbers[-1]
            mirror.catch_up(catalog)
        return results

    assert pages() == [[2, 3, 4, 5, 6, 7, 8]]
    assert pages(MOST_EDITS=4) == [[2, 3], [4, 5], [6], [7], [8]]
    assert pages(MOST_CHARACTERS=1) == [[2], [3], [4], [5], [6], [7], [8]]
    assert [len(page.steps) for page in (follow(catalog, 1, limit=3),)] == [3]


def test_import_of_thousands_of_changes_is_reported_by_a_few_edits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(change_feed, "MOST_EDITS", 10)
    monkeypatch.setattr(change_feed, "MOST_DIFFERENCES", 3)
    lines = [f"- [{number}](https://example.org/{number})\n" for number in range(100)]
    catalog = new_list("".join(lines))
    mirror = Mirror.of(catalog)
    for number in (*range(5), *range(20, 30), 50, 52, 99):
        lines[number] = lines[number].replace("\n", " - New.\n")
    del lines[51]

    import_again(catalog, "".join(lines))

    edits = answers(catalog, 1)
    assert [(op, len(removed.splitlines())) for op, _, removed, _, _ in edits] == [
        ("replace", 30),
        ("replace", 3),
        ("replace", 1),
    ]
    assert mirror.catch_up(catalog) == [2]
    assert mirror.data == "".join(lines).encode()


def test_page_costs_the_same_number_of_statements_whatever_is_on_it() -> None:
    catalog = new_list(text_of("a b"))
    counts = []
    for words in ("a! b", "a b!", "a! b! c"):
        change_here(catalog, text_of(words))
        catalog.refresh_from_db()
        with CaptureQueriesContext(connection) as queries:
            follow(catalog, 1)
        counts.append(len(queries))

    assert counts == [7, 7, 7]


@pytest.mark.django_db(transaction=True)
def test_mirror_follows_while_others_write() -> None:
    catalog = new_list("".join([text_of("a b c"), "\n", text_of("| |d |e")]))
    mirror = Mirror.of(catalog)
    errors: list[BaseException] = []

    def work(act: Callable[[int], Any]) -> Callable[[], None]:
        def run() -> None:
            try:
                for number in range(12):
                    with suppress(CatalogError, ObjectDoesNotExist):
                        act(number)
            except BaseException as error:
                errors.append(error)
            finally:
                connection.close()

        return run

    def add(number: int) -> None:
        add_entry(listing=listing_of(catalog, "A"), by=BY, name=f"N{number}", url="https://n.org")

    def change(number: int) -> None:
        change_entry(entry=entry(catalog, "D"), by=BY, cells={1: f"X{number}"})

    def take_in_more(number: int) -> None:
        text = export_markdown(Catalog.objects.get())
        mark = "\ufeff" * (number % 2)
        import_again(Catalog.objects.get(), mark + text.lstrip("\ufeff") + f"- new {number}\n")

    def watch() -> None:
        while any(thread.is_alive() for thread in writers):
            mirror.catch_up(catalog, limit=3)

    writers = [threading.Thread(target=work(act)) for act in (add, change, take_in_more)]
    watcher = threading.Thread(target=work(lambda _number: watch()))
    for thread in (*writers, watcher):
        thread.start()
    for thread in (*writers, watcher):
        thread.join()

    assert errors == []
    mirror.catch_up(catalog)
    assert mirror.data.decode() == export_markdown(Catalog.objects.get())
    assert mirror.revision > 20
    assert mirror.pages > 5


@needs_real_lists
@pytest.mark.parametrize("name", NAMES)
def test_real_lists_are_followed(name: str) -> None:
    """From a text without every seventh line to the whole, then a few moved, then back."""
    text = read_list(name)
    lines = text.splitlines(True)
    catalog = new_list("".join([line for number, line in enumerate(lines) if number % 7]))
    mirror = Mirror.of(catalog)
    changed = [*lines[len(lines) // 2 :], *lines[: len(lines) // 2]]
    for state in (lines, changed, lines):
        change_here(catalog, "".join(state))

        mirror.catch_up(catalog)
        assert mirror.data.decode() == export_markdown(Catalog.objects.get())
