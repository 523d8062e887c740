"""What the queue does for itself."""

from datetime import timedelta

from django.tasks import TaskResultStatus, task
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

DONE_KEPT = timedelta(days=7)
FAILED_KEPT = timedelta(days=60)


@task
def forget_finished() -> None:
    """Delete what was done a week ago, and what was given up two months ago."""
    now = timezone.now()
    for status, kept in (
        (TaskResultStatus.SUCCESSFUL, DONE_KEPT),
        (TaskResultStatus.FAILED, FAILED_KEPT),
    ):
        DBTaskResult.objects.filter(status=status, finished_at__lt=now - kept).delete()
