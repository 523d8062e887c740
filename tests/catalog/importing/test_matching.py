"""Which block is which, by texts as short as `test_importing` writes them."""

import random
from bisect import bisect_left

import pytest

from catalog.importing.matching import Matching
from catalog.importing.merging import items_of
from catalog.markdown import parse
from catalog.markdown.subsequences import longest_increasing
from tests.catalog.importing.test_importing import text_of


def matched(old: str, new: str) -> list[int | None]:
    """For each new block that is not blank its old one, counted the same way."""
    before, after = (items_of(parse(text_of(words))) for words in (old, new))
    old_of = Matching(before, after).run()
    filled = [i for i, item in enumerate(before) if item.source.strip()]
    return [
        filled.index(old_of[i]) if i in old_of else None
        for i, item in enumerate(after)
        if item.source.strip()
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a b c", "a b c", [0, 1, 2]),
        ("a b c", "c b a", [2, 1, 0]),
        ("a b c", "a c", [0, 2]),
        ("a a a", "a a", [0, 1]),
        ("a b a c", "c a b a", [3, 0, 1, 2]),
        ("a b", "a n", [0, None]),
        ("a b", "a bb=b", [0, 1]),
        ("a b", "a b=new", [0, 1]),
        ("a b", "a bb=new", [0, None]),
        ("a b=u c=u", "a c=u b=u", [0, 2, 1]),
        ("b=u c=u d=u", "b=u! c=u! d=u!", [0, 1, 2]),
        ("b=u c=u", "n=u! b=u! c=u!", [None, 0, 1]),
        ("##x _ a b _ ##y _ c", "##z _ a b _ ##y _ c", [0, 1, 2, 3, 4]),
        ("##x _ a b _ ##y _ c d", "##y _ a b _ ##x _ c d", [3, 1, 2, 0, 4, 5]),
        ("##x _ a=u _ ##y _ b=u", "##y _ b=u! _ ##x _ a=u!", [2, 3, 0, 1]),
    ],
)
def test_blocks_are_matched(old: str, new: str, expected: list[int | None]) -> None:
    assert matched(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # What is an item never was running text, and the reverse.
        ("- [A](https://a.org) - Words.\n", "Read [A](https://a.org) first.\n", [None]),
        ("Read [A](https://a.org) first.\n", "- [A](https://a.org) - Words.\n", [None]),
        ("- [A](https://a.org) - Words.\n", "| name |\n|---|\n| [A](https://a.org) |\n",
         [None, None, 0]),
        # A relative address is one.
        ("- [A](docs/a.md) - One.\n- [B](docs/b.md)\n",
         "- [Beta](docs/b.md) - Two.\n- [Alpha](docs/a.md)\n", [1, 0]),
    ],
)  # fmt: skip
def test_lines_are_matched(old: str, new: str, expected: list[int | None]) -> None:
    before, after = items_of(parse(old)), items_of(parse(new))
    old_of = Matching(before, after).run()
    assert [old_of.get(index) for index in range(len(after))] == expected


def test_repeated_addresses_are_paired_in_order_though_one_is_new() -> None:
    """Three with one address where two were: the first two are taken for the old ones."""
    assert matched("b=u! c=u!", "b=u c=u d=u") == [0, 1, None]


def test_matching_pairs_one_to_one() -> None:
    chance = random.Random(1)
    words = ["a", "b", "c", "a!", "b=u", "c=u", "d=u", "##x", "##y"]
    for _time in range(300):
        old, new = (" _ ".join(chance.choices(words, k=chance.randint(0, 8))) for _ in "ab")
        before, after = (items_of(parse(text_of(text))) for text in (old, new))
        matching = Matching(before, after)

        old_of = matching.run()

        assert matching.new_of == {there: here for here, there in old_of.items()}
        assert all(before[there].is_entry == after[here].is_entry for here, there in old_of.items())
        if old == new:
            assert old_of == {i: i for i in range(len(after))}


def test_longest_increasing_is_the_longest() -> None:
    chance = random.Random(2)
    for _time in range(200):
        values = chance.sample(range(30), chance.randint(0, 12))

        stored = longest_increasing(values)

        ends: list[int] = []
        for value in values:
            place = bisect_left(ends, value)
            ends[place : place + 1] = [value]
        assert len(stored) == len(ends)
        assert [value for value in values if value in stored] == sorted(stored)
