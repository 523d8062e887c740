"""Try failed tasks again."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tasks_db.models import DBTaskResult

from background import queue


class Command(BaseCommand):
    """Retry failed tasks, once the cause is gone: the mail server is back, the mistake is
    mended."""

    help = "Try tasks again now that were given up or wait for their next attempt."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments: which tasks."""
        parser.add_argument("ids", nargs="*", type=UUID, help="As list_tasks prints them.")
        parser.add_argument("--all", action="store_true", dest="every", help="Every one.")

    def handle(self, *args: Any, ids: list[UUID], every: bool, **options: Any) -> None:
        """Requeue the tasks and print how many there were."""
        if bool(ids) == every:
            raise CommandError("Name the tasks by their ids, or give --all.")
        rows = DBTaskResult.objects.all()
        count = queue.retry(rows if every else rows.filter(pk__in=ids))
        self.stdout.write(f"To be tried again: {count}.")
