"""Rows as the drivers give them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection


def fetch(statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
    """Return all rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows


def moment(stored: datetime) -> datetime:
    """Return a moment with its zone: SQLite stores none, and it is UTC."""
    return stored if stored.tzinfo else stored.replace(tzinfo=UTC)
