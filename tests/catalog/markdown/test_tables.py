"""Tables: how rows are cut into cells, and which column names the thing."""

from __future__ import annotations

import pytest

from catalog.markdown import BlockKind, parse
from catalog.markdown.tables import read_cells
from tests.catalog.markdown.laws import check

KITE = "https://kite.example"
REEL = "https://reel.example"


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| a | b |\n", ["a", "b"]),
        ("a | b", ["a", "b"]),
        ("|a|b\r\n", ["a", "b"]),
        ("| a |  | c |\n", ["a", "", "c"]),
        ("| a | |\n", ["a", ""]),
        ("||\n", [""]),
        ("|\n", [""]),
        ("| a \\| b | c |\n", ["a | b", "c"]),
        ("| `a \\| b` | c |\n", ["`a | b`", "c"]),
        ("| `a | b` |\n", ["`a", "b`"]),  # GFM cuts before it reads code
        ("| a \\\\| b |\n", ["a \\| b"]),
        ("| a | b \\|", ["a", "b |"]),
        ("> | a | b |\n", ["a", "b"]),
        ("  | a | b |  \n", ["a", "b"]),
        ("|\ta\t|\u00a0b |\n", ["a", "\u00a0b"]),
        ("| 风筝 | 🪁 |\n", ["风筝", "🪁"]),
    ],
)
def test_row_is_cut_by_gfm_rule(row: str, cells: list[str]) -> None:
    assert [cell.text for cell in read_cells(row)] == cells
    assert [row[start:end].replace("\\|", "|") for _text, start, end in read_cells(row)] == cells


@pytest.mark.parametrize(
    ("header", "rows", "names"),
    [
        (
            "Link | Speaker | Topic",
            ["[Watch](u) | Ann | Trees", "[Watch](v) | Bob | Woods", "[Watch](w) | Ann | Meadows"],
            ["Trees", "Woods", "Meadows"],
        ),
        # Links under words of their own that stand first, though all of what follows differs.
        (
            "Link | Preview",
            ["[Kite](u) | It flies high.", "[Reel](v) | It turns a lot.", "[Line](w) | It holds."],
            ["Kite", "Reel", "Line"],
        ),
        (
            "N.º | Problema | Solución",
            ["1 | Sumas | [Solución](u)", "2 | Aguas | [Solución](v)"],
            ["Sumas", "Aguas"],
        ),
    ],
)
def test_the_column_whose_texts_all_differ_names(
    header: str, rows: list[str], names: list[str]
) -> None:
    assert [entry.name for entry in parse(table(header, *rows)).entries] == names


def test_every_row_with_words_is_an_entry_however_many_cells_it_has() -> None:
    source = (
        f"| Name | About |\n|------|-------|\n| [Kite]({KITE}) | Flies. |\n"
        f"| Reel |\n| [Line]({REEL}) | Holds. | [more]({KITE}/more) |\n| | |\n"
    )
    document = parse(source)

    assert [(e.name, e.url, e.description, len(e.cells)) for e in document.entries] == [
        ("Kite", KITE, "Flies.", 2),
        ("Reel", "", "", 1),
        ("Line", REEL, "Holds.", 3),
    ]
    assert [block.kind for block in document.blocks[:3]] == [
        BlockKind.TABLE_HEADER,
        BlockKind.DELIMITER_ROW,
        BlockKind.TABLE_ROW,
    ]
    # A cell beyond the header's shows nowhere, and its link is kept all the same.
    assert [link.url for link in document.entries[2].links] == [REEL, f"{KITE}/more"]


def test_row_slots_hold_what_is_read() -> None:
    row = f"| 1 | **[Kite \\| Co]({KITE})** | Flies \\| high. |\n"
    (entry,) = parse(f"| # | Name | Description |\n|---|---|---|\n{row}").entries

    assert (entry.name, entry.url, entry.description) == ("Kite | Co", KITE, "Flies | high.")
    assert entry.name_slot
    assert entry.url_slot
    assert entry.description_slot
    assert row[slice(*entry.name_slot)] == "Kite \\| Co"
    assert row[slice(*entry.url_slot)] == KITE
    assert row[slice(*entry.description_slot)] == "Flies \\| high."


def table(header: str, *rows: str) -> str:
    """A table of rows given without the pipes at their ends."""
    dashes = "|".join("---" for _ in header.split("|"))
    return "".join(f"| {row} |\n" for row in (header, dashes, *rows))


def several(row: str) -> list[str]:
    """Five rows that differ in their numbers."""
    return [row.replace("7", str(number)) for number in range(5)]


