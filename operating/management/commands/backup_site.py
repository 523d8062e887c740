"""Write the whole site into one file: every table, as one snapshot."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.management import written_whole
from operating.backup import BackupError, write_site


class Command(BaseCommand):
    """`backup_site FILE`; see docs/backup.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file", metavar="FILE")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        """Write the file whole, for its owner alone, or not at all."""
        try:
            with written_whole(file, mode=0o600) as write:
                counts = write_site(write)
        except BackupError as error:
            raise CommandError(str(error)) from None
        self.stderr.write(
            f"{file}: {sum(counts.values())} rows of {len(counts)} tables, "
            f"{counts['catalog.catalog']} lists and {counts['submissions.submission']} "
            "submissions. "
            "SECRET_KEY and the other settings are not in it: keep them apart."
        )
