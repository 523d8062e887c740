import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.finding.indexing import index_catalog, index_entries
from catalog.models import Catalog, Entry, Facet, Section, Tag
from catalog.pages import browse
from tests import factories
from tests.catalog.importing.imports import new_list

pytestmark = pytest.mark.django_db

HEADING = re.compile(r"<h2><a href=\"[^\"]*/entries/[^>]*>([^<]*)</a></h2>")
VALUE = re.compile(
    r'<li class="share-\d+">'
    r'<a href="([^"]*)" rel="nofollow"( aria-current="true")?[^>]*>([^<]*)</a>'
    r'<span class="number">([\d,]+)</span></li>'
)
CHIP = re.compile(r'<li><a href="([^"]*)" rel="nofollow"><span class="unseen">')


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/tools/browse/{query}")
    assert response.status_code == 200
    return response.content.decode()


def names(text: str) -> list[str]:
    """The entries on the page, in order."""
    return HEADING.findall(text)


def values(text: str, facet: str) -> dict[str, int]:
    """What a facet offers, with the counts; a chosen value has a star."""
    part = re.search(rf'<section aria-labelledby="by-{facet}">.*?</section>', text, re.DOTALL)
    if not part:
        return {}
    return {
        f"{name}{'*' if chosen else ''}": int(count)
        for _, chosen, name, count in VALUE.findall(part[0])
    }


def chips(text: str) -> list[str]:
    """Where the chips lead that take a choice back."""
    return [unescape(address) for address in CHIP.findall(text)]


@pytest.fixture
def models() -> dict[str, Entry]:
    """Four entries in two sections, with languages and licences."""
    catalog = factories.make_catalog()
    results = {}
    large: Section | None = None
    for title, names_in_it in [
        ("Large", ["delta"]),
        ("Very large", ["Alpha"]),
        ("Small", ["charlie", "Bravo"]),
    ]:
        parent = large if title == "Very large" else None
        section = factories.make_section(catalog, title, parent=parent)
        large = large or section
        for name in names_in_it:
            listing = factories.make_list(catalog, section, [f"[{name}](https://{name}.example/)"])
            results[name] = listing.entries.get()
    delta, alpha, charlie, bravo = results.values()
    factories.make_tag(catalog, "Language", "zh", [delta, alpha, charlie])
    factories.make_tag(catalog, "Language", "en", [alpha, bravo])
    factories.make_tag(catalog, "License", "MIT", [alpha, charlie])
    factories.make_tag(catalog, "License", "BSD", [delta, bravo])
    hidden = factories.make_tag(catalog, "Secret", "inside", [delta])
    Facet.objects.filter(pk=hidden.facet_id).update(is_public=False)
    return results


@pytest.mark.parametrize(
    ("query", "results", "languages", "licences"),
    [
        ("", "delta Alpha charlie Bravo", {"Chinese": 3, "English": 2}, {"bsd": 2, "mit": 2}),
        (
            "?tag=language:zh",
            "delta Alpha charlie",
            {"Chinese*": 3, "English": 2},
            {"mit": 2, "bsd": 1},
        ),
        (
            "?tag=language:zh&tag=language:en",
            "delta Alpha charlie Bravo",
            {"Chinese*": 3, "English*": 2},
            {"bsd": 2, "mit": 2},
        ),
        (
            "?tag=language:zh&tag=license:mit",
            "Alpha charlie",
            {"Chinese*": 2, "English": 1},
            {"mit*": 2, "bsd": 1},
        ),
        (
            "?tag=language:en&tag=license:bsd",
            "Bravo",
            {"English*": 1, "Chinese": 1},
            {"bsd*": 1, "mit": 1},
        ),
        ("?section=large", "delta Alpha", {"Chinese": 2, "English": 1}, {"bsd": 1, "mit": 1}),
        ("?section=large/very-large", "Alpha", {"English": 1, "Chinese": 1}, {"mit": 1}),
        ("?section=small&tag=language:zh", "charlie", {"Chinese*": 1, "English": 1}, {"mit": 1}),
        (
            "?section=large/very-large&tag=license:bsd",
            "",
            {},
            {"bsd*": 0, "mit": 1},
        ),
    ],
)
def test_browse_narrows_across_facets_and_widens_inside_one(
    client: Client,
    models: dict[str, Entry],
    query: str,
    results: str,
    languages: dict[str, int],
    licences: dict[str, int],
) -> None:
    text = page(client, query)

    assert names(text) == results.split()
    assert list(values(text, "language").items()) == list(languages.items())
    offered = {name.lower(): count for name, count in values(text, "license").items()}
    assert list(offered.items()) == list(licences.items())
    assert values(text, "secret") == {}


