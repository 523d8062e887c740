"""What stands behind the text of entries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.markdown.attributes import trailing_attributes


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
        ("- [Kept](u) - Ada Lovelace *(PDF)*\n\n  More of it.\n", [("()", "PDF")]),
        # Links, and what only looks alike.
        ("- [Kept](u)\n", []),
        ("- [Kept](u) - Keeps pages. ([Demo](u))\n", []),
        ("- [Kept](u) - Keeps pages, and (often) more\n", []),
        ("- [Kept](u) - Keeps ``a`b``\n", []),
        ("- ` ` `\n", []),
        ("- [Kept](u) `a` `b` `c` `d` `e` `f` `g`\n", []),
        ("", []),
    ],
)
def test_values_behind_the_text_are_read(source: str, attributes: list[tuple[str, str]]) -> None:
    assert [tuple(each) for each in trailing_attributes(source)] == attributes


@given(st.text("`()[]（）.,/ a\n", max_size=60))
def test_no_text_is_too_odd(source: str) -> None:
    assert all(each.text in source for each in trailing_attributes(source))


def test_a_long_line_of_brackets_takes_no_time() -> None:
    assert trailing_attributes("- " + "(" * 100_000 + ")" * 100_000) == ()
