"""Statements that write rows, many at once or a few, and about indexes: inserts, updates, keys.

`bulk_create()` and `bulk_update()` take most of an import's time for instances and expressions
that nobody looks at, `update()` and `delete()` much of an edit's. Foreign keys are named by their
column (`section_id`) and given as keys.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import batched
from typing import Any

import orjson
from django.db import connection, migrations, models, transaction
from django.db.migrations.operations.base import Operation
from django.db.models.expressions import RawSQL

type Columns = Sequence[models.Field[Any, Any]]

BATCH = 1000
"""Keys of one statement, and rows read at a time."""


def insert_rows(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]
) -> list[int]:
    """Insert rows given as values in the order of `fields`; returns their keys in that order.

    Fields that are not named get no default of the model's: the database has to know one.
    """
    return _insert(model, fields, rows, returns_keys=True)


def add_rows(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows as `insert_rows()` does where nobody asks for their keys, a fifth faster."""
    _insert(model, fields, rows, returns_keys=False)


def insert_instance(instance: models.Model) -> None:
    """Insert a new instance, which gets its key and the signal of `save()`, in half its time."""
    columns = [field for field in instance._meta.concrete_fields if not field.primary_key]
    names = [field.attname for field in columns]
    row = [getattr(instance, name) for name in names]
    (instance.pk,) = insert_rows(type(instance), names, [row])
    instance._state.adding, instance._state.db = False, connection.alias
    models.signals.post_save.send(
        type(instance),
        instance=instance,
        created=True,
        raw=False,
        update_fields=None,
        using=connection.alias,
    )


def _insert(
    model: type[models.Model],
    fields: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    returns_keys: bool,
) -> list[int]:
    columns = [_field(model, name) for name in fields]
    quote = connection.ops.quote_name
    names = ", ".join([quote(_column(column)) for column in columns])
    head = f"INSERT INTO {quote(model._meta.db_table)} ({names}) "
    tail = f" RETURNING {quote(_column(_key(model)))}" if returns_keys else ""
    insert = _insert_arrays if connection.vendor == "postgresql" else _insert_each
    keys: list[int] = []
    # What a statement is given stays with it until the next: not too much at once.
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for batch in batched(_adapted(rows, columns), BATCH, strict=False):
            keys += insert(cursor, columns, batch, head, tail)
    return keys


def _insert_arrays(
    cursor: Any, columns: Columns, rows: Sequence[Sequence[Any]], head: str, tail: str
) -> Iterable[int]:
    """The rows as an array for each column: PostgreSQL reads them three times as fast."""
    # Without the length: a cast would cut what is too long, which has to be an error.
    types = [(column.db_type(connection) or "").partition("(")[0] for column in columns]
    arrays = ", ".join([f"%s::{name}[]" for name in types])
    values = [array_text(column) for column in zip(*rows, strict=True)]
    cursor.execute(f"{head}SELECT * FROM unnest({arrays}){tail}", values)  # noqa: S608
    return [key for (key,) in cursor.fetchall()] if tail else ()


def array_text(values: Iterable[Any]) -> str:
    """An array as PostgreSQL reads it: to write one takes the driver ten times as long."""
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _insert_each(
    cursor: Any, columns: Columns, rows: Sequence[Sequence[Any]], head: str, tail: str
) -> Iterable[int]:
    """The rows one by one: SQLite numbers those of one transaction without a gap."""
    head += f"VALUES ({', '.join(['%s'] * len(columns))})"
    if tail and len(rows) == 1:
        cursor.execute(head + tail, rows[0])
        return [key for (key,) in cursor.fetchall()]
    cursor.executemany(head, rows)
    if not tail:
        return ()
    (last,) = connection.connection.execute("SELECT last_insert_rowid()").fetchone()
    return range(last - len(rows) + 1, last + 1)


def _adapted(rows: Iterable[Sequence[Any]], columns: Columns) -> Iterable[Sequence[Any]]:
    """The rows as parameters; values behind those of the columns stay as they are."""
    adapters = [(i, adapt) for i, column in enumerate(columns) if (adapt := _adapter(column))]
    return _each_adapted(rows, adapters) if adapters else rows


