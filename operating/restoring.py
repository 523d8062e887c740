"""Bringing a whole site back from its backup, of this release or an earlier one.

The tables are made as they were when the backup was written, by the migrations of that time; the
rows are put into them, in one transaction that is kept only when the digest of every table is what
the backup says; then the later migrations do to them what they do to any site.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import batched
from typing import IO, Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from catalog.backups import BROKEN_ARCHIVE, read_manifest
from catalog.checking import rebuild_projection
from catalog.errors import UnreadableText, problem_of
from catalog.finding.indexing import build_index
from catalog.models import Catalog
from catalog.sql.bulk import add_rows, renew_statistics
from operating.backup import (
    FORMAT,
    MANIFEST,
    VERSION,
    BackupError,
    Columns,
    Model,
    Row,
    applied_migrations,
    columns_of,
    decoder,
    digest_of,
    known_migrations,
    member_of,
    name_of,
    rows_of,
    stored_models,
)

BATCH = 2000
"""Rows written at a time."""
MAX_LINE_BYTES = 600_000_000
"""No row is longer: a README of the largest size, with every character escaped."""
LARGEST_KEY = 2**62
"""No table gave more keys than that; one that says so would have none left to give."""
EMPTY_BEFORE = ("accounts.user", "catalog.catalog", "submissions.submission")
"""Tables that must be empty in a database into which a site is restored."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of a backup."""

    migrations: frozenset[tuple[str, str]]
    tables: Mapping[str, Mapping[str, Any]]
    created_at: str
    release: str


def restore_site(file: IO[bytes]) -> Manifest:
    """Restore a site into an empty database.

    Raises `BackupError` for a file that is no backup, is damaged, or comes from a later release,
    and for a database that is not empty; then the database has no more than empty tables.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _read_manifest(archive)
            _make_tables(manifest)
            _fill_tables(archive, manifest)
    except UnreadableText as error:
        raise BackupError(str(error)) from error
    except BROKEN_ARCHIVE as error:
        if problem_of(error):
            raise
        sentence = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        reason = " ".join(sentence.split()).strip(". ") or type(error).__name__
        raise BackupError(
            f"The backup cannot be restored, and nothing was written: {reason[:500]}."
        ) from error
    # The later migrations, and what Django adds after any.
    call_command("migrate", verbosity=0)
    # Each is found again once its index is whole, also by who goes on after this was broken off.
    Catalog.objects.update(indexed_revision=0)
    for catalog in Catalog.objects.order_by("pk"):
        if manifest.migrations != known_migrations():
            # A newer release may derive more of the same text.
            rebuild_projection(catalog)
        build_index(catalog)
    renew_statistics(apps.get_models())
    return manifest


def _read_manifest(archive: zipfile.ZipFile) -> Manifest:
    names = archive.namelist()
    manifest = read_manifest(archive, FORMAT, VERSION)
    migrations = frozenset((str(app), str(name)) for app, name in manifest["migrations"])
    if unknown := migrations - known_migrations():
        app, name = min(unknown)
        raise BackupError(
            f"The backup is of a later release: this one has no migration {app}.{name}. "
            "Restore it with that release or a newer one."
        )
    expected = {MANIFEST, *map(member_of, manifest["tables"])}
    if sorted(names) != sorted(expected):
        raise ValueError("its files are not those that its manifest names")
    return Manifest(
        migrations, manifest["tables"], str(manifest["created_at"]), str(manifest["release"])
    )


def _make_tables(manifest: Manifest) -> None:
    """Migrate to the tables of the backup's release, and empty them all."""
    applied = applied_migrations() & known_migrations()
    if applied:
        _refuse_unless_empty()
    if applied == manifest.migrations:
        return
    if applied:
        raise BackupError(
            "The backup is of another release than the tables of this database. Restore it into a "
            "database without tables: they are made as that release had them, and then migrated."
        )
    if manifest.migrations == known_migrations():
        call_command("migrate", verbosity=0)
    else:
        migrate_one_by_one(manifest.migrations)
    if applied_migrations() & known_migrations() != manifest.migrations:
        raise ValueError("its migrations are not those that any release had")


def migrate_one_by_one(migrations: Collection[tuple[str, str]]) -> None:
    """Apply these migrations with all that they build on, and none that stands for several."""
    executor = MigrationExecutor(connection)
    executor.loader = each_migration()
    nodes = executor.loader.graph.node_map
    # What another of them builds on comes along with it.
    executor.migrate(
        [
            key
            for key in migrations
            if not any(child.key in migrations for child in nodes[key].children)
        ]
    )


