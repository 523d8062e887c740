"""Export a list's README, byte for byte."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.errors import CatalogError
from catalog.exporting import digest, markdown_chunks, record_export
from catalog.exporting.markdown import TABLE_STYLES
from catalog.management import written_whole
from catalog.models import Catalog


class Command(BaseCommand):
    """`export_markdown SLUG`; see docs/commands.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("slug", metavar="SLUG", help="address of the list")
        parser.add_argument("--output", metavar="FILE", help="default: standard output")
        parser.add_argument("--revision", type=int, metavar="N", help="as it was at revision N")
        parser.add_argument(
            "--table-style", choices=TABLE_STYLES, default="exact", help="default: exact"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the bytes; the history remembers which revision was taken out."""
        try:
            catalog = Catalog.objects.called(options["slug"])
            chunks = markdown_chunks(
                catalog, revision=options["revision"], table_style=options["table_style"]
            )
            last = ""
            with closing(chunks), written_whole(options["output"]) as write:
                for data, last in digest(chunks):  # noqa: B007
                    write(data)
        except CatalogError as error:
            raise CommandError(str(error)) from None
        if options["table_style"] == "exact" and last:
            number = options["revision"] or catalog.revision
            if not record_export(catalog, number=number, sha256=last):
                self.stderr.write(
                    "The text is whole, but the database could not be written, so the history does "
                    f"not know that revision {number} was exported."
                )
