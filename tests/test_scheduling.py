"""Who runs which test: nothing is left out or done twice, and nobody is idle before the end."""

from typing import Any

import pytest
from xdist.remote import Producer

from tests.scheduling import ByFile

FILES = {"long": [9] * 6, "short": [1] * 8, "shorter": [1] * 5, "last": [2, 8, 1, 1, 1, 1]}
"""How long each of a file's tests takes."""
TESTS = [f"{name}::{number}" for name, times in FILES.items() for number in range(len(times))]
SECONDS = [seconds for times in FILES.values() for seconds in times]


class Worker:
    """Does what it is given when its turn comes, as a worker of xdist's does."""

    def __init__(self) -> None:
        self.given: list[int] = []
        self.done: list[str] = []
        self.busy_until = 0
        self.shutting_down = False
        self.gateway = self
        self.id = ""

    def send_runtest_some(self, tests: list[int]) -> None:
        self.given += tests

    def shutdown(self) -> None:
        self.shutting_down = True

    @property
    def can_go_on(self) -> bool:
        # It has to know the next test, or that there is none.
        return len(self.given) > (0 if self.shutting_down else 1)


def test_workers_take_file_by_file_and_end_together(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers: list[Any] = [Worker(), Worker()]
    monkeypatch.setattr(pytestconfig.option, "tx", ["popen"] * len(workers))
    scheduler = ByFile(pytestconfig, Producer("log", enabled=False))
    for worker in workers:
        scheduler.add_node(worker)
        scheduler.add_node_collection(worker, TESTS)
    scheduler.schedule()

    while ready := [worker for worker in workers if worker.can_go_on]:
        worker = min(ready, key=lambda worker: worker.busy_until)
        test = worker.given.pop(0)
        worker.busy_until += SECONDS[test]
        worker.done.append(TESTS[test])
        scheduler.mark_test_complete(worker, test, SECONDS[test])

    assert [worker.done for worker in workers] == [
        ["long::0", "long::1", "long::2", "long::3", "long::4"],
        [test for test in TESTS if not test.startswith("long")] + ["long::5"],
    ]
    assert [worker.busy_until for worker in workers] == [45, 36]
