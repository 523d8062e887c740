"""Derive everything that is stored about the entries from the text again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.checking import rebuild_projection
from catalog.errors import CatalogError
from catalog.models import Catalog


class Command(BaseCommand):
    """`rebuild_projection [SLUG …]`; see docs/commands.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Without a slug, all catalogs."""
        parser.add_argument("slugs", nargs="*", metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        """Rebuild each in a transaction of its own."""
        try:
            catalogs = [Catalog.objects.called(slug) for slug in options["slugs"]]
        except CatalogError as error:
            raise CommandError(str(error)) from None
        for catalog in catalogs or Catalog.objects.published():
            changed = rebuild_projection(catalog)
            self.stdout.write(f"{catalog.slug}: {changed} rows differed and were written again.")
