import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.editing.entries import remove_entry
from catalog.history.revisions import Author
from catalog.models import Catalog
from tests import factories
from tests.catalog.importing.imports import import_again, new_list

pytestmark = pytest.mark.django_db

TEXT = """# Tools

## Editors

### Modal

- [Vim](https://vim.example/) - Everywhere & <b>always</b>.
- [Neovim](https://neovim.example/) - A fork of Vim.
- [通义](https://zh.example/) - 一个模型。
"""
ITEM = "- [Thing {0}](https://example.org/{0}) - Another one.\n"


@pytest.fixture
def catalog() -> Catalog:
    return new_list(TEXT)


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def names_of(response: Any) -> list[str]:
    """The entries on the page, in order."""
    results = re.findall(r"<li><h2><a href=[^>]*>(.*?)</a></h2>", response.content.decode())
    return [re.sub("</?mark>", "", name) for name in results]


def test_results_show_descriptions_without_the_separators_of_their_lines(client: Client) -> None:
    new_list("# Tools\n\n- [Vim](https://vim.example/) `⚠` - Old.\n- [Vi](https://vi.example/) \n")

    assert "<p>Old.</p>" in text_of(client, "/search/?q=vim")


def test_results_without_descriptions_show_what_is_behind_their_names(client: Client) -> None:
    new_list("# T\n\n- [One](https://one.example/)\n  - [Home](https://home.example/) `2026`\n")

    text = text_of(client, "/search/?q=one")

    assert "</p><p>Home 2026</p>" in text


def test_results_show_what_matched_and_where(client: Client, catalog: Catalog) -> None:
    text = text_of(client, "/search/?q=vim")

    assert "><mark>Vim</mark></a>" in text
    assert "A fork of <mark>Vim</mark>." in text
    assert 'href="/tools/editors/">Editors</a>' in text
    assert 'href="/tools/editors/modal/">Modal</a>' in text
    assert '<span class="number" id="count" tabindex="-1">2 entries</span>' in text


def test_results_of_a_list_leave_the_others_out(client: Client, catalog: Catalog) -> None:
    new_list(TEXT, slug="books")

    assert client.get("/search/?q=neovim").context["total"] == 2
    response = client.get("/tools/search/?q=neovim")

    assert names_of(response) == ["Neovim"]
    assert b'href="/search/?q=neovim"' in response.content


def test_one_thing_in_two_places_is_one_result(client: Client, catalog: Catalog) -> None:
    text = "# B\n\n## Z\n\n- [Neovim](https://www.neovim.example) - A fork, once more.\n"
    place = new_list(text, slug="books").entries.get()

    response = client.get("/search/?q=neovim")

    assert response.context["total"] == 2
    assert names_of(response) == ["Neovim"]
    shown = response.content.decode().partition("Also in:")[2].partition("</p>")[0]
    first = catalog.entries.get(name="Neovim")
    assert [entry.get_absolute_url() in shown for entry in (first, place)] == [False, True]


def test_results_are_counted_in_each_list(client: Client, catalog: Catalog) -> None:
    assert client.get("/search/?q=neovim").context["lists"] == []
    new_list(TEXT, slug="books")

    lists = client.get("/search/?q=neovim").context["lists"]

    assert [(each["count"], each["address"]) for each in lists] == [
        (1, "/tools/search/?q=neovim"),
        (1, "/books/search/?q=neovim"),
    ]


def test_field_is_named_where_the_text_does_not_show_it(client: Client, catalog: Catalog) -> None:
    text = text_of(client, "/search/?q=modal")

    assert text.count('<p class="matched">Section: <mark>Modal</mark></p>') == 3


def test_results_have_their_tags_with_what_matched(client: Client, catalog: Catalog) -> None:
    vim = catalog.entries.get(name="Vim")
    factories.make_tag(catalog, "Licence", "Vim licence", [vim])
    factories.make_tag(catalog, "Host", "www.vim.org", [vim])
    hidden = factories.make_tag(catalog, "Secret", "inside", [vim])
    hidden.facet.is_public = False
    hidden.facet.save()

    text = text_of(client, "/tools/search/?q=everywhere")

    # The titles of its sections are not repeated, and its host says little.
    link = '<li><a href="/tools/tags/licence/vim-licence/">Vim licence</a></li>'
    assert re.findall('<ul class="tags">.*?</ul>', text) == [f'<ul class="tags">{link}</ul>']
    assert '<a href="/tools/browse/?q=everywhere" rel="nofollow">Filter by tags</a>' in text
    assert "><mark>Vim</mark> licence</a>" in text_of(client, "/search/?q=vim")


def test_sections_tags_and_lists_that_are_called_so_are_led_to(
    client: Client, catalog: Catalog
) -> None:
    vim = catalog.entries.get(name="Vim")
    factories.make_tag(catalog, "Licence", "Modality", [vim])

    called = client.get("/search/?q=the+modals").context["called"]

    assert [(each["html"], each["url"], each["where"]) for each in called] == [
        ("<mark>Modal</mark>", "/tools/editors/modal/", "Section · Tools"),
        ("<mark>Modality</mark>", "/tools/tags/licence/modality/", "Tag · Licence · Tools"),
    ]
    text = text_of(client, "/tools/search/?q=modality")
    link = '<a href="/tools/tags/licence/modality/"><mark>Modality</mark></a>'
    assert f'{link} <span class="quiet">Tag · Licence</span>' in text
    assert "Go straight to:" not in text_of(client, "/search/?q=neovim")


