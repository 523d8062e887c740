"""The process that does what waits in the queue, and puts into it what is due."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import Error, close_old_connections, connection, transaction
from django.utils import translation
from django.utils.crypto import get_random_string
from django.utils.json import normalize_json
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from background import clock, queue
from background.models import PeriodicTask, WorkerProcess

# The timetable: each task once at its time, however many workers there are


TOLERANCE = timedelta(minutes=1)
"""How far the clock of another worker may be ahead of this one's."""

_FORGOTTEN_AFTER = timedelta(days=2)
"""How long after its time a task is forgotten that the settings no longer name."""

_DAILY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
_EVERY = re.compile(r"([1-9]\d*)(m|h)\Z")


def next_after(rule: str, now: datetime) -> datetime:
    """Return the first time after `now` by "HH:MM" (daily, UTC), "15m" or "2h" (that far apart).

    Raises ValueError for any other rule.
    """
    if match := _DAILY.match(rule):
        hour, minute = map(int, match.groups())
        due = now.astimezone(UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)
        return due if due > now else due + timedelta(days=1)
    if match := _EVERY.match(rule):
        count, unit = int(match[1]), match[2]
        return now + (timedelta(minutes=count) if unit == "m" else timedelta(hours=count))
    raise ValueError(f"{rule!r} is no time of a day (03:10) and no distance (15m, 2h).")


def enqueue_due(now: datetime) -> list[str]:
    """Enqueue what is due and return its paths; what was missed for days is done once.

    What is due later than its rule can mean got its time from a clock that was set back since, or
    from another rule, and gets a new one.
    """
    rules: dict[str, str] = settings.PERIODIC_TASKS
    due_times = dict(PeriodicTask.objects.values_list("path", "due_at"))
    _follow_settings(rules, due_times, now)
    for path, rule in rules.items():
        latest = next_after(rule, now)
        if path in due_times and due_times[path] > latest + TOLERANCE:
            PeriodicTask.objects.filter(path=path, due_at=due_times[path]).update(due_at=latest)
            due_times[path] = latest
    return [
        path
        for path, rule in rules.items()
        if path in due_times and due_times[path] <= now and _take(path, due_times[path], rule, now)
    ]


def _follow_settings(rules: dict[str, str], known: dict[str, datetime], now: datetime) -> None:
    new = [
        PeriodicTask(path=path, due_at=next_after(rule, now))
        for path, rule in rules.items()
        if path not in known
    ]
    if new:
        # Another worker may have come first.
        PeriodicTask.objects.bulk_create(new, ignore_conflicts=True)
    # Workers of another release may know it, while one release follows the other.
    if any(due < now - _FORGOTTEN_AFTER for due in known.values()):
        gone = PeriodicTask.objects.filter(due_at__lt=now - _FORGOTTEN_AFTER)
        gone.exclude(path__in=rules).delete()


@transaction.atomic
def _take(path: str, due_at: datetime, rule: str, now: datetime) -> bool:
    """Move the time on and enqueue the task, unless another worker did: all or nothing."""
    row = PeriodicTask.objects.filter(path=path, due_at=due_at)
    if not row.update(due_at=next_after(rule, now), last_enqueued_at=now):
        return False
    import_string(path).enqueue()
    return True


logger = logging.getLogger(__name__)

BEAT_SECONDS = 10.0


class Worker:
    """Works until it is told to stop; what it is doing then is done to its end.

    With `parent_pid` it stops as soon as its parent is another process, that is, has ended.
    """

    def __init__(self, *, interval: float = 1.0, parent_pid: int | None = None) -> None:
        self.worker_id = f"{os.uname().nodename[:30]}-{os.getpid()}-{get_random_string(8)}"
        self.interval = interval
        self.parent_pid = parent_pid
        self.stopping = Event()
        self._offset: float | None = None
        self._set_at = float("-inf")

    def run(self) -> None:
        """Work, and look after the timetable and after tasks of dead workers."""
        queue.sign_of_life(self.worker_id)
        heart = Thread(target=self._beat, daemon=True)
        heart.start()
        looked_at = 0.0
        try:
            while not self.stopping.is_set() and self.parent_pid in (None, os.getppid()):
                close_old_connections()
                try:
                    if monotonic() - looked_at >= BEAT_SECONDS or not looked_at:
                        looked_at = monotonic()
                        self.look_after()
                    busy = self.work_once()
                except Error:
                    # A database that restarts must not need somebody who restarts the worker.
                    logger.exception("The database does not answer; going on in a moment.")
                    busy = False
                    self.stopping.wait(BEAT_SECONDS)
                if not busy:
                    self.stopping.wait(self.interval)
        finally:
            self.stopping.set()
            heart.join()
            self._sign_off()

    def run_until_idle(self) -> int:
        """Run all tasks that are ready, without waiting for more; return how many."""
        queue.sign_of_life(self.worker_id)
        self.look_after()
        count = 0
        while self.work_once():
            count += 1
        self._sign_off()
        return count

    def look_after(self) -> None:
        """Enqueue what is due, and free what dead workers hold."""
        now = clock.shared_time()
        enqueue_due(now)
        queue.bring_forward(now)
        if self._clock_was_set(now):
            # Every sign of life looks old until its worker gives another.
            return
        if lost := queue.reap(now):
            logger.warning("Took %d tasks over from workers that are gone.", lost)

    def _clock_was_set(self, now: datetime) -> bool:
        """Whether the clock was set forward or back since, or shortly before, the last call."""
        steady = monotonic()
        offset = now.timestamp() - steady
        if self._offset is not None and abs(offset - self._offset) > BEAT_SECONDS:
            self._set_at = steady
        self._offset = offset
        return steady - self._set_at < queue.SILENCE.total_seconds()

    def work_once(self) -> bool:
        """Run one task, if one is ready."""
        row = queue.claim(self.worker_id)
        if row is None:
            return False
        try:
            given = row.task_result
            with translation.override(settings.LANGUAGE_CODE):
                value = normalize_json(row.task.call(*given.args, **given.kwargs))
        except Exception as error:
            logger.warning("%s failed: %s: %s", row.task_path, type(error).__name__, error)
            self._settle(queue.fail, row, error)
        except BaseException as error:
            # Told to end at once: somebody else does it.
            queue.fail(row, error)
            raise
        else:
            self._settle(queue.finish, row, value)
            logger.info("%s is done.", row.task_path)
        return True

    def _settle(
        self, step: Callable[[DBTaskResult, Any], None], row: DBTaskResult, how: Any
    ) -> None:
        """Write how it went, however long the database takes: the letter is out already."""
        while True:
            try:
                return step(row, how)
            except Error:
                if self.stopping.is_set():
                    raise
                logger.exception("Could not write how %s went; trying again.", row.task_path)
                close_old_connections()
                self.stopping.wait(self.interval)

    def _beat(self) -> None:
        while not self.stopping.wait(BEAT_SECONDS):
            try:
                queue.sign_of_life(self.worker_id)
            except Error:
                logger.warning("Could not give a sign of life; trying again.")
                connection.close()
        connection.close()

    def _sign_off(self) -> None:
        WorkerProcess.objects.filter(pk=self.worker_id).delete()
