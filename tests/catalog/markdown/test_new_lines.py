"""New entries take signs from their siblings: markers, separators, end marks, never words."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.markdown import parse
from catalog.markdown.writing.composing import VALUE_FIELDS, place_by_name
from catalog.markdown.writing.dialect import Dialect, dialect_of, sort_key
from catalog.markdown.writing.edit import add_entry, change_entry
from catalog.markdown.writing.layout import CodecError

NEW: dict[str, Any] = {"name": "New", "url": "https://n.org", "description": "Fresh"}


def line(text: str, listing: int = 0, **fields: Any) -> str:
    """The lines of a new entry at the end of a listing."""
    document = parse(text)
    edit = add_entry(document, listing, after=document.listings[listing].blocks[-1], **fields)
    return "".join(item.source for item in edit.put if not isinstance(item, int))


def marked(signs: str) -> str:
    """Items with a sign each."""
    return "".join(f"- {sign} [One](https://{sign}.org) - a\n" for sign in signs)


def items(*lines: str) -> str:
    """Items of a name, with what stands behind it."""
    return "".join(f"- [N](https://{n}.org){line}\n" for n, line in enumerate(lines))


@pytest.mark.parametrize(
    ("siblings", "written"),
    [
        # Words of siblings stay theirs.
        ("1. Some Words [Link](https://a.org) | more\n", "2. New [Link](https://n.org) | Fresh\n"),
        ("1. Some Words [Kite](https://a.org) | more\n", "2. [New](https://n.org) | Fresh\n"),
        ("- Jane Doe, [One](https://a.org) - a\n- Jo Roe, [Two](https://b.org) - b\n",
         "- [New](https://n.org) - Fresh\n"),
        ("- [One](https://a.org) - [demo](https://d.org) - a\n",
         "- [New](https://n.org) - Fresh\n"),
        ("- [One](https://a.org) ![x](x.svg) - a\n", "- [New](https://n.org) - Fresh\n"),
        ("- *See also [One](https://a.org)*\n", "- [New](https://n.org) - Fresh\n"),
        # What says only what a link leads to is kept where most have it.
        ("|Name|Get|About|\n|-|-|-|\n" + "|One|[🤗HF](https://a.org)|a|\n" * 2,
         "|New|[HF](https://n.org)|Fresh|\n"),
        ("- **One** [[paper](https://a.org)] - a\n- **Two** [[paper](https://b.org)] - b\n",
         "- **New** [[paper](https://n.org)] - Fresh\n"),
        ("- [One](https://a.org)-一个。\n" * 3, "- [New](https://n.org)-Fresh.\n"),
        # A break separates, and an author's name before the separator is that entry's.
        # A remark of each in front of the break, and a credit above the paragraph.
        ("- [One](https://a.org) _(kind: x)_ <br> a\n- [Two](https://b.org) _(kind: y)_ <br> b\n",
         "- [New](https://n.org) <br> Fresh\n"),
        ("- [One](https://a.org) by [Ann](a)\n\n  A.\n- [Two](https://b.org) by [Bo](b)\n\n  B.\n",
         "- [New](https://n.org)\n\n  Fresh.\n"),
        ("- 《[One](https://a.org)》 - a\n- 《[Two](https://b.org)》 - b\n",
         "- 《[New](https://n.org)》 - Fresh\n"),
        ("- [One](https://a.org)<br>a\n- [Two](https://b.org)<br>b\n",
         "- [New](https://n.org)<br>Fresh\n"),
        ("- [One](https://a.org) by [Ann](https://x.org) - a\n" * 3,
         "- [New](https://n.org) - Fresh\n"),
        ("- [One](https://a.org) :bee:<sup>x</sup> - a\n" * 3, "- [New](https://n.org) - Fresh\n"),
        # The word of a link may stand behind the description, and a name be in bold without a link.
        ("- [2021] **One.** a [[paper](https://a.org)]\n- [2022] **Two.** b [[paper](https://b.org)]\n",
         "- **New.** Fresh [[paper](https://n.org)]\n"),
        ("|Name|Site|About|\n|-|-|-|\n" + "|**One**|[link](https://a.org)|a|\n" * 2,
         "|**New**|[link](https://n.org)|Fresh|\n"),
        ("- **One**: a. [Link](https://a.org)\n- **Two**: b. [Link](https://b.org)\n",
         "- **New**: Fresh. [Link](https://n.org)\n"),
        ("* [2013](https://a.org) - **Ann** - How to Fly\n" * 2,
         "* [New](https://n.org) - Fresh\n"),
        # Brackets of any kind, arrows, attributes of the link.
        ("- 《[One](https://a.org)》 - a\n" * 2, "- 《[New](https://n.org)》 - Fresh\n"),
        ("- [One](https://a.org) ⇒ *a*\n" * 2, "- [New](https://n.org) ⇒ Fresh\n"),
        ("- [One](https://a.org) // a\n" * 2, "- [New](https://n.org) // Fresh\n"),
        ('- [One](https://a.org){:target="_blank"} - a\n' * 2,
         '- [New](https://n.org){:target="_blank"} - Fresh\n'),
        # A link with a blank in it, which does not show, is written without; kinds of pages stay.
        ("- [One] (https://a.org) - a\n- [Two] (https://b.org) - b\n",
         "- [New](https://n.org) - Fresh\n"),
        (("- **One**: a [[paper](https://a.org)]\n- Two, and more [[paper](https://b.org)]\n"
         "- (2031) Three [[paper](https://c.org)]\n"),
         "- **New**: Fresh [[paper](https://n.org)]\n"),
        # What only goes on is no model, the emphasis of the name is; nor are tags at the end.
        ("- *[One](https://a.org)* (2001), by A. Ray\n" * 2, "- *[New](https://n.org)* - Fresh\n"),
        ("- [*One*](https://a.org) (2001)\n  _Ann_\n" * 2, "- [*New*](https://n.org) - Fresh\n"),
        ("- [One](https://a.org) - A. **[Free]** #tag\n" * 3, "- [New](https://n.org) - Fresh.\n"),
        # A cell that is longer than its column is wide has no more blanks than the others.
        ("|Name|About|\n|---|---|\n" + "|[One](https://a.org)|One|\n" * 2,
         "|[New](https://n.org)|Fresh|\n"),
        # A sentence goes on behind its link, where an item separates.
        ("- Also [One](https://a.org) for the young.\n", "- [New](https://n.org) - Fresh.\n"),
        # A sign for nothing fills a cell; an empty one at the end needs no second pipe.
        ("|Name|A|B|About|\n|-|-|-|-|\n" + "|[One](https://a.org)|-|x|a|\n" * 3,
         "|[New](https://n.org)|-| |Fresh|\n"),
        ("|Name|A|About|\n|-|-|-|\n" + "|[One](https://a.org)|-|a|\n" * 2,
         "|[New](https://n.org)|-|Fresh|\n"),
        ("Name | About | C\n---|---|---\n[One](https://a.org) | a | c\n",
         "[New](https://n.org) | Fresh |\n"),
        ("Name | About | C\n---|---|---\n" + "[One](https://a.org) | a |\n" * 2,
         "[New](https://n.org) | Fresh |\n"),
        # Emphasis in a link by reference is that of its name.
        ("[a]: https://a.org\n\n" + "- [**One**][a]\n" * 3, "- [**New**](https://n.org) - Fresh\n"),
        # A description in a line below is written there.
        ("- [1](https://a.org)\n  ![x](x.svg)\n  - Says a.\n- [2](https://b.org)\n  - Says b.\n",
         "- [New](https://n.org)\n  - Fresh.\n"),
        # Emphasis and code around names, with a link in them or without.
        ("- [**One**](https://a.org): a\n- [**Two**](https://b.org): b\n",
         "- [**New**](https://n.org): Fresh\n"),
        ("- ~~[One](https://a.org)~~ - a\n", "- [New](https://n.org) - Fresh\n"),
        # One mark of all is how they are written, several are values, a dead one is none.
        (marked("🔗🔗🔗"),
         "- 🔗 [New](https://n.org) - Fresh\n"),
        (marked("📝💡📝"),
         "- [New](https://n.org) - Fresh\n"),
        (marked("💀💀💀"),
         "- [New](https://n.org) - Fresh\n"),
        # The end mark is that of most, in the script of the text.
        (items(" - a.", " - b.", " - c"), "- [New](https://n.org) - Fresh.\n"),
        (items(" - 甲。", " - 乙。", " - 丙。"), "- [New](https://n.org) - Fresh.\n"),
        # Neither ratings nor what goes on with a sentence separate.
        (items(" by Jane Doe", " by Jo Roe", " [4.2] 🔥"), "- [New](https://n.org) - Fresh\n"),
        (items(", a kite", ", a reel", ", a line"), "- [New](https://n.org) - Fresh\n"),
        (items(" [4.2] 🔥", " [4.1] 🔥", " [4.3]"), "- [New](https://n.org) - Fresh\n"),
        (items(" Flies.", " Rests."), "- [New](https://n.org) Fresh.\n"),
        # Chinese is written on without a separator, English is not.
        (items("甲", "乙"), "- [New](https://n.org) - Fresh\n"),
    ],
)  # fmt: skip
def test_a_new_item_takes_the_signs_of_its_siblings(siblings: str, written: str) -> None:
    assert line(siblings, **NEW) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        # One contributor's comma is no separator; nor is a missing end mark.
        (items(" - b.", " - c.", " - d.") + "## B\n" + items(", a"),
         "- [New](https://n.org) - Fresh.\n"),
        # The blank of one is no way of its own where others have a sign.
        (items(" - b", " - c", " - d", " e") + "## B\n" + items(" Winds"),
         "- [New](https://n.org) - Fresh\n"),
        # Where the others separate by nothing, one sign counts.
        (items(" Flies.", " Rests.", " Turns.") + "## B\n" + items(": Winds."),
         "- [New](https://n.org): Fresh.\n"),
        # Half of them end with a mark, as those around do.
        (items(" - b.", " - c.", " - d.") + "## B\n" + items(" - a", " - e.", " - f.", " - g"),
         "- [New](https://n.org) - Fresh.\n"),
        # Two that agree on what others do not have are written so on purpose.
        (items(" - b", " - c", " - d") + "## B\n" + items(": a.", ": e."),
         "- [New](https://n.org): Fresh.\n"),
    ],
)  # fmt: skip
def test_a_small_section_is_written_as_those_around_it(text: str, written: str) -> None:
    assert line(f"## A\n{text}", 1, **NEW) == written


@pytest.mark.parametrize("signs", ["\U0001f600" * 60, "(a)**" * 60, "[a]__" * 60, "#a_" * 60])
def test_runs_of_signs_are_parted_in_one_way(signs: str) -> None:
    # In as many ways as there are, it would not end.
    assert (
        line(f"- [One](https://a.org) - {signs} a\n" * 3, **NEW)[:24] == "- [New](https://n.org) -"
    )


def test_chinese_ends_as_its_siblings_do() -> None:
    fields = {**NEW, "description": "新的"}

    assert line(items(" - 甲.", " - 乙."), **fields) == "- [New](https://n.org) - 新的.\n"
    assert line(items(" - a.", " - b."), **fields) == "- [New](https://n.org) - 新的。\n"


@pytest.mark.parametrize(
    ("rows", "written"),
    [
        # The words of links are their rows' own, unless they say the same in most.
        ("|One|[facebook](https://a.org)|\n|Two|[homepage](https://b.org)|\n",
         "|New|[New](https://n.org)|\n"),
        ("|One|[Link](https://a.org)|\n|Two|[Link](https://b.org)|\n",
         "|New|[Link](https://n.org)|\n"),
        ("|One|https://a.org|\n|Two|https://b.org|\n", "|New|https://n.org|\n"),
        ("|**`One`**|a|\n|**`Two`**|b|\n", "|[**`New`**](https://n.org)||\n"),
        ("|[One](https://a.org) by Jo|Flies.|\n|[Two](https://b.org) by Al|Rests.|\n",
         "|[New](https://n.org)||\n"),
    ],
)  # fmt: skip
def test_a_new_row_takes_the_signs_of_its_siblings(rows: str, written: str) -> None:
    text = f"|Name|More|\n|-|-|\n{rows}"

    assert line(text, name="New", url="https://n.org").replace("| |", "||") == written


def test_a_row_is_numbered_where_all_are() -> None:
    text = "|#|Name|\n|-|-|\n|1|[a](u)|\n|2|[b](u)|\n|3|[c](u)|\n"

    assert line(text, name="New", url="v") == "|4|[New](v)|\n"


ROWS = """<table>
<tr>
  <td><a href="https://a.org" title="One"><img src="a.png"> <b>One</b></a></td>
  <td>Keeps &amp; reads <a href="https://d.org">pages</a>.</td>
