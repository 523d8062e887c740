"""Write a list with its history, but without what was proposed to it, into one file."""

from __future__ import annotations

import tempfile
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.backups import write_backup
from catalog.errors import CatalogError
from catalog.management import written_whole
from catalog.models import Catalog


class Command(BaseCommand):
    """`backup_catalog SLUG --output FILE`; see docs/backup.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """The list and the file."""
        parser.add_argument("slug", metavar="SLUG", help="address of the list")
        parser.add_argument("--output", metavar="FILE", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file whole, or not at all."""
        try:
            catalog = Catalog.objects.called(options["slug"])
            with tempfile.TemporaryFile() as archive, written_whole(options["output"]) as write:
                write_backup(catalog, archive)
                archive.seek(0)
                while chunk := archive.read(1 << 20):
                    write(chunk)
        except CatalogError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(
                f"{options['output']} cannot be written: {error.strerror}."
            ) from None
        self.stderr.write(
            f"{options['output']}: {catalog.slug} at revision {catalog.revision}, "
            f"{catalog.entry_count} entries."
        )
