"""Longest common order of two sequences, so that the rest is what moved."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


def longest_increasing(values: Sequence[int]) -> set[int]:
    """The values, no two equal, of one longest increasing subsequence; the others moved."""
    return {values[position] for position in longest_sorted(values)}


def longest_sorted[T: (int, str)](values: Sequence[T]) -> list[int]:
    """Positions of a longest subsequence that never goes back."""
    tails: list[T] = []
    last: list[int] = []
    previous: list[int] = []
    for position, value in enumerate(values):
        place = bisect_right(tails, value)
        tails[place : place + 1] = [value]
        last[place : place + 1] = [position]
        previous.append(last[place - 1] if place else -1)
    members = []
    position = last[-1] if last else -1
    while position >= 0:
        members.append(position)
        position = previous[position]
    return members[::-1]
