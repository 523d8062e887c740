"""A clock that is set stops no work for long, and takes no task from a worker that lives."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.tasks import TaskResultStatus as State
from django_tasks_db.models import DBTaskResult

from background import clock as shared_clock
from background import queue
from background.models import PeriodicTask
from background.worker import Worker
from tests.background import work
from tests.clocks import Clock

pytestmark = pytest.mark.django_db

YEAR = 365 * 24 * 3600
JUMPS = [YEAR, 300, -300, -YEAR]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, start=time.time())


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "done", [])


def running() -> DBTaskResult:
    """A task that a worker has begun, who lives."""
    work.note.enqueue(1)
    queue.sign_of_life("a worker")
    row = queue.claim("a worker")
    assert row
    return row


def lost() -> int:
    return queue.reap(shared_clock.shared_time())


@pytest.mark.parametrize("jump", [70, -70, *JUMPS])
def test_worker_with_another_clock_keeps_its_task_on_postgresql(
    monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("beside SQLite all workers have the clock of one machine")
    other = time.time_ns() // 1000 + int(jump * shared_clock.SECOND)
    with monkeypatch.context() as patch:
        patch.setattr(shared_clock, "now", lambda: other)
        running()

    assert lost() == 0


@pytest.mark.parametrize("jump", JUMPS)
def test_worker_keeps_its_task_when_the_clock_is_set(clock: Clock, jump: float) -> None:
    running()
    other = Worker()
    other.look_after()
    clock.jump(jump)
    other.look_after()
    clock.wait(10)
    queue.sign_of_life("a worker")
    for _ in range(12):
        other.look_after()
        clock.wait(5)
        queue.sign_of_life("a worker")

    row = DBTaskResult.objects.get(task_path__startswith="tests.")
    assert (row.status, row.worker_ids) == (State.RUNNING, ["a worker"])


def test_dead_worker_loses_its_task_after_the_clock_is_set(clock: Clock) -> None:
    running()
    other = Worker()
    other.look_after()
    clock.jump(YEAR)
    other.look_after()
    clock.wait(queue.SILENCE.total_seconds() + 1)
    other.look_after()

    row = DBTaskResult.objects.get(task_path__startswith="tests.")
    assert (row.status, row.worker_ids) == (State.READY, ["a worker"])


@pytest.mark.parametrize("jump", [YEAR, 300])
def test_dead_worker_loses_its_task_though_the_clock_is_set_back(clock: Clock, jump: float) -> None:
    clock.jump(jump)
    running()
    clock.jump(-jump)

    assert lost() == 0
    clock.wait(queue.SILENCE.total_seconds() + 1)
    assert lost() == 1


@pytest.mark.parametrize("jump", [YEAR, 24 * 3600])
def test_failed_task_is_tried_again_though_the_clock_is_set_back(clock: Clock, jump: float) -> None:
    row = running()
    clock.jump(jump)
    queue.fail(row, RuntimeError())
    clock.jump(-jump)

    Worker().look_after()
    clock.wait(1)

    row.refresh_from_db()
    assert row.status == State.READY
    assert row.run_after <= shared_clock.shared_time()


def test_task_for_later_stays_for_later(clock: Clock) -> None:
    later = shared_clock.shared_time() + timedelta(days=30)
    work.note.using(run_after=later).enqueue(1)
    Worker().look_after()

    assert DBTaskResult.objects.get(task_path__startswith="tests.").run_after == later


def test_task_that_was_enqueued_ahead_is_done_though_the_clock_is_set_back(clock: Clock) -> None:
    year = timedelta(seconds=YEAR)
    work.note.using(run_after=shared_clock.shared_time() + year).enqueue(1)
    rows = DBTaskResult.objects.filter(task_path__startswith="tests.")
    rows.update(enqueued_at=shared_clock.shared_time() + year)
    Worker().look_after()

    assert rows.get().run_after == shared_clock.shared_time()


@pytest.mark.parametrize("rule", ["1h", "06:00"])
@pytest.mark.parametrize("jump", JUMPS)
def test_set_times_come_round_though_the_clock_is_set(
    clock: Clock, settings: LazySettings, rule: str, jump: float
) -> None:
    settings.PERIODIC_TASKS = {"tests.background.work.give_up": rule}
    worker = Worker()
    worker.look_after()
    clock.jump(jump)
    worker.look_after()
    clock.jump(-jump)
    worker.look_after()

    due = PeriodicTask.objects.get().due_at
    latest = timedelta(hours=1) if rule == "1h" else timedelta(days=1)
    assert due <= shared_clock.shared_time() + latest + timedelta(minutes=1)
