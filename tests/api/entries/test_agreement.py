"""What is answered from memory is what the database answers, for any filters, orders and pages."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from catalog.api.entries import database
from catalog.api.entries.wanted import CHOICES
from catalog.browsing import browse_index
from catalog.editing.entries import change_entry, move_entry, remove_entry
from catalog.history.revisions import By
from catalog.models import Entry, Listing, Section, Tag
from tests.api.entries.requesting import Json, ask, made_list, make, query_of, walk
from tests.caching import clear_bounded_caches

pytestmark = pytest.mark.django_db

SEEDS = range(3)


@pytest.fixture(params=SEEDS)
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Three lists that were edited here and there, and a source of choices."""
    seed = request.param
    chance = random.Random(seed)
    for n in range(3):
        make(f"list-{n}", made_list(seed * 10 + n))
    for entry in chance.sample(list(Entry.objects.published()), 4):
        remove_entry(entry=entry, by=By())
    for entry in chance.sample(list(Entry.objects.published().filter(is_opaque=False)), 4):
        change_entry(entry=entry, by=By(), name=f"{entry.name} again")
    listing = Listing.objects.filter(entry_count__gt=1).order_by("?").first()
    assert listing
    last = listing.entries.published().order_by("position").last()
    assert last
    move_entry(entry=last, by=By(), listing=listing, first=True)
    return chance


def queries(chance: random.Random) -> Iterator[str]:
    """Filters alone, and some of them together, in any order."""
    sections = list(Section.objects.values_list("path", flat=True))
    tags = [f"{tag.facet.slug}:{tag.slug}" for tag in Tag.objects.select_related("facet")]
    moments = [each.isoformat() for each in Entry.objects.values_list("updated_at", flat=True)]
    choices: dict[str, list[Any]] = {
        "catalog": ["list-0", "list-1"],
        "section": [*sections, "part-1", "no/such"],
        "tag": [*tags, *(chance.sample(tags, 2) for _ in range(5)), "no:such"],
        "q": ["fast", "tools", "工具", "fast to", '"fast tools"', "again", "c", "!!", "nothing"],
        "url": ["http://EXAMPLE.org/3/", "example.org/4", "https://example.org/5#x", "x"],
        "updated_since": moments,
        "created_since": moments,
        "text_language": ["zh", "und", "ja"],
        "has_findings": ["true", "false"],
    }
    for name, values in choices.items():
        for value in chance.sample(values, min(2, len(values))):
            yield query_of(**{name: value, "ordering": chance.choice(CHOICES)})
    for _ in range(12):
        chosen = chance.sample(sorted(choices), chance.randint(0, 3))
        parameters = {name: chance.choice(choices[name]) for name in chosen}
        if chance.random() < 0.8:
            parameters["ordering"] = chance.choice(CHOICES)
        yield query_of(**parameters, page_size=chance.choice((3, 7, 100)))


def pages(client: Client, query: str) -> list[Json]:
    """All pages by number, and all by cursor: their entries, and how many there are."""
    clear_bounded_caches()
    return [
        {"count": answer["count"], "results": answer["results"]}
        for start in (query, f"{query}&cursor=")
        for answer in walk(client, start)
    ]


def test_memory_says_what_the_database_says(
    client: Client, chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = list(queries(chance))
    from_memory = [pages(client, query) for query in requests]
    monkeypatch.setattr("catalog.api.entries.views.is_too_much", lambda _catalogs: True)

    from_database = [pages(client, query) for query in requests]

    assert dict(zip(requests, from_memory, strict=True)) == dict(
        zip(requests, from_database, strict=True)
    )
    assert sum(answer["count"] for results in from_memory for answer in results[:1]) > 100


def test_pages_by_number_and_by_cursor_have_the_same_entries(
    client: Client, chance: random.Random
) -> None:
    for query in queries(chance):
        whole = [entry["id"] for page in walk(client, query) for entry in page["results"]]
        by_cursor = list(walk(client, f"{query}&cursor="))
        back = list(walk(client, by_cursor[-1]["previous"], "previous")) if by_cursor[1:] else []

        assert [entry["id"] for page in by_cursor for entry in page["results"]] == whole
        assert len(set(whole)) == len(whole) == ask(client, query)["count"]
        backwards = [page["results"] for page in reversed(back)]
        assert backwards == [page["results"] for page in by_cursor[:-1]]


def test_only_many_entries_of_several_lists_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = [make(f"list-{n}", made_list(n, 10)) for n in range(2)]
    total = sum(each.entry_count for each in lists)

    for most, expected in ((total, False), (total - 1, True)):
        monkeypatch.setattr(browse_index, "MOST_ENTRIES", most)
        assert database.is_too_much(lists) is expected
    assert database.is_too_much(lists[:1]) is False