def _each_adapted(
    rows: Iterable[Sequence[Any]], adapters: Sequence[tuple[int, Callable[[Any], Any]]]
) -> Iterator[list[Any]]:
    for row in rows:
        values = list(row)
        for i, adapt in adapters:
            values[i] = adapt(values[i])
        yield values


def update_rows(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Set `fields` of rows given as `(pk, value, …)`, values in the order of the fields."""
    columns = [_field(model, name) for name in fields]
    parameters = [[*values, pk] for pk, *values in rows]
    if not parameters:
        return
    quote = connection.ops.quote_name
    assignments = ", ".join([f"{quote(_column(column))} = %s" for column in columns])
    statement = (
        f"UPDATE {quote(model._meta.db_table)} SET {assignments} "  # noqa: S608
        f"WHERE {quote(_column(_key(model)))} = %s"
    )
    # Alone each of them would be a transaction.
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.executemany(statement, list(_adapted(parameters, columns)))


def update_where(
    model: type[models.Model],
    values: Mapping[str, Any],
    where: Mapping[str, int | str | Sequence[str]],
    also: tuple[str, Sequence[Any]] = ("", ()),
) -> int:
    """Set fields of the rows that are as `where` says, in a tuple one of several; returns how many.

    `also` are assignments written out, with their parameters.
    """
    columns = [_field(model, name) for name in values]
    quote = connection.ops.quote_name
    assigned = [f"{quote(_column(column))} = %s" for column in columns]
    conditions: list[str] = []
    known: list[Any] = []
    for name, value in where.items():
        several = [value] if isinstance(value, int | str) else list(value)
        marks = ", ".join(["%s"] * len(several))
        conditions.append(f"{quote(_column(_field(model, name)))} IN ({marks})")
        known += several
    (parameters,) = _adapted([[*values.values(), *also[1], *known]], columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} "  # noqa: S608
            f"SET {', '.join([*assigned, *filter(None, also[:1])])} "
            f"WHERE {' AND '.join(conditions)}",
            parameters,
        )
        number: int = cursor.rowcount
    return number


def add_to_counts(
    model: type[models.Model], step: int, chosen: str, parameters: Sequence[Any]
) -> None:
    """Add to the numbers of entries of the rows whose keys are `chosen`; none gets below 0."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} SET entry_count = "  # noqa: S608
            f"CASE WHEN entry_count + %s > 0 THEN entry_count + %s ELSE 0 END WHERE id {chosen}",
            [step, step, *parameters],
        )


