"""Restore a whole site from its backup into an empty database of either kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operating.backup import BackupError
from operating.restoring import restore_site


class Command(BaseCommand):
    """`restore_site FILE`; see docs/backup.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """The file."""
        parser.add_argument("file", metavar="FILE")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        """Restore, and say what came back."""
        try:
            stream = Path(file).open("rb")  # noqa: SIM115
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        try:
            with stream:
                manifest = restore_site(stream)
        except BackupError as error:
            raise CommandError(f"{file}: {error}") from None
        rows = sum(table["rows"] for table in manifest.tables.values())
        self.stdout.write(
            f"{rows} rows of {len(manifest.tables)} tables, as they were at {manifest.created_at}; "
            "the digest of every table is the one it had."
        )
