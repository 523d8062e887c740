"""Facets of whole lists, as an import derives them and edits keep them."""

from importlib import import_module

import pytest
from django.apps import apps

from catalog.checking import check_catalog, rebuild_projection
from catalog.editing.entries import add_entry, change_entry
from catalog.editing.tags import add_alias, remove_alias, rename_tag, set_column_role
from catalog.history.revisions import Author
from catalog.models import Catalog, Column, EntryTag, Facet, Tag, TagAlias
from catalog.tagging.columns import KINDS, guess_column
from tests.catalog.importing.imports import assert_sound, import_again, new_list
from tests.catalog.tagging.tagged_lists import counts, entry_called, tags_of

pytestmark = pytest.mark.django_db
BY = Author(note="test")

SOFTWARE = """# Software
## Archiving
- [Keepall](https://k.example.org) - Keeps pages. ([Demo](https://d.example.org)) `MIT` `Go/Docker`
- [Boxer](https://b.example.org) - Stores boxes. `AGPL-3.0` `Go`
- [Crate](https://c.example.org) - Crates for all. `The MIT License` `Rust`
## Chat
- [Talky](https://t.example.org) - Talks in rooms. `Apache License 2.0` `nodejs`
- [Mumbler](https://m.example.org) - Says what `talk` says
"""


def facets(catalog: Catalog) -> dict[str, dict[str, int]]:
    """Counts by name of value, by facet; topics aside."""
    slugs = catalog.facets.exclude(slug="topic").values_list("slug", flat=True)
    return {slug: used for slug in slugs if (used := counts(catalog, slug))}


def table(header: str, values: list[str]) -> str:
    rows = "".join(
        f"| [n{number}](https://e.org/{number}) | {value} |\n"
        for number, value in enumerate(values)
    )
    return f"# List\n## Things\n| Name | {header} |\n|---|---|\n{rows}"


def test_code_spans_behind_the_text_are_facets() -> None:
    catalog = new_list(SOFTWARE)

    assert facets(catalog) == {
        "license": {"MIT": 2, "AGPL-3.0": 1, "Apache-2.0": 1},
        "platform": {"Go": 2, "Docker": 1, "Rust": 1, "nodejs": 1},
    }
    assert list(catalog.facets.values_list("name", flat=True)) == ["License", "Platform", "Topic"]
    assert tags_of(entry_called(catalog, "Mumbler")) == ["Chat"]
    assert_sound(catalog, SOFTWARE)
    assert rebuild_projection(catalog) == 0


def test_edits_of_one_entry_keep_its_facets() -> None:
    catalog = new_list(SOFTWARE)
    keepall = entry_called(catalog, "Keepall")
    source = keepall.block.source  # type: ignore[union-attr]

    change_entry(entry=keepall, by=BY, source=source.replace("`MIT`", "`BSD-2-Clause`"))
    assert tags_of(keepall, "license") == ["BSD-2-Clause"]
    change_entry(entry=entry_called(catalog, "Keepall"), by=BY, name="Keeper")
    add_entry(
        listing=catalog.listings.in_reading_order()[1],
        name="Whisper",
        url="https://w.example.org",
        description="Whispers.",
        by=BY,
    )

    assert tags_of(entry_called(catalog, "Keeper")) == [
        *("Archiving", "BSD-2-Clause", "Docker", "Go"),
    ]
    assert check_catalog(catalog) == []


def test_what_code_spans_mean_can_be_decided_and_stays() -> None:
    catalog = new_list(SOFTWARE)
    set_column_role(column=catalog.columns.get(key="`2`"), role="facet", facet="stack", by=BY)
    set_column_role(column=catalog.columns.get(key="`1`"), role="text", by=BY)

    import_again(catalog, SOFTWARE.replace("`Rust`", "`Zig`"))

    assert facets(catalog) == {"stack": {"Go": 2, "Docker": 1, "Zig": 1, "nodejs": 1}}
    assert check_catalog(catalog) == []


def test_what_a_sentence_ends_in_is_a_value_only_if_everybody_knows_it() -> None:
    ends = ["(PDF)", "(HTML, PDF)", "(formerly Foo)", "(PDF)", "(by a friend)", "(ePub)"] * 3
    text = "# Books\n## All\n" + "".join(
        f"- [b{number}](https://e.org/{number}) - Ada Writer {end}\n"
        for number, end in enumerate(ends)
    )

    assert facets(new_list(text)) == {"format": {"PDF": 9, "HTML": 3, "ePub": 3}}


