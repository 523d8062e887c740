"""Time that only the test moves."""

import pytest

from accounts import limits
from background import clock, worker


class Clock:
    """What the processes of a test take for the time.

    `wait` lets time pass; `jump` sets the clock, as an administrator would, and no time passes.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, start: float = 1_800_000_000) -> None:
        self.seconds = start
        self.passed = 0.0
        monkeypatch.setattr(clock, "now", lambda: int(self.seconds * clock.SECOND))
        monkeypatch.setattr(clock, "now_sql", lambda: str(clock.now()))
        for module in (limits, worker):
            monkeypatch.setattr(module, "monotonic", lambda: self.passed)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.passed += seconds

    def jump(self, seconds: float) -> None:
        self.seconds += seconds
