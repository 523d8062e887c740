"""The pages of tags: bars, letters, order."""

import re

import pytest
from django.test import Client

from catalog.editing.entries import change_entry
from catalog.history.revisions import Author
from catalog.models import Catalog
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def languages() -> Catalog:
    """A list whose tags are on 20, 10, 1 and no entries."""
    catalog = factories.make_catalog()
    listing = factories.make_list(
        catalog, None, [f"[Tool {n}](https://example.org/{n})" for n in range(20)]
    )
    entries = list(listing.entries.in_reading_order())
    for name, number in [("Zig", 20), ("C", 10), ("Ada", 1), ("None of them", 0)]:
        factories.make_tag(catalog, "Language", name, entries[:number])
    return catalog


def bars(client: Client, address: str) -> list[tuple[str, str]]:
    """The values on a page in their order, with the lengths of their bars."""
    items = re.findall(r'<li class="share-(\d+)"><a href="[^"]*">([^<]*)', client.get(address).text)
    return [(name, length) for length, name in items]


@pytest.mark.parametrize("address", ["/tools/tags/", "/tools/tags/language/"])
def test_values_have_bars_as_long_as_their_counts(
    client: Client, languages: Catalog, address: str
) -> None:
    assert bars(client, address) == [("Zig", "20"), ("C", "10"), ("Ada", "1")]


def test_values_can_be_read_by_name(client: Client, languages: Catalog) -> None:
    assert bars(client, "/tools/tags/language/?sort=name") == [
        ("Ada", "1"),
        ("C", "10"),
        ("Zig", "20"),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=a", ["Ada"]),
        ("?q=IG&sort=name", ["Zig"]),
        ("?q=%00", ["Zig", "C", "Ada"]),
        ("?q=nothing", []),
        ("?sort=unknown", ["Zig", "C", "Ada"]),
    ],
)
def test_values_are_filtered_by_letters(
    client: Client, languages: Catalog, query: str, expected: list[str]
) -> None:
    assert [name for name, _length in bars(client, f"/tools/tags/language/{query}")] == expected


def test_part_of_the_values_is_not_for_search_engines(client: Client, languages: Catalog) -> None:
    noindex = '<meta name="robots" content="noindex">'

    assert noindex not in client.get("/tools/tags/language/").text
    assert noindex in client.get("/tools/tags/language/?q=a").text


def test_tags_page_leads_on_from_a_facet_with_many_values(client: Client) -> None:
    catalog = factories.make_catalog()
    entry = factories.make_list(catalog, None, ["[A](https://a.example/)"]).entries.get()
    for n in range(13):
        factories.make_tag(catalog, "Language", f"language {n:02}", [entry])

    assert len(bars(client, "/tools/tags/")) == 12
    assert '<a href="/tools/tags/language/">all 13</a>' in client.get("/tools/tags/").text


def test_tags_are_called_in_the_language_of_the_page(client: Client, languages: Catalog) -> None:
    text = client.get("/tools/tags/", headers={"Accept-Language": "zh-hans"}).text

    assert '<a href="/tools/tags/language/">语言</a>' in text


def test_languages_are_named_for_the_reader_wherever_they_stand(client: Client) -> None:
    catalog = factories.make_catalog()
    entry = factories.make_list(catalog, None, ["[A](https://a.example/)"]).entries.get()
    factories.make_tag(catalog, "Language", "en", [entry])
    link = '<a href="%s"[^>]*>([^<]*)</a>'

    named = {
        (address, language): re.findall(
            link % href, client.get(address, headers={"Accept-Language": language}).text
        )
        for address, href in [
            ("/tools/", "/tools/tags/language/en/"),
            (entry.get_absolute_url(), "/tools/tags/language/en/"),
            ("/tools/tags/", "/tools/tags/language/en/"),
            ("/tools/tags/language/", "/tools/tags/language/en/"),
            ("/tools/browse/", r"\?tag=language:en"),
        ]
        for language in ("en", "zh-hans")
    }

    assert {
        (language, name) for (_address, language), names in named.items() for name in names
    } == {("en", "English"), ("zh-hans", "英语")}
    assert all(named.values())


def test_tag_page_shows_rows_and_stays_as_it_is_when_others_change(
    client: Client, languages: Catalog
) -> None:
    page = client.get("/tools/tags/language/c/")
    last = languages.entries.in_reading_order().last()
    assert last is not None
    change_entry(entry=last, name="Renamed", by=Author())

    assert re.findall(r'/tools/entries/\d+-tool-(\d+)/">Tool', page.text) == [
        str(n) for n in range(10)
    ]
    assert client.get("/tools/tags/language/c/").headers["ETag"] == page.headers["ETag"]
    assert client.get("/tools/tags/language/zig/").text.count("Renamed") == 1
