"""The life of one queued task: taken, done, tried again, given up.

A row is READY (with `worker_ids` when it was tried before), RUNNING, SUCCESSFUL or FAILED. Every
step is a filtered update on what the worker saw, so that one that was taken for dead and comes
back changes nothing.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from traceback import format_exception
from typing import Any

from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.tasks import TaskResultStatus, task
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from background import clock
from background.models import WorkerProcess


class GiveUp(Exception):
    """Raised by a task to say that trying again cannot help."""


class WorkerLostError(Exception):
    """The worker gave no sign of life while it ran the task: killed, or its machine stopped."""


MAX_ATTEMPTS = 20
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=6)
"""A minute, then twice as long each time: 20 attempts last about three days."""
SILENCE = timedelta(seconds=60)
"""A worker that gave no sign of life for so long is dead; it gives one every ten seconds."""
LONGEST_TRACEBACK = 20_000
MOVED = {
    "accounts.mail.delivery.deliver": "accounts.mail.deliver",
    "accounts.tasks.clear_sessions": "background.queue.clear_sessions",
    "background.tasks.clear_sessions": "background.queue.clear_sessions",
    "background.tasks.forget_finished": "background.queue.forget_finished",
    "operating.tasks.back_up_site": "operating.backup.back_up_site",
    "submissions.checks.link_answers.check_link": "submissions.checks.links.check_link",
    "submissions.checks.linked.check_link": "submissions.checks.links.check_link",
    "submissions.deadlines.expire_silent": "submissions.workflow.expire_silent",
    "submissions.deadlines.remind_silent": "submissions.workflow.remind_silent",
    "submissions.mail.digest.mail_digest": "submissions.mail.mail_digest",
    "submissions.mail.digest.send_digests": "submissions.mail.send_digests",
    "submissions.mail.letters.mail_about": "submissions.mail.mail_about",
    "submissions.protection.networks.forget_networks": "submissions.protection.forget_networks",
    "submissions.system.expire_silent": "submissions.workflow.expire_silent",
    "submissions.system.remind_silent": "submissions.workflow.remind_silent",
    "submissions.verbs.retries.forget_retries": "submissions.verbs.transitions.forget_retries",
}
"""Where tasks are now that the release before put into the queue under another path."""


def claim(worker_id: str) -> DBTaskResult | None:
    """Claim the first task that is ready; None when there is none."""
    # Asked before, because on SQLite the transaction is the lock that writers wait for.
    if not DBTaskResult.objects.ready().exists():
        return None
    with transaction.atomic():
        row = DBTaskResult.objects.ready().select_for_update(skip_locked=True).first()
        if row is not None:
            row.task_path = MOVED.get(row.task_path, row.task_path)
            row.claim(worker_id)
        return row


def backlog() -> tuple[int, timedelta]:
    """Return how many tasks are ready for a worker, and for how long the oldest has been.

    One query, two on PostgreSQL.
    """
    at_once = Q(run_after=get_date_max())
    ready = DBTaskResult.objects.ready().aggregate(
        count=Count("pk"),
        at_once=Min("enqueued_at", filter=at_once),
        later=Min("run_after", filter=~at_once),
    )
    since = [moment for moment in (ready["at_once"], ready["later"]) if moment]
    age = clock.shared_time() - min(since) if since else timedelta()
    return ready["count"], max(age, timedelta())


def finish(row: DBTaskResult, return_value: Any) -> None:
    """Remember that the task is done, and forget what it was given: it may sign somebody in."""
    _held(row).update(
        status=TaskResultStatus.SUCCESSFUL,
        finished_at=timezone.now(),
        return_value=return_value,
        args_kwargs={"args": [], "kwargs": {}},
        exception_class_path="",
        traceback="",
    )


def fail(row: DBTaskResult, error: BaseException) -> None:
    """Schedule the task for another attempt, or give up; either way store the error."""
    now = clock.shared_time()
    attempts = len(row.worker_ids)
    report = {
        "exception_class_path": f"{type(error).__module__}.{type(error).__qualname__}",
        "traceback": "".join(format_exception(error))[-LONGEST_TRACEBACK:],
    }
    if isinstance(error, GiveUp) or attempts >= MAX_ATTEMPTS:
        _held(row).update(status=TaskResultStatus.FAILED, finished_at=now, **report)
    else:
        again_at = now + delay_after(attempts)
        _held(row).update(status=TaskResultStatus.READY, run_after=again_at, **report)


def delay_after(attempts: int) -> timedelta:
    """Return how long to wait after that many attempts, a little different each time."""
    # Or all that failed together would come back together.
    jitter = random.uniform(0.9, 1.1)  # noqa: S311
    doubled: int = 2 ** (attempts - 1)
    return min(FIRST_DELAY * doubled, LONGEST_DELAY) * jitter


def reap(now: datetime) -> int:
    """Record failed attempts for the tasks of dead workers; return how many.

    A sign of life that is yet to come was given before the clock was set back, and counts as now.
    """
    WorkerProcess.objects.filter(seen_at__gt=now + SILENCE).update(seen_at=now)
    WorkerProcess.objects.filter(seen_at__lt=now - SILENCE).delete()
    alive = set(WorkerProcess.objects.values_list("pk", flat=True))
    lost = [
        row
        for row in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)
        if row.worker_ids[-1] not in alive
    ]
    for row in lost:
        fail(row, WorkerLostError(f"The worker {row.worker_ids[-1]} is gone."))
    return len(lost)


def bring_forward(now: datetime) -> int:
    """Make tasks ready that wait for a time by a clock that was set back since; return how many.

    That is what was enqueued at a time yet to come, or is to be tried again later than any attempt.
    """
    is_later = Q(enqueued_at__gt=now + SILENCE) | Q(run_after__gt=now + 2 * LONGEST_DELAY) & ~Q(
        worker_ids=[]
    )
    rows = DBTaskResult.objects.filter(
        is_later, status=TaskResultStatus.READY, run_after__gt=now, run_after__lt=get_date_max()
    )
    return rows.update(run_after=now)


def sign_of_life(worker_id: str) -> None:
    """Record that the worker is alive."""
    WorkerProcess.objects.update_or_create(pk=worker_id, defaults={"seen_at": clock.shared_time()})


def retry(rows: QuerySet[DBTaskResult]) -> int:
    """Make failed tasks ready now, with all attempts again; return how many there were."""
    again = rows.filter(status__in=[TaskResultStatus.FAILED, TaskResultStatus.READY])
    return again.exclude(worker_ids=[]).update(
        status=TaskResultStatus.READY, run_after=get_date_max(), finished_at=None, worker_ids=[]
    )


def _held(row: DBTaskResult) -> QuerySet[DBTaskResult]:
    """The row, if it still is the attempt that this worker began."""
    return DBTaskResult.objects.filter(
        pk=row.pk, status=TaskResultStatus.RUNNING, started_at=row.started_at
    )


# What cleans up, each at its time


DONE_FOR = timedelta(days=7)
FAILED_FOR = timedelta(days=60)


@task
def forget_finished() -> None:
    """Delete what was done a week ago, and what was given up two months ago."""
    now = timezone.now()
    for status, age in (
        (TaskResultStatus.SUCCESSFUL, DONE_FOR),
        (TaskResultStatus.FAILED, FAILED_FOR),
    ):
        DBTaskResult.objects.filter(status=status, finished_at__lt=now - age).delete()


@task
def clear_sessions() -> None:
    """Delete sessions that have run out."""
    call_command("clearsessions")
