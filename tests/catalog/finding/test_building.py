"""The index of lists that another release has written."""

import pytest
from django.core.management import call_command

from catalog.checking import check_catalog
from catalog.editing.entries import change_entry
from catalog.finding import indexing
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry, IndexedEntry, IndexTerm
from tests.catalog.importing.imports import import_again, new_list

pytestmark = pytest.mark.django_db

TEXT = "# Tools\n\n" + "".join(f"- [Tool {n}](https://t.example/{n}) - One.\n" for n in range(5))
BY = Author(credit="Ada")


@pytest.fixture
def catalog() -> Catalog:
    return new_list(TEXT)


def forget(catalog: Catalog) -> None:
    """Leave the list as a release without the index would have written it."""
    indexing.unindex_catalog(catalog)
    Catalog.objects.filter(pk=catalog.pk).update(indexed_revision=0)


def index() -> list[object]:
    """Everything that the index holds."""
    rows = IndexedEntry.objects.order_by("pk").values_list()
    terms = IndexTerm.objects.order_by("term", "segment").values_list("term", "entries")
    return [*rows, *[(bytes(term), bytes(entries)) for term, entries in terms]]


def build(capsys: pytest.CaptureFixture[str]) -> str:
    call_command("build_index")
    return capsys.readouterr().out


def test_build_makes_what_an_import_makes(
    catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    before = index()
    forget(catalog)
    assert index() == []

    assert build(capsys) == "tools: 5 entries were indexed.\n"
    assert build(capsys) == ""
    assert index() == before
    assert check_catalog(Catalog.objects.get()) == []


def test_build_goes_on_where_it_was_broken_off(
    catalog: Catalog, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = index()
    forget(catalog)
    monkeypatch.setattr(indexing, "SLICE", 2)
    whole = indexing.index_entries

    def broken_off(pks: tuple[int, ...], catalog: Catalog) -> None:
        if IndexedEntry.objects.exists():
            raise KeyboardInterrupt
        whole(pks, catalog)

    monkeypatch.setattr(indexing, "index_entries", broken_off)
    with pytest.raises(KeyboardInterrupt):
        build(capsys)
    assert IndexedEntry.objects.count() == 2

    monkeypatch.setattr(indexing, "index_entries", whole)
    build(capsys)
    assert index() == before


def test_what_is_written_meanwhile_is_in_the_index(
    catalog: Catalog, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    forget(catalog)
    monkeypatch.setattr(indexing, "SLICE", 2)
    whole, edits = indexing.index_entries, iter(range(1))

    def edited(pks: tuple[int, ...], catalog: Catalog) -> None:
        whole(pks, catalog)
        if next(edits, None) is not None:
            change_entry(entry=Entry.objects.earliest("pk"), by=BY, name="Renamed")

    monkeypatch.setattr(indexing, "index_entries", edited)

    assert build(capsys) == "tools: 10 entries were indexed.\n"
    assert IndexedEntry.objects.earliest("pk").name_key == "renamed"
    assert check_catalog(Catalog.objects.get()) == []


def test_edits_and_imports_leave_nothing_to_build(
    catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    change_entry(entry=Entry.objects.earliest("pk"), by=BY, name="Renamed")
    assert build(capsys) == ""
    import_again(Catalog.objects.get(), TEXT.replace("Tool 4", "Four"))
    assert build(capsys) == ""


def test_what_another_release_edits_is_built_again(
    catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    # It knows neither the index nor the column.
    Catalog.objects.update(revision=catalog.revision + 1)
    Entry.objects.filter(name="Tool 1").update(name="Other")

    assert build(capsys) == "tools: 5 entries were indexed.\n"
    assert IndexedEntry.objects.filter(name_key="other").exists()
