"""How a listing is written is read from its entries, and new ones are written like it."""

import json
from typing import Any

import pytest

from catalog.markdown import parse
from catalog.markdown.writing.composing import insertion_index, place_by_name
from catalog.markdown.writing.dialect import Dialect, dialect_of
from catalog.markdown.writing.edit import add_entry
from catalog.markdown.writing.layout import (
    CodecError,
    WidthRule,
    item_prefix,
    marker_of,
    reindent,
    text_width,
)

HTML = "".join(f'<p><a href="https://x.org/{i}">Name {i}</a></p>\n' for i in range(4))
X: dict[str, Any] = {"name": "x", "url": "w"}
ENTRY: dict[str, Any] = {"name": "New", "url": "https://n.org", "description": "Fresh"}


def dialect(text: str, listing: int = 0) -> Dialect:
    return dialect_of(parse(text), listing)


def added(text: str, listing: int = 0, *, after: int | None = -1, **fields: Any) -> str:
    """The text with an entry behind the number `after` of the listing; None: first."""
    document = parse(text)
    blocks = document.listings[listing].blocks
    where = None if after is None or not blocks else blocks[after]
    return add_entry(document, listing, after=where, **fields).text(document)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [a](u) - d\n", {}),
        ("* [a](u) – d\n", {
            "prefix": "* ", "separator": " – ", "pattern": "[{name}]({url}) – {description}"}),
        ("1. [a](u): d\r\n2. [b](v): e\r\n", {
            "prefix": "1. ", "newline": "\r\n", "separator": ": ",
            "pattern": "[{name}]({url}): {description}"}),
        ("1. [a](u)\n1. [b](v)\n", {"prefix": "1. ", "counts_up": False}),
        ("+   **[a](u)** - d\n", {
            "prefix": "+   ", "pattern": "**[{name}]({url})** - {description}",
            "bare_pattern": "**[{name}]({url})**"}),
        ("- [ ] [`a`](u)\n", {
            "prefix": "- [ ] ", "pattern": "[`{name}`]({url}) - {description}",
            "bare_pattern": "[`{name}`]({url})"}),
        ("> - [a](u)：d\n", {
            "prefix": "> - ", "separator": "：", "pattern": "[{name}]({url})：{description}"}),
        ("- [a](u)\n\n- [b](v)\n", {"gap": "\n"}),
        ("- [a](u) - d.\n- [b](v) - e.\n- [c](v) - e.\n", {"closing": "."}),
        ("- [a](u) - d。\n- [b](v) - e。\n- [c](v) - e。\n", {"closing": "。"}),
        ("- [a](u) - d.\n- [b](v) - e.\n- [c](v) - e\n", {"closing": "."}),
        ("- [a](u) - d.\n- [b](v) - e\n- [c](v) - e\n", {}),
        ("- [a](u)\n- [B](u)\n- [c](u)\n- [D](u)\n", {"is_sorted": True}),
        ("- [a](u)\n- [B](u)\n- [D](u)\n- [c](u)\n", {}),
        ("[a](u) D\\\n[b](v) E\\\n[c](v) E\n", {
            "kind": "lines", "prefix": "", "hard_break": "\\", "separator": " ",
            "pattern": "[{name}]({url}) {description}"}),
        # What one sibling says about itself is no model.
        ("- [b](u) (a note of its own)\n- [a](v) - d\n- [d](u) - d\n- [c](u) - d\n", {}),
        ("- <a href='u'>a</a> - d\n", {
            "pattern": "<a href='{url}'>{name}</a> - {description}",
            "bare_pattern": "<a href='{url}'>{name}</a>"}),
    ],
)  # fmt: skip
def test_dialect_of_items_and_lines(text: str, expected: dict[str, Any]) -> None:
    assert dialect(text).to_json() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("| Name | Notes |\n|------|-------|\n| [a](u) | d |\n", {
            "cell_patterns": ("[{name}]({url})", ""), "widths": (None, None)}),
        ("Name|Notes\n-|-\n[a](u)|d\n[b](u)|d\n", {
            "is_opened": False, "is_closed": False, "padding": "",
            "cell_patterns": ("[{name}]({url})", ""), "widths": (None, None)}),
        ("|Name|Link|\n|-|-|\n|a|[x](//u)|\n|b|[x](//u)|\n", {
            "padding": "", "cell_patterns": ("{name}", "[x]({url})"), "widths": (1, None)}),
        ("|名称      |\n|----------|\n|[甲](a)   |\n|[乙](bcd) |\n", {
            "padding": "", "cell_patterns": ("[{name}]({url})",), "widths": (10,),
            "width_rule": "columns"}),
        ("> |Name|\n> |-|\n", {
            "prefix": "> ", "padding": "", "cell_patterns": ("[{name}]({url})",),
            "widths": (None,)}),
    ],
)  # fmt: skip
def test_dialect_of_tables(text: str, expected: dict[str, Any]) -> None:
    assert dialect(text).to_json() == {"kind": "table", "prefix": "", **expected}


