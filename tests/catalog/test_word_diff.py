"""Differences word by word: what is marked, and that nothing of a text is lost."""

from __future__ import annotations

import random

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from catalog.history.diffs import Fragment, compare

WORDS = ("model", "size", "licence", "open data", "image", "模型", "开源", "Apache-2.0", "7B")


@pytest.mark.parametrize(
    ("before", "after", "gone", "come"),
    [
        ("same", "same", [], []),
        ("Edits text.", "Edits any text.", [], ["any"]),
        ("| Alpha | 7B | MIT |", "| Alpha | 8B | GPL |", ["7B", "MIT"], ["8B", "GPL"]),
        ("| Alpha | 7B    | MIT |", "| Alpha | 13B | MIT |", ["7B"], ["13B"]),
        ("| --- | ------ |", "| --- | --- |", ["------"], ["---"]),
        ("| --- | ------ |\n| a |", "| --- | --- |\n| b |", ["a"], ["b"]),
        ("a b c d", "a x y d", ["b c"], ["x y"]),
        ("一个模型", "一个大模型", [], ["大"]),
        ("a  b", "a b", ["  "], [" "]),
        ("all", "else", ["all"], ["else"]),
        ("", "new", [], ["new"]),
    ],
)
def test_words_that_differ_are_marked(
    before: str, after: str, gone: list[str], come: list[str]
) -> None:
    old, new = compare(before, after)

    assert ([part for part in old[1::2] if part], [part for part in new[1::2] if part]) == (
        gone,
        come,
    )
    assert ("".join(old), "".join(new)) == (before, after)


@given(st.text("ab |-\n\r模é.\t", max_size=60), st.text("ab |-\n\r模é.\t", max_size=60))
def test_nothing_is_lost_and_what_differs_is_marked(before: str, after: str) -> None:
    old, new = compare(before, after)

    assert ("".join(old), "".join(new)) == (before, after)
    assert bool(old.marked or new.marked) == (before != after) or (
        before.split() == after.split() or "--" in before + after
    )


def random_row(chance: random.Random) -> list[str]:
    return [
        " ".join(chance.choices(WORDS, k=chance.randint(1, 6)))
        for _ in range(chance.randint(8, 14))
    ]


def aligned(cells: list[str], widths: list[int]) -> str:
    columns = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(columns)} |"


def test_two_changed_cells_of_a_wide_row_mark_little_more_than_their_words() -> None:
    """200 rows, aligned anew by the change; at most half as much again is marked in all."""
    chance = random.Random(7)
    marked = differs = 0
    for _ in range(200):
        before = random_row(chance)
        after = list(before)
        for number in chance.sample(range(len(before)), 2):
            words = before[number].split()
            place = chance.randrange(len(words))
            new = f"new{chance.randint(100, 9999)}"
            differs += len(words[place]) + len(new)
            after[number] = " ".join([*words[:place], new, *words[place + 1 :]])
        widths = [[max(map(len, pair)) for pair in zip(row, row, strict=True)]
                  for row in (before, after)]  # fmt: skip
        old, new_row = compare(aligned(before, widths[0]), aligned(after, widths[1]))
        marked += len(old.marked) + len(new_row.marked)
        assert len(old.marked) + len(new_row.marked) < 80

    assert differs <= marked <= 1.5 * differs


def test_marks_are_escaped_and_padding_is_shown_narrow() -> None:
    template = Template("{% load catalog %}{{ part|marked }}")

    html = template.render(Context({"part": Fragment("| <b>      | ", "7B & more", " |")}))

    assert html == ('| &lt;b&gt;<span class="pad">      </span>| <mark>7B &amp; more</mark> |')
    assert template.render(Context({"part": Fragment("", "all of it")})) == "all of it"
