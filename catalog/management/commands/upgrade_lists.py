"""Read lists again that an older release has read otherwise."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from catalog.errors import NotFound
from catalog.importing.applying import bring_up_to_date
from catalog.models import READING, Catalog


class Command(BaseCommand):
    """`upgrade_lists`; see docs/commands.md."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Read each again in a transaction of its own, the smallest first."""
        behind = Catalog.objects.filter(reading__lt=READING).order_by("entry_count", "pk")
        for catalog in list(behind):
            try:
                is_upgraded = bring_up_to_date(catalog)
            except NotFound:
                continue  # deleted meanwhile
            if is_upgraded:
                self.stdout.write(f"{catalog.slug}: read again, and stands at {catalog.revision}.")
