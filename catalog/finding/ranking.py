"""The order of what was found: stages, the best first, each in an order of its own."""

from __future__ import annotations

from collections.abc import Iterator

from pyroaring import BitMap

type Name = tuple[int, str, int]
"""An entry in a stage of names: what it is sorted by there (length, text), and its key."""
type Stage = list[Name] | BitMap
"""Names in their order, or entries in the order of their keys."""


class Ranking:
    """Entries by how well they fit. Stages are made when a page needs them, and then kept.

    An entry counts in the first stage that has it.
    """

    def __init__(self, stages: Iterator[Stage]) -> None:
        self._coming = stages
        self._made: list[Stage] = []
        self._seen = BitMap()

    def some(self, start: int, stop: int) -> list[int]:
        """Keys of the entries from one place to another."""
        found: list[int] = []
        passed = 0
        for stage in self._stages():
            own = stage[max(start - passed, 0) : max(stop - passed, 0)]
            found += own if isinstance(own, BitMap) else [pk for *_name, pk in own]
            passed += len(stage)
            if passed >= stop:
                break
        return found

    def _stages(self) -> Iterator[Stage]:
        number = 0
        while True:
            if number == len(self._made) and not self._make():
                return
            yield self._made[number]
            number += 1

    def _make(self) -> bool:
        stage = next(self._coming, None)
        if stage is None:
            return False
        if isinstance(stage, BitMap):
            entries = stage - self._seen
            self._made.append(entries)
        else:
            names = [name for name in stage if name[-1] not in self._seen]
            entries = BitMap([pk for *_name, pk in names])
            self._made.append(names)
        self._seen |= entries
        return True
