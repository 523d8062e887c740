"""Things whose parts stand in lines of their own: which are grouped, and what is read off them."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.markdown import BlockKind, parse
from catalog.markdown.attributes import attributes_of
from catalog.markdown.writing.edit import change_entry
from tests.catalog.markdown.laws import check

KITE = "https://kite.example"
REEL = "https://reel.example"

type Row = tuple[str, str, str, list[str]]
"""Name, URL, description, and the links with what they are for."""


def entries(source: str) -> list[Row]:
    """The entries that are shown."""
    return [
        (e.name, e.url, e.description, [f"{link.purpose} {link.url}" for link in e.links])
        for e in check(source).entries
        if not e.suggested
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"* Kite\n  * 地址：{KITE}\n  * 简介：会飞。\n* Reel\n  * 地址：{REEL}\n",
         [("Kite", KITE, "会飞。", [f"地址 {KITE}"]), ("Reel", REEL, "", [f"地址 {REEL}"])]),
        (f"* Kite\n  * 地址：{KITE}\n  * 风筝说明：会飞。\n",
         [("Kite", KITE, "会飞。", [f"地址 {KITE}"])]),
        (f"- **Kite**\n  - Paper: [link]({KITE})\n  - **Code**: <{REEL}>\n",
         [("Kite", KITE, "", [f"Paper {KITE}", f"Code {REEL}"])]),
        (f"- Kite\n  - [Paper]({KITE}) | [Code]({REEL})\n  - Flies high.\n",
         [("Kite", KITE, "Flies high.", [f"Paper {KITE}", f"Code {REEL}"])]),
        (f"- [Kite]({KITE})\n  - Beschreibung: Fliegt.\n  - Lizenz: MIT\n",
         [("Kite", KITE, "Fliegt.", [f" {KITE}"])]),
        (f"- [Kite]({KITE}) - Flies.\n  - Docs: {REEL}\n  - Notes: old\n",
         [("Kite", KITE, "Flies.", [f" {KITE}", f"Docs {REEL}"])]),
        (f"- Kite\n  - Windows: [download]({KITE})\n  - Linux: [download]({REEL})\n",
         [("Kite", KITE, "", [f"Windows {KITE}", f"Linux {REEL}"])]),
        # Values in code make no line a thing of its own.
        (f"- [Kite]({KITE})\n  - {REEL}\n  - `2022` `go`\n  - ☆`19`\n",
         [("Kite", KITE, "", [f" {KITE}", f" {REEL}"])]),
        # Of a course: kinds joined, and among them a link or a sentence without a label.
        ((f"- [CS 1]({KITE}) **Flying** *Air U*\n  - It is windy.\n  - [Notes & Labs]({REEL})\n"
          f"  - [A Book]({REEL}/b)\n"),
         [("CS 1", KITE, "**Flying** *Air U*",
           [f" {KITE}", f"Notes & Labs {REEL}", f"A Book {REEL}/b"])]),
        ((f"- [CS 2]({KITE})\n  - By one who knows wind, whose [book]({REEL}) is good.\n"
          f"  - [作业]({REEL}/a)\n"),
         [("CS 2", KITE, "", [f" {KITE}", f"book {REEL}", f"作业 {REEL}/a"])]),
        # Quotations tell of the thing above, how many there are.
        ((f"- ⭐**Kite**. [[Repo]({KITE})]\n  - >***New:*** Flies.\n  - >As [they]({REEL}) say.\n"
          "  - > Turns.\n  - > Glides.\n"),
         [("Kite", KITE, "***New:*** Flies.", [f" {KITE}", f"they {REEL}"])]),
        (f"- [Kites]({KITE})\n  - [Docs]({REEL})\n  - [Reel]({REEL}/r)\n",
         [("Kites", KITE, "", [f" {KITE}"]), ("Docs", REEL, "", [f" {REEL}"]),
          ("Reel", f"{REEL}/r", "", [f" {REEL}/r"])]),
        # Below a heading, labels that nobody knows may be the names of things.
        (f"## Kites\n- **Kite**: [site]({KITE}), [docs]({REEL})\n- **Reel**: [site]({REEL})\n",
         [("Kite", KITE, "", [f" {KITE}", f" {REEL}"]), ("Reel", REEL, "", [f" {REEL}"])]),
        (f"- How kites fly\n  - [Part 1]({KITE})\n  - [Part 2]({REEL})\n",
         [("How kites fly", KITE, "", [f"Part 1 {KITE}", f"Part 2 {REEL}"])]),
        (f"1. Kite\n\n   - Repo: {KITE}\n\n2. Reel\n\n   - Repo: {REEL}\n",
         [("Kite", KITE, "", [f"Repo {KITE}"]), ("Reel", REEL, "", [f"Repo {REEL}"])]),
        (f"- How kites fly:\n  - [Part 1: Wind]({KITE})\n  - [Part 2: Line]({REEL})\n",
         [("How kites fly", KITE, "", [f"Part 1: Wind {KITE}", f"Part 2: Line {REEL}"])]),
        (f"- 风筝教程\n  - [第1章：风]({KITE})\n  - [第二章 线]({REEL})\n",
         [("风筝教程", KITE, "", [f"第1章：风 {KITE}", f"第二章 线 {REEL}"])]),
        # A label that comes back below three things is one, though no table has it.
        ("".join(f"- [{name}]({KITE}/{name})\n  - Fine toys: [A]({REEL}), [B]({REEL}/b)\n"
                 for name in ("Kite", "Reel", "Line")),
         [(name, f"{KITE}/{name}", "", [f" {KITE}/{name}", f"A {REEL}", f"B {REEL}/b"])
          for name in ("Kite", "Reel", "Line")]),
        # A line in bold, a heading or a summary in the place of the item.
        (f"**How to Fly**\n- Paper: {KITE}\n- Code: {REEL}\n\n**How to Turn**\n- Paper: {REEL}\n",
         [("How to Fly", KITE, "", [f"Paper {KITE}", f"Code {REEL}"]),
          ("How to Turn", REEL, "", [f"Paper {REEL}"])]),
        (f"# A\n\n## Kite\n\n- Paper: {KITE}\n- About: Flies.\n\n## Reel\n\n- Paper: {REEL}\n",
         [("Kite", KITE, "Flies.", [f"Paper {KITE}"]), ("Reel", REEL, "", [f"Paper {REEL}"])]),
        (f"# A\n\n### [Kite]({KITE})\n\n- Docs: {REEL}\n",
         [("Kite", KITE, "", [f"Docs {REEL}"])]),
        (f"# A\n\n## Kite\n\nFlies.\n\n- Paper: {KITE}\n- License: MIT\n",
         [("Kite", KITE, "Flies.", [f"Paper {KITE}"])]),
        (f"<details>\n<summary><b>Kite</b></summary>\n\n- Paper: {KITE}\n- Flies.\n\n</details>\n",
         [("Kite", KITE, "Flies.", [f"Paper {KITE}"])]),
        (f"<details>\n<summary><b>风筝</b>：会飞。</summary>\n\n- 论文: {KITE}\n\n</details>\n",
         [("风筝", KITE, "会飞。", [f"论文 {KITE}"])]),
    ],
)  # fmt: skip
def test_parts_belong_to_the_thing_above_them(source: str, expected: list[Row]) -> None:
    assert entries(source) == expected


@pytest.mark.parametrize(
    ("source", "names"),
    [
        # Things of their own below a word for them all.
        (f"- Kites\n  - [Kite]({KITE}) - Flies.\n  - [Reel]({REEL})\n", ["Kite", "Reel"]),
        (f"- Kites\n  - Docs: {KITE}\n  - [Reel]({REEL})\n", ["Docs", "Reel"]),
        (f"- Blogs\n  - {KITE}\n  - {REEL}\n  - {KITE}/b\n",
         ["kite.example", "reel.example", "kite.example/b"]),
        # A word for parts names nothing.
        (f"- Links:\n  - Docs: {KITE}\n", ["Docs"]),
        (f"# A\n\n## Links\n\n- Docs: {KITE}\n- Code: {REEL}\n", ["Docs", "Code"]),
        (f"# A\n\n- Docs: {KITE}\n- Code: {REEL}\n", ["Docs", "Code"]),
        (f"**Links:**\n- Docs: {KITE}\n", ["Docs"]),
        (f"Some text.\n\n- Docs: {KITE}\n- Code: {REEL}\n", ["Docs", "Code"]),
    ],
)  # fmt: skip
def test_things_of_their_own_stay(source: str, names: list[str]) -> None:
    assert [entry.name for entry in check(source).entries if not entry.suggested] == names


def test_a_group_is_one_block() -> None:
    kite = f"- Kite\n  - Paper: {KITE}\n\n  - Flies.\n"
    document = check(
        f"{kite}- Reel\n\n# B\n\n- [x]({REEL})\n  - [y]({REEL}/y)\n  - [z]({REEL}/z)\n"
    )

    assert [(b.kind, b.first_line, b.last_line, b.parent) for b in document.blocks] == [
        (BlockKind.ITEM, 1, 4, None),
        (BlockKind.ITEM, 5, 5, None),
        (BlockKind.GAP, 6, 6, None),
        (BlockKind.HEADING, 7, 7, None),
        (BlockKind.GAP, 8, 8, None),
        (BlockKind.ITEM, 9, 9, None),
        (BlockKind.ITEM, 10, 10, 5),
        (BlockKind.ITEM, 11, 11, 5),
    ]
    assert [(listing.blocks, listing.parent) for listing in document.listings] == [
        ([0, 1], None),
        ([5], None),
        ([6, 7], 5),
    ]
    assert [(section.title, section.block) for section in document.sections] == [("B", 3)]


def test_labels_are_attributes() -> None:
    source = f"- Kite\n  - Code: [GitHub]({KITE})\n  - License: MIT\n  - `2031` `swift`\n"
    (block,) = check(source).blocks

    assert [(attribute.key, attribute.text) for attribute in attributes_of(block.source)] == [
        ("label:code", f"[GitHub]({KITE})"),
        ("label:license", "MIT"),
        ("``0", "2031"),
        ("``", "swift"),
    ]


@pytest.mark.parametrize(
    ("source", "fields", "after"),
    [
        ("* Kite\n  * 地址：https://a.b\n  * 简介：会飞。\n",
         {"name": "Reel", "url": "https://c.d", "description": "会转。"},
         "* Reel\n  * 地址：https://c.d\n  * 简介：会转。\n"),
        ("**Kite**\n- Paper: [link](u)\n- Flies.\n",
         {"name": "Reel", "url": "v", "description": "Turns."},
         "**Reel**\n- Paper: [link](v)\n- Turns.\n"),
        ("- [Kite](u) - Flies.\n  - Docs: [here](v)\n", {"description": "Turns.", "url": "w"},
         "- [Kite](w) - Turns.\n  - Docs: [here](v)\n"),
        ("## Kite\n\nFlies.\n\n- Paper: [link](u)\n- License: MIT\n", {"url": "v"},
         "## Kite\n\nFlies.\n\n- Paper: [link](v)\n- License: MIT\n"),
        ("## Kite\n\n- Paper: [link](u)\n- About: Flies.\n", {"url": "v", "description": "Turns."},
         "## Kite\n\n- Paper: [link](v)\n- About: Turns.\n"),
    ],
)  # fmt: skip
def test_each_part_is_written_in_its_line(source: str, fields: dict[str, Any], after: str) -> None:
    document = parse(source)

    edit = change_entry(document, document.entries[0].block, **fields)

    assert edit.text(document) == after
