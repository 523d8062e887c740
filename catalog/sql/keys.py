"""Conditions on many keys at once, and many keys read at once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import orjson
from django.db import connection


def among(pks: Iterable[int]) -> tuple[str, str]:
    """A condition on keys with its parameter, not bounded by how many a statement may have."""
    # As text: to have each key turned into a parameter takes the driver longer.
    keys = ",".join(map(str, pks))
    if connection.vendor == "postgresql":
        return "= ANY(%s::bigint[])", f"{{{keys}}}"
    return "IN (SELECT value FROM json_each(%s))", f"[{keys}]"


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