@pytest.mark.parametrize(
    ("header", "row", "name", "description"),
    [
        ("Name | Description", f"[Kite7]({KITE}) | Flies.", 0, 1),
        ("Contributor | Model/Project | Main feature", f"Jane | [Kite7]({KITE}) | Flies.", 1, 2),
        # The first header that means a name counts, wherever links are.
        ("Model | Paper | Notes", f"Kite7 | [How kites fly 7]({KITE}) | Flies.", 0, 2),
        ("Paper | Code", f"[How kites fly 7]({KITE}) | [Kite7]({REEL})", 0, None),
        ("公司 | 大模型 | 说明", f"Jane | [Kite7]({KITE}) | 会飞。", 1, 2),
        ("App name | Stars", f"[Kite7]({KITE}) | 77", 0, None),
        # A base model is no model, and what repeats names nothing.
        ("Base model | Fine-tuned", f"Wind | [Kite7]({KITE})", 1, None),
        ("Tool | Used in", f"Loom | [Kite7]({KITE})", 1, None),
        # Columns of links name nothing as long as another can.
        ("Who | Link", f"**Kite7** | [see all 7]({KITE})", 0, None),
        ("系列 | 链接", f"**风筝7** | [查看 7]({KITE})", 0, None),
        # Without a word in the header, links tell.
        ("A | B", f"77 | [Kite7]({KITE})", 1, None),
        ("A | B", f"[paper]({REEL}/7) | [Kite7]({KITE})", 1, None),
        ("A | B", f"Kite7 | {KITE}/7", 0, None),
        ("A | B", "Kite7 | It flies as long as there is wind and nobody pulls it down.", 0, 1),
        (" | ", f"★ | [Kite7]({KITE})", 1, None),
        # A long text that is a link leads on.
        (
            "Name | Set",
            f"Kite7 | [Flights over sea and land in all of the winter 7]({KITE})",
            0,
            None,
        ),
        ("Icon | Name", f"![i](i.png) | Kite7 {KITE}", 1, None),
        ("Model\u00a0name | Text", f"[Kite7]({KITE}) | Flies.", 0, None),
    ],
)
def test_columns_are_guessed(header: str, row: str, name: int, description: int | None) -> None:
    (listing,) = parse(table(header, *several(row))).listings

    assert (listing.name_column, listing.description_column) == (name, description)


@pytest.mark.parametrize(
    ("row", "name", "url"),
    [
        ("**Kite** | [All of it →](docs/kite.md)", "Kite", "docs/kite.md"),
        (f"[Kite]({KITE}) | Flies.", "Kite", KITE),
        (f"Kite [GitHub]({KITE}) | Flies.", "Kite", KITE),
        (f"[Kite]({KITE})/[Reel]({REEL}) | Fly.", "Kite / Reel", KITE),
        (f"[Kite]({KITE})<br />[Reel]({REEL}) | Fly.", "Kite / Reel", KITE),
        (f"![logo](l.png) [Kite]({KITE}) | Flies.", "Kite", KITE),
        (f"Kite | Flies. [Video]({KITE})", "Kite", KITE),
        (f"[GitHub]({KITE}) | Keeps code.", "GitHub", KITE),
        (f" | [Kite]({KITE})", "Kite", KITE),
        (f"- | Kite {KITE}", "Kite", KITE),
        (f"Kite {KITE} | Flies.", "Kite", KITE),
        (f"{KITE} | Flies.", "kite.example", KITE),
        ("![Kite](k.png) | Flies.", "Kite", ""),
        ("`kite` | Flies.", "kite", ""),
        ("**Kite** | Flies.", "Kite", ""),
    ],
)
def test_row_is_named(row: str, name: str, url: str) -> None:
    rows = [f"[Line{number}]({REEL}/{number}) | Text." for number in range(5)]
    entry = parse(table("Name | Description", row, *rows)).entries[0]

    assert (entry.name, entry.url) == (name, url)