@pytest.mark.parametrize(
    ("query", "results"),
    [
        ("?sort=name", "Alpha Bravo charlie delta"),
        ("?sort=newest", "Bravo charlie Alpha delta"),
        ("?sort=changed", "delta Bravo charlie Alpha"),
        ("?sort=", "delta Alpha charlie Bravo"),
        ("?sort=name&tag=license:mit", "Alpha charlie"),
    ],
)
def test_browse_sorts(client: Client, models: dict[str, Entry], query: str, results: str) -> None:
    for entry in models.values():
        now = timezone.now()
        Entry.objects.filter(pk=entry.pk).update(created_at=now, updated_at=now)
    Entry.objects.filter(name="delta").update(updated_at=timezone.now())

    text = page(client, query)
    assert names(text) == results.split()
    # The date is shown that the order goes by.
    dates = re.findall('<time class="kind" datetime="([^"]*)">', text)
    by_date = "newest" in query or "changed" in query
    assert dates == [str(timezone.localdate())] * 4 * by_date


def test_browse_keeps_its_state_in_every_address(client: Client, models: dict[str, Entry]) -> None:
    text = page(client, "?tag=language:zh&tag=license:mit&section=large&sort=name&page=1")

    assert chips(text) == [
        "?tag=license:mit&section=large&sort=name",
        "?tag=language:zh&section=large&sort=name",
        "?tag=language:zh&tag=license:mit&sort=name",
    ]
    assert (
        'href="?tag=language:zh&amp;tag=license:mit&amp;tag=language:en'
        '&amp;section=large&amp;sort=name"'
    ) in text
    assert (
        '<link rel="canonical" href="http://testserver/tools/browse/'
        '?tag=language:zh&amp;tag=license:mit&amp;section=large&amp;sort=name">'
    ) in text
    assert '<meta name="robots" content="noindex">' in text
    assert '<meta name="robots"' not in page(client)


def test_browse_pages_keep_what_was_chosen(
    client: Client, models: dict[str, Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse, "PER_PAGE", 2)

    first = page(client, "?tag=language:zh")
    assert names(first) == ["delta", "Alpha"]
    assert '<a rel="next" href="?tag=language:zh&amp;page=2">' in first
    assert names(page(client, "?tag=language:zh&page=2")) == ["charlie"]
    assert '<a rel="next" href="?page=2">' in page(client)


def test_browse_offers_all_values_of_a_facet_on_request(client: Client) -> None:
    catalog = factories.make_catalog()
    listing = factories.make_list(catalog, None, ["[A](https://a.example/)"])
    for n in range(10):
        factories.make_tag(catalog, "Language", f"l{n}", [listing.entries.get()])

    short, long = page(client), page(client, "?all=language")

    assert list(values(short, "language")) == [f"l{n}" for n in range(8)]
    assert "?all=language#by-language" in short
    assert list(values(long, "language")) == [f"l{n}" for n in range(10)]


def test_browse_counts_the_first_facets_and_opens_the_others_by_links(client: Client) -> None:
    catalog = factories.make_catalog()
    listing = factories.make_list(catalog, None, ["[A](https://a.example/)"])
    for n in range(10):
        factories.make_tag(catalog, f"F{n}", "Value", [listing.entries.get()])

    first, opened, chosen = page(client), page(client, "?all=f9"), page(client, "?tag=f8:value")

    shown = [f"f{n}" for n in range(8)]
    assert re.findall('<h2 id="by-([^"]+)"', first) == shown
    assert re.findall(r'href="\?all=(\w+)#by-\1"[^>]*>F\d<', first) == ["f8", "f9"]
    assert re.findall('<h2 id="by-([^"]+)"', opened) == [*shown, "f9"]
    assert values(opened, "f9") == {"Value": 1}
    assert re.findall('<h2 id="by-([^"]+)"', chosen) == [*shown, "f8"]
    assert re.findall(r'href="\?tag=f8:value&amp;all=(\w+)#', chosen) == ["f9"]


@pytest.mark.parametrize(
    "query",
    [
        "?tag=nothing:here",
        "?tag=language",
        "?tag=secret:inside",
        "?tag=:::",
        "?tag=language:zh%00",
        "?section=nowhere",
        "?tag=%3Cscript%3E",
    ],
)
def test_browse_leaves_out_what_is_not_there_and_says_so(
    client: Client, models: dict[str, Entry], query: str
) -> None:
    text = page(client, query)

    assert names(text) == ["delta", "Alpha", "charlie", "Bravo"]
    assert 'class="notice"' in text
    assert "<script>" not in text
    assert chips(text) == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?page=0", 404),
        ("?page=2", 404),
        ("?page=-1", 404),
        ("?page=x", 404),
        ("?page=99999999999999999999999", 404),
        ("?page=1", 200),
        ("?page=", 404),
        ("?sort=%00&all=%00", 200),
        ("?sort=id;drop", 200),
        ("?section=" + "a/" * 2000, 200),
        ("?" + "&".join(["tag=language:zh"] * 900), 200),
        ("?" + "&".join(f"tag=x:{n}" for n in range(900)), 200),
        ("?%FF%FE=%FF", 200),
        ("?tag=%F0%9F", 200),
    ],
)
def test_browse_bears_any_query(
    client: Client, models: dict[str, Entry], query: str, status: int
) -> None:
    response = client.get(f"/tools/browse/{query}")

    assert response.status_code == status
    assert len(response.content) < 30_000


