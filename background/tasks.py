"""Tasks that clean up what is done or has run out."""

from datetime import timedelta

from django.core.management import call_command
from django.tasks import TaskResultStatus, task
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

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
