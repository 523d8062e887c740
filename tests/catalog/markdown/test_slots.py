"""Changing fields of an entry: whole texts before and after, refusals, and hostile values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.markdown import Entry, parse, split_lines
from catalog.markdown.inline import with_characters
from catalog.markdown.writing.edit import change_entry
from catalog.markdown.writing.layout import CodecError

TABLE = """\
| Model | Language | Notes |
|:-----:|----------|-------|
| [one](https://o.org) | en | first |
| [two](https://t.org) | zh | |
"""
ALIGNED = """\
| Model               | Notes      |
| ------------------- | ---------- |
| [a](https://a.org)  | first      |
| [bb](https://b.org) | the second |
"""
WIDE = """\
|名称                 |简介      |
|---------------------|----------|
|[甲](https://a.org)  |第一个    |
|[乙](https://bc.org) |second    |
"""


def changed(text: str, number: int = 0, **fields: Any) -> str:
    document = parse(text)
    return change_entry(document, document.entries[number].block, **fields).text(document)


def check(before: str, after: str, number: int = 0, **fields: Any) -> None:
    assert changed(before, number, **fields) == after


def refusal(text: str, number: int = 0, **fields: Any) -> tuple[str, str]:
    with pytest.raises(CodecError) as raised:
        changed(text, number, **fields)
    return raised.value.code, raised.value.field


@pytest.mark.parametrize(
    ("before", "fields", "after"),
    [
        ("- [a](u) - d\n", {"name": "b"}, "- [b](u) - d\n"),
        ("- [a](u) - d\n", {"name": "b", "url": "v", "description": "e"}, "- [b](v) - e\n"),
        ("- [a](u) - d\n", {"name": "  b \t c "}, "- [b c](u) - d\n"),
        ("- [a](u) - d\n", {"name": "x[1]"}, "- [x[1]](u) - d\n"),
        ("- [a](u) - d\n", {"name": "x]"}, "- [x\\]](u) - d\n"),
        ("- [a](u) - d\n", {"name": "**x**"}, "- [\\*\\*x\\*\\*](u) - d\n"),
        ("- [a](u) - d\n", {"name": "a*b"}, "- [a*b](u) - d\n"),
        ("- [a](u) - d\n", {"name": "&amp;"}, "- [\\&amp;](u) - d\n"),
        ("- [a](u) - d\n", {"name": "<b>"}, "- [\\<b>](u) - d\n"),
        ("- [a](u) - d\n", {"name": "x\\"}, "- [x\\\\](u) - d\n"),
        ("- [**a**](u) - d\n", {"name": "b"}, "- [**b**](u) - d\n"),
        ("- [`a`](u) - d\n", {"name": "b.c"}, "- [`b.c`](u) - d\n"),
        ("- [`a`](u) - d\n", {"name": "b`c"}, "- [b`c](u) - d\n"),
        ("- **[a](u)** d\n", {"name": "b", "description": "e"}, "- **[b](u)** e\n"),
        ("- **[a](u) - d**\n", {"description": "e"}, "- **[a](u) - e**\n"),
        # Links and values around the description stay.
        ("- **a** - ([Repo](u), [Docs](v)) d. `MIT`\n", {"name": "b", "description": "e."},
         "- **b** - ([Repo](u), [Docs](v)) e. `MIT`\n"),
        ("- [a](u) :bee: - d. ([Demo](v)) `MIT` `Go`\n", {"url": "w", "description": "e."},
         "- [a](w) :bee: - e. ([Demo](v)) `MIT` `Go`\n"),
        ("- **a** - see the [page](u)\n", {"url": "v"}, "- **a** - see the [page](v)\n"),
        ("- **a**: d [link](u)\n", {"name": "b", "url": "v"}, "- **b**: d [link](v)\n"),
        ("- <b>[a](u)</b>: d\n", {"name": "b"}, "- <b>[b](u)</b>: d\n"),
        ("- <a href='u'>a</a> - d\n", {"url": "v?a=1&b=2"}, "- <a href='v?a=1&b=2'>a</a> - d\n"),
        ("- <a href='u'>a</a> - d\n", {"url": "v'"}, "- <a href='v&#x27;'>a</a> - d\n"),
        ("* 甲：[a](u)。\n", {"url": "v"}, "* 甲：[a](v)。\n"),
        ("- a\n- [b](u)\n", {"name": "c"}, "- c\n- [b](u)\n"),
        ("- a\n- [b](u)\n", {"url": "v"}, "- [a](v)\n- [b](u)\n"),
    ],
)  # fmt: skip
def test_names_are_written_in_their_slot(before: str, fields: dict[str, Any], after: str) -> None:
    check(before, after, **fields)


@pytest.mark.parametrize(
    ("before", "url", "after"),
    [
        ("- [a](u)\n", "https://x.org/a_(b)", "- [a](https://x.org/a_(b))\n"),
        ("- [a](u)\n", "https://x.org/a)", "- [a](https://x.org/a\\))\n"),
        ("- [a](u)\n", "https://x.org/a b", "- [a](<https://x.org/a b>)\n"),
        ("- [a](u)\n", "https://x.org/?a&copy;=1", "- [a](https://x.org/?a&amp;copy;=1)\n"),
        ("- [a](u)\n", "https://x.org/a\\_", "- [a](https://x.org/a\\\\_)\n"),
        ("- [a](<u>)\n", "v", "- [a](<v>)\n"),
        ("- [a](<u>)\n", "v>", "- [a](<v\\>>)\n"),
        ('- [a](u "T")\n', "v", '- [a](v "T")\n'),
        ("- <https://u.org>\n", "https://v.org", "- <https://v.org>\n"),
        ("- https://u.org - d\n", "https://v.org/x", "- https://v.org/x - d\n"),
        ("- ![i](p) [a](u)\n", "v", "- ![i](p) [a](v)\n"),
        ("- [![i](p)](u) [a](w)\n", "v", "- [![i](p)](u) [a](v)\n"),
    ],
)
def test_addresses_are_written_as_their_link_is(before: str, url: str, after: str) -> None:
    check(before, after, url=url)


@pytest.mark.parametrize(
    ("before", "description", "after"),
    [
        ("- [a](u) - d\n- [b](v) – e\n", "", "- [a](u)\n- [b](v) – e\n"),
        ("- [b](v)\n- [a](u) – d\n", "e", "- [b](v) – e\n- [a](u) – d\n"),
        ("- [b](v)\n", "e", "- [b](v) - e\n"),
        ("- **[a](u):** d\n", "e", "- **[a](u):** e\n"),
        ("- **[a](u):** d\n", "", "- **[a](u)**\n"),
        ("- 《[a](u)》 - d\n", "", "- 《[a](u)》\n"),
        ("- **[a](u)**: d\n", "", "- **[a](u)**\n"),
        ("- [a](u) - long\n  text *here*.\n", "short", "- [a](u) - short\n"),
        ("- [a](u)\n\n  More.\n", "e", "- [a](u)\n\n  e\n"),
        ("- [a](u)\n\n  More.\n", "", "- [a](u)\n"),
        (
            "- [a](u) - d\n",
            "see `x|y`, [b](v) & <i>c</i>",
            "- [a](u) - see `x|y`, [b](v) & <i>c</i>\n",
        ),
        ("- [a](u)-中文\n", "english", "- [a](u) - english\n"),
        ("- [a](u)-中文\n", "English", "- [a](u)-English\n"),
        ("- [a](u)：中文\n- [b](v)：文\n", "English", "- [a](u)：English\n- [b](v)：文\n"),
        ("[a](u) d  \n[b](v) e\n", "f", "[a](u) f  \n[b](v) e\n"),
        ("[a](u)<br>\n[b](v)<br>\n", "f", "[a](u) - f<br>\n[b](v)<br>\n"),
        ("> * [a](u) - d\n", "e", "> * [a](u) - e\n"),
    ],
)
def test_descriptions_come_and_go_with_their_separator(
    before: str, description: str, after: str
) -> None:
    check(before, after, description=description)


@pytest.mark.parametrize(
    ("before", "number", "fields", "after"),
    [
        # The cell keeps its width, or that of its column, and overflows otherwise.
        (ALIGNED, 0, {"cells": {1: "new"}}, ALIGNED.replace("first", "new  ")),
        (ALIGNED, 0, {"cells": {1: "0123456789"}}, ALIGNED.replace("first     ", "0123456789")),
        (ALIGNED, 0, {"cells": {1: "01234567890"}}, ALIGNED.replace("first     ", "01234567890")),
        (ALIGNED, 1, {"cells": {1: "x"}}, ALIGNED.replace("the second", "x         ")),
        (ALIGNED, 1, {"cells": {1: ""}}, ALIGNED.replace("the second", "          ")),
        (ALIGNED, 0, {"name": "bcd"}, ALIGNED.replace("[a](https://a.org) ", "[bcd](https://a.org)")),
        (ALIGNED, 0, {"url": "https://abc.org"}, ALIGNED.replace("a.org)  ", "abc.org) ")),
        (ALIGNED, 0, {"cells": {1: "a|b"}}, ALIGNED.replace("first ", "a\\|b  ")),
        (ALIGNED, 0, {"cells": {1: "`a|b`"}}, ALIGNED.replace("first ", "`a\\|b`")),
        (ALIGNED, 0, {"cells": {1: "a\\|b"}}, ALIGNED.replace("first ", "a\\\\|b ")),
        (ALIGNED, 0, {"cells": {1: "a\\"}}, ALIGNED.replace("first", "a\\   ")),
        (ALIGNED, 0, {"name": "a|b"}, ALIGNED.replace("[a](https://a.org) ", "[a\\|b](https://a.org)")),
        (ALIGNED, 0, {"description": "x"}, ALIGNED.replace("first", "x    ")),
        (WIDE, 0, {"cells": {1: "第二"}}, WIDE.replace("第一个    ", "第二      ")),
        (WIDE, 0, {"name": "甲a"}, WIDE.replace("[甲](https://a.org)  ", "[甲a](https://a.org) ")),
        # No padding where a table has none.
        ("a|b\n-|-\n[x](u)|y\n", 0, {"cells": {1: "zz"}}, "a|b\n-|-\n[x](u)|zz\n"),
        ("|a|b|\n|-|-|\n|[x](u)|y|\n", 0, {"cells": {1: "zz"}}, "|a|b|\n|-|-|\n|[x](u)|zz|\n"),
        ("|a|b|\n|-|-|\n|[x](u)|y|\n", 0, {"cells": {1: "z\\"}}, "|a|b|\n|-|-|\n|[x](u)|z\\ |\n"),
        (TABLE, 0, {"cells": {1: "en/zh"}}, TABLE.replace("| en |", "| en/zh |")),
        (TABLE, 0, {"cells": {2: "1st"}}, TABLE.replace("| first |", "| 1st |")),
        # Empty and missing cells.
        (TABLE, 1, {"cells": {2: "x"}}, TABLE.replace("| zh | |", "| zh | x |")),
        (TABLE, 0, {"cells": {1: ""}}, TABLE.replace("| en |", "|  |")),
        ("|a|b|c|\n|-|-|-|\n|[x](u)|\n", 0, {"cells": {2: "z"}}, "|a|b|c|\n|-|-|-|\n|[x](u)||z|\n"),
        ("a|b\n-|-\n[x](u)|y\n", 0, {"cells": {1: ""}}, "a|b\n-|-\n[x](u)| |\n"),
        # Cells in excess of the header stay.
        ("|a|b|\n|-|-|\n|[x](u)|y|z|\n", 0, {"cells": {1: ""}}, "|a|b|\n|-|-|\n|[x](u)| |z|\n"),
        # Aligned to the right.
        ("| a   |  b |\n|-----|---:|\n| [x](u) |  1 |\n", 0, {"cells": {1: "22"}},
         "| a   |  b |\n|-----|---:|\n| [x](u) | 22 |\n"),
    ],
)  # fmt: skip
def test_cells_are_padded_and_others_untouched(
    before: str, number: int, fields: dict[str, Any], after: str
) -> None:
    check(before, after, number, **fields)


@pytest.mark.parametrize(
    ("before", "fields", "after"),
    [
        ("- [a](u) - D. `MIT` `Go`\n", {0: "BSD"}, "- [a](u) - D. `BSD` `Go`\n"),
        ("- [a](u) - D. `MIT`, `Go`\n", {1: "Go/C#"}, "- [a](u) - D. `MIT`, `Go/C#`\n"),
        ("- [a](u) - D. ([b](v)) `MIT` `Go`\n", {0: "MIT", 1: "C"},
         "- [a](u) - D. ([b](v)) `MIT` `C`\n"),
    ],
)  # fmt: skip
def test_value_behind_an_item_is_changed_where_it_stands(
    before: str, fields: dict[int, str], after: str
) -> None:
    check(before, after, cells=fields)


def test_what_is_as_requested_stays_byte_for_byte() -> None:
    text = "* [ a  b ](<u> 'T')  —  d\r\n"

    check(text, text, name="a b", url="u", description="d")


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        ("- [a](u)\n", {"name": ""}, ("empty", "name")),
        ("- [a](u)\n", {"name": "a\nb"}, ("line-break", "name")),
        ("- [a](u)\n", {"name": "a\u2028b"}, ("line-break", "name")),
        ("- [a](u)\n", {"name": "a\0b"}, ("control-character", "name")),
        ("- [a](u)\n", {"name": "a\x1bb"}, ("control-character", "name")),
        ("- [a](u)\n", {"name": "\ud800"}, ("surrogate", "name")),
        ("- [a](u)\n", {"url": "https://x.org/\r\n"}, ("line-break", "url")),
        ("- [a](u)\n", {"url": ""}, ("link-needed", "url")),
        ("- [a](u)\n", {"description": "a\nb"}, ("line-break", "description")),
        ("- [a](u) - d\n", {"description": "> e"}, ("unwritable", "description")),
        # The second paragraph would describe it.
        ("- [a](u) - d\n\n  More.\n", {"description": ""}, ("unwritable", "description")),
        ("- [a](u)\n", {"cells": {0: "x"}}, ("no-cells", "cell 1")),
        ("- [a](u) - D. `MIT`\n", {"cells": {0: ""}}, ("unwritable", "cell 1")),
        ("- [a](u) - D. `MIT`\n", {"cells": {0: "a`b"}}, ("unwritable", "cell 1")),
        ("- [a](u) - D. `MIT`\n", {"cells": {1: "Go"}}, ("no-cells", "cell 2")),
        ("- [a](u) - d\n", {"name": "2009"}, ("generic-name", "name")),
        ("- [a][l]\n\n[l]: u\n", {"url": "v"}, ("defined-elsewhere", "url")),
        ("- [a](u) / [b](v)\n", {"name": "c"}, ("in-parts", "name")),
        ("- https://u.org\n", {"name": "c"}, ("in-parts", "name")),
        ("- <https://u.org>\n", {"url": "no address"}, ("unwritable", "url")),
        (TABLE, {"cells": {3: "x"}}, ("no-column", "cell 4")),
        (TABLE, {"cells": {1: "a\nb"}}, ("line-break-in-cell", "cell 2")),
        (TABLE, {"cells": {0: "[x](v)"}, "name": "y", "url": "v2"}, ("contradiction", "cell 1")),
        (
            "|a|b|\n|-|-|\n|[x](u)|y|\n",
            {"description": "x"},
            ("no-description-column", "description"),
        ),
    ],
)
def test_what_cannot_be_written_is_refused(
    text: str, fields: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refusal(text, **fields) == expected


def test_refusal_has_what_its_sentence_mentions() -> None:
    with pytest.raises(CodecError) as raised:
        changed("- [a][L]\n\n[l]: u\n", url="v")

    assert raised.value.values == {"label": "L"}


def test_shortcut_references_do_not_become_links() -> None:
    text = "- [a](u) - d\n\n[b]: https://b.org\n"

    check(text, "- [x \\[b\\]](u) - d\n\n[b]: https://b.org\n", name="x [b]")


# Whatever is written comes back as it is, on as many lines, with all else as before.

SHAPES = {
    "item": ("- [first](https://f.org) - one\n", "- [third](https://t.org) - three\n"),
    "quoted": ("> 1. [first](https://f.org): one\n", "> 3. [third](https://t.org): three\n"),
    "row": (
        "| Name | Notes |\n|---|---|\n| [first](https://f.org) | one |\n",
        "| [third](https://t.org) | 3 |\n",
    ),
    "tight row": ("Name|Notes\n-|-\n[first](https://f.org)|one\n", "[third](https://t.org)|3\n"),
    "line": ("[first](https://f.org) one<br>\n", "[third](https://t.org) three\n"),
}  # fmt: skip
OWN = {
    "item": "- [name](https://n.org) - two\n",
    "quoted": "> 2. [name](https://n.org): two\n",
    "row": "| [name](https://n.org) | two |\n",
    "tight row": "[name](https://n.org)|two\n",
    "line": "[name](https://n.org) two<br>\n",
}
VALUES = [
    "plain", "a|b", "|", "||", "a\\|b", "\\|", "\\\\|", "[x]", "[", "]", "](", "a](b", "![x](y)",
    "`", "``", "`a|b`", "a`b", "*", "**a", "_a_", "__a", "~~a~~", "<b>", "<!--", "-->", "<br />",
    "<script>x</script>", "</td>", "&amp;", "&#124;", "&lt", "&", "\\", "a\\", "\\\\", "# a", "- a",
    "+ a", "* a", "1. a", "1) a", "> a", "---", "===", "```", "~~~", "    a", "a\tb", "a  b", "a  ",
    "  a", ":smile:", "$x$", "^a", "a: b", "a - b", "a — b", "中文", "中文：描述", "(a)", "（甲）",
    "שלום", "مرحبا (x)", "\u202eabc", "\u200babc", "a\u00adb", "a\ufeffb", "a\u00a0b", "甲\u3000乙",
    "😀", "👨‍👩‍👧", "e\u0301", "𝔘", "https://x.org", "www.x.org", "<https://x.org>", "me@x.org",
    "[a](b) [c](d)", "[first]",
    "{x}", "{{ x }}", "%20", "a\nb", "a\r\nb", "a\x00b", "a\x7fb", "a\u2028b", "\ud83d", "x" * 3000,
    "'", '"', "“a”", "!", "!a", "|-|-|", "| a |", "a.", "N/A", "-", "…", "[^1]", "[x]: y", "==a==",
]  # fmt: skip


def facts(entry: Entry) -> tuple[str, ...]:
    return entry.name, entry.url, entry.description, *[cell.text for cell in entry.cells]


def try_change(shape: str, field: str, value: str) -> bool:
    """Whether the value was written; if so, it is read back and nothing else has changed."""
    before, after = SHAPES[shape]
    document = parse(before + OWN[shape] + after)
    fields: dict[str, Any] = {"cells": {1: value}} if field == "cell" else {field: value}
    number = 1
    try:
        text = change_entry(document, document.entries[number].block, **fields).text(document)
    except CodecError:
        return False
    new = parse(text)
    assert text.startswith(before)
    assert text.endswith(after)
    assert len(split_lines(text)) == len(split_lines(document.text))
    assert [block.kind for block in new.blocks] == [block.kind for block in document.blocks]
    old, entry = document.entries[number], new.entries[number]
    others = [facts(other) for other in document.entries if other is not old]
    assert [facts(other) for other in new.entries if other is not entry] == others
    stripped = value.strip(" \t")
    if field == "cell":
        assert entry.cells[1].text == stripped
        assert (entry.name, entry.url) == (old.name, old.url)
        return True
    expected = {key: getattr(old, key) for key in ("name", "url", "description")}
    read = {key: getattr(entry, key) for key in expected}
    expected[field] = stripped
    if field == "name":
        expected["name"] = stripped = with_characters(stripped)
    if field == "name":
        expected["name"], read["name"] = (" ".join(text.split()) for text in (stripped, entry.name))
    assert read == expected
    return True


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("field", ["name", "url", "description", "cell"])
def test_hostile_values_come_back_or_are_refused(shape: str, field: str) -> None:
    if field == "cell" and not shape.endswith("row"):
        return

    refused = [value for value in VALUES if not try_change(shape, field, value)]

    print(f"{field} in {shape}: {len(VALUES) - len(refused)} of {len(VALUES)}, not {refused}")  # noqa: T201
    unwritable = [value for value in VALUES if set(value) & set("\n\0\x7f\u2028\ud83d")]
    assert set(unwritable) <= set(refused)
    # Names without a letter and words such as 中文 say nothing about a link. A picture, an address,
    # code or links alone and what is not whole in its brackets and emphasis describe nothing.
    limits = {"name": 37, "url": 7, "description": 20, "cell": len(unwritable)}
    assert len(refused) <= limits[field]


MARKS = st.sampled_from(
    [*"|\\`*_[]()<>&!#-+~:;./\"' \tab1中", "](", "\\|", "<br>", "&amp;", "http://a.b"]
)
hostile = st.one_of(st.lists(MARKS, min_size=1, max_size=12).map("".join), st.text(min_size=1))


@given(shape=st.sampled_from(sorted(SHAPES)), value=hostile)
def test_any_name_comes_back_or_is_refused(shape: str, value: str) -> None:
    try_change(shape, "name", value)


@given(shape=st.sampled_from(sorted(SHAPES)), value=hostile)
def test_any_address_comes_back_or_is_refused(shape: str, value: str) -> None:
    try_change(shape, "url", value)


@given(shape=st.sampled_from(["item", "quoted", "line"]), value=hostile)
def test_any_description_comes_back_or_is_refused(shape: str, value: str) -> None:
    try_change(shape, "description", value)


@given(shape=st.sampled_from(["row", "tight row"]), value=hostile)
def test_any_cell_comes_back(shape: str, value: str) -> None:
    is_line = not any(char in value for char in "\n\r\v\f\x85\u2028\u2029") and value.isprintable()

    assert try_change(shape, "cell", value) or not is_line
