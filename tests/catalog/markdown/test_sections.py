"""Which headings are sections, as GitHub shows them: in markdown, in HTML, inside of items."""

from __future__ import annotations

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
