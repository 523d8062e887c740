from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from catalog.finding.matching import Part, Way, rarity, scored

ENTRIES = range(12)
sets = st.frozensets(st.sampled_from(ENTRIES))
parts = st.builds(
    lambda first, other, weight, is_needed: Part(
        (Way(BitMap(first), 1.5), Way(BitMap(other), 1.0)), weight, is_needed
    ),
    sets, sets, st.sampled_from([0.5, 1.0, 3.0]), st.booleans(),
)  # fmt: skip


def score_of(entry: int, parts: list[Part]) -> float | None:
    """What an entry is worth, by looking at it alone; None where it lacks what is needed."""
    total = 0.0
    for part in parts:
        worths = [way.worth for way in part.ways if entry in way.entries]
        if not worths and part.is_needed:
            return None
        total += part.weight * max(worths, default=0)
    return total


@given(st.lists(parts, max_size=5), sets)
def test_sets_are_those_of_each_score_the_highest_first(
    parts: list[Part], within: frozenset[int]
) -> None:
    expected = {entry: score for entry in within if (score := score_of(entry, parts)) is not None}

    result = list(scored(parts, BitMap(within)))

    assert {entry: score for score, entries in result for entry in entries} == expected
    assert sum(len(entries) for _score, entries in result) == len(expected)
    scores = [score for score, _entries in result]
    assert scores == sorted(scores, reverse=True)


def test_rare_words_are_worth_more() -> None:
    worth = [rarity(count, 1000) for count in (0, 1, 10, 1000)]

    assert worth[0] == 0
    assert worth[1] > worth[2] > worth[3] > 0
