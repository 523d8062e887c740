"""Stages of what was found: pages of them, and places that are found again."""

import pytest
from pyroaring import BitMap

from catalog.finding.ranking import Mark, Name, Ranking, Stage

NAMED: list[Name] = [(2, "ab", 9), (5, "about", 3)]
STAGES: list[Stage] = [NAMED, [(5, "", 3), (7, "", 4)], BitMap([1, 9, 12]), BitMap([4, 5, 12])]
ORDER = [9, 3, 4, 1, 12, 5]


def ranking() -> Ranking:
    return Ranking(iter(STAGES))


@pytest.mark.parametrize("start", range(8))
@pytest.mark.parametrize("stop", range(8))
def test_some(start: int, stop: int) -> None:
    assert ranking().some(start, stop) == ORDER[start:stop]


def test_no_stage_is_made_before_a_page_needs_it() -> None:
    made: list[int] = []

    def stages() -> object:
        for number, stage in enumerate(STAGES):
            made.append(number)
            yield stage

    results = Ranking(stages())  # type: ignore[arg-type]

    assert (results.some(0, 2), made) == ([9, 3], [0])
    assert (results.some(2, 3), made) == ([4], [0, 1])
    assert (results.some(2, 4), made) == ([4, 1], [0, 1, 2])


MARKS: list[Mark] = [
    (0, 2, "ab", 9),
    (0, 5, "about", 3),
    (1, 7, "", 4),
    (2, 0, "", 1),
    (2, 0, "", 12),
    (3, 0, "", 5),
]


def test_marks_match_again() -> None:
    results = ranking()

    assert [results.mark(at) for at in range(len(ORDER))] == MARKS
    assert [results.place(mark, behind=False) for mark in MARKS] == [0, 1, 2, 3, 4, 5]
    assert [results.place(mark, behind=True) for mark in MARKS] == [1, 2, 3, 4, 5, 6]
    with pytest.raises(IndexError):
        results.mark(6)


@pytest.mark.parametrize(
    ("mark", "place"),
    [
        ((0, 3, "abc", 9), 1),
        ((0, 9, "", 1), 2),
        ((1, 6, "", 77), 2),
        ((2, 0, "", 11), 4),
        ((9, 0, "", 1), 6),
    ],
)
def test_a_mark_of_what_is_gone_is_between_others(mark: Mark, place: int) -> None:
    assert ranking().place(mark, behind=True) == place
    assert ranking().place(mark, behind=False) == place
