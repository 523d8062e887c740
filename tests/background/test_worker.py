"""Workers as processes: killed in the middle, two at once, and ending with their parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.tasks import TaskResultStatus as State
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from background import queue
from background.models import WorkerProcess
from background.worker import Worker
from tests.background import processes

pytestmark = pytest.mark.django_db(transaction=True)

TIMEOUT = 40.0


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


type Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a worker on the tests' database; all are gone in the end."""
    started: list[subprocess.Popen[bytes]] = []

    def start_worker(*options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.background.processes", "--interval", "0.05", *options],
            cwd=settings.BASE_DIR,
            env=os.environ | processes.environment(connection, tmp_path),
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield start_worker
    for process in started:
        process.kill()
        process.wait()


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_two_workers_do_each_task_once(start: Start, tmp_path: Path) -> None:
    for n in range(60):
        processes.write_down.enqueue(str(n))
    start()
    start()

    wait_for(lambda: len(lines(tmp_path / "done")) >= 60)
    wait_for(lambda: not DBTaskResult.objects.exclude(status=State.SUCCESSFUL).exists())

    assert sorted(map(int, lines(tmp_path / "done"))) == list(range(60))


def test_task_of_a_killed_worker_is_done_by_another(start: Start, tmp_path: Path) -> None:
    processes.hang_once.enqueue()
    first = start()
    wait_for((tmp_path / "hangs").exists)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert DBTaskResult.objects.get().status == State.RUNNING

    # A minute later.
    WorkerProcess.objects.update(seen_at=timezone.now() - queue.SILENCE - timedelta(seconds=1))
    Worker().look_after()
    DBTaskResult.objects.filter(status=State.READY).update(run_after=timezone.now())
    start()
    wait_for(lambda: DBTaskResult.objects.filter(status=State.SUCCESSFUL).exists())

    assert lines(tmp_path / "done") == ["after all"]


def test_stopped_worker_ends_its_task_first(start: Start, tmp_path: Path) -> None:
    processes.take_a_moment.enqueue()
    worker = start()
    wait_for((tmp_path / "begun").exists)

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(TIMEOUT) == 0
    assert lines(tmp_path / "done") == ["a moment"]
    assert DBTaskResult.objects.get().status == State.SUCCESSFUL
    assert WorkerProcess.objects.count() == 0


def test_worker_ends_when_its_parent_does(start: Start) -> None:
    # This process is not the parent that it is told to have.
    worker = start("--parent", "1")

    assert worker.wait(TIMEOUT) == 0
