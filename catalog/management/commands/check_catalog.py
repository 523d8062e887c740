"""Prove that what is stored about the lists is what their text says."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.checking import check_catalog
from catalog.errors import CatalogError
from catalog.models import Catalog


class Command(BaseCommand):
    """`check_catalog [SLUG …]`: law 2 and every projection; see docs/commands.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Without a slug, all catalogs."""
        parser.add_argument("slugs", nargs="*", metavar="SLUG")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check each; the command fails when one does."""
        try:
            catalogs = [Catalog.objects.called(slug) for slug in options["slugs"]]
        except CatalogError as error:
            raise CommandError(str(error)) from None
        problems = {
            catalog.slug: check_catalog(catalog)
            for catalog in catalogs or Catalog.objects.published()
        }
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        slug: {"ok": not wrong, "problems": wrong}
                        for slug, wrong in problems.items()
                    },
                    ensure_ascii=False,
                )
            )
        else:
            for slug, wrong in problems.items():
                self.stdout.write(
                    f"{slug}: {'; '.join(wrong) if wrong else 'all as its text says'}"
                )
        failed = [slug for slug, wrong in problems.items() if wrong]
        if failed:
            raise CommandError(
                f"{', '.join(failed)} differs from its text; run rebuild_projection for what is "
                "derived."
            )
