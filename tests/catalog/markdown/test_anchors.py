"""The fragments of headings, and links that miss them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.markdown.inline import Anchors, anchor_of
from catalog.markdown.linting import broken_anchors
from catalog.markdown.parser import parse
from catalog.sentences import finding_sentence


@pytest.mark.parametrize(
    ("title", "anchor"),
    [
        ("Tools", "tools"),
        ("Tools & Libraries", "tools--libraries"),
        ("C++ / C#", "c--c"),
        ("a - b", "a---b"),
        ("snake_case", "snake_case"),
        ("1.2 What’s new?", "12-whats-new"),
        ("Données (été)", "données-été"),
        ("中文，工具 1", "中文工具-1"),
        ("Ｆｕｌｌ　width", "ｆｕｌｌwidth"),
        ("日本語「テキスト」", "日本語テキスト"),
        ("Привет non-latin 你好", "привет-non-latin-你好"),
        ("हिन्दी", "हिन्दी"),
        ("😄 emoji", "-emoji"),
        ("⚙️ gear", "\ufe0f-gear"),
        (":tada: short code", "tada-short-code"),
        ("½ Ⅷ ²", "-ⅷ-"),
        ("Ⓐ", "ⓐ"),
        (" a ", "-a-"),
        ("a\u200db\u00a0c", "abc"),
        ("", ""),
    ],
)
def test_anchor_of_follows_github(title: str, anchor: str) -> None:
    assert anchor_of(title) == anchor


@pytest.mark.parametrize(
    ("titles", "anchors"),
    [
        (["A", "a", "A!"], ["a", "a-1", "a-2"]),
        (["e", "e", "e 1", "e-1", "e"], ["e", "e-1", "e-1-1", "e-1-2", "e-2"]),
        (["f-1", "f", "f"], ["f-1", "f", "f-2"]),
        (["", "!"], ["", "-1"]),
    ],
)  # fmt: skip
def test_anchors_number_what_repeats(titles: list[str], anchors: list[str]) -> None:
    document = Anchors()
    assert [document.add(title) for title in titles] == anchors


@given(st.lists(st.sampled_from(["a", "a-1", "a-1-1", "A", "b", ""])))
def test_anchors_never_repeat(titles: list[str]) -> None:
    document = Anchors()
    anchors = [document.add(title) for title in titles]
    assert len(set(anchors)) == len(anchors)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Tools\n\n- [a](#tools)\n- [b](#Tools)\n- [c](#TOOLS)\n", ""),
        ("# 工具\n\n[a](#%E5%B7%A5%E5%85%B7)\n", ""),
        ("[top](#) [readme](#readme) [top](#top)\n", ""),
        ('<a name="here"></a>\n\n[a](#here) [b](#user-content-here)\n', []),
        ("- # Inner\n\n[a](#inner)\n", ""),
        ("# Tools ![b](c.svg)\n\n[a](#tools) [b](#tools-) [c](#-tools)\n", ""),
        ("# License\n\n[a](LICENSE) [b](docs/license) [c](license.md)\n", ""),
        (
            "# Tools\n\n\n- [T](#tool)\n",
            (
                "4 broken-anchor: The link “T” leads to “#tool”, which no heading has; "
                "“#tools” may be meant."
            ),
        ),
        (
            "# Tools\n\na\nb [c](#nothing-like-it)\n",
            (
                "4 broken-anchor: The link “c” leads to “#nothing-like-it”, which no heading has; "
                "correct or remove it."
            ),
        ),
        (
            "# Using Tools\n\n- [U](using-tools)\n",
            (
                "3 anchor-without-hash: The link “U” leads to a file named “using-tools”; write "
                "“#using-tools” to lead to the heading."
            ),
        ),
    ],
)
def test_broken_anchors(text: str, expected: str) -> None:
    findings = [
        f"{finding.line} {finding.code}: {finding_sentence(finding)}"
        for finding in broken_anchors(parse(text))
    ]
    assert findings == [expected] * bool(expected)
