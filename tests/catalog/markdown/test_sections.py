"""Which headings are sections, as GitHub shows them: in markdown, in HTML, inside of items."""

from __future__ import annotations

from collections import Counter

import pytest

from catalog.markdown import BlockKind, Section, parse
from tests.catalog.markdown.laws import check

KITE = "https://kite.example"
REEL = "https://reel.example"


def sections(source: str) -> list[tuple[int, str, str]]:
    """Level, title and anchor of each section."""
    return [(s.level, s.title, s.anchor) for s in check(source).sections]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<h2>Kites</h2>\n", [(2, "Kites", "kites")]),
        ('<h1 align="center">\n  Kites <br>\n  and reels\n</h1>\n',
         [(1, "Kites and reels", "--kites---and-reels")]),
        ('<a name="k"></a>\n<h2>Kites</h2>\n', [(2, "Kites", "kites")]),
        ('<a name="k"></a><h2>Kites</h2>\n', [(2, "Kites", "kites")]),
        ("<details>\n<summary><h3>Kites &amp; reels</h3></summary>\n\ntext\n\n</details>\n",
         [(3, "Kites & reels", "kites--reels")]),
        ("<div><h1>Kites</h1>\n<p>text</p>\n<h2>Reels</h2></div>\n",
         [(1, "Kites", "kites"), (2, "Reels", "reels")]),
        # One that goes on behind a blank line, and one that is never closed.
        ('<h1 align="center">\n\nKites\n\n</h1>\n', [(1, "Kites", "kites")]),
        ("<h2>Kites\n\n## Reels\n", [(2, "Kites", "kites"), (2, "Reels", "reels")]),
        # Emoji by their codes; GitHub makes the anchor of the code.
        ("## :kite: Kites :nonsense:\n", [(2, "🪁 Kites :nonsense:", "kite-kites-nonsense")]),
        # A picture says what the heading does where there are no words.
        ('<h1><img src="k.png" alt="Kites"></h1>\n', [(1, "Kites", "")]),
        ("# ![Kites](k.png)\n", [(1, "Kites", "")]),
        ("<pre>\n<h2>Kites</h2>\n</pre>\n", []),
        ("<!--\n<h2>Kites</h2>\n-->\n", []),
        ("<header>Kites</header>\n", []),
        # Inside of items.
        ("- #### **Kites**\n  - text\n- #### Reels\n",
         [(4, "Kites", "kites"), (4, "Reels", "reels")]),
        ("1. <h3>Kites</h3>\n", [(3, "Kites", "kites")]),
        ("- Kites\n\n  ### Reels\n\n  text\n", [(3, "Reels", "reels")]),
        ("- Kites\n  ===\n", [(1, "Kites", "kites")]),
        # Every space of the text is a hyphen, that before a badge too; the end of a line is none.
        ("# Kites [![badge](b.svg)](u)\n", [(1, "Kites", "kites-")]),
        ("# ![logo](l.png) Kites\n", [(1, "Kites", "-kites")]),
        ("# Kites  &  reels\n", [(1, "Kites & reels", "kites----reels")]),
        ("Kites\nand reels\n===\n", [(1, "Kites and reels", "kitesand-reels")]),
        # Anchors are numbered over all of them.
        ("# Kites\n\n<h2>Kites</h2>\n\n- ### Kites\n\n> # Kites\n\n# Kites\n",
         [(1, "Kites", "kites"), (2, "Kites", "kites-1"), (3, "Kites", "kites-2"),
          (1, "Kites", "kites-4")]),
        # A count beside a title is no part of it, but of its anchor.
        ("# Kites <kbd>5 projects</kbd>\n\n## <kbd>Ctrl</kbd>\n",
         [(1, "Kites", "kites-5-projects"), (2, "Ctrl", "ctrl")]),
        # Neither are links behind it that lead around on the page.
        ("# Kites [🔝](#a)\n\n## Reels <sup>[Back ⇈](#a)</sup>\n\n## Lines ([TOC](#a) [^](#b))\n",
         [(1, "Kites", "kites-"), (2, "Reels", "reels-back-"), (2, "Lines", "lines-toc-")]),
        ("Kites **[ «Up» ](#)**\n---\n\n<h3>Reels <a href='#a'>up</a></h3>\n\n# [Lines](#lines)\n",
         [(2, "Kites", "kites--up-"), (3, "Reels", "reels-up"), (1, "Lines", "lines")]),
    ],
)  # fmt: skip
def test_headings_are_sections(source: str, expected: list[tuple[int, str, str]]) -> None:
    assert sections(source) == expected