def test_spellings_of_one_value_are_one_tag() -> None:
    fees = table("Fees", ["Free", "free", "Paid"])
    prices = table("Price", ["免费", "Free", "付费"]).replace("# List\n", "", 1)
    catalog = new_list(fees + prices.replace("e.org", "f.org").replace("[n", "[m"))

    assert facets(catalog) == {"price": {"Free": 4, "Paid": 2}}
    assert check_catalog(catalog) == []


def test_a_renamed_tag_has_all_spellings_of_its_value() -> None:
    catalog = new_list(table("Price", ["Free", "free", "Paid"]))
    rename_tag(tag=Tag.objects.get(name="Free"), name="At no cost", by=BY)

    import_again(catalog, table("Price", ["Free", "免费", "Paid", "gratis"]))
    assert facets(catalog) == {"price": {"At no cost": 3, "Paid": 1}}


def test_an_alias_says_that_a_spelling_is_another_value() -> None:
    catalog = new_list(table("Price", ["Free", "免费", "Paid"]))
    add_alias(tag=Tag.objects.get(name="Paid"), spelling="免费", by=BY)
    assert facets(catalog) == {"price": {"Free": 1, "Paid": 2}}

    remove_alias(alias=TagAlias.objects.get(), by=BY)
    assert facets(catalog) == {"price": {"Free": 2, "Paid": 1}}
    assert check_catalog(catalog) == []


@pytest.mark.parametrize(
    ("header", "values", "expected"),
    [
        ("Author", [f"Person {n}" for n in range(12)], []),
        ("Author", [f"Person {n // 2}" for n in range(24)], []),
        ("Author", [f"Person {n // 3}" for n in range(24)], ["author"]),
        ("Author", ["Ann", "Bo"], ["author"]),
        # One licence each, and yet everybody knows them.
        ("License", ["MIT"] * 9 + ["ISC", "Zlib"], ["license"]),
        ("License", ["MIT"] * 9 + ["Mine", "Yours"], []),
    ],
)
def test_junk_is_no_facet(header: str, values: list[str], expected: list[str]) -> None:
    assert list(facets(new_list(table(header, values)))) == expected


def test_columns_of_one_facet_are_judged_together() -> None:
    fees = table("Fees", ["Free"] * 8)
    prices = table("Price", ["Free", "1 $", "Free"]).replace("# List\n", "", 1)
    text = fees + prices.replace("e.org", "f.org").replace("[n", "[m")

    # Of two values one stands on a single row.
    assert facets(new_list(text)) == {
        "price": {"Free": 10, "1 $": 1},
        "host": {"e.org": 8, "f.org": 3},
    }


def test_a_facet_whose_spellings_are_sorted_out_is_never_junk() -> None:
    values = [f"Person {n}" for n in range(6)]
    catalog = new_list(table("Author", values))
    add_alias(tag=Tag.objects.get(name="Person 1"), spelling="P. One", by=BY)

    import_again(catalog, table("Author", [*values, "P. One", *"abcdef"]))

    assert counts(catalog, "author")["Person 1"] == 2
    assert check_catalog(catalog) == []


def test_dates_and_people_are_no_topics() -> None:
    catalog = new_list(
        "# Projects\n## All\n### 2026 年 3 月 4 号添加\n#### Bo Chen(广州)\n"
        "- [Paint](https://p.example.org) - Paints.\n"
        "### April 2026\n#### Games\n- [Chess](https://c.example.org) - Plays chess.\n"
        "## Tools\n- [Saw](https://s.example.org) - Saws.\n"
    )

    rows = EntryTag.objects.order_by("content_object", "tag__facet__slug", "tag__name")
    assert list(rows.values_list("content_object__name", "tag__facet__slug", "tag__name")) == [
        ("Paint", "added-in", "2026-03"),
        ("Chess", "added-in", "2026-04"),
        ("Chess", "topic", "Games"),
        ("Saw", "topic", "Tools"),
    ]
    change_entry(entry=entry_called(catalog, "Paint"), by=BY, description="Paints it.")
    assert check_catalog(catalog) == []


