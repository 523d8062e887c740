"""Updates of many rows with different values, one prepared statement for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def update_rows(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Set `fields` of rows given as `(pk, value, …)`, values in the order of the fields.

    `bulk_update()` sends one CASE for each field and row, which takes many times as long. Foreign
    keys are named by their column (`section_id`) and given as keys.
    """
    columns = [_field(model, name) for name in fields]
    parameters = [
        [
            *[
                column.get_db_prep_save(value, connection)
                for column, value in zip(columns, values, strict=True)
            ],
            pk,
        ]
        for pk, *values in rows
    ]
    if not parameters:
        return
    quote = connection.ops.quote_name
    assignments = ", ".join([f"{quote(column.column)} = %s" for column in columns])
    key = model._meta.pk
    assert key is not None
    statement = (
        f"UPDATE {quote(model._meta.db_table)} SET {assignments} "  # noqa: S608
        f"WHERE {quote(key.column)} = %s"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, parameters)


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    for field in model._meta.concrete_fields:
        if name in {field.name, field.attname}:
            return field
    raise LookupError(f"{model.__name__} has no field {name}")
