"""The index of a list in memory says what the database says, whatever happened in between."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.browsing import browse_index
from catalog.browsing.browse_index import BrowseIndex, browse_index_of
from catalog.editing.entries import add_entry, change_entry, move_entry, remove_entry
from catalog.editing.sections import rename_section
from catalog.editing.tags import rename_tag, tag_entry, untag_entry
from catalog.history.revisions import By
from catalog.models import Catalog, Entry, Listing, Section, Tag
from tests.catalog.importing.imports import import_again, new_list

pytestmark = pytest.mark.django_db

TEXT = """# Tools

## Editors

| name | language | note |
|---|---|---|
| [Alpha](https://a.example/) | C | one |
| [Bravo](https://b.example/) | Rust | two |
| [Charlie](https://c.example/) | C / Rust | three |

## Shells

| name | language | note |
|---|---|---|
| [Delta](https://d.example/) | C | four |
"""
BY = By(credit="Ada")


@pytest.fixture
def catalog() -> Catalog:
    return new_list(TEXT)


def entry(name: str) -> Entry:
    return Entry.objects.get(name=name)


def shells() -> Listing:
    return Listing.objects.order_by("position").last() or Listing()


def forget() -> None:
    browse_index._kept.clear()


def contents(index: BrowseIndex) -> dict[str, object]:
    """All that an index says."""
    sets, tags = index.sets, index.tags.by_pk.values()
    place = sets.columns.known.rank
    return {
        "orders": {
            sort: sets.some(None, sort, 0, 100) for sort in ("", "name", "newest", "changed")
        },
        "tags": {tag.key: (tag.name, tag.entry_count, list(sets.tagged[tag.pk])) for tag in tags},
        "facets": {slug: [tag.key for tag in row.tags] for slug, row in index.tags.facets.items()},
        "tags of entries": {
            pk: [index.tags.by_pk[tag].key for tag in own] for pk, own in sets.tags_of.items()
        },
        "positions": [sets.columns.position[place(pk) - 1] for pk in sets.entries],
    }


def add(name: str, language: str, **where: Any) -> None:
    cells = {0: f"[{name}](https://{name}.example/)", 1: language, 2: "new"}
    add_entry(listing=shells(), by=BY, cells=cells, **where)


def remove_again() -> None:
    add("Echo", "C")
    remove_entry(entry=entry("Echo"), by=BY)


def many() -> None:
    add("Zulu", "Rust", first=True)
    add("Echo", "C / Rust", after=entry("Zulu"))
    change_entry(entry=entry("Bravo"), by=BY, cells={1: "C"})
    remove_entry(entry=entry("Alpha"), by=BY)


EDITS: list[tuple[Callable[[], object], bool]] = [
    (lambda: add("Echo", "C"), True),
    (lambda: add("Echo", "Rust", first=True), True),
    (lambda: add("Delta", "C", first=True), True),
    (lambda: change_entry(entry=entry("Bravo"), by=BY, cells={1: "C", 2: "other"}), True),
    (lambda: change_entry(entry=entry("Bravo"), by=BY, name="Aardvark"), True),
    (lambda: move_entry(entry=entry("Charlie"), by=BY, listing=shells(), first=True), True),
    (lambda: move_entry(entry=entry("Charlie"), by=BY, first=True), True),
    (lambda: remove_entry(entry=entry("Alpha"), by=BY), True),
    (many, True),
    (lambda: tag_entry(entry=entry("Delta"), tag=Tag.objects.get(name="Rust"), by=BY), True),
    (lambda: untag_entry(entry=entry("Bravo"), tag=Tag.objects.get(name="Rust"), by=BY), True),
    # A facet that had no value; what came and went; what concerns more than its own lines.
    (lambda: change_entry(entry=entry("Bravo"), by=BY, cells={1: "Zig"}), True),
    (remove_again, False),
    (lambda: rename_tag(tag=Tag.objects.get(name="Rust"), name="Oxide", by=BY), False),
    (lambda: rename_section(section=Section.objects.get(title="Shells"), title="S", by=BY), False),
    (lambda: import_again(Catalog.objects.get(), TEXT.replace("Bravo", "Beta")), False),
]


@pytest.mark.parametrize(("edit", "is_followed"), EDITS, ids=range(len(EDITS)))
def test_index_is_as_if_read_anew(
    catalog: Catalog,
    edit: Callable[[], object],
    is_followed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Every order is there, so that every order has to follow.
    contents(browse_index_of(catalog))
    edit()
    catalog.refresh_from_db()
    read: list[Catalog] = []
    whole = browse_index._read

    def read_whole(catalog: Catalog) -> BrowseIndex:
        read.append(catalog)
        return whole(catalog)

    monkeypatch.setattr(browse_index, "_read", read_whole)

    results = browse_index_of(catalog)

    assert bool(read) is not is_followed
    forget()
    assert contents(results) == contents(browse_index_of(catalog))


def test_index_follows_where_room_had_to_be_made(catalog: Catalog) -> None:
    for n in range(20):
        browse_index_of(Catalog.objects.get())
        # Between the same two each time, until the numbers between them are used up.
        add(f"E{n}", "C", first=True)
    catalog.refresh_from_db()

    results = contents(browse_index_of(catalog))

    forget()
    assert results == contents(browse_index_of(catalog))


def test_index_of_another_catalog_with_the_same_key_is_read(catalog: Catalog) -> None:
    browse_index_of(catalog)
    Entry.objects.filter(name="Alpha").update(slug="other")
    catalog.created_at = catalog.updated_at

    assert "other" in browse_index_of(catalog).sets.columns.slug


def test_index_keeps_so_many_entries(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    monkeypatch.setattr(browse_index, "MOST_ENTRIES", 9)
    others = [new_list(TEXT, slug=f"list-{n}") for n in range(3)]

    for each in (catalog, others[0], catalog, *others[1:]):
        browse_index_of(each)

    assert list(browse_index._kept) == [others[1].pk, others[2].pk]


@pytest.mark.parametrize("number", [1, 3])
def test_index_follows_edits_with_two_queries(catalog: Catalog, number: int) -> None:
    browse_index_of(catalog)
    for _ in range(number):
        remove_entry(entry=Entry.objects.published().first() or Entry(), by=BY)
    catalog.refresh_from_db()

    with CaptureQueriesContext(connection) as queries:
        browse_index_of(catalog)

    assert len(queries) == 2