def test_dialect_survives_json() -> None:
    for text in ("* [a](u)：d\r\n", "| Name | X |\n|---|---|\n| [a](u) | y |\n"):
        results = dialect(text)

        assert Dialect.from_json(json.loads(json.dumps(results.to_json()))) == results
    assert Dialect.from_json({"unheard_of": 1}) == Dialect()


def test_dialect_looks_at_a_bounded_sample() -> None:
    items = "".join(f"* [n{i:05}](https://x.org/{i}) – d.\n" for i in range(3000))

    assert dialect(items) == dialect("".join(items.splitlines(keepends=True)[:4]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("* [a](u) – d.\n* [b](u) – d.\n* [c](u) – d.\n", "* [New](https://n.org) – Fresh.\n"),
        ("> 3) **[a](u)**: d\n> 4) **[b](u)**: d\n", "> 5) **[New](https://n.org)**: Fresh\n"),
        ("1. [a](u)\n1. [b](u)\n", "1. [New](https://n.org) - Fresh\n"),
        ("- [a](u) - d\r\n\r\n- [b](u) - d\r\n", "\r\n- [New](https://n.org) - Fresh\r\n"),
        ("[a](u) D<br />\n[b](u) D<br />\n", "[New](https://n.org) Fresh<br />\n"),
        ("| Name | Notes |\n| ---- | ----- |\n", "| [New](https://n.org) | Fresh |\n"),
        ("Name|Notes\n-|-\n[a](u)|d\n", "[New](https://n.org)|Fresh\n"),
        (
            "| Name            | Notes      |\n|-----------------|------------|\n",
            "| [New](https://n.org) | Fresh      |\n",
        ),
    ],
)
def test_new_entries_look_like_their_siblings(before: str, after: str) -> None:
    assert added(before, **ENTRY) == before + after


@pytest.mark.parametrize(
    ("before", "after_entry", "fields", "after"),
    [
        ("- [a](u)\n", None, ENTRY, "- [New](https://n.org) - Fresh\n- [a](u)\n"),
        ("1. [a](u)\n2. [b](v)\n", None, X, "1. [x](w)\n1. [a](u)\n2. [b](v)\n"),
        ("1. [a](u)\n2. [b](v)\n", 0, X, "1. [a](u)\n2. [x](w)\n2. [b](v)\n"),
        ("- [a](u)\n\n- [b](v)\n", None, X, "- [x](w)\n\n- [a](u)\n\n- [b](v)\n"),
        ("- [a](u)\n  - [c](v)\n- [b](v)\n", 0, X,
         "- [a](u)\n  - [c](v)\n- [x](w)\n- [b](v)\n"),
        # Nothing that is not given leaves a trace.
        ("- [a](u) - d\n", -1, {"name": "x"}, "- [a](u) - d\n- x\n"),
        ("- [a](u) - d\n", -1, X, "- [a](u) - d\n- [x](w)\n"),
        ("- [a](u) - d\n", -1, {"name": "x", "description": "y"}, "- [a](u) - d\n- x - y\n"),
        # A row has as many cells as its header.
        ("|Name|B|C|\n|-|-|-|\n", None, X, "|Name|B|C|\n|-|-|-|\n|[x](w)| | |\n"),
        ("|A|Name|\n|-|-|\n|1|[a](u)|\n", -1, {"name": "x", "url": "w", "cells": {0: "2"}},
         "|A|Name|\n|-|-|\n|1|[a](u)|\n|2|[x](w)|\n"),
        ("|A|Name|\n|-|-|\n|1|[a](u)|\n", -1, {"cells": {0: "2", 1: "[x](w)"}},
         "|A|Name|\n|-|-|\n|1|[a](u)|\n|2|[x](w)|\n"),
        # Behind a last line without an ending two lines change, and the file still has none.
        ("- [a](u)", -1, X, "- [a](u)\n- [x](w)"),
        ("|Name|\n|-|", None, X, "|Name|\n|-|\n|[x](w)|"),
        # A last line without a hard break stays the last.
        ("[a](u)  \n[b](u)\n", -1, X, "[a](u)  \n[x](w)  \n[b](u)\n"),
    ],
)  # fmt: skip
def test_entries_are_added_at_a_place(
    before: str, after_entry: int | None, fields: dict[str, Any], after: str
) -> None:
    assert added(before, after=after_entry, **fields) == after