def test_removed_entries_are_shown_where_little_is_left(client: Client, catalog: Catalog) -> None:
    entry = catalog.entries.get(name="Neovim")
    remove_entry(entry=entry, by=Author())

    text = text_of(client, "/search/?q=neovim")

    assert f'<a href="{entry.get_absolute_url()}">Neovim</a>' in text
    assert f"removed from {catalog.title} on" in text
    assert (
        text.index("No entry was found") < text.index("removed from") < text.index("How to search")
    )
    # Before what is called nearly so.
    new_list(
        "# T\n\n" + "".join(ITEM.format(n).replace("Thing", "Neovam") for n in range(9)), slug="t"
    )
    text = text_of(client, "/search/?q=neovim")
    assert text.index("Showing results for") < text.index("removed from") < text.index("<ol")


def test_results_have_pages(client: Client) -> None:
    new_list("# T\n\n" + "".join(ITEM.format(n) for n in range(45)))

    assert len(names_of(client.get("/tools/search/?q=thing"))) == 20
    last = client.get("/tools/search/?q=thing&page=3")
    assert len(names_of(last)) == 5
    assert b'href="?q=thing&amp;page=2"' in last.content
    for page in ("4", "0", "x", "-1", "99999999999999999999"):
        assert client.get(f"/tools/search/?q=thing&page={page}").status_code == 404


def test_spelling_is_corrected_in_place(client: Client, catalog: Catalog) -> None:
    text = text_of(client, "/search/?q=neovom")

    assert names_of(client.get("/search/?q=neovom")) == ["Neovim"]
    assert "Showing results for <strong>neovim</strong>" in text
    assert '<a href="?q=%22neovom%22" rel="nofollow">Search for neovom instead</a>' in text


def test_words_that_no_result_has_are_named(client: Client, catalog: Catalog) -> None:
    text = text_of(client, "/search/?q=neovim+xyzzy")

    assert "These leave out: <s>xyzzy</s>" in " ".join(text.split())
    assert text.count('<p class="matched">Without: <s>xyzzy</s></p>') == 1


def test_fields_that_leave_nothing_can_be_left_out(client: Client, catalog: Catalog) -> None:
    text = text_of(client, "/search/?q=kind:none+neovim")

    assert '<a href="?q=neovim" rel="nofollow">Search for neovim instead</a>' in text
    assert "instead" not in text_of(client, "/search/?q=kind:none")


def test_no_match_offers_help(client: Client, catalog: Catalog) -> None:
    text = text_of(client, "/search/?q=%22neovom%22")

    assert "No entry was found." in text
    assert "quotation marks" in text


@pytest.mark.parametrize(
    "query", ["", "%22", "%00", "%FF", "%3Cscript%3E", "a" * 3000, "' OR 1=1", "*"]
)
def test_any_query_is_answered(client: Client, catalog: Catalog, query: str) -> None:
    for address in ("/search/", "/tools/search/", "/search/suggest", "/tools/search/suggest"):
        text = text_of(client, f"{address}?q={query}")
        assert "<script>" not in text


def test_suggestions_are_marked_and_placed(client: Client, catalog: Catalog) -> None:
    entry = catalog.entries.get(name="Neovim")
    row = {"html": "<mark>Neo</mark>vim", "url": entry.get_absolute_url(), "where": "Modal"}

    assert client.get("/tools/search/suggest?q=neo").json() == {"suggestions": [row]}
    row["where"] = "Tools · Modal"
    assert client.get("/search/suggest?q=neo").json() == {"suggestions": [row]}
    assert client.get("/search/suggest?q=").json() == {"suggestions": []}


@pytest.mark.parametrize("address", ["/search/?q=vim", "/tools/search/suggest?q=vim"])
def test_answers_are_valid_until_a_list_changes(
    client: Client, catalog: Catalog, address: str
) -> None:
    first = client.get(address)
    headers = {"If-None-Match": first["ETag"]}
    assert client.get(address, headers=headers).status_code == 304

    import_again(catalog, TEXT.replace("Neovim", "Vimscript"))

    again = client.get(address, headers=headers)
    assert again.status_code == 200
    assert b"Vim</mark>script" in again.content


def test_unknown_list_is_not_found(client: Client, catalog: Catalog) -> None:
    assert client.get("/books/search/?q=vim").status_code == 404
    assert client.get("/books/search/suggest?q=vim").status_code == 404


@pytest.mark.parametrize("number", [60, 90])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        # How the lists stand; forms, words, names, entries, their tags, what these are called,
        # other places;
        # what is called so; lists of the results, and how many are in each.
        ("/search/?q=thing", 11),
        ("/tools/search/?q=thing", 9),
        # Which of them adjoin.
        ("/tools/search/?q=%22another+one%22", 10),
        # Spellings, and how many have each; all again; what was removed and is called so.
        ("/search/?q=thinp", 17),
        # How the lists stand; forms, words, names, entries; lists, sections and tags.
        ("/search/suggest?q=thi", 6),
    ],
)
def test_number_of_queries_does_not_grow(
    client: Client, address: str, queries: int, number: int
) -> None:
    new_list("# T\n\n## S\n\n" + "".join(ITEM.format(n) for n in range(number)))

    with CaptureQueriesContext(connection) as captured:
        client.get(address)

    assert len(captured) == queries


def test_every_page_has_the_box_and_shows_browsers(client: Client, catalog: Catalog) -> None:
    for address in ("/", "/tools/editors/", "/search/"):
        text = text_of(client, address)
        assert 'role="search"' in text
        assert 'href="/opensearch.xml"' in text
    assert 'template="http://testserver/search/?q={searchTerms}"' in text_of(
        client, "/opensearch.xml"
    )