def test_browse_takes_so_many_tags_and_no_more(client: Client) -> None:
    catalog = factories.make_catalog()
    listing = factories.make_list(catalog, None, ["[A](https://a.example/)"])
    keys = []
    for n in range(22):
        factories.make_tag(catalog, "Language", f"l{n}", [listing.entries.get()])
        keys.append(f"tag=language:l{n}")

    text = page(client, "?" + "&".join(keys))

    assert len(chips(text)) == 20
    assert "<bdi>language:l20</bdi>, <bdi>language:l21</bdi>" in text


def test_browse_without_a_match_shows_the_ways_back(
    client: Client, models: dict[str, Entry]
) -> None:
    text = page(client, "?section=large/very-large&tag=license:bsd")

    assert "No entry matches all of these." in text
    assert '<a href="?section=large/very-large" rel="nofollow">without Licence BSD</a>' in text
    assert '<a href="?tag=license:bsd" rel="nofollow">without Very large</a>' in text


def test_browse_row_has_name_host_section_description_and_tags(client: Client) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "编辑器")
    block = factories.make_item(
        factories.make_list(catalog, section),
        "[A <b>](https://www.github.com/a)",
        description_html="一个<em>工具</em>",
    )
    entry = block.entry
    factories.make_tag(catalog, "Language", "zh & en", [entry])

    text = page(client)

    assert (
        f'<li><h2><a href="/tools/entries/{entry.pk}-a-b/">A &lt;b&gt;</a></h2>'
        ' <a class="host" href="https://www.github.com/a" rel="nofollow noopener ugc">'
        f'github.com</a> <a class="where" href="{section.get_absolute_url()}" lang="zh">编辑器</a>'
        '<p class="says" lang="zh">一个<em>工具</em></p>'
        '<ul class="tags"><li><a href="?tag=language:zh-and-en" rel="nofollow">zh &amp; en</a></li>'
        "</ul></li>"
    ) in text


def test_row_names_the_question_that_a_tag_answers(client: Client) -> None:
    catalog = factories.make_catalog()
    block = factories.make_item(factories.make_list(catalog, None), "[A](https://a.test/)")
    for facet, value in (("HTTPS", "Yes"), ("Auth", "apiKey"), ("开源", "否")):
        factories.make_tag(catalog, facet, value, [block.entry])

    called = re.findall('<li><a href="[?]tag=[^>]*>([^<]*)</a></li>', page(client))

    assert called == ["apiKey", "HTTPS Yes", "开源 否"]
    [tags] = re.findall('<ul class="tags">.*?</ul>', client.get("/tools/search/?q=a").text)
    assert re.sub("<[^>]*>", "", tags) == "".join(called)