def test_closing_mark_is_not_doubled() -> None:
    text = "- [a](u) - d.\n- [b](u) - d.\n- [c](u) - d.\n"

    for description in ("Fresh.", "Fresh!", 'Says "fresh."', "*Fresh.*", "更新。"):
        new = added(text, name="x", url="w", description=description)

        assert new == f"{text}- [x](w) - {description}\n"


@pytest.mark.parametrize(
    ("text", "fields", "code"),
    [
        ("- [a](u)\n", {"url": "w"}, "empty"),
        ("- [a](u)\n", {"name": "x\ny"}, "line-break"),
        (
            "|Name|B|\n|-|-|\n|[a](u)|1|\n",
            {"name": "x", "description": "y"},
            "no-description-column",
        ),
        ("|Name|B|\n|-|-|\n|[a](u)|1|\n", {"name": "x", "cells": {2: "y"}}, "no-column"),
        (HTML, {"name": "x"}, "link-needed"),
    ],
)
def test_what_has_no_place_is_refused(text: str, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(CodecError) as raised:
        added(text, **fields)

    assert raised.value.code == code


@pytest.mark.parametrize(
    ("names", "name", "expected"),
    [
        (["a", "B", "c", "D"], "Bb", 2),
        (["a", "B", "c", "D"], "A", 1),
        (["a", "B", "c", "D"], "z", 4),
        (["a", "B", "c", "D"], "0", 0),
        # One that is out of order does not count against the others.
        (["zz", "b", "c", "d", "e"], "cc", 3),
        (["a", "b", "c", "d", "aa"], "cc", 3),
    ],
)
def test_sorted_listings_stay_sorted(names: list[str], name: str, expected: int) -> None:
    assert insertion_index(names, name, Dialect(is_sorted=True)) == expected
    assert insertion_index(names, name, Dialect()) == len(names)


def test_place_of_a_new_name_is_a_block() -> None:
    document = parse("- [a](u)\n- [b](u)\n- [d](u)\n- [e](u)\n")
    results = dialect_of(document, 0)

    assert [place_by_name(document, 0, name, results) for name in ("0", "c", "z")] == [None, 1, 3]


@pytest.mark.parametrize(
    ("source", "from_prefix", "to_prefix", "expected"),
    [
        ("- a\n  b\n\n  ```\n    c\n  ```\n", "- ", "    1. ",
         "    1. a\n       b\n\n       ```\n         c\n       ```\n"),
        ("  * a\n\tb\nlazy\n", "  * ", "- ", "- a\n  b\nlazy\n"),
        ("-\ta\n\tb\n", "-\t", "- ", "- a\n  b\n"),
        ("> - a\n>   b\n", "> - ", "* ", "* a\n  b\n"),
        ("- a\n  b\n", "- ", "> - ", "> - a\n>   b\n"),
    ],
)  # fmt: skip
def test_lines_move_with_their_item(
    source: str, from_prefix: str, to_prefix: str, expected: str
) -> None:
    assert reindent(source, from_prefix, to_prefix, is_head=True) == expected


def test_prefix_and_marker_of_an_item() -> None:
    sources = ["- a", "  12) [x] a", "> + [a](u)", "* [ ] [a](u)", "-"]

    assert [item_prefix(source) for source in sources] == ["- ", "  12) ", "> + ", "* ", "-"]
    assert [marker_of(source) for source in sources] == ["-", ")", "+", "*", "-"]


def test_widths_by_either_rule() -> None:
    texts = ["abc", "中文", "e\u0301", "ｶﾅ"]

    assert [text_width(text, WidthRule.CHARACTERS) for text in texts] == [3, 2, 2, 2]
    assert [text_width(text, WidthRule.COLUMNS) for text in texts] == [3, 4, 1, 2]
