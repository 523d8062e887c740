"""Filtering: the sets of entries that pass each filter, intersected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection
from pyroaring import BitMap

from catalog.finding import postings, terms
from catalog.finding.terms import CATALOG, PUBLISHED, key_term
from catalog.models import Entry
from catalog.sql.bulk import joined, split

MANY = 20_000
"""Entries on one side of a moment that are read rather than those on the other."""
_TABLE = Entry._meta.db_table


def published(catalog: int | None) -> BitMap:
    """The published entries of a list, or of all."""
    scope = "" if catalog is None else key_term(CATALOG, catalog)
    return within(postings.read([PUBLISHED, scope] if scope else [PUBLISHED], scope), scope)


def within(read: dict[str, BitMap], scope: str) -> BitMap:
    """The same from what was read, where `scope` is the term of the list or ''."""
    return read[PUBLISHED] & read[scope] if scope else read[PUBLISHED]


def since(column: str, moment: datetime, entries: BitMap) -> BitMap:
    """Return those entries that are as new as a moment by `created_at` or `updated_at`."""
    newer = _beyond(column, f"{column} >= %s", moment, "DESC", MANY + 1)
    if len(newer) > MANY:
        # Most often nearly all are newer, or nearly all are older.
        older = _beyond(column, f"{column} < %s", moment, "ASC", MANY + 1)
        if len(older) <= MANY:
            return entries - older
        newer = _beyond(column, f"{column} >= %s", moment, "DESC", None)
    return entries & newer


def _beyond(column: str, where: str, moment: datetime, way: str, most: int | None) -> BitMap:
    limit = "" if most is None else f" LIMIT {most}"
    select = (
        f"SELECT id FROM {_TABLE} WHERE state = 'published' AND {where}"  # noqa: S608
        f" ORDER BY {column} {way}{limit}"
    )
    with connection.cursor() as cursor:
        cursor.execute(joined(select), [connection.ops.adapt_datetimefield_value(moment)])
        [(keys,)] = cursor.fetchall()
    return BitMap(split(keys))


def union(read: dict[str, BitMap], own: Sequence[str]) -> BitMap:
    """Entries with any of some terms."""
    return BitMap.union(postings.NOTHING, *[read[term] for term in own])


def address_terms(addresses: Sequence[str]) -> list[str]:
    """The terms of canonical addresses."""
    return list(map(terms.address_term, addresses))


def smallest_first(sets: Iterator[BitMap]) -> BitMap:
    """Intersect one or more sets."""
    return BitMap.intersection(*sorted(sets, key=len))