def test_years_of_a_heading_are_one_value() -> None:
    catalog = new_list(
        "# Papers\n## 2001 - 2010\n- [Map](https://m.example.org) - Maps.\n"
        "### 3月\n- [Sort](https://s.example.org) - Sorts.\n"
        "## 2011\n- [Join](https://j.example.org) - Joins.\n"
    )

    assert facets(catalog) == {"year": {"2001–2010": 2, "2011": 1}}
    assert list(Tag.objects.values_list("slug", flat=True)) == ["2001-2010", "2011"]
    assert check_catalog(catalog) == []


MARKED = """# Tools
Legend: 🐍 = Python, :copyright: = proprietary. What has 🔒 is new.
## Archiving
""" + "".join(
    f"- [n{number}](https://{host}.org/a/n{number}) {sign} - {text}\n"
    for number, (host, sign, text) in enumerate(
        [
            ("github", "🐍", "A tool for the pages of a list."),
            ("github", "🐍 🔒", "A tool that is written for you."),
            ("github", "🐍", "把网页保存成一个文件。"),
            ("gitlab", ":copyright:", "把网页和图片都保存下来。"),
            ("example", ":copyright:", "用浏览器保存网页。"),
            ("example", ":copyright: 🔒", "It is a tool for the web."),
            ("example", "🔒", "It reads all of the web."),
            ("example", "", "It writes to a file for you."),
        ]
    )
)


def test_signs_links_and_languages_are_facets() -> None:
    catalog = new_list(
        MARKED.replace("gitlab.org", "gitlab.com").replace("github.org", "github.com")
    )

    assert facets(catalog) == {
        "language": {"Python": 3},
        "marks": {"proprietary": 3},
        "link-kind": {"repository": 4},
        "host": {"example.org": 4, "github.com": 3},
        "text-language": {"English": 5, "中文": 3},
    }
    assert [facet.name for facet in catalog.facets.all()] == [
        *("Language", "Topic", "Marks", "Link kind", "Host", "Text language"),
    ]
    change_entry(entry=entry_called(catalog, "n7"), by=BY, description="把网页保存下来的工具。")
    change_entry(entry=entry_called(catalog, "n7"), by=BY, url="https://github.com/a/n7")
    assert tags_of(entry_called(catalog, "n7")) == [
        *("Archiving", "github.com", "repository", "中文"),
    ]
    assert check_catalog(catalog) == []
    assert rebuild_projection(catalog) == 0


def linked(hosts: dict[str, int], suggested: str = "") -> str:
    """A list with so many entries on each host, and running text."""
    urls = [f"https://{host}/a/n{n}" for host, count in hosts.items() for n in range(count)]
    rows = "".join(f"- [n{number}]({url})\n" for number, url in enumerate(urls))
    return f"# List\n## Things\n{rows}\n{suggested}\n"


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        # What is rare is no value, and does not make junk of the others.
        (
            {"github.com": 5, "medium.com": 3, "youtu.be": 2, "a.org": 1},
            {"link-kind": {"repository": 5}, "host": {"github.com": 5, "medium.com": 3}},
        ),
        # Three of three hundred are as few as it takes.
        (
            {"a.org": 200, "b.org": 97, "c.org": 3},
            {"host": {"a.org": 200, "b.org": 97, "c.org": 3}},
        ),
        ({"a.org": 200, "b.org": 98, "c.org": 2}, {"host": {"a.org": 200, "b.org": 98}}),
        # Nearly all stand on one host, and a single other tells nothing.
        ({"a.org": 37, "b.org": 3}, {}),
        ({"a.org": 4, "b.org": 3}, {}),
    ],
)
def test_hosts_and_kinds_of_links_are_values_where_they_come_back(
    hosts: dict[str, int], expected: dict[str, dict[str, int]]
) -> None:
    running = "See [one](https://b.org/1), [two](https://b.org/2), [three](https://b.org/3)."
    catalog = new_list(linked(hosts, running))

    assert facets(catalog) == expected
    assert check_catalog(catalog) == []


@pytest.mark.parametrize(("names", "expected"), [(12, True), (13, False)])
def test_languages_that_are_open_for_most_entries_are_no_facet(names: int, expected: bool) -> None:
    texts = ["A tool for the web.", "把网页保存下来的工具。"] * 3
    known = "".join(f"- [m{n}](https://{n}.org) - {text}\n" for n, text in enumerate(texts))
    rows = "".join(f"- [N{n}](https://n{n}.org)\n" for n in range(names))

    assert ("text-language" in facets(new_list(f"# List\n## Things\n{known}{rows}"))) == expected