def test_browse_shows_neither_the_removed_nor_the_suggested(
    client: Client, models: dict[str, Entry]
) -> None:
    factories.remove_entry(models["Alpha"])
    Entry.objects.filter(name="Bravo").update(state=Entry.State.SUGGESTED)
    index_entries([models["Bravo"].pk], models["Bravo"].catalog)

    text = page(client, "?tag=license:mit&tag=license:bsd")

    assert names(text) == ["delta", "charlie"]
    assert values(text, "language") == {"Chinese": 2}


def test_browse_is_reached_from_catalog_section_and_tag(
    client: Client, models: dict[str, Entry]
) -> None:
    for address, link in [
        ("/tools/", "/tools/browse/"),
        ("/tools/large/very-large/", "/tools/browse/?section=large/very-large"),
        ("/tools/tags/language/zh/", "/tools/browse/?tag=language:zh"),
    ]:
        assert f'href="{link}"' in client.get(address).content.decode()


@pytest.mark.parametrize("entries", [1, 3])
def test_browse_asks_as_few_queries_whatever_the_size(client: Client, entries: int) -> None:
    catalog = factories.make_catalog()
    section = factories.make_section(catalog, "Editors")
    for n in range(entries):
        listing = factories.make_list(catalog, section, [f"[{n}](https://example.org/{n})"])
        for facet in ("Language", "License", f"Facet {n}"):
            factories.make_tag(catalog, facet, "some", [listing.entries.get()])
            factories.make_tag(catalog, facet, f"value {n}", [listing.entries.get()])
    requests = {}
    for query in ("", "?tag=language:some", "?section=editors&tag=language:some&tag=license:some"):
        Catalog.objects.update(updated_at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            page(client, query)
        requests[query] = len(queries)

    # The list; its sections, facets and their biggest values, the entries of the page, their rows
    # and tags, who has no value. Where something is chosen the index and the sections.
    assert list(requests.values()) == [9, 10, 10]


@pytest.fixture
def described() -> Catalog:
    return new_list(
        """# Tools

## Editors

| name | language | note |
|---|---|---|
| [Vim](https://vim.example/) | C | a fast editor, see [site](https://a.example/) |
| [Fast](https://fast.example/) | Rust | an editor & more |
| [Emacs](https://emacs.example/) | C | an editor of everything |

## 工具

- [通义](https://zh.example/) - 一个模型。
"""
    )


@pytest.mark.parametrize(
    ("query", "results", "languages"),
    [
        # What is called so comes first.
        ("?q=fast", "Fast Vim", {"c": 1, "rust": 1}),
        ("?q=fast&sort=list", "Vim Fast", {"c": 1, "rust": 1}),
        ("?q=editor", "Fast Vim Emacs", {"c": 2, "rust": 1}),
        ("?q=editor&sort=name", "Emacs Fast Vim", {"c": 2, "rust": 1}),
        ("?q=editor&tag=language:c", "Vim Emacs", {"c*": 2, "rust": 1}),
        ("?q=fast&tag=language:c", "Vim", {"c*": 1, "rust": 1}),
        ("?q=模型&section=工具", "通义", {}),
        ("?q=fast&section=工具", "", {}),
        ("?q=!!", "Vim Fast Emacs 通义", {"c": 2, "rust": 1, "not stated": 1}),
        ("?sort=list", "Vim Fast Emacs 通义", {"c": 2, "rust": 1, "not stated": 1}),
    ],
)
def test_browse_finds_words_among_what_was_chosen(
    client: Client, described: Catalog, query: str, results: str, languages: dict[str, int]
) -> None:
    text = page(client, query).replace("<mark>", "").replace("</mark>", "")

    assert names(text) == results.split()
    offered = {name.lower(): count for name, count in values(text, "language").items()}
    assert list(offered.items()) == list(languages.items())


def test_hosts_that_are_no_values_are_others(client: Client, described: Catalog) -> None:
    described.facets.filter(slug="language").update(slug="host")

    assert "other" in values(page(client, ""), "host")


def test_browse_marks_words_and_leaves_links_alone(client: Client, described: Catalog) -> None:
    text = page(client, "?q=fast&tag=language:c")

    assert 'rel="nofollow noopener ugc">vim.example</a>' in text
    assert "a <mark>fast</mark> editor, see <a href=" in text


def test_browse_takes_words_back_and_keeps_the_rest_in_its_form(
    client: Client, described: Catalog
) -> None:
    text = page(client, "?q=a+%22b&tag=language:c&section=editors&sort=list")

    assert chips(text) == [
        "?tag=language:c&section=editors",
        "?q=a%20%22b&section=editors&sort=list",
        "?q=a%20%22b&tag=language:c&sort=list",
    ]
    assert 'name="q" value="a &quot;b"' in text
    assert (
        '<input type="hidden" name="tag" value="language:c">'
        '<input type="hidden" name="section" value="editors">'
        '<input type="hidden" name="sort" value="list">'
    ) in text


def test_browse_corrects_the_spelling_and_keeps_the_rest_of_the_choice(
    client: Client, described: Catalog
) -> None:
    text = page(client, "?q=emasc&tag=language:c")

    assert "Showing results for <strong>emacs</strong>" in text
    assert 'href="?q=%22emasc%22&amp;tag=language:c"' in text


def test_browse_gives_htmx_its_part(client: Client, described: Catalog) -> None:
    whole = client.get("/tools/browse/?q=fast")
    part = client.get("/tools/browse/?q=fast", headers={"HX-Request": "true"})

    assert part.content.decode().strip().startswith('<div class="browse" id="browse"')
    assert part.content.decode().strip() in whole.content.decode()
    assert "HX-Request" in part["Vary"]
    assert "HX-Request" in whole["Vary"]
    assert part["ETag"] != whole["ETag"]


@pytest.fixture
def dated(models: dict[str, Entry]) -> dict[str, Entry]:
    """The same entries, three of them with a year; one states no licence."""
    delta, alpha, charlie, bravo = models.values()
    for year, entry in [("2019", delta), ("2021", alpha), ("2022", charlie)]:
        factories.make_tag(delta.catalog, "Year", year, [entry])
    Tag.objects.get(name="BSD").entry_tags.filter(content_object=bravo).delete()
    Tag.objects.filter(name="BSD").update(entry_count=1)
    index_catalog(delta.catalog)
    return models


@pytest.mark.parametrize(
    ("query", "results", "licences"),
    [
        ("?tag=license:-", "Bravo", {"not stated*": 1, "mit": 2, "bsd": 1}),
        ("?tag=license:-&tag=license:bsd", "delta Bravo", {"bsd*": 1, "mit": 2, "not stated*": 1}),
        ("?tag=license:-&tag=language:en", "Bravo", {"mit": 1, "not stated*": 1}),
        ("?tag=license:-&tag=year:2019", "", {"bsd": 1, "not stated*": 0}),
        ("?tag=language:en", "Alpha Bravo", {"mit": 1, "not stated": 1}),
        ("?section=large", "delta Alpha", {"mit": 1, "bsd": 1}),
    ],
)
def test_browse_has_what_is_not_stated_as_a_value(
    client: Client, dated: dict[str, Entry], query: str, results: str, licences: dict[str, int]
) -> None:
    text = page(client, query)

    offered = {name.lower(): count for name, count in values(text, "license").items()}
    assert (names(text), offered) == (results.split(), licences)


@pytest.mark.parametrize(
    ("query", "results"),
    [
        ("?from=year:2020", "Alpha charlie"),
        ("?to=year:2021", "delta Alpha"),
        ("?from=year:2019&to=year:2021", "delta Alpha"),
        ("?from=year:2021&to=year:2020", ""),
        ("?from=year:2020&tag=language:zh", "Alpha charlie"),
        ("?from=year:2022&tag=year:2019", "delta charlie"),
        ("?from=year:2022&tag=year:-", "charlie Bravo"),
        ("?from=year:soon", "delta Alpha charlie Bravo"),
        ("?from=license:2020", "delta Alpha charlie Bravo"),
    ],
)
def test_browse_narrows_to_dates_from_one_to_another(
    client: Client, dated: dict[str, Entry], query: str, results: str
) -> None:
    text = page(client, query)
    assert names(text) == results.split()
    # The date is shown that the order goes by.
    dates = re.findall('<time class="kind" datetime="([^"]*)">', text)
    by_date = "newest" in query or "changed" in query
    assert dates == [str(timezone.localdate())] * 4 * by_date


@pytest.mark.parametrize(
    ("query", "results"),
    [
        ("?from=year:2005&to=year:2018", "Bravo"),
        ("?from=year:2010", "delta Alpha charlie Bravo"),
        ("?from=year:2011", "delta Alpha charlie"),
        ("?to=year:2001", "Bravo"),
        ("?to=year:2000", ""),
        ("?tag=year:2001-2010", "Bravo"),
    ],
)
def test_years_are_within_a_range_that_has_any_of_them(
    client: Client, dated: dict[str, Entry], query: str, results: str
) -> None:
    bravo = [*dated.values()][3]
    factories.make_tag(bravo.catalog, "Year", "2001–2010", [bravo])
    index_catalog(bravo.catalog)

    assert names(page(client, query)) == results.split()


@pytest.mark.parametrize("query", ["", "?all=year"])
def test_years_are_offered_from_the_latest_on(
    client: Client, dated: dict[str, Entry], query: str
) -> None:
    bravo = [*dated.values()][3]
    factories.make_tag(bravo.catalog, "Year", "2019", [bravo])

    assert list(values(page(client, query), "year").items()) == [
        ("2022", 1),
        ("2021", 1),
        ("2019", 2),
    ]


def test_browse_keeps_dates_in_its_addresses_and_forms(
    client: Client, dated: dict[str, Entry]
) -> None:
    text = page(client, "?from=year:2019&to=year:2021&q=")

    assert "?tag=language:zh&amp;from=year:2019&amp;to=year:2021" in text
    assert '<input type="hidden" name="from" value="year:2019">' in text
    assert '<option value="year:2021" selected>2021</option>' in text
    assert "<b>2019–2021</b>" in text
    assert chips(text) == ["?"]


def test_browse_says_which_dates_the_list_does_not_have(
    client: Client, dated: dict[str, Entry]
) -> None:
    text = page(client, "?from=year:soon&to=wheels:2020")

    assert "<bdi>year:soon</bdi>, <bdi>wheels:2020</bdi>" in text


def test_browse_offers_all_values_by_name_and_fewer_again(client: Client) -> None:
    catalog = factories.make_catalog()
    entries = factories.make_list(
        catalog, None, [f"[T{n}](https://example.org/{n})" for n in range(9)]
    ).entries.in_reading_order()
    for n, name in enumerate("ihgFedcba"):
        factories.make_tag(catalog, "Language", name, list(entries)[: n + 1])

    text = page(client, "?all=language")

    assert list(values(text, "language")) == [*"abcdeFghi"]
    assert '<a class="all" href="?" rel="nofollow">fewer</a>' in text


def test_browse_row_does_not_repeat_its_section(client: Client) -> None:
    catalog = new_list("# Tools\n\n## Editors\n\n- [Vim](https://vim.example/) - Fast. `MIT` `C`\n")

    text = page(client)

    row = text[text.index("entry-rows") :]
    assert catalog.facets.filter(slug="topic").exists()
    assert row.count(">Editors<") == 1


@pytest.mark.parametrize(
    ("ending", "media_type", "expected"),
    [
        ("csv", "text/csv", ["delta", "Alpha"]),
        ("json", "application/json", ["delta", "Alpha"]),
        ("md", "text/markdown", ["delta", "Alpha"]),
        ("yaml", "application/yaml", ["delta", "Alpha"]),
    ],
)
def test_browse_view_is_taken_along_as_a_file(
    client: Client, dated: dict[str, Entry], ending: str, media_type: str, expected: list[str]
) -> None:
    response: Any = client.get(f"/tools/browse/export.{ending}?to=year:2021&tag=language:zh")

    text = b"".join(response.streaming_content).decode()
    assert [name for name in dated if f"https://{name}.example" in text] == expected
    assert response.headers["Content-Type"].startswith(media_type)
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="tools-selection.{ending}"'
    )


def test_browse_links_to_its_view_as_files(client: Client, dated: dict[str, Entry]) -> None:
    text = page(client, "?to=year:2021&tag=language:zh&sort=name")

    links = re.findall(r'<a href="(export[^"]*)" rel="nofollow" data-hx-boost="false">', text)
    query = "?tag=language:zh&amp;to=year:2021"
    assert links == [f"export.{ending}{query}" for ending in ("csv", "json", "md")]


def test_browse_view_has_no_other_files(client: Client, models: dict[str, Entry]) -> None:
    assert client.get("/tools/browse/export.exe").status_code == 404
    assert client.get("/nothing/browse/export.csv").status_code == 404
