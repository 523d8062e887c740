"""The upgrade of a site's database and files before a release serves; may be repeated."""

from __future__ import annotations

from io import StringIO

from django.conf import settings
from django.core.management import call_command


def upgrade() -> None:
    """Migrate, and collect static files where they are served from.

    `upgrade_lists` runs beside the site afterwards.
    """
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    bring_up_to_date()
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)


def bring_up_to_date() -> None:
    """Make the tables those of this release, and have every list in the index."""
    call_command("migrate", verbosity=0)
    call_command("build_index", stdout=StringIO())
