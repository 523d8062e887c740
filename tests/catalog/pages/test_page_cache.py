"""Cached pages beside pages made anew, while lists are edited."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache.backends.dummy import DummyCache
from django.test import Client

from catalog.editing.entries import add_entry, change_entry, move_entry, remove_entry
from catalog.editing.sections import rename_section
from catalog.editing.settings import change_settings
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry, Listing, Section, Tag
from catalog.pages import frame, page_cache
from catalog.pages.page_cache import PAGE_CACHE
from tests.catalog.importing.imports import import_again, new_list
from tests.effort import IS_LONG

pytestmark = pytest.mark.django_db

WORDS = ("fast", "small", "open", "tools", "reading", "writing", "large", "models", "data")


def make_text(title: str, chance: random.Random) -> str:
    """A list of three sections: items with code spans, a table, items again."""

    def item(n: int) -> str:
        says = " ".join(chance.choices(WORDS, k=4))
        return f"- [{title} {n}](https://tool-{n}.example/) - Does {says}. `MIT` `Go`\n"

    rows = "".join(f"| [Row {n}](https://row-{n}.example/) | MIT |\n" for n in range(4))
    return (
        f"# {title}\n\n## First\n\n{''.join(map(item, range(5)))}\n"
        f"## Second\n\n| name | license |\n|---|---|\n{rows}\n"
        f"### Below\n\n{''.join(map(item, range(5, 9)))}"
    )


def one(chance: random.Random, rows: Any) -> Any:
    return chance.choice(list(rows.order_by("pk")))


def published(chance: random.Random) -> Entry:
    entry: Entry = one(chance, Entry.objects.published())
    return entry


def add(chance: random.Random) -> None:
    listing = one(chance, Listing.objects.filter(kind="list", is_toc=False))
    n = chance.randrange(12)
    url, says = f"https://tool-{n}.example/", f"Says {chance.choice(WORDS)}."
    add_entry(listing=listing, name=f"New {n}", url=url, description=says, by=Author())


def describe(chance: random.Random) -> None:
    entry = one(chance, Entry.objects.published().filter(listing__kind="list"))
    change_entry(
        entry=entry, description=f"Now {' '.join(chance.choices(WORDS, k=3))}.", by=Author()
    )


def rename(chance: random.Random) -> None:
    change_entry(entry=published(chance), name=f"Name {chance.randrange(99)}", by=Author())


def move(chance: random.Random) -> None:
    move_entry(entry=published(chance), first=True, by=Author())


def remove(chance: random.Random) -> None:
    if Entry.objects.published().count() > 10:
        remove_entry(entry=published(chance), by=Author())


def retitle(chance: random.Random) -> None:
    section = one(chance, Section.objects.filter(is_title=False))
    rename_section(section=section, title=f"Title {chance.randrange(99)}", by=Author())


def settle(chance: random.Random) -> None:
    catalog = one(chance, Catalog.objects)
    name = chance.choice(["title", "description", "license", "guidelines"])
    change_settings(catalog=catalog, values={name: f"Value {chance.randrange(99)}"}, by=Author())


def take_in(chance: random.Random) -> None:
    catalog = one(chance, Catalog.objects)
    import_again(catalog, make_text(catalog.slug, chance), theirs=True)


EDITS: list[Callable[[random.Random], None]] = [
    add, add, describe, describe, rename, move, remove, retitle, settle, take_in,
]  # fmt: skip


def addresses(chance: random.Random) -> Iterator[str]:
    """Where a visitor goes next, mostly to an entry; some of them are removed."""
    catalog = one(chance, Catalog.objects)
    base = f"/{catalog.slug}/"
    for _time in range(4):
        entry = one(chance, Entry.objects.exclude(state="suggested"))
        yield f"/{entry.catalog.slug}/entries/{entry.pk}-{entry.slug}/"
    section = one(chance, catalog.sections.filter(is_title=False))
    tag = one(chance, Tag.objects.filter(facet__catalog=catalog))
    filters = f"browse/?tag={tag.facet.slug}:{tag.slug}&section={section.path}"
    below = (
        "", f"{section.path}/", f"{section.path}/?sort=-license", "browse/", "browse/?q=fast",
        filters, "tags/", "changes/", "feed.atom",
    )  # fmt: skip
    pages = ["/", "/search/?q=fast", tag.get_absolute_url(), *[base + path for path in below]]
    yield from chance.sample(pages, 5)


def made_anew(client: Client, address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The answer of a process that has just been started."""
    with monkeypatch.context() as patch:
        patch.setattr(page_cache, "caches", {"pages": DummyCache("", {})})
        frame._frames.clear()
        return client.get(address)


@pytest.mark.parametrize("seed", range(200 if IS_LONG else 4))
def test_cached_pages_are_those_made_anew(
    client: Client, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    new_list(make_text("tools", chance))
    new_list(make_text("books", chance), "books")
    differing = []
    for _step in range(7):
        chance.choice(EDITS)(chance)
        for address in addresses(chance):
            given, anew = client.get(address), made_anew(client, address, monkeypatch)
            if (given.status_code, given.content) != (anew.status_code, anew.content):
                differing.append(address)

    assert differing == []


def test_edit_leaves_other_pages_cached(client: Client) -> None:
    catalog = new_list(make_text("tools", random.Random(1)))
    pages = [entry.get_absolute_url() for entry in Entry.objects.published()]
    before = {page: client.get(page) for page in pages}
    entry = Entry.objects.published().filter(listing__kind="list", catalog=catalog).first()
    assert entry is not None

    change_entry(entry=entry, description=f"{entry.description} Unheard-of.", by=Author())

    edited = entry.get_absolute_url()
    for page in pages:
        held = client.get(page, headers={"If-None-Match": before[page]["ETag"]})
        again = client.get(page)
        is_same = page != edited
        assert held.status_code == (304 if is_same else 200)
        assert (again["ETag"] == before[page]["ETag"]) is is_same
        assert again.wsgi_request.META[PAGE_CACHE] == "hit"
    assert "Unheard-of" in client.get(edited).text


def test_edit_leaves_pages_that_do_not_show_it_cached(client: Client) -> None:
    new_list(make_text("tools", random.Random(1)))
    entry = Entry.objects.published().filter(section__path="first").first()
    assert entry is not None
    pages = ["/tools/", "/tools/first/", "/tools/second/", "/tools/browse/?section=second"]
    for page in [*pages, "/tools/browse/"]:
        client.get(page)

    change_entry(entry=entry, description="Unheard-of.", by=Author())

    outcomes = {page: client.get(page).wsgi_request.META[PAGE_CACHE] for page in pages}
    assert outcomes == {
        "/tools/": "hit",
        "/tools/first/": "miss",
        "/tools/second/": "hit",
        "/tools/browse/?section=second": "hit",
    }
    assert "Unheard-of." in client.get("/tools/browse/").text
