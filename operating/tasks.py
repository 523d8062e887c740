"""The nightly backup."""

from __future__ import annotations

import logging
from pathlib import Path

from django.conf import settings
from django.tasks import task
from django.utils import timezone

from catalog.output import written_whole
from operating.backup import write_site

logger = logging.getLogger(__name__)

PREFIX, SUFFIX = "site-", ".listwright.zip"


@task
def back_up_site() -> None:
    """Write a backup into BACKUP_FOLDER and delete those beyond the BACKUP_COUNT newest."""
    if not settings.BACKUP_FOLDER:
        return
    folder = Path(settings.BACKUP_FOLDER)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{PREFIX}{timezone.now():%Y%m%d-%H%M%S}{SUFFIX}"
    with written_whole(str(path), mode=0o600) as write:
        counts = write_site(write)
    logger.info("Wrote %s: %d rows of %d tables.", path, sum(counts.values()), len(counts))
    # Names are times, so their order is that of the backups. Only what a backup is called goes.
    for old in sorted(folder.glob(f"{PREFIX}*{SUFFIX}"))[: -settings.BACKUP_COUNT]:
        old.unlink()
        logger.info("Deleted the old backup %s.", old)
