"""How many of the links that GitHub shows land in an entry."""

from __future__ import annotations

from statistics import median

import pytest

from catalog.markdown import parse
from tests.catalog.markdown.oracle import missed_links, outbound_links
from tests.lists import NAMES, needs_real_lists, read_list

ENOUGH = 0.99
WWW = "http://www.reel.example"


@needs_real_lists
def test_links_land_in_entries() -> None:
    shares = []
    total = missed = 0
    for name in NAMES:
        text = read_list(name)
        links = len(outbound_links(text))
        lost = len(missed_links(text, parse(text)))
        total, missed = total + links, missed + lost
        if links:
            shares.append(1 - lost / links)

    share = 1 - missed / total
    print(  # noqa: T201 - the figure, shown with -s
        f"{share:.3%} of {total} links land in an entry, {median(shares):.3%} of the median list's"
    )
    assert share >= ENOUGH
    assert median(shares) >= ENOUGH


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("- [Kite](https://kite.example)\n", ["https://kite.example"]),
        ("- <https://kite.example> and www.reel.example\n", ["https://kite.example", WWW]),
        ("| a |\n|---|\n| [Kite](https://kite.example) |\n", ["https://kite.example"]),
        ("<p><a href='https://kite.example'>Kite</a></p>\n", ["https://kite.example"]),
        ("See [Kite][k].\n\n[k]: https://kite.example\n", ["https://kite.example"]),
        ("`https://kite.example`\n\n    https://kite.example\n", []),
        ("<!-- [Kite](https://kite.example) -->\n", []),
        ("[![Kite](kite.png)](https://kite.example)\n", []),
        ("# Kites\n\nAbout [kites](#kites).\n", []),
    ],
)
def test_oracle_names_links_and_entries_hold_them(text: str, links: list[str]) -> None:
    assert outbound_links(text) == links
    assert missed_links(text, parse(text)) == []