</tr>
<tr>
  <td><a href="https://b.org" title="Two"><img src="b.png"> <b>Two</b></a></td>
  <td>Reads pages.</td>
</tr>
<tr>
  <td><a href="https://c.org" title="Three"><img src="c.png"> <b>Three</b></a></td>
  <td>Writes pages.</td>
</tr>
</table>
"""


def test_rows_of_html_are_added_and_changed() -> None:
    url = "https://n.org/?a=1&b=2"
    fields: dict[str, Any] = {"name": "R&D", "url": url, "description": "Fresh & new"}
    assert line(ROWS, **fields) == (
        "<tr>\n"
        '  <td><a href="https://n.org/?a=1&amp;b=2"><b>R&amp;D</b></a></td>\n'
        "  <td>Fresh &amp; new.</td>\n"
        "</tr>\n"
    )
    document = parse(ROWS)
    second = document.listings[0].blocks[1]
    edit = change_entry(document, second, name="Zwei", description="Liest Seiten")
    assert edit.text(document) == ROWS.replace("Two</b>", "Zwei</b>").replace(
        "Reads pages.", "Liest Seiten"
    )


def test_a_line_of_html_without_a_description_has_no_separator() -> None:
    text = "".join(f'<a href="https://a.org/{n}">N{n}</a> - text {n}.<br>\n' for n in range(4))

    assert line(text, name="New", url="https://n.org") == '<a href="https://n.org">New</a><br>\n'
    assert line(text, **NEW) == '<a href="https://n.org">New</a> - Fresh.<br>\n'


VALUED = "".join(
    f"- [N{number}](https://a.org/{number}) - Text. ([Code](https://c.org)) `MIT` `Go`\n"
    for number in range(4)
)


@pytest.mark.parametrize(
    ("text", "values", "written"),
    [
        (VALUED, {}, "- [New](https://n.org) - Fresh.\n"),
        (VALUED, {"`1`": "GPL-3.0", "`2`": "Rust/Docker"},
         "- [New](https://n.org) - Fresh. `GPL-3.0` `Rust/Docker`\n"),
        (VALUED, {"`2`": "Rust"}, "- [New](https://n.org) - Fresh. `Rust`\n"),
        ("- [a](u) - b (PDF)\n- [c](u) - d (HTML)\n", {"()": "EPUB"},
         "- [New](https://n.org) - Fresh (EPUB)\n"),
        ("- [a](u) - b. [MIT]\n- [c](u) - d. [BSD]\n", {"[]": "GPL"},
         "- [New](https://n.org) - Fresh. [GPL]\n"),
        ("- [a](u) 🐍 - b.\n- [c](u) 🦀 - d.\n", {"mark:": "🦀"},
         "- [New](https://n.org) 🦀 - Fresh.\n"),
        ("- [a](u) 🐍 - b.\n- [c](u) 🐍 - d.\n", {"mark:": "🦀"},
         "- [New](https://n.org) 🦀 - Fresh.\n"),
        ("- 🐍 **[a](u)** - b.\n- 🦀 **[c](u)** - d.\n", {"mark:": "🐍"},
         "- 🐍 **[New](https://n.org)** - Fresh.\n"),
        ("- [a](u) - b. :snake: `MIT`\n- [c](u) - d. :crab: `MIT`\n",
         {"mark:": ":crab:", "`1`": "BSD"}, "- [New](https://n.org) - Fresh. :crab: `BSD`\n"),
    ],
)  # fmt: skip
def test_values_are_written_where_the_siblings_have_them(
    text: str, values: dict[str, str], written: str
) -> None:
    cells = {VALUE_FIELDS.index(key): value for key, value in values.items()}

    assert line(text, **NEW, cells=cells) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("* [A](u) (INT)\n* [B](u) (ADV)\n* [C](u) (INT)\n", "* [New](https://n.org) - Fresh\n"),
        ("- [A](u) [4.5]\n- [B](u) [4.1]\n- [C](u) [3.2]\n", "- [New](https://n.org) - Fresh\n"),
        ("- [A](u) (or [here](v))\n- [B](u) (or [there](w))\n", "- [New](https://n.org) - Fresh\n"),
        ("- [A](u) *(GitHub)*\n- [B](u): Bees.\n- [C](u): Cats.\n",
         "- [New](https://n.org): Fresh.\n"),
        ("- [A](u) (PDF) one\n- [B](u) two\n- [C](u) three\n", "- [New](https://n.org) Fresh\n"),
    ],
)  # fmt: skip
def test_a_value_behind_the_name_is_no_separator(text: str, written: str) -> None:
    assert line(text, **NEW) == written


@pytest.mark.parametrize("sign", ["Python", "🐍 x", "[🐍](u)"])
def test_a_sign_that_is_none_is_refused(sign: str) -> None:
    with pytest.raises(CodecError) as raised:
        line(VALUED, **NEW, cells={VALUE_FIELDS.index("mark:"): sign})
    assert raised.value.code == "unwritable"


@pytest.mark.parametrize("value", ["a`b", "x](u)", ""])
def test_a_value_that_would_be_something_else_is_refused(value: str) -> None:
    if value:
        with pytest.raises(CodecError) as raised:
            line(VALUED, **NEW, cells={VALUE_FIELDS.index("[]"): value})
        assert raised.value.code == "unwritable"
    else:
        assert line(VALUED, **NEW, cells={0: value}) == "- [New](https://n.org) - Fresh.\n"


def test_labelled_lines_are_written_as_the_siblings_have_them() -> None:
    text = "".join(
        f"* N{number}\n  * 地址：https://a.org/{number}\n  * 简介：甲\n" for number in range(2)
    )

    assert line(text, **NEW) == "* New\n  * 地址：https://n.org\n  * 简介：Fresh\n"
    assert line(text, name="New", url="https://n.org") == "* New\n  * 地址：https://n.org\n"


def test_accents_make_no_difference_to_the_order() -> None:
    names = ["Abel", "Ánfora", "Élan", "Elm", "Zoo"]
    document = parse("".join(f"- [{name}](https://a.org/{name})\n" for name in names))
    place = place_by_name(document, 0, "Échelle", dialect_of(document, 0))

    assert sorted(names, key=sort_key) == names
    assert place == document.listings[0].blocks[1]
    assert dialect_of(document, 0).is_sorted
    assert Dialect.from_json(dialect_of(parse(VALUED), 0).to_json()) == dialect_of(parse(VALUED), 0)


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("- [a](u) - Text. `MIT` `Go`\n", "- [a](u) - Fresh. `MIT` `Go`\n"),
        ("- [a](u) `MIT` `Go`\n", "- [a](u) - Fresh. `MIT` `Go`\n"),
        ("- [a](u) - `MIT`\n", "- [a](u) - Fresh. `MIT`\n"),
        ("- [a](u) - Text. `MIT` ([Demo](v))\n", "- [a](u) - Fresh. `MIT` ([Demo](v))\n"),
    ],
)
def test_a_changed_description_leaves_the_values_behind_it(source: str, after: str) -> None:
    document = parse(source)

    assert change_entry(document, 0, description="Fresh.").text(document) == after


SIBLINGS = "- [One](https://a.org) - a.\n- [Two](https://b.org) - b.\n"
PICTURED = "- [New](https://n.org) ![](x.svg) - Fresh"
NUMBERED = "1. [One](https://a.org) - a.\n"
COMPOSED = "- [New](https://n.org) - Fresh.\n"


@pytest.mark.parametrize(
    ("text", "source", "written"),
    [
        # Lines that say just that are taken as they are, with the ending of the others.
        (SIBLINGS, "-  [New](https://n.org) – Fresh\r\n", "-  [New](https://n.org) – Fresh\n"),
        (SIBLINGS, PICTURED, PICTURED + "\n"),
        # Others, those of another list, and those that would break this one, are not.
        (SIBLINGS, "- [Other](https://n.org) - Fresh\n", COMPOSED),
        (SIBLINGS, "- [New](https://evil.org) - Fresh\n", COMPOSED),
        (SIBLINGS, "- [New](https://n.org) - Stale\n", COMPOSED),
        (SIBLINGS, "* [New](https://n.org) - Fresh\n", COMPOSED),
        (SIBLINGS, "# New\n", COMPOSED),
        (SIBLINGS, "- [New](https://n.org) - Fresh\n\n# Owned\n", COMPOSED),
        (SIBLINGS, COMPOSED + COMPOSED, COMPOSED),
        (NUMBERED, "7. [New](https://n.org) - Fresh\n", "2. [New](https://n.org) - Fresh.\n"),
        (NUMBERED, "2.  [New](https://n.org) - Fresh\n", "2.  [New](https://n.org) - Fresh\n"),
    ],
)  # fmt: skip
def test_lines_written_elsewhere_are_taken_where_they_fit(
    text: str, source: str, written: str
) -> None:
    assert line(text, **NEW, source=source) == written


def test_row_written_elsewhere_keeps_its_blanks() -> None:
    text = "| Name | Size |\n| --- | --- |\n| [One](https://a.org) | 1 |\n"
    row = "|  [New](https://n.org)|2   |\n"
    fields: dict[str, Any] = {"name": "New", "url": "https://n.org", "cells": {1: "2"}}

    assert line(text, **fields, source=row) == row
    assert line(text, **fields | {"cells": {1: "3"}}, source=row) != row


def test_changed_lines_written_elsewhere_are_taken_where_they_say_it() -> None:
    document = parse(SIBLINGS)
    source = "- [One](https://a.org) ![](x.svg) -  c\n"

    def changed(**fields: Any) -> str:
        return change_entry(document, 0, **fields).text(document).splitlines(keepends=True)[0]

    assert changed(description="c", source=source) == source
    assert changed(description="d", source=source) == "- [One](https://a.org) - d\n"
    assert changed(description="c", source="# c\n") == "- [One](https://a.org) - c\n"


def test_the_list_below_a_heading_that_names_it_takes_no_entry() -> None:
    text = "# A\n\n## Kite\n\n- [Repo](https://a.org)\n- [Samples](https://b.org)\n\nFlies.\n"

    with pytest.raises(CodecError) as raised:
        line(text, **NEW)

    assert raised.value.code == "headed"


A, B = "- [A](https://a.org) - a\n", "- [B](https://b.org) - b\n"
CODE = "\n```sh\nx\n```\n"


@pytest.mark.parametrize(
    ("text", "listing"),
    [
        # A quote right below, pictures behind a blank line.
        (A + "> Good.\n{new}" + B, 0),
        (A + "\n![a](a.png)\n{apart}", 0),
        (A + B + '\n<p align="center"><img src="b.png"></p>\n{apart}\n## Next\n', 0),
        # A note or code, where the items around have theirs, too.
        (A + "\nGood to have.\n{apart}\n" + B + "\nNot bad.\n", 0),
        (A + "\nGood to have.\n\n" + B + "\nNot bad.\n{apart}", 1),
        (A + CODE + "\n" + B + CODE + "{apart}", 1),
        # Not what is linked, tells what follows, leads around or is the section's.
        (A + B + "{new}\n[![x](x.png)](https://x.org)\n", 0),
        (A + B + "{new}\nGood to have, all of them.\n", 0),
        (A + "{new}\n**Others**\n\n" + B + "\n[Back to top](#t)\n", 0),
        (A + "{new}\nOthers:\n\n" + B + "\nNot bad.\n", 0),
    ],
)
def test_a_new_item_goes_behind_what_belongs_to_the_one_before(text: str, listing: int) -> None:
    document = parse("# T\n\n" + text.format(new="", apart=""))
    after = document.listings[listing].blocks[-1]

    edit = add_entry(document, listing, after=after, **NEW)

    new = "- [New](https://n.org) - Fresh\n"
    assert edit.text(document) == "# T\n\n" + text.format(new=new, apart=f"\n{new}")


def test_a_new_number_goes_behind_the_notes_of_the_one_before() -> None:
    text = "# T\n"
    for name in "ab":
        text += f"\n1. [{name}](https://{name}.org): x\n\n- 地址: <https://{name}.org/m>\n"
    document = parse(text)

    edits = [add_entry(document, n, after=document.listings[n].blocks[0], **NEW) for n in (0, 2)]

    new = "\n1. [New](https://n.org): Fresh\n"
    middle = text.index("\n1. [b]")
    assert [edit.text(document) for edit in edits] == [
        text[:middle] + new + text[middle:],
        text + new,
    ]


def test_a_row_that_goes_on_in_a_paragraph_stays_the_last() -> None:
    head = "|Name|Description|\n|-|-|\n|[A](https://a.org)|a|\n"
    broken = "|[B](https://b.org)|b and\n\nmore|\n|[C](https://c.org)|c|\n"
    document = parse(head + broken)

    edit = add_entry(document, 0, after=document.listings[0].blocks[-1], **NEW)

    assert edit.text(document) == f"{head}|[New](https://n.org)|Fresh|\n{broken}"
