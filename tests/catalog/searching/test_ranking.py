"""Stages of what matches, and pages of them."""

import pytest
from pyroaring import BitMap

from catalog.finding.matching import Stage, some

STAGES: list[Stage] = [[9, 3], [3, 4], BitMap([1, 9, 12]), BitMap([4, 5, 12])]
ORDER = [9, 3, 4, 1, 12, 5]


@pytest.mark.parametrize("start", range(8))
@pytest.mark.parametrize("stop", range(8))
def test_some(start: int, stop: int) -> None:
    assert some(STAGES, start, stop) == ORDER[start:stop]


@pytest.mark.parametrize(("stop", "number"), [(2, 1), (3, 2), (4, 3)])
def test_no_stage_is_made_before_a_page_needs_it(stop: int, number: int) -> None:
    stages = iter(STAGES)

    assert some(stages, 0, stop) == ORDER[:stop]
    assert len(list(stages)) == len(STAGES) - number
