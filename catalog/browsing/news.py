"""News of a list: entries that came after its founding import."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from catalog.finding.ordering import NEWEST
from catalog.finding.query import EntryQuery, entries
from catalog.models import Catalog


def newest_of(catalog: Catalog, most: int, query: EntryQuery | None = None) -> list[int]:
    """Keys of the newest entries of the list, or of those that a query leaves of it."""
    founding = catalog.revisions.filter(number=1).values_list("created_at", flat=True).first()
    if founding is None:
        return []
    query = replace(
        query or EntryQuery(catalog.pk), created_since=founding + timedelta(microseconds=1)
    )
    matches = entries(query)
    return matches.page(matches.order(NEWEST), 0, most)
