"""Workers on two databases side by side in one run, each of which takes every test it can."""

from collections.abc import Sequence
from typing import Any

import pytest
from xdist.scheduler import WorkStealingScheduling
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


class ByDatabase:
    """Schedules the tests of each database among its own workers: a `Scheduling` of xdist's."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._each = {database: WorkStealingScheduling(config) for database in DATABASES}
        for each in self._each.values():
            each.numnodes //= len(DATABASES)

    def _of(self, node: WorkerController) -> WorkStealingScheduling:
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
        self._of(node).remove_pending_tests_from_node(node, indices)

    def remove_node(self, node: WorkerController) -> str | None:
        crashed: str | None = self._of(node).remove_node(node)
        return crashed

    def schedule(self) -> None:
        for each in self._each.values():
            each.schedule()
        # xdist has counted those of one worker, for the percentage and for what is an empty run.
        session: Any = self._config.pluginmanager.get_plugin("session")
        session.testscollected = sum(len(each.collection or []) for each in self._each.values())
