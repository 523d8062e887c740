"""Background tasks of accounts."""

from django.core.management import call_command
from django.tasks import task


@task
def clear_sessions() -> None:
    """Delete sessions that have run out."""
    call_command("clearsessions")
