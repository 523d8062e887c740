"""Writing a whole site into one file, by hand or each night; docs/backup.md has its format.

`restoring.py` reads it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.apps.registry import Apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Collate
from django.tasks import task
from django.utils import timezone

from catalog.management import written_whole

logger = logging.getLogger(__name__)


class BackupError(Exception):
    """The backup cannot be made or restored; the sentence says why and what to do."""


# Tables as lines of JSON, the same whichever database they are read from: a line is an array with
# the values of a row in the order of the table's fields. A table's digest is the SHA-256 of its
# lines in the order of their keys, so two databases hold the same exactly when all are equal.


type Model = type[models.Model]
type Columns = list[models.Field[Any, Any]]
type Row = list[Any]

LEFT_OUT = frozenset(
    {
        # True only while the processes live that wrote it.
        "background.workerprocess",
        # The index for finding is made anew, as it is for the other kind of database or a later
        # release.
        "catalog.indexedentry",
        "catalog.indexterm",
        "catalog.posting",
        "catalog.searchrow",
        "catalog.word",
    }
)
"""Tables that no backup holds."""
READ_AT_ONCE = 2000
"""Rows read at a time."""


def name_of(model: Model) -> str:
    """Return the table's name in a backup: `catalog.entry`."""
    return model._meta.label_lower


def stored_models(registry: Apps) -> list[Model]:
    """Every model with a table that a backup holds, by name; those that Django makes too."""
    stored = [
        model
        for model in registry.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and name_of(model) not in LEFT_OUT
    ]
    return sorted(stored, key=name_of)


def columns_of(model: Model) -> Columns:
    """The fields of the rows, as the model has them in its table."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def rows_of(model: Model, columns: Columns) -> Iterator[Row]:
    """The rows in the order of their keys, with the values of these fields as JSON has them."""
    encoders = [(i, encode) for i, column in enumerate(columns) if (encode := _encoder(column))]
    rows = (
        model._default_manager.order_by(_key_in_order(model))
        .values_list(*[column.attname for column in columns])
        .iterator(chunk_size=READ_AT_ONCE)
    )
    for values in rows:
        row = list(values)
        for i, encode in encoders:
            if row[i] is not None:
                row[i] = encode(row[i])
        yield row


def line_of(row: Row) -> bytes:
    """The row as a line, with the keys of objects in order: PostgreSQL stores them in its own."""
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return f"{text}\n".encode("utf-8", "surrogatepass")


def digest_of(
    rows: Iterable[Row], write: Callable[[bytes], object] | None = None
) -> tuple[int, str]:
    """Return the number of rows, and the digest of their lines, which go to `write` if any."""
    digest = hashlib.sha256()
    count = 0
    for row in rows:
        line = line_of(row)
        digest.update(line)
        if write:
            write(line)
        count += 1
    return count, digest.hexdigest()


def decoder(column: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """Return the function that turns a value of JSON into one of the column; it raises ValueError
    or ValidationError."""
    column = _target(column)
    if isinstance(column, models.JSONField):
        return lambda value: value
    if isinstance(column, models.BinaryField):
        return lambda text: base64.b64decode(text, validate=True)
    if isinstance(column, models.DateTimeField):
        return _moment
    if isinstance(column, models.DurationField):
        return lambda seconds: timedelta(seconds=seconds)
    if isinstance(column, models.CharField | models.TextField):
        return lambda value: _text(value, column.max_length)
    return column.to_python


def _encoder(column: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """Return the function that turns a value of the column into one of JSON; None where none is
    needed."""
    column = _target(column)
    if isinstance(column, models.DateTimeField):
        return lambda moment: moment.astimezone(UTC).isoformat()
    if isinstance(column, models.BinaryField):
        return lambda value: base64.b64encode(value).decode("ascii")
    if isinstance(column, models.UUIDField | models.DecimalField):
        return str
    if isinstance(column, models.DateField | models.TimeField):
        return lambda value: value.isoformat()
    if isinstance(column, models.DurationField):
        return lambda span: span.total_seconds()
    return None


def _target(column: models.Field[Any, Any]) -> models.Field[Any, Any]:
    """The field itself, or that of the key it refers to."""
    while column.remote_field and isinstance(column, models.ForeignKey):
        column = column.target_field
    return column


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time has no zone")
    return moment


def _text(value: Any, most: int | None) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is none")
    # SQLite does not hold to it.
    if most is not None and len(value) > most:
        raise ValueError(f"a text has more than {most} characters")
    return value


def _key_in_order(model: Model) -> Any:
    """The key, for an order that both databases have: texts byte by byte."""
    key = _target(model._meta.pk)
    if connection.vendor == "postgresql" and isinstance(key, models.CharField | models.TextField):
        return Collate("pk", "C")
    return "pk"


@contextmanager
def snapshot() -> Iterator[None]:
    """See the database as it stands now throughout, without keeping anybody from writing."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            # Not by atomic(), which takes the lock that writers wait for.
            cursor.execute("BEGIN DEFERRED")
            try:
                cursor.execute("SELECT 1 FROM sqlite_master").fetchone()
                yield
            finally:
                cursor.execute("ROLLBACK")


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Every migration of this release, without those that stand for several of them.

    A database that was made by those is recorded as having had each of the several.
    """
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return frozenset(key for key, migration in known.items() if not migration.replaces)


def applied_migrations() -> set[tuple[str, str]]:
    """The migrations that the database has seen; none for one without tables."""
    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return set()
        cursor.execute("SELECT app, name FROM django_migrations")
        return {(app, name) for app, name in cursor.fetchall()}


def missing_migrations() -> str:
    """Return what the database lacks, the first five by name; '' when it lacks nothing."""
    missing = known_migrations() - applied_migrations()
    return ", ".join(sorted(f"{app}.{name}" for app, name in missing)[:5])


def last_keys() -> dict[str, int]:
    """The last key that each table has given, by its name in the database; it gives it once."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
        else:
            cursor.execute(
                "SELECT tables.relname, pg_sequence_last_value(sequences.oid)"
                " FROM pg_class AS sequences"
                " JOIN pg_depend ON pg_depend.objid = sequences.oid"
                " AND pg_depend.deptype IN ('a', 'i')"
                " JOIN pg_class AS tables ON tables.oid = pg_depend.refobjid"
                " WHERE sequences.relkind = 'S' AND tables.relkind = 'r'"
                " AND tables.relnamespace = current_schema()::regnamespace"
            )
        return {table: key for table, key in cursor.fetchall() if key}


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
    if missing := missing_migrations():
        raise BackupError(
            f"The database is not up to date with this release ({missing} missing): "
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
    count, digest = digest_of(rows_of(model, columns), member.write)
    return {"fields": [column.attname for column in columns], "rows": count, "sha256": digest}


def release_number() -> str:
    """The number of this release, '' where the program was not installed as a package."""
    try:
        return version("listwright")
    except PackageNotFoundError:
        return ""


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