@pytest.mark.parametrize(
    ("header", "rows", "expected"),
    [
        # What repeats, or only says what kind of page is there, names nothing; nor do lists.
        (
            "RSS feed | Introduction | Address | tags",
            [f"[Feed]({KITE}/{n}) | About {n} kites | {REEL}/{n} | sky;wind" for n in "abc"],
            [(f"About {n} kites", "") for n in "abc"],
        ),
        (
            "# | Question | Solution | Level",
            [f"1 | How to fly | [Solution]({KITE}/1) | easy",
             f"2 | How to land | [Solution]({KITE}/2) | hard"],
            [("How to fly", ""), ("How to land", "")],
        ),
        (
            "Topic | Count | Link",
            [f"Kites {n} | {n} | [Browse]({KITE}/{n})" for n in "123"],
            [(f"Kites {n}", "") for n in "123"],
        ),
        (
            "Schlagworte | 名称 (中文)",
            [f"a, b | 风筝{n}" for n in "123"],
            [(f"风筝{n}", "") for n in "123"],
        ),
        # The bold part of a long cell, or what stands before the separator.
        (
            "**Paper** | **Links**",
            [f"{n}) **Kites {n}** - A study of how far they get with | and without wind."
             .replace(" | ", " \\| ") + f" | [Paper]({KITE}/{n})" for n in "12"],
            [(f"Kites {n}", "A study of how far they get with | and without wind.") for n in "12"],
        ),
        (
            "Tool | Links",
            [f"[Kite {n}]({KITE}/{n}) - Flies. | [Docs]({REEL}/{n})" for n in "12"],
            [(f"Kite {n}", "Flies.") for n in "12"],
        ),
        # Notes describe where nothing else does.
        (
            "Name | Short description | Notes",
            [f"[Kite {n}]({KITE}/{n}) | Flies. | old" for n in "12"],
            [(f"Kite {n}", "Flies.") for n in "12"],
        ),
        (
            "Name | Notes | 项目介绍",
            [f"[Kite {n}]({KITE}/{n}) | old | 会飞" for n in "12"],
            [(f"Kite {n}", "会飞") for n in "12"],
        ),
        (
            "Name | Remarks | Size",
            [f"[Kite {n}]({KITE}/{n}) | old | 2" for n in "12"],
            [(f"Kite {n}", "old") for n in "12"],
        ),
        # Sentences describe, whatever the header.
        (
            "Name | Info",
            [f"[Kite {n}]({KITE}/{n}) | Flies {n} ways." for n in "12"],
            [(f"Kite {n}", f"Flies {n} ways.") for n in "12"],
        ),
        (
            "Name | Maker",
            [f"[Kite {n}]({KITE}/{n}) | Acme {n}." for n in "12"],
            [(f"Kite {n}", "") for n in "12"],
        ),
    ],
)  # fmt: skip
def test_rows_are_named_and_described(
    header: str, rows: list[str], expected: list[tuple[str, str]]
) -> None:
    document = check(table(header, *rows))

    assert [(entry.name, entry.description) for entry in document.entries] == expected


@pytest.mark.parametrize(
    "source",
    [
        table("icon | meaning", ":white_check_mark: | running", ":x: | closed"),
        table("meaning | icon", "running | ![yes](y.svg)", "closed | 🛑"),
        table(" | ", f"[![a](a.png)]({KITE}) | [![b](b.png)]({REEL})"),
        table("a | b | c", f"[![App]({KITE}/a)]({KITE}) | [![b](b.png)]({REEL}) | May 2031"),
        table("Name | About", " | "),
    ],
)
def test_legends_badges_and_empty_rows_are_no_entries(source: str) -> None:
    assert check(source).entries == []


def test_table_in_an_item_is_its_own_listing() -> None:
    source = f"- Kites\n\n  | Name |\n  |------|\n  | [Kite]({KITE}) |\n"
    document = parse(source)
    table_listing = document.listings[1]

    assert [entry.name for entry in document.entries] == ["Kite"]
    assert (table_listing.parent, table_listing.header_block, table_listing.header) == (
        0,
        2,
        ["Name"],
    )
    assert "".join(block.source for block in document.blocks) == source


def test_table_that_starts_on_an_items_line_takes_it() -> None:
    document = parse(f"- | Name |\n  |------|\n  | [Kite]({KITE}) |\n")

    assert [block.kind for block in document.blocks] == [
        BlockKind.TABLE_HEADER,
        BlockKind.DELIMITER_ROW,
        BlockKind.TABLE_ROW,
    ]
    assert [entry.name for entry in document.entries] == ["Kite"]


def test_a_cell_ends_the_addresses_in_it() -> None:
    document = parse("|a|b|\n|-|-|\n|https://x.org/a|www.y.org|\n")

    assert [link.url for link in document.blocks[2].links] == [
        "https://x.org/a",
        "http://www.y.org",
    ]


def test_numbered_names_are_names_under_a_header_that_says_so() -> None:
    rows = "".join(f"| [Project {n}](https://p{n}.example) | MIT |\n" for n in range(3))

    document = parse(f"| Name | License |\n|---|---|\n{rows}")

    assert [entry.name for entry in document.entries] == ["Project 0", "Project 1", "Project 2"]


@pytest.mark.parametrize(
    ("cell", "description"),
    [("Flies.", "Flies."), (".", ""), ("-", ""), ("–", ""), ("/", ""), ("…", "…"), ("", "")],
)
def test_a_cell_that_stands_for_nothing_describes_nothing(cell: str, description: str) -> None:
    table = f"| Name | Description |\n|---|---|\n| [Kite]({KITE}) | {cell} |\n"

    assert [entry.description for entry in parse(table).entries] == [description]