def each_migration() -> MigrationLoader:
    """All migrations but those that stand for several; what builds on those builds on the last."""
    loader = MigrationLoader(connection, replace_migrations=False)
    for key, several in loader.replacements.items():
        loader.graph.remove_replacement_node(key, several.replaces)
    return loader


def _refuse_unless_empty() -> None:
    tables = connection.introspection.table_names()
    for name in EMPTY_BEFORE:
        table = name.replace(".", "_")
        with connection.cursor() as cursor:
            if table not in tables:
                continue
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")  # noqa: S608
            if cursor.fetchone():
                raise BackupError(
                    f"The database is not empty ({table} has rows): point DATABASE_URL at an "
                    "empty one. Nothing is ever overwritten."
                )


@transaction.atomic
def _fill_tables(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    state = each_migration().project_state(list(manifest.migrations))
    by_name = {name_of(model): model for model in stored_models(state.apps)}
    if by_name.keys() != manifest.tables.keys():
        raise ValueError("its tables are not those of its release")
    with connection.constraint_checks_disabled():
        for name, model in by_name.items():
            # What migrations put there is in the backup as the site had it in the end.
            before: models.QuerySet[Any] = model._default_manager.order_by()
            before._raw_delete(before.db)
            _fill(archive, model, manifest.tables[name])
    connection.check_constraints()
    for name, model in by_name.items():
        stated = manifest.tables[name]
        rows = rows_of(model, _columns_in_order(model, stated))
        if digest_of(rows) != (stated["rows"], stated["sha256"]):
            raise ValueError(f"{name} does not come back as it was")
    _count_on(by_name, manifest)


def _fill(archive: zipfile.ZipFile, model: Model, stated: Mapping[str, Any]) -> None:
    name, columns = name_of(model), _columns_in_order(model, stated)
    names = [column.attname for column in columns]
    digest = hashlib.sha256()
    decoders = [(column.null, decoder(column)) for column in columns]
    with archive.open(member_of(name)) as member:
        for batch in batched(_lines(member, digest), BATCH, strict=False):
            add_rows(model, names, [_values(name, decoders, line) for line in batch])
    if digest.hexdigest() != stated["sha256"]:
        raise ValueError(f"{name} is damaged: its digest is not the one it had")


def _columns_in_order(model: Model, stated: Mapping[str, Any]) -> Columns:
    """The fields in the order of the backup's rows; migrations leave them in another one."""
    columns = {column.attname: column for column in columns_of(model)}
    if sorted(stated["fields"]) != sorted(columns):
        raise ValueError(f"{name_of(model)} has other fields")
    return [columns[name] for name in stated["fields"]]


def _lines(member: IO[bytes], digest: Any) -> Iterator[bytes]:
    while line := member.readline(MAX_LINE_BYTES):
        if not line.endswith(b"\n"):
            raise ValueError("a line is too long, or cut off")
        digest.update(line)
        yield line


def _values(name: str, decoders: list[Any], line: bytes) -> Row:
    row = json.loads(line)
    if not isinstance(row, list) or len(row) != len(decoders):
        raise ValueError(f"a row of {name} has not as many values as the table has fields")
    values = []
    for (may_be_null, decode), value in zip(decoders, row, strict=True):
        if value is None and not may_be_null:
            raise ValueError(f"a row of {name} lacks a value")
        values.append(None if value is None else decode(value))
    return values


def _count_on(by_name: Mapping[str, Model], manifest: Manifest) -> None:
    """Set every table's next key above the old ones, so that no address comes back."""
    with connection.cursor() as cursor:
        statements = connection.ops.sequence_reset_sql(no_style(), list(by_name.values()))
        for statement in statements:
            cursor.execute(statement)
        for name, model in by_name.items():
            last = manifest.tables[name].get("last_key")
            if last is None or not isinstance(model._meta.pk, models.AutoField):
                continue
            if type(last) is not int or not 0 < last < LARGEST_KEY:
                raise ValueError(f"{name} says of its last key what cannot be")
            _set_last_key(cursor, model, last)


def _set_last_key(cursor: Any, model: Model, last: int) -> None:
    table = model._meta.db_table
    if connection.vendor == "sqlite":
        cursor.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [last, table]
        )
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
        return
    cursor.execute(
        "SELECT setval(keys, greatest(%s, coalesce(pg_sequence_last_value(keys), 0)))"
        " FROM (SELECT pg_get_serial_sequence(%s, %s)::regclass AS keys) AS table_keys",
        [last, connection.ops.quote_name(table), model._meta.pk.column],
    )
