"""What entries say apart from name, links and description, and what signs mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.markdown import parse
from catalog.markdown.attributes import attributes_of, cell_attributes, legend_of


@pytest.mark.parametrize(
    ("source", "attributes"),
    [
        (
            "- [Kept](u) - Keeps pages. ([Demo](u), [Source](u)) `MIT` `Go/Docker`\n",
            [("`1`", "MIT"), ("`2`", "Go/Docker")],
        ),
        (
            "- [Kept](u) - Keeps pages. `MIT` `Go` ([Demo](u(1)), [Source](u))\n",
            [("`1`", "MIT"), ("`2`", "Go")],
        ),
        ("- [Kept](u) - Keeps pages. `MIT` [Demo](u) [[pdf](u)]", [("`1`", "MIT")]),
        ("1. **Kept** - Keeps pages. `(linux, server)`\r\n", [("`1`", "linux, server")]),
        ("- [Kept](u) `MIT`.\n", [("`1`", "MIT")]),
        ("- [Kept](u) - Keeps what `cp` makes of `ls`\n", [("…`1`", "ls")]),
        ("- [Kept](u) - Ada Lovelace (PDF, HTML)\n", [("()", "PDF, HTML")]),
        ("- [Kept](u) - Ada Lovelace (PDF) *(in process)*\n", [("()", "PDF")]),
        ("- [Kept](u) - Ada Lovelace *(PDF)*\n\n  More of it.\n", [("()", "PDF")]),
        ("- [Kept](u) - Keeps pages. [MIT]\n", [("[]", "MIT")]),
        ("- [Kept](u) - Keeps pages. #opensource #rust\n", [("#", "opensource"), ("#", "rust")]),
        ("- [Kept](u) - Keeps pages. [#opensource](v)\n", [("#", "opensource")]),
        # Values in code stand before the description, too.
        ("- [Kept](u) - `Go` `MIT` - Keeps.\n", [("``", "Go"), ("``", "MIT")]),
        ("- [Kept](u) `Go` | Keeps.\n", [("``", "Go")]),
        ("- [Kept](u) - `cp` keeps - or not.\n", []),
        ("- [Kept](u) - Keeps. [``MIT``][m], [`Go`](g).\n", [("``", "MIT"), ("``", "Go")]),
        ("- [Kept](u) - Keeps [`MIT`](m)\n", []),
        # Signs stand beside a name or at an end; in a sentence they are words.
        ("- 🐍 [Kept](u) - Keeps pages.\n", [("mark:🐍", "🐍")]),
        ("- [Kept](u) 🐍🦀 - Keeps pages.\n", [("mark:🐍", "🐍"), ("mark:🦀", "🦀")]),
        ("- [Kept](u) #️⃣ ☁️ - Keeps.\n", [("mark:#\u20e3", "#\u20e3"), ("mark:☁", "☁")]),
        ("- [Kept](u) 🐍/🏠 - Keeps.\n", [("mark:🐍", "🐍"), ("mark:🏠", "🏠")]),
        ("- [Kept](u) - Keeps pages. ❤️ `MIT`\n", [("mark:❤", "❤"), ("`1`", "MIT")]),
        ("- [Kept](u) - Keeps pages. `MIT` ✅\n", [("mark:✅", "✅"), ("`1`", "MIT")]),
        ("- [Kept](u) - [:copyright:](v) Keeps.\n", [("mark::copyright:", ":copyright:")]),
        ("- [Kept](u) :fire::fire: Keeps.\n", [("mark::fire::fire:", ":fire::fire:")]),
        ("- [Kept :fire: :fire:](u) - Keeps.\n", [("mark::fire::fire:", ":fire::fire:")]),
        ("- [Kept 🐍](u) - Keeps.\n", [("mark:🐍", "🐍")]),
        ("- [Kept](u) - See [all 🐍](v) of it.\n", []),
        ("- [Kept](u) - Keeps your 🐍 happy.\n", []),
        ("- [Kept](u) → pages\n", []),
        # Pictures say what they show, those that change say nothing.
        ("- [Kept](u) ![Freeware][f]\n", [("mark:freeware", "Freeware")]),
        ("- [Kept](u) ![free.svg](f.svg)\n", [("mark:free", "free")]),
        ("- [Kept](u) - Text <img src='go.png' alt='Go icon'>\n", [("mark:go", "Go")]),
        (
            "- [Kept](u) ![](https://img.shields.io/badge/Level-Hard-red) "  # noqa: ISC004
            "![](https://img.shields.io/badge/Video-blue)\n",
            [("label:level", "Hard"), ("mark:video", "Video")],
        ),
        ("- [Kept](u) ![stars](https://img.shields.io/github/stars/a/b)\n", []),
        ("- [Kept](u) ![logo](l.png)\n", []),
        # Keys on a keyboard are values where they stand beside a name, and no numbers.
        (
            "> **[Kept](u)** <kbd>★ 3.8k</kbd> <kbd>MIT</kbd> 🟢<br>Keeps.\n",
            [("mark:🟢", "🟢"), ("``", "MIT")],
        ),
        ("- [Kept](u) - Keeps all with <kbd>Ctrl</kbd>+<kbd>S</kbd>.\n", []),
        (
            "- [Kept](u) - Keeps. <code><a href='l'>MIT</a></code> <code>Go</code>\n",
            [("``", "MIT"), ("``", "Go")],
        ),
        ("- [Kept](u) - Keeps <code>Go</code> code.\n", []),
        # Labelled values behind the last sentence; a label with a sentence is none.
        (
            "- [Kept](u) - Keeps. License: MIT, Version: 2.1.\n",
            [("label:license", "MIT"), ("label:version", "2.1")],
        ),
        ("- [Kept](u) - Keeps. **语言**：Go。\n", [("label:语言", "Go")]),
        ("- [Kept](u) - Says what to keep, type: anything you own. Really\n", []),
        # Where and when a paper came out, and the year of anything.
        (
            "**Kites** \\\n*Jane Doe* \\\nNeurIPS 2023. [[Paper](u)]\n",
            [("label:venue", "NeurIPS"), ("``0", "2023")],
        ),
        ("- [Kites](u) (cvpr'24) - Fly.\n", [("label:venue", "CVPR"), ("``0", "2024")]),
        ("- [2023/05] **Kites.** [[paper](u)]\n", [("``0", "2023")]),
        ("- 2021-05-04 [Kites](u)\n", [("``0", "2021")]),
        ("### [Kites](u) (2014)\n", [("``0", "2014")]),
        ("- [RSS 2.0](u) - Feeds of 2014 and more.\n", []),
        # Lines below it.
        (
            "- [Kept](u) - Keeps.\n  - License: MIT\n  - **语言**：Go、Rust\n  - Caveat: none\n",
            [("label:license", "MIT"), ("label:语言", "Go、Rust")],
        ),
        (
            "- [Kept](u)\n  - `2031` `swift` `☆12`\n",
            [("``0", "2031"), ("``", "swift"), ("``", "☆12")],
        ),
        # Links, and what only looks alike.
        ("- [Kept](u)\n", []),
        ("- [Kept](u) - Keeps pages. ([Demo](u))\n", []),
        ("- [Kept](u) - Keeps pages, and (often) more\n", []),
        ("- [Kept](u) - Keeps ``a`b``\n", []),
        ("- ` ` `\n", []),
        ("- [x] [Kept](u)\n", []),
        ("- [Kept](u) `a` `b` `c` `d` `e` `f` `g`\n", []),
        ("", []),
    ],
)
def test_what_stands_beside_the_text_is_read(
    source: str, attributes: list[tuple[str, str]]
) -> None:
    assert [(each.key, each.text) for each in attributes_of(source)] == attributes


def test_labels_in_cells_are_read() -> None:
    cells = ["[Kept](u)", "**Language:** Go<br>License: MIT", "At 10:30: more", "https://a.b"]

    assert [(each.key, each.text) for each in cell_attributes(cells)] == [
        ("label:language", "Go"),
        ("label:license", "MIT"),
    ]


@pytest.mark.parametrize(
    ("source", "legend"),
    [
        ("🐍 = Python, 🦀 = Rust\n", {"🐍": "Python", "🦀": "Rust"}),
        ("- :copyright: - proprietary\n- ✅: open\n", {":copyright:": "proprietary", "✅": "open"}),
        ("**Legend**: 📝 posts · 💡 examples\n", {"📝": "posts", "💡": "examples"}),
        ("🐧 Linux 🍎 macOS :bee: honey\n", {"🐧": "Linux", "🍎": "macOS", ":bee:": "honey"}),
        ("🌟 means that it's a classic.\n", {"🌟": "classic"}),
        ("🌟 表示经典。\n", {"🌟": "经典"}),
        ("- Many stars: :fire::fire:\n", {":fire::fire:": "Many stars"}),
        (
            "| Sign | Meaning |\n|---|---|\n| 🟢 | active |\n| 🔴 | dead |\n",
            {"🟢": "active", "🔴": "dead"},
        ),
        # A sign in a sentence explains nothing, nor does an entry.
        ("All that is here is [:copyright: CC0-licensed](https://c.org).\n", {}),
        ("- [Kept](https://k.org) 🐍 - Keeps pages\n", {}),
        ("🎉 " + "very " * 9 + "long\n", {}),
    ],
)
def test_legends_say_what_signs_mean(source: str, legend: dict[str, str]) -> None:
    assert legend_of(parse(f"# List\n\n{source}")) == legend


@given(st.text("`()[]（）.,/ a\n#:🐍！-*", max_size=60))
def test_no_text_is_too_odd(source: str) -> None:
    for attribute in attributes_of(source):
        assert 0 <= attribute.slot.start < attribute.slot.end <= len(source)
    legend_of(parse(source))


def test_a_long_line_of_brackets_takes_no_time() -> None:
    assert attributes_of("- " + "(" * 100_000 + ")" * 100_000) == ()
    assert attributes_of("- " + "![" * 100_000) == ()
