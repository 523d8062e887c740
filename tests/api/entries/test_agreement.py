"""Pages by number and by cursor have the same entries, for any filters and orders."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from catalog.api.entry_filters import CHOICES
from catalog.editing.entries import change_entry, move_entry, remove_entry
from catalog.history.revisions import Author
from catalog.models import Entry, Listing, Section, Tag
from tests.api.entries.requesting import ask, made_list, make, query_of, walk
from tests.effort import IS_LONG

pytestmark = pytest.mark.django_db

SEEDS = range(10 if IS_LONG else 1)


@pytest.fixture(params=SEEDS)
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Three lists that were edited here and there, and a source of choices."""
    seed = request.param
    chance = random.Random(seed)
    for n in range(3):
        make(f"list-{n}", made_list(seed * 10 + n))
    for entry in chance.sample(list(Entry.objects.published()), 4):
        remove_entry(entry=entry, by=Author())
    for entry in chance.sample(list(Entry.objects.published().filter(is_opaque=False)), 4):
        change_entry(entry=entry, by=Author(), name=f"{entry.name} again")
    listing = Listing.objects.filter(entry_count__gt=1).order_by("?").first()
    assert listing
    last = listing.entries.published().order_by("position").last()
    assert last
    move_entry(entry=last, by=Author(), listing=listing, first=True)
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
