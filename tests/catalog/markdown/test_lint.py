"""What is worth a look in a list, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.markdown.linting import Finding, Severity, lint
from catalog.markdown.parser import parse
from catalog.sentences import finding_sentence
from tests.lists import NAMES, needs_real_lists, read_list


def items(*lines: str, heading: str = "") -> str:
    return heading + "".join(f"- {line}\n" for line in lines)


GREEK = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"]
SORTED = sorted(GREEK)


def described(name: str, text: str = "Does things.") -> str:
    return f"[{name}](https://{name}.org) - {text}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# List\n\n## Tools\n\n" + items(*map(described, SORTED)), []),
        # Addresses
        (
            "- [a](http://www.a.org/)\n- [b](https://b.org)\n- [c](https://a.org)\n",
            [(1, "http"), (3, "duplicate-url")],
        ),
        ("- [a](https://a.org#x)\n- [b](https://a.org#y)\n", []),
        (
            "- [a](https://a.org#x)\n- [b](https://a.org)\n- [c](https://a.org#y)\n",
            [(2, "duplicate-url"), (3, "duplicate-url")],
        ),
        ("- [a](https://a.org?utm_source=x&fbclid=y)\n", [(1, "tracking")]),
        ("- [a](https://gitlab.com/o/r/-/tree/x?ref=y)\n", []),
        ("- [a]()\n- [b](https://b.org)\n", [(1, "empty-link")]),
        ("- [](https://a.org) a\n", [(1, "link-without-text")]),
        ("- [![](a.svg)](https://a.org) a\n", []),
        ("a [b][c] d\n", [(1, "undefined-reference")]),
        ("a [b][c] `[d][e]` [f][]\n\n[c]: https://c.org\n[f]: https://f.org\n", []),
        ("[c]\n\n[C]: https://c.org\n[c]: https://d.org\n", [(4, "duplicate-definition")]),
        ("[//]: # (a)\n\nb\n\n[//]: # (c)\n", []),
        # Headings
        ("# a\n\n### b\n\n## c\n\n### d\n", [(3, "heading-jump")]),
        ("## a\n\n#\n", [(3, "empty-heading")]),
        ("# a\n" + "## b\n" * 20 + "# c\n", [(22, "second-title")]),
        ("# a\n# b\n# c\n", []),
        # Characters
        ("- [a\u200bb](https://a.org)\n", [(1, "unseen-character")]),
        ("- [a](https://a.org) \u202ebad\n", [(1, "unseen-character")]),
        ("- [a](https://a.org) \x08\n", [(1, "unseen-character")]),
        ("- [a](https://a.org) 👨\u200d👩 \u05d0\u200f نرم\u200cافزار\n", []),
        ("```\n\u200b\n```\n", []),
        # Rows
        (
            "|a|b|\n|-|-|\n|[x](https://x.org)|1|\n|[y](https://y.org)|\n|[z](https://z.org)|1|2|\n",
            [(4, "missing-cells"), (5, "extra-cells")],
        ),
        # Brackets
        ("- [a](https://a.org) - Good (really.\n", [(1, "unbalanced")]),
        ("- [a](https://a.org) - 好（真的)。\n", [(1, "unbalanced")]),
        ("- [a](https://a.org) - Said “so.\n", [(1, "unbalanced")]),
        ('- [a](https://a.org) - Said "so.\n', [(1, "unbalanced")]),
        ('- [a](https://a.org) - `f(` 1) one, b) two :) 15" (https://b.org/c_(d)).\n', []),
        ("- [a](https://a.org) - „Gut“, ”bra” and (fine).\n", []),
        # Spaces
        ("- [a](https://a.org) - See[b](https://b.org).\n", [(1, "space-before-link")]),
        ("- [a](https://a.org) - 参见[b](https://b.org)、GPT[论文](https://c.org)。\n", []),
        # Neighbours
        (items(*map(described, SORTED[:5])) + items("[zz](https://zz.org)"), []),
        (items(*map(described, SORTED), "[zz](https://zz.org)"), [(11, "no-description")]),
        (items(*map(described, SORTED), described("zz", "does it.")), [(11, "capital")]),
        (items(*map(described, SORTED), described("zz", "iOS app.")), []),
        (
            items(*map(described, SORTED), described("zzz", "zzz is it.")),
            [(11, "name-in-description")],
        ),
        (items(*map(described, SORTED), described("zz", "Does it")), [(11, "end-mark")]),
        (items(*map(described, SORTED), described("zz", "Does it (well).")), []),
        (items(*map(described, SORTED), described("zz", "Does…")), [(11, "ellipsis")]),
        (items(*map(described, [*SORTED, "aa"])), [(11, "order")]),
        (items(*map(described, GREEK)), []),
        (
            items(*map(described, SORTED), "[Zeta](https://zeta.com) - Another."),
            [(11, "duplicate-name")],
        ),
        ("# a\n\n- [b](c.md)\n\n" * 10 + "* [b](c.md)\n", [(41, "other-marker")]),
        # Anchors
        ("# Tools\n\n- [Tools](#tool)\n", [(3, "broken-anchor")]),
    ],
)  # fmt: skip
def test_lint(text: str, expected: list[tuple[int, str]]) -> None:
    assert [(finding.line, finding.code) for finding in lint(parse(text))] == expected


def test_lint_says_what_where_and_what_to_do() -> None:
    text = "# List\n\n- [a](https://a.org) - One.\n- [b](http://www.a.org/) - Two.\n"
    assert lint(parse(text)) == [
        Finding(
            "duplicate-url",
            Severity.WARN,
            {"name": "b", "other": "a", "first": 3},
            line=4,
            entry=1,
            block=3,
        ),
        Finding("http", Severity.NOTE, {"name": "b", "host": "a.org"}, line=4, entry=1, block=3),
    ]


def test_lint_says_where_a_stray_belongs() -> None:
    findings = lint(parse(items(*map(described, [*SORTED, "lambda"]))))
    assert [(finding.code, dict(finding.values)) for finding in findings] == [
        ("order", {"name": "lambda", "other": "kappa"})
    ]


PARTS = [
    "# a\n", "## ", "- ", "* ", "| a | b |\n", "|---|---|\n", "[a](https://a.org)", "[b](#c)",
    "[c][d]", "[d]: e\n", "[](", "<a name=x>", "`", "(", "”", "\u200b", "\x00", "\ud800", "\r",
    "\n", "\n\n", "    ", "> ", "text. ", "http://a.org?utm_a=b ", "中文", "…",
]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS)).map("".join))
def test_lint_never_raises(text: str) -> None:
    lines = len(text.splitlines()) + text.count("\r") + 1
    for finding in lint(parse(text)):
        assert 1 <= finding.line <= lines
        sentence = finding_sentence(finding)
        assert sentence.endswith(".")
        assert "\n" not in sentence


@needs_real_lists
@pytest.mark.parametrize("name", NAMES)
def test_lint_reads_real_lists(name: str) -> None:
    document = parse(read_list(name))
    findings = lint(document)
    assert all(0 < finding.line <= document.blocks[-1].last_line for finding in findings)


@needs_real_lists
def test_lint_finds_the_repeated_addresses_of_the_first_list() -> None:
    document = parse(read_list("open-source-chatgpt-and-beyond.md"))
    codes = [finding.code for finding in lint(document)]
    assert codes.count("duplicate-url") == 9
    assert codes.count("anchor-without-hash") == 2
    assert codes.count("broken-anchor") == 1
