"""The first law on every kind of text: what is parsed is given back, and every line has an owner.

`laws.check` states what holds for any text; here are the texts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.catalog.markdown.laws import check
from tests.effort import IS_LONG
from tests.lists import NAMES, needs_real_lists, read_list

SPEC = Path(__file__).resolve().parents[2] / "data" / "spec"
SAMPLE = Path(__file__).resolve().parents[3] / "catalog" / "samples" / "open-source-chatgpt.md"

VARIANTS: dict[str, Callable[[str], str]] = {
    "lf": lambda text: text,
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "cr": lambda text: text.replace("\n", "\r"),
    "no-last-newline": lambda text: text.removesuffix("\n"),
    "bom": lambda text: f"\ufeff{text}",
}

# What markdown is made of, whole and broken.
FRAGMENTS = st.sampled_from(
    [
        "- ", "* ", "+ ", "1. ", "2) ", "- [ ] ", "- [x] ", "- - ", "> ", "> - ", "  ", "    ",
        "\t", "# ", "## Tools\n", "### [a](http://u.org)\n", "---\n", "===\n", "***\n", "\n",
        "\n\n", "\r\n", "\r", "```\n", "~~~", "`", "| a | b |\n", "|---|---|\n", "|-|\n",
        "| [n](http://u.org) | text |\n", "| one |\n", "| 1 | 2 | 3 |\n", "|", "\\|", "\\",
        "[a](u)", "[b](<u v> 'title')", "[Tool](https://t.org) - Text.\n", "[x][r]", "[r]", "[r][]",
        "[r]: http://x.org\n", "[^1]: note\n", "[^1]", "![i](p)", "[![b](i)](l)", "[", "]", "](",
        ")", "<http://a.org>", "<a@b.org>", "http://a.b ", "www.x.org", "https://x.org/a_(b).",
        "- Paper: http://u.org\n", "  - Code: [link](u)\n", "**Title**\n", "简介：", "<summary>",
        "</summary>\n", "([a](u), [b](v))", "`MIT`", ":warning:", "<h2>",
        "<h3 id=x>", "</h2>\n", "<h1>A</h1>\n", "### ",
        "<a href='http://x.org'>", "</a>", "<a ", "<table>\n", "<tr>", "</tr>\n", "<td>", "<li>",
        "<p>", "</p>", "<br>", "<br />\n", "<details>\n", "</details>\n", "<!--", "-->\n", "<pre>",
        "</pre>", "<img src='i'>", "<?", "<![CDATA[", "**", "__", "~~", "*", "_", "**Name**",
        " - ", " – ", ": ", "：", "、", " / ", ", ", ". ", "paper", "地址", "中文", "😀", "é",
        "a", "9、", "&amp;", "&#0;", "[!NOTE]\n", "\xa0", "\u2028", "\u0085", "\x0b", "\x0c",
        "\x1c", "\x00", "\ufeff", "\ud800", "\udfff", "\u202e", "title: x\n",
        "---\ntitle: x\n---\n",
    ]
)  # fmt: skip


def examples() -> list[Any]:
    """Every example of both specifications, as a parameter."""
    return [
        pytest.param(case["markdown"], id=f"{path.stem}-{case['example']}")
        for path in sorted(SPEC.glob("*.json"))
        for case in json.loads(path.read_text(encoding="utf-8"))
    ]


def test_examples_are_all_there() -> None:
    assert len(examples()) == 652 + 672


@pytest.mark.parametrize("markdown", examples())
def test_laws_hold_for_example(markdown: str) -> None:
    for variant in VARIANTS.values():
        check(variant(markdown))


@needs_real_lists
@pytest.mark.parametrize("name", NAMES)
def test_laws_hold_for_real_list(name: str) -> None:
    document = check(read_list(name))

    assert document.blocks


def test_laws_hold_for_sample() -> None:
    document = check(SAMPLE.read_text(encoding="utf-8"))

    assert len(document.entries) >= 284


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ufeff",
        "\n",
        "\r",
        "\r\n",
        "a",
        "\ufeff# Tools",
        "---\ntitle: x\n---\n# Tools\n",
        "\x00",
        "\ud800- [a](http://b.org) \udfff\n",
        # Unicode's other line endings do not end a line.
        "- [a](http://b.org) one\u2028two\x0bthree\x85four\n",
        # A tab between a quote's or a list's marker and the next one.
        ">\t- a\n-\t- [b](http://b.org)\n\n\t- c\n",
    ],
)
def test_laws_hold_for_edge(text: str) -> None:
    check(text)


@given(st.text(st.characters(codec=None, categories=None), max_size=80))
@example("*<i>![b](i)[![b](i)](l)</i>![b](i)* [^1]<http://a.org>\n")
@example("- - \n  b [n](http://u.org) text\n")
@example("\ud800")
@settings(max_examples=300, deadline=None)
def test_laws_hold_for_any_text(text: str) -> None:
    check(text)


@given(st.lists(FRAGMENTS, max_size=30).map("".join))
@settings(max_examples=1500 if IS_LONG else 300, deadline=None)
def test_laws_hold_for_any_markdown(text: str) -> None:
    check(text)
