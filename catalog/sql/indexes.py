"""Removal of a foreign key's index where a longer one begins with the same column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import migrations
from django.db.migrations.operations.base import Operation


def without_own_indexes(app: str, fields: list[tuple[str, str, Any]]) -> list[Operation]:
    """Return the operations of a migration: for each model's field its new form, and no index.

    By name: to alter a field would have SQLite copy its table. A release that still knows the
    index works without it.
    """
    return [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(_dropping(app, model, name), migrations.RunPython.noop)
            ],
            state_operations=[migrations.AlterField(model, name, field)],
        )
        for model, name, field in fields
    ]


def _dropping(app: str, model: str, name: str) -> Callable[[Any, Any], None]:
    def drop(apps: Any, editor: Any) -> None:
        options = apps.get_model(app, model)._meta
        column = options.get_field(name).column
        with editor.connection.cursor() as cursor:
            known = editor.connection.introspection.get_constraints(cursor, options.db_table)
        for index, about in known.items():
            if about["index"] and not about["unique"] and about["columns"] == [column]:
                editor.execute(f"DROP INDEX {editor.quote_name(index)}")

    return drop
