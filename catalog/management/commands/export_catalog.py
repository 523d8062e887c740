"""Write a catalog in a format for programs."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.errors import CatalogError
from catalog.exporting import FORMATS, export_chunks
from catalog.management import written_whole
from catalog.models import Catalog


class Command(BaseCommand):
    """`export_catalog SLUG --format FORMAT`; see docs/commands.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("slug", metavar="SLUG", help="address of the list")
        parser.add_argument("--format", choices=FORMATS, required=True, help="of the file")
        parser.add_argument("--output", metavar="FILE", help="default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the stream."""
        try:
            catalog = Catalog.objects.called(options["slug"])
            with (
                closing(export_chunks(catalog, options["format"])) as chunks,
                written_whole(options["output"]) as write,
            ):
                for chunk in chunks:
                    write(chunk.encode("utf-8"))
        except CatalogError as error:
            raise CommandError(str(error)) from None
