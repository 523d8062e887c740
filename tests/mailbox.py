"""Working the queue off in a test, and reading what was sent."""

from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from background.worker import Worker


def work_off(*, wait: bool = False) -> int:
    """Do all that is ready; with `wait` also what is put off until later. Returns how many."""
    if wait:
        DBTaskResult.objects.update(run_after=timezone.now())
    return Worker().run_until_idle()


def letters(outbox: Sequence[EmailMessage]) -> list[tuple[str, str]]:
    """Who got which letters."""
    return [(message.to[0], str(message.subject)) for message in outbox]


def html_of(message: EmailMessage) -> str:
    """The HTML beside the text."""
    assert isinstance(message, EmailMultiAlternatives)
    ((content, mimetype),) = message.alternatives
    assert mimetype == "text/html"
    return str(content)
