"""Which worker runs which test: file by file, and on two databases side by side in one run."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScheduling
from xdist.workermanage import WorkerController

DATABASES = ("sqlite", "postgresql")

# In the environment of each worker, where xdist puts it.
DATABASE = "LISTWRIGHT_TESTS_DATABASE"


def start_on_each(config: pytest.Config) -> None:
    """Let xdist start as many workers as it was to start, once for each database.

    Some wait for the browser, for a lock or for the other database, so that twice as many workers
    as processors are not too many.
    """
    config.option.tx = [
        f"{spec}//env:{DATABASE}={database}" for database in DATABASES for spec in config.option.tx
    ]


def place_of(node: WorkerController) -> str:
    """What to write behind the name of a test of this worker: ` on postgresql`, or nothing."""
    database = (node.gateway.spec.env or {}).get(DATABASE)
    return f" on {database}" if database else ""


class ByFile(LoadScheduling):  # type: ignore[misc]
    """Hands out one test after another: of the file that a worker has begun, else of the next file.

    So what the tests of a file share is made once. When all files are begun, workers without one
    help the others, and all end together.
    """

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        self.maxschedchunk = 1
        self._newest: dict[WorkerController, int] = {}
        """The test that each worker was given last."""
        self._next_file = 0
        """The first test of the first file that nobody has begun."""

    def _send_tests(self, node: WorkerController, num: int) -> None:
        for _each in range(min(num, len(self.pending))):
            test = self._newest[node] = self.pending.pop(self._next_place(node))
            self.node2pending[node].append(test)
            node.send_runtest_some([test])

    def _next_place(self, node: WorkerController) -> int:
        """Where among the pending tests, which are in order, the worker's next one is."""
        if (newest := self._newest.get(node)) is not None:
            place = bisect_left(self.pending, newest)
            if place < len(self.pending) and self._file(self.pending[place]) == self._file(newest):
                return place
        place = bisect_left(self.pending, self._next_file)
        if place == len(self.pending):
            return -1
        test = self.pending[place]
        others = (other for other in self.pending[place:] if self._file(other) != self._file(test))
        self._next_file = next(others, len(self.collection))
        return place

    def _file(self, test: int) -> str:
        return str(self.collection[test].partition("::")[0])


class ByDatabase:
    """Schedules the tests of each database among its own workers: a `Scheduling` of xdist's."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        self._config = config
        self._each = {database: ByFile(config, log) for database in DATABASES}
        for each in self._each.values():
            each.numnodes //= len(DATABASES)

    def _of(self, node: WorkerController) -> ByFile:
        return self._each[node.gateway.spec.env[DATABASE]]

    @property
    def nodes(self) -> list[WorkerController]:
        return [node for each in self._each.values() for node in each.nodes]

    @property
    def collection_is_completed(self) -> bool:
        return all(each.collection_is_completed for each in self._each.values())

    @property
    def tests_finished(self) -> bool:
        return all(each.tests_finished for each in self._each.values())

    @property
    def has_pending(self) -> bool:
        return any(each.has_pending for each in self._each.values())

    def add_node(self, node: WorkerController) -> None:
        self._of(node).add_node(node)

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        self._of(node).add_node_collection(node, collection)

    def mark_test_complete(
        self, node: WorkerController, item_index: int, duration: float = 0
    ) -> None:
        self._of(node).mark_test_complete(node, item_index, duration)

    def mark_test_pending(self, item: str) -> None:
        for each in self._each.values():
            each.mark_test_pending(item)

    def remove_pending_tests_from_node(
        self, node: WorkerController, indices: Sequence[int]
    ) -> None:
        """Nothing: no worker is asked to give tests back."""

    def remove_node(self, node: WorkerController) -> str | None:
        crashed: str | None = self._of(node).remove_node(node)
        return crashed

    def schedule(self) -> None:
        for each in self._each.values():
            each.schedule()
        # xdist has counted those of one worker, for the percentage and for what is an empty run.
        session: Any = self._config.pluginmanager.get_plugin("session")
        session.testscollected = sum(len(each.collection or []) for each in self._each.values())