def test_what_follows_a_heading_in_html_stands_under_it() -> None:
    source = (
        f"# Toys\n\n<h2>Kites</h2>\n\n- [Kite]({KITE}) - Flies.\n\n<h2>Reels</h2>\n"
        f"<p>text</p>\n\n| Name |\n|---|\n| [Reel]({REEL}) |\n"
    )
    document = check(source)

    assert document.sections == [
        Section("Toys", 1, "toys", 0),
        Section("Kites", 2, "kites", 2, 0),
        Section("Reels", 2, "reels", 6, 0),
    ]
    assert [(entry.name, entry.section) for entry in document.entries] == [("Kite", 1), ("Reel", 2)]
    assert [listing.section for listing in document.listings] == [1, 2]
    assert [(block.kind, block.source) for block in document.blocks[6:8]] == [
        (BlockKind.HTML, "<h2>Reels</h2>\n"),
        (BlockKind.HTML, "<p>text</p>\n"),
    ]


def test_items_below_a_heading_in_an_item_stand_under_it() -> None:
    document = check(
        f"## Toys\n\n- #### Kites\n  - [Kite]({KITE})\n- #### Reels\n  - [Reel]({REEL})\n"
    )

    assert [(entry.name, entry.section) for entry in document.entries] == [("Kite", 1), ("Reel", 2)]


def test_what_sponsors_link_under_a_heading_in_html_waits() -> None:
    row = f'<tr><td><a href="{KITE}">We fly</a></td></tr>\n'
    opening = f"# Toys\n\n<table>\n<h3>Supporters</h3>\n{row * 4}</table>\n\n"
    source = f"{opening}## Reels\n\n- [Reel]({REEL})\n"

    assert [(entry.name, entry.suggested) for entry in parse(source).entries] == [
        *[("We fly", True)] * 4,
        ("Reel", False),
    ]


TWO = f"- [Kite]({KITE}) - Flies.\n- [Reel]({REEL}) - Winds.\n"
IN_FOLD = (
    f"<details id='k'>\n<summary><b>Kites</b> <kbd>2 tools</kbd></summary>\n\n{TWO}\n</details>\n"
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # A summary over things is a heading of its own level, wherever it stands.
        (f"# List\n\n## Tools\n\n{IN_FOLD}", [(1, "List", None, 0), (2, "Tools", 0, 0),
                                               (3, "Kites", 1, 2)]),
        (f"<details>\n\n<summary>Kites</summary>\n\n{TWO}\n</details>\n", [(2, "Kites", None, 2)]),
        # What is behind the fold belongs to what is around it, and so does the next heading.
        (f"## Tools\n\n{IN_FOLD}\n- [Knot](https://knot.example)\n\n#### Knots\n",
         [(2, "Tools", None, 1), (3, "Kites", 0, 2), (4, "Knots", 0, 0)]),
        (f"## Tools\n\n<details>\n<h3>Kites</h3>\n\n{TWO}\n</details>\n\n- [Knot](https://k.org)\n",
         [(2, "Tools", None, 1), (3, "Kites", 0, 2)]),
        # One fold ends and the next begins in one block.
        (f"## Tools\n\n{IN_FOLD}<details>\n<summary>Reels</summary>\n\n{TWO}\n</details>\n",
         [(2, "Tools", None, 0), (3, "Kites", 0, 2), (3, "Reels", 0, 2)]),
        # Folds in folds.
        (f"<details>\n<summary>All</summary>\n\n{IN_FOLD}\n{TWO}\n</details>\n\n## Knots\n",
         [(2, "All", None, 2), (3, "Kites", 0, 2), (2, "Knots", None, 0)]),
        # No headings: of one thing, of its parts, of none, a kind of thing said of many, the
        # heading's own words, one that is never closed.
        (f"<details>\n<summary>Kite</summary>\n\n- Paper: {KITE}\n- Demo: {REEL}\n\n</details>",
         []),
        ("<details>\n<summary>Why</summary>\n\nBecause.\n\n</details>\n", []),
        (f"<details>\n<summary>More</summary>\n\n{TWO}\n</details>\n\n" * 3, []),
        (f"## Kites\n\n{IN_FOLD}", [(2, "Kites", None, 2)]),
        (f"<details>\n<summary>Kites</summary>\n\n{TWO}", []),
    ],
)  # fmt: skip
def test_folds_hold_sections(source: str, expected: list[tuple[int, str, int | None, int]]) -> None:
    document = check(source)
    counts = Counter(entry.section for entry in document.entries)

    assert [
        (section.level, section.title, section.parent, counts[number])
        for number, section in enumerate(document.sections)
    ] == expected
    assert [document.blocks[listing.blocks[0]].section for listing in document.listings] == [
        listing.section for listing in document.listings
    ]
