"""Stages of what matches, and pages of them."""

import pytest
from pyroaring import BitMap

from catalog.finding.matching import Name, Ranking, Stage

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
