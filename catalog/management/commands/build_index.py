"""Index what entries are found by, of lists that a release before this one has written."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import F

from catalog.finding.indexing import build_index
from catalog.models import Catalog


class Command(BaseCommand):
    """`build_index`; see docs/commands.md."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Build the index, or continue an interrupted build; lists that are indexed cost
        nothing."""
        for catalog in Catalog.objects.published().exclude(indexed_revision=F("revision")):
            number = build_index(catalog)
            self.stdout.write(f"{catalog.slug}: {number} entries were indexed.")
