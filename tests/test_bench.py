from typing import Any

import pytest

from bench import Ratio
from bench.__main__ import line


@pytest.mark.parametrize(
    ("limits", "stored"),
    [
        ({}, True),
        ({"at_most": 2.5}, True),
        ({"at_most": 2.4}, False),
        ({"at_least": 2.5}, True),
        ({"at_least": 2.6}, False),
    ],
)
def test_ratio_keeps_its_limits(limits: dict[str, Any], stored: bool) -> None:
    assert Ratio(what="a", against="b", value=2.5, **limits).is_within is stored


def test_line_names_a_limit_that_is_missed() -> None:
    ratio = Ratio(what="parse", against="events", value=12, at_most=10, note="1 MB")

    assert line(ratio).split() == ["parse", "12.00", "≤", "10", "events", "1", "MB", "MISSED"]
