"""Show the queue."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from background import clock
from background.models import PeriodicTask, WorkerProcess


class Command(BaseCommand):
    """List waiting, running and failed tasks, the workers, and when periodic tasks are due."""

    help = "List the tasks that wait, run, are tried again or were given up."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments: which tasks."""
        parser.add_argument("--failed", action="store_true", help="Only those that failed.")

    def handle(self, *args: Any, failed: bool, **options: Any) -> None:
        """Print a line for each."""
        rows = DBTaskResult.objects.exclude(status=TaskResultStatus.SUCCESSFUL)
        if failed:
            rows = rows.exclude(exception_class_path="")
        for row in rows.order_by("enqueued_at"):
            self.stdout.write(describe(row))
        if failed:
            return
        now = clock.shared_time()
        for worker in WorkerProcess.objects.order_by("pk"):
            seconds = int((now - worker.seen_at).total_seconds())
            self.stdout.write(f"worker {worker.pk}, seen {seconds} seconds ago")
        for periodic in PeriodicTask.objects.order_by("due_at"):
            self.stdout.write(f"{periodic.path} is due at {periodic.due_at:%Y-%m-%d %H:%M} UTC")


def describe(row: DBTaskResult) -> str:
    """Return a task in one line: its id, what it is, its state, and what went wrong last."""
    state = row.status.lower()
    attempts = len(row.worker_ids)
    if row.status == TaskResultStatus.READY and attempts:
        state = "waiting to be tried again"
        if row.run_after < get_date_max():
            state += f" at {row.run_after:%Y-%m-%d %H:%M} UTC"
    elif row.status == TaskResultStatus.FAILED:
        state = "given up"
    line = f"{row.pk} {row.task_path}: {state}, attempts: {attempts}"
    errors = row.traceback.strip().splitlines()
    return f"{line}, last error: {errors[-1]}" if errors else line