def delete_rows(model: type[models.Model], field: str, keys: Iterable[int]) -> None:
    """Delete the rows with one of the keys in a field, and nothing that refers to them."""
    chosen, parameter = among(keys)
    column = connection.ops.quote_name(_column(_field(model, field)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {model._meta.db_table} WHERE {column} {chosen}",  # noqa: S608
            [parameter],
        )


def _adapter(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """Return the function that turns values of the field into parameters, None where none is
    needed."""
    if isinstance(field, models.JSONField):
        return _json
    if isinstance(field, models.DateField | models.UUIDField):
        # Rows of one write have few times among them.
        return cache(lambda value: field.get_db_prep_save(value, connection))
    return None


def _json(value: object) -> str | None:
    """Both databases take JSON as text, and this writer is many times as fast as theirs."""
    return None if value is None else orjson.dumps(value).decode()


def _column(field: models.Field[Any, Any]) -> str:
    if field.column is None:
        raise LookupError(f"{field} is not stored in a column")
    return field.column


def _key(model: type[models.Model]) -> models.Field[Any, Any]:
    return _field(model, "id")


@cache
def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    for field in model._meta.concrete_fields:
        if name in {field.name, field.attname}:
            return field
    raise LookupError(f"{model.__name__} has no field {name}")


def among(pks: Iterable[int]) -> tuple[str, str]:
    """A condition on keys with its parameter, not bounded by how many a statement may have."""
    # As text: to have each key turned into a parameter takes the driver longer.
    keys = ",".join(map(str, pks))
    if keys.isdecimal():
        # PostgreSQL plans this once; for several it looks each time how many there are.
        return "= CAST(%s AS bigint)", keys
    if connection.vendor == "postgresql":
        return "= ANY(%s::bigint[])", f"{{{keys}}}"
    return "IN (SELECT value FROM json_each(%s))", f"[{keys}]"


def key_table(keys: Iterable[int]) -> tuple[str, str]:
    """The same keys as a table `keys` with their one column `value`, and its parameter."""
    joined = ",".join(map(str, keys))
    if connection.vendor == "postgresql":
        return "unnest(%s::bigint[]) AS keys(value)", f"{{{joined}}}"
    return "json_each(%s) AS keys", f"[{joined}]"


def text_table(texts: Iterable[str]) -> tuple[str, str]:
    """Texts as a table `texts` with their one column `value`, and its parameter."""
    listed = orjson.dumps(list(texts)).decode()
    if connection.vendor == "postgresql":
        return "jsonb_array_elements_text(%s::jsonb) AS texts(value)", listed
    return "json_each(%s) AS texts", listed


def keys_in(select: str) -> str:
    """A condition on keys that a statement gives, which is asked before any row is looked at."""
    # Joined, PostgreSQL may look at all rows instead.
    return f"= ANY(ARRAY({select}))" if connection.vendor == "postgresql" else f"IN ({select})"


def keys_among(pks: Iterable[int]) -> RawSQL:
    """The same keys for a filter of the ORM: `pk__in=keys_among(…)`."""
    table, parameter = key_table(pks)
    return RawSQL(f"SELECT value FROM {table}", [parameter])  # noqa: S608, S611


def joined(select: str) -> str:
    """The keys `id` that a statement gives, in its order, as one text: see `split`."""
    return f"SELECT {joined_keys('id')} FROM ({select}) AS keys"  # noqa: S608


def joined_keys(column: str) -> str:
    """The keys of a group of rows as one text."""
    # Joined by the database: a row for each takes the driver several times as long.
    if connection.vendor == "sqlite":
        return f"group_concat({column})"
    return f"string_agg(CAST({column} AS text), ',')"


def split(text: str | None) -> array[int]:
    """The keys of a text that `joined` gave."""
    return array("I", orjson.loads(f"[{text or ''}]"))


def renew_statistics(filled: Iterable[type[models.Model]]) -> None:
    """Have PostgreSQL look at tables that were just filled, outside of any transaction.

    It does so by itself a minute or two later, and until then reads all entries of a list for one
    page of it. SQLite chooses the same indexes with statistics and without.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join([model._meta.db_table for model in filled])}")


def fetch(statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
    """Return all rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows


_BINARY = 1
"""The number of the format in which PostgreSQL gives values as they are."""


def fetch_bytes(statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
    """The same for rows that are mostly bytes, which would come as text of twice the length."""
    with connection.cursor() as cursor:
        # Not known to cursors that put the parameters in themselves, as behind a pooler.
        if connection.settings_dict["OPTIONS"].get("server_side_binding"):
            cursor.cursor.format = _BINARY
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows


def moment(stored: datetime) -> datetime:
    """Return a moment with its zone: SQLite stores none, and it is UTC."""
    return stored if stored.tzinfo else stored.replace(tzinfo=UTC)


# Removal of a foreign key's index where a longer one begins with the same column.


def without_own_indexes(fields: list[tuple[str, str, Any]]) -> list[Operation]:
    """Return the operations of a migration: for each model's field its new form, and no index."""
    return [_WithoutOwnIndex(model, name, field) for model, name, field in fields]


class _WithoutOwnIndex(migrations.AlterField):
    """Drops the index by name: to alter a field would have SQLite copy its table.

    No RunPython, for each of which Django makes all models anew. A release that still knows the
    index works without it.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        options = from_state.models[app_label, self.model_name_lower].options
        table = options.get("db_table") or f"{app_label}_{self.model_name_lower}"
        with schema_editor.connection.cursor() as cursor:
            known = schema_editor.connection.introspection.get_constraints(cursor, table)
        for index, about in known.items():
            if about["index"] and not about["unique"] and about["columns"] == [f"{self.name}_id"]:
                schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(index)}")

    def database_backwards(self, *_states: Any) -> None:
        pass
