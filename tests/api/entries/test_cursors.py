"""Pages by cursor while the lists change: nothing that stays is left out or told twice."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.api.entry_pages import longest_rise
from catalog.editing.entries import add_entry, change_entry, move_entry, remove_entry
from catalog.history.revisions import Author
from catalog.models import Block, Catalog, Entry, Listing
from tests.api.entries.requesting import ask, make, walk
from tests.caching import clear_bounded_caches

pytestmark = pytest.mark.django_db

BY = Author()
ORDERS = (
    "catalog=tools&ordering=position",
    "catalog=tools&ordering=-position",
    "catalog=tools&ordering=name",
    "catalog=tools&ordering=updated_at",
    "ordering=position",
    "ordering=-name",
    "ordering=-created_at",
)
TEXT = "# Tools\n\n## Part\n\n" + "".join(
    f"- [Tool {n:02}](https://t.example/{n}) - Number {n}.\n" for n in range(20)
)


@pytest.fixture(autouse=True)
def lists() -> list[Catalog]:
    return [make("tools", TEXT), make("more", TEXT.replace("Tool ", "Thing "))]


def entry(name: str) -> Entry:
    return Entry.objects.get(name=name)


def listing() -> Listing:
    return Listing.objects.get(catalog__slug="tools")


def add(name: str, **where: Any) -> None:
    fields: dict[str, Any] = {
        "name": name,
        "url": f"https://{name}.example/",
        "description": "New.",
    }
    add_entry(listing=listing(), by=BY, **fields, **where)


def number_anew() -> None:
    """As if room had to be made everywhere: other positions, in the same order."""
    for model in (Block, Entry):
        rows = model.objects.filter(catalog__slug="tools", position__gt=0).order_by("position")
        for n, row in enumerate(rows):
            model.objects.filter(pk=row.pk).update(position=-10_000 + n)
    Catalog.objects.filter(slug="tools").update(revision=Catalog.objects.get(slug="tools").revision)


def forget() -> None:
    """As another process would answer."""
    clear_bounded_caches()


CHANGES: dict[str, Callable[[], object]] = {
    "the last one is removed": lambda: remove_entry(entry=entry("Tool 06"), by=BY),
    "the next one is removed": lambda: remove_entry(entry=entry("Tool 07"), by=BY),
    "some around are removed": lambda: [
        remove_entry(entry=entry(f"Tool {n:02}"), by=BY) for n in (5, 6, 7, 8)
    ],
    "one is added before": lambda: add("Aaa", first=True),
    "one is added behind": lambda: add("Zzz"),
    "the last one moves to the front": lambda: move_entry(
        entry=entry("Tool 06"), by=BY, first=True
    ),
    "the last one moves to the end": lambda: move_entry(
        entry=entry("Tool 06"), by=BY, after=entry("Tool 19")
    ),
    "the first one moves to the end": lambda: move_entry(
        entry=entry("Tool 00"), by=BY, after=entry("Tool 19")
    ),
    "the last two change places": lambda: move_entry(
        entry=entry("Tool 05"), by=BY, after=entry("Tool 06")
    ),
    "the last one is edited": lambda: change_entry(
        entry=entry("Tool 06"), by=BY, description="Other."
    ),
    "the last one gets another name": lambda: change_entry(
        entry=entry("Tool 06"), by=BY, name="Aaa"
    ),
    "lines are numbered anew": number_anew,
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_pages_go_on_where_they_were(
    client: Client, change: Callable[[], object], order: str
) -> None:
    start = ask(client, f"{order}&page_size=7&cursor=")
    scope = order.partition("ordering")[0]
    before = {each["id"]: each for each in ask(client, f"{scope}page_size=100")["results"]}
    change()
    forget()

    rest = [each["id"] for page in walk(client, start["next"]) for each in page["results"]]

    seen = [each["id"] for each in start["results"]]
    after = {each["id"]: each for each in ask(client, f"{scope}page_size=100")["results"]}
    # What stayed as it was is there once; what was moved or edited may be there again.
    steady = {pk for pk in before if after.get(pk) == before[pk]} - _moved(before, after)
    answers = [pk for pk in [*seen, *rest] if pk in steady]
    assert sorted(answers) == sorted(steady)
    assert len(set(rest)) == len(rest)


def _moved(before: dict[int, Any], after: dict[int, Any]) -> set[int]:
    """The entries that no longer follow each other as they did."""
    both = [pk for pk in before if pk in after]
    places = [list(after).index(pk) for pk in both]
    return set(both) - {both[n] for n in longest_rise(places)}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_pages_of_matches_go_on(client: Client, change: Callable[[], object]) -> None:
    start = ask(client, "catalog=tools&q=tool&page_size=7&cursor=")
    before = {each["id"]: each for each in ask(client, "q=tool&page_size=100")["results"]}
    change()
    forget()

    rest = [each["id"] for page in walk(client, start["next"]) for each in page["results"]]

    after = {each["id"]: each for each in ask(client, "q=tool&page_size=100")["results"]}
    steady = {pk for pk in before if after.get(pk) == before[pk]}
    answers = [pk for pk in [*(each["id"] for each in start["results"]), *rest] if pk in steady]
    assert sorted(answers) == sorted(steady)


@pytest.mark.parametrize("ordering", ["position", "-position", "name", "-created_at"])
def test_pages_lead_back(client: Client, ordering: str) -> None:
    first, second, third = walk(client, f"catalog=tools&ordering={ordering}&page_size=7&cursor=")
    middle = second["results"][3]["id"]
    remove_entry(entry=Entry.objects.get(pk=middle), by=BY)
    remove_entry(entry=Entry.objects.get(pk=third["results"][0]["id"]), by=BY)

    back = ask(client, third["previous"])

    expected = [first["results"][-1], *second["results"]]
    assert [each["id"] for each in back["results"]] == [
        each["id"] for each in expected if each["id"] != middle
    ]


def test_behind_everything_a_page_is_empty_and_leads_back(client: Client) -> None:
    first, second = walk(client, "catalog=tools&page_size=15&cursor=")
    for each in second["results"]:
        remove_entry(entry=Entry.objects.get(pk=each["id"]), by=BY)

    results = ask(client, first["next"])

    assert (results["count"], results["next"], results["results"]) == (15, None, [])
    assert ask(client, results["previous"])["results"] == first["results"]


def test_what_was_sent_and_has_moved_a_little_is_not_sent_again(client: Client) -> None:
    start = ask(client, "catalog=tools&page_size=7&cursor=&fields=name")
    move_entry(entry=entry("Tool 05"), by=BY, after=entry("Tool 06"))

    results = ask(client, start["next"])

    assert results["results"] == [{"name": f"Tool {n:02}"} for n in range(7, 14)]


def test_what_comes_while_somebody_reads_is_read(client: Client) -> None:
    start = ask(client, "catalog=tools&page_size=7&cursor=")
    add("New", after=entry("Tool 06"))
    add("Old", after=entry("Tool 02"))

    results = ask(client, start["next"])

    names = [each["name"] for each in results["results"]]
    assert names == ["New", *(f"Tool {n:02}" for n in range(7, 13))]


def edit(each: Entry, chance: random.Random) -> None:
    """Do something to an entry, or put one before it."""
    match chance.randrange(4):
        case 0:
            remove_entry(entry=each, by=BY)
        case 1:
            places = each.listing.entries.published().exclude(pk=each.pk) if each.listing else ()
            move_entry(entry=each, by=BY, after=chance.choice(list(places)))
        case 2:
            change_entry(entry=each, by=BY, description="Other.")
        case _:
            add(f"New {chance.random()}", first=True)


def test_any_changes_between_any_pages(client: Client) -> None:
    chance = random.Random(7)
    seen: list[int] = []
    steady = set(Entry.objects.filter(name__regex="[13579]$").values_list("pk", flat=True))
    address: str | None = "page_size=4&cursor="
    while address:
        page = ask(client, address)
        seen += [each["id"] for each in page["results"]]
        others = list(Entry.objects.published().exclude(pk__in=steady))
        for each in chance.sample(others, min(2, len(others))):
            edit(each, chance)
        address = page["next"]

    assert sorted(pk for pk in seen if pk in steady) == sorted(steady)


@pytest.mark.parametrize(
    "other",
    ["catalog=more", "catalog=tools&ordering=name", "catalog=tools&q=tool", ""],
)
def test_cursor_is_for_what_it_was_made_for(client: Client, other: str) -> None:
    following = ask(client, "catalog=tools&page_size=7&cursor=")["next"]
    cursor = following.partition("cursor=")[2]

    assert ask(client, f"{other}&cursor={cursor}", status=400) == {
        "code": "invalid",
        "detail": "cursor: This cursor belongs to another list, filter or order; "
        "start with an empty one.",
        "errors": {
            "cursor": [
                "This cursor belongs to another list, filter or order; start with an empty one."
            ]
        },
    }
    # Pages of another size and form are of the same list.
    more = ask(client, f"{following}&fields=name".replace("page_size=7", "page_size=2"))
    assert more["results"] == [{"name": "Tool 07"}, {"name": "Tool 08"}]


def test_cursor_of_a_list_that_is_gone(client: Client) -> None:
    start = ask(client, "page_size=25&cursor=")
    Catalog.objects.get(slug="tools").entries.all().delete()
    Catalog.objects.get(slug="tools").delete()

    assert ask(client, start["next"], status=404)["code"] == "not_found"


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([], []),
        ([5], [0]),
        ([1, 2, 3], [0, 1, 2]),
        ([9, 2, 3], [1, 2]),
        ([1, 2, 0], [0, 1]),
        ([3, 2, 1], [2]),
        ([4, 1, 5, 2, 6], [1, 3, 4]),
    ],
)
def test_longest_rise(places: list[int], expected: list[int]) -> None:
    assert longest_rise(places) == expected
