"""What of a sequence stayed in order, so that the rest is what moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def longest_increasing(values: Sequence[int]) -> set[int]:
    """The values of one longest increasing subsequence; the others are what moved."""
    tails: list[int] = []
    tail_positions: list[int] = []
    previous: list[int] = []
    for position, value in enumerate(values):
        length = bisect_left(tails, value)
        previous.append(tail_positions[length - 1] if length else -1)
        if length == len(tails):
            tails.append(value)
            tail_positions.append(position)
        else:
            tails[length] = value
            tail_positions[length] = position
    members: set[int] = set()
    position = tail_positions[-1] if tail_positions else -1
    while position >= 0:
        members.add(values[position])
        position = previous[position]
    return members
