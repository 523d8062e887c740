"""Lists share rows of the index, and are edited at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from catalog.checking import check_catalog
from catalog.editing.entries import change_entry
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry
from tests.catalog.importing.imports import new_list

LISTS, EDITS = 2, 5
TEXT = "# Tools\n\n" + "".join(
    f"- [Tool {n}](https://t.example/{n}) - One.\n" for n in range(EDITS)
)


def edit_all(slug: str) -> None:
    """Give each entry of a list words that entries of the others get at the same time."""
    try:
        for entry in Entry.objects.filter(catalog__slug=slug).order_by("pk"):
            change_entry(entry=entry, by=Author(), description="The same words in each of them.")
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_lists_that_are_edited_at_once_are_all_in_the_index() -> None:
    slugs = [f"list-{n}" for n in range(LISTS)]
    for slug in slugs:
        new_list(TEXT, slug=slug)

    with ThreadPoolExecutor(LISTS) as pool:
        list(pool.map(edit_all, slugs))

    assert [check_catalog(each) for each in Catalog.objects.order_by("pk")] == [[]] * LISTS
