"""Writing a whole site into one file, which `restoring.py` reads; docs/backup.md has its format."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import timezone

from operating.errors import BackupError
from operating.tables import (
    Model,
    applied_migrations,
    columns_of,
    known_migrations,
    last_keys,
    line_of,
    name_of,
    rows_of,
    snapshot,
    stored_models,
)

FORMAT = "listwright-site"
VERSION = 1
MANIFEST = "manifest.json"


class _Stream:
    """A function that takes bytes as a file for `zipfile`, which then needs no temporary one."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    def write(self, data: bytes) -> int:
        self._write(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: no output is buffered."""


def member_of(name: str) -> str:
    """The member of the archive that holds a table."""
    return f"tables/{name}.jsonl"


def write_site(write: Callable[[bytes], object]) -> dict[str, int]:
    """Write a backup of the whole site as it stands; return how many rows each table has.

    One snapshot: nobody is kept from writing, and nothing that is written meanwhile is in it.
    """
    if missing := known_migrations() - applied_migrations():
        names = ", ".join(sorted(f"{app}.{name}" for app, name in missing)[:5])
        raise BackupError(
            f"The database is not up to date with this release ({names} missing): "
            "run the command migrate first."
        )
    counts: dict[str, int] = {}
    file: Any = _Stream(write)
    with snapshot(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        tables = {}
        keys = last_keys()
        for model in stored_models(apps):
            name = name_of(model)
            with archive.open(member_of(name), "w", force_zip64=True) as member:
                tables[name] = _write_table(member, model)
            tables[name]["last_key"] = keys.get(model._meta.db_table)
            counts[name] = tables[name]["rows"]
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "release": release_number(),
            "created_at": timezone.now().isoformat(),
            "database": connection.vendor,
            "site": settings.SITE_URL,
            "migrations": sorted(map(list, known_migrations() & applied_migrations())),
            "tables": tables,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    return counts


def _write_table(member: IO[bytes], model: Model) -> dict[str, Any]:
    columns = columns_of(model)
    digest = hashlib.sha256()
    count = 0
    for row in rows_of(model, columns):
        line = line_of(row)
        digest.update(line)
        member.write(line)
        count += 1
    return {
        "fields": [column.attname for column in columns],
        "rows": count,
        "sha256": digest.hexdigest(),
    }


def release_number() -> str:
    """The number of this release, '' where the program was not installed as a package."""
    try:
        return version("listwright")
    except PackageNotFoundError:
        return ""