def test_what_was_decided_for_all_kinds_holds_for_each_after_an_upgrade() -> None:
    catalog = new_list(linked({"github.com": 5, "youtube.com": 4, "a.org": 3}))
    catalog.columns.filter(key__startswith="=").delete()
    Column.objects.create(catalog=catalog, key="=link-kind", role="text", guessed_role="facet")
    Column.objects.create(
        catalog=catalog, key="=text-language", guessed_role="facet", guessed_facet="text-language"
    )
    german = Tag.objects.create(
        facet=Facet.objects.create(catalog=catalog, slug="text-language", name="Text language"),
        name="Deutsch",
        slug="deutsch",
        entry_count=3,
    )

    import_module("catalog.migrations.0025_inferred_values").part(apps, None)

    rows = catalog.columns.filter(key__startswith="=")
    assert set(rows.values_list("key", "header", "role", "guessed_facet")) == {
        *((f"=link-kind:{kind}", kind, "text", "") for kind in KINDS),
        ("=text-language:de", german.name, "", "text-language"),
    }


def test_what_a_host_means_can_be_decided_and_stays() -> None:
    text = linked({"github.com": 5, "medium.com": 4, "dev.to": 3})
    catalog = new_list(text)
    set_column_role(column=catalog.columns.get(key="=host:dev.to"), role="text", by=BY)
    import_again(catalog, text.replace("n11", "n12"))

    assert facets(catalog)["host"] == {"github.com": 5, "medium.com": 4}
    import_again(catalog, linked({"github.com": 12}))
    assert facets(catalog) == {}
    assert check_catalog(catalog) == []


def test_explained_signs_of_a_few_entries_are_values() -> None:
    catalog = new_list(
        "# Games\n说明：✅ 表示免费，💰 表示付费。\n## Board\n"
        "- ✅ [Chess](https://c.example.org) - Knights.\n"
        "- 💰 [Go](https://g.example.org) - Stones.\n"
        "- ✅ [Dice](https://d.example.org) 🎲 - Luck.\n"
    )

    assert facets(catalog) == {"price": {"免费": 2, "付费": 1}}


def test_languages_in_parentheses_are_values() -> None:
    catalog = new_list(
        "# Courses\n## Web\n- [Redes](https://r.example.org) (Spanish)\n"
        "- [Netze](https://n.example.org) (German)\n- [Más](https://m.example.org) (Spanish)\n"
    )

    assert facets(catalog) == {"text-language": {"Spanish": 2, "German": 1}}


def test_another_legend_gives_another_meaning() -> None:
    catalog = new_list(MARKED)
    import_again(catalog, MARKED.replace(":copyright: = proprietary", ":copyright: = with owners"))

    assert facets(catalog)["marks"] == {"with owners": 3}
    assert check_catalog(catalog) == []


def test_one_kind_and_one_language_of_nearly_all_are_no_facets() -> None:
    rows = "".join(
        f"- [n{number}](https://github.com/a/n{number}) - A tool for the web.\n"
        for number in range(20)
    )
    catalog = new_list(f"# List\n## Things\n{rows}- [m](https://m.org) - 把网页保存下来的工具。\n")

    assert facets(catalog) == {}


def test_dates_in_a_column_give_years() -> None:
    dates = [f"{year}-0{month}" for year in (2029, 2030) for month in range(1, 6)]

    assert facets(new_list(table("Release date", dates))) == {"year": {"2029": 5, "2030": 5}}
    assert guess_column("Last update", dates) == ("text", "")
    assert guess_column("发布时间", dates) == ("facet", "year")


def test_a_header_like_a_kind_of_link_does_not_name_the_kinds() -> None:
    hosts = ["github.com/a/b"] * 5 + ["e.org"] * 4
    rows = "".join(f"| [n{n}](https://{host}/{n}) | x |\n" for n, host in enumerate(hosts))

    catalog = new_list(f"# List\n## Things\n| Repository | About |\n|---|---|\n{rows}")

    assert catalog.facets.get(slug="link-kind").name == "Link kind"
