"""Workers and the times of periodic tasks; the tasks themselves are django-tasks-db's."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkerProcess(models.Model):
    """A worker that lives, as far as its last sign of life tells."""

    worker_id = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.worker_id


class PeriodicTask(models.Model):
    """The next time of a task of `settings.PERIODIC_TASKS`; whoever advances it enqueues the
    task."""

    path = models.CharField(max_length=200, primary_key=True)
    due_at = models.DateTimeField()
    last_enqueued_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("periodic task")
        verbose_name_plural = _("periodic tasks")

    def __str__(self) -> str:
        return self.path
