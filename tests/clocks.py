"""Time that only the test moves."""

import pytest

from accounts import clock, limits


class Clock:
    """What the processes of a test take for the time.

    `wait` lets time pass; `jump` sets the clock, as an administrator would, and no time passes.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 1_800_000_000.0
        self.passed = 0.0
        monkeypatch.setattr(clock, "now", lambda: int(self.seconds * clock.SECOND))
        monkeypatch.setattr(clock, "now_sql", lambda: str(clock.now()))
        monkeypatch.setattr(limits, "monotonic", lambda: self.passed)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.passed += seconds

    def jump(self, seconds: float) -> None:
        self.seconds += seconds
