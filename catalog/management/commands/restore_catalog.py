"""Restore a list with its history from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.backups import restore_backup
from catalog.errors import CatalogError


class Command(BaseCommand):
    """`restore_catalog FILE [--slug SLUG]`; see docs/backup.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """The file and where to."""
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--slug", default="", metavar="SLUG", help="default: its own address")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, and say what could not be kept."""
        try:
            with Path(options["file"]).open("rb") as file:
                restored = restore_backup(file, slug=options["slug"])
        except CatalogError as error:
            raise CommandError(f"{options['file']}: {error}") from None
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from None
        catalog = restored.catalog
        self.stdout.write(
            f"{catalog.slug}: {catalog.entry_count} entries at revision {catalog.revision}."
        )
        if restored.renumbered:
            self.stdout.write(
                f"{restored.renumbered} entries have new ids, since theirs are taken here; "
                "their old addresses lead elsewhere."
            )
