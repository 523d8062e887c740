"""Entries of more lists than a process remembers: asked from the database, page by page.

The same entries in the same order as from memory, at a cost that grows with how many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Collate
from django.http import QueryDict
from pyroaring import BitMap

from catalog.api.entries.filters import EntryFilter
from catalog.api.entries.rows import entry_of, headers_of, read_entries, tags_of
from catalog.api.entries.sequences import Chosen, Mark, Ranked
from catalog.api.entries.wanted import RELEVANCE, Wanted
from catalog.browsing import browse_index
from catalog.finding.searching import Found
from catalog.finding.text import read_query
from catalog.models import Catalog, Entry
from catalog.querysets import EntryQuerySet

_ORDERS = {
    "position": ("catalog__title", "catalog", "position", "pk"),
    "name": ("sorted_name", "pk"),
    "created_at": ("-created_at", "pk"),
    "updated_at": ("-updated_at", "pk"),
}
"""As in memory: the newest first, equal ones by their keys."""


def is_too_much(catalogs: Sequence[Catalog]) -> bool:
    """Whether the lists hold more entries together than a process remembers."""
    entries = sum(catalog.entry_count for catalog in catalogs)
    return len(catalogs) > 1 and entries > browse_index.MOST_ENTRIES


def asked(catalogs: Sequence[Catalog], wanted: Wanted, parameters: QueryDict) -> Chosen:
    """What the request asks for, by its parameters."""
    everything = Entry.objects.published().filter(catalog__in=[each.pk for each in catalogs])
    entries: EntryQuerySet = EntryFilter(parameters, everything).qs
    meaning = read_query(wanted.filters.q)
    if wanted.ordering == RELEVANCE and meaning:
        found = Found(meaning, None)
        keys = BitMap(list(entries.order_by().values_list("pk", flat=True)))
        return Ranked(lambda _depth, make: make(), found, keys)
    return InDatabase(entries, wanted)


class InDatabase:
    """Entries in an order of their fields."""

    def __init__(self, entries: EntryQuerySet, wanted: Wanted) -> None:
        collation = "C" if connection.vendor == "postgresql" else "BINARY"
        name = wanted.ordering.removeprefix("-")
        self.fields = _ORDERS[name if name in _ORDERS else "position"]
        ordered = entries.annotate(sorted_name=Collate("slug", collation)).order_by(*self.fields)
        # The newest are first where the order has a minus.
        self.is_backwards = wanted.is_backwards != self.fields[0].startswith("-")
        self.entries = ordered.reverse() if self.is_backwards else ordered
        self._count: int | None = None

    def __len__(self) -> int:
        if self._count is None:
            self._count = self.entries.count()
        return self._count

    def some(self, start: int, stop: int) -> list[int]:
        return list(self.entries.values_list("pk", flat=True)[start:stop])

    def mark(self, at: int, *, behind: bool) -> Mark:
        """What the entry is sorted by, as JSON can say it."""
        values = self.entries.values_list(*self._names())[at - 1 if behind else at]
        return [each.isoformat() if isinstance(each, datetime) else each for each in values]

    def place(self, mark: Mark, *, behind: bool) -> int:
        """How many stand before it; in the order of the lists, before where it is by now."""
        values = mark
        if "position" in self.fields:
            now = Entry.objects.filter(pk=mark[-1]).order_by()
            values = next(iter(now.values_list(*self._names())), mark)
        before = self._before(values)
        if behind:
            before |= Q(**dict(zip(self._names(), values, strict=True)))
        return self.entries.filter(before).count()

    def _names(self) -> list[str]:
        return [field.removeprefix("-") for field in self.fields]

    def _before(self, values: Sequence[Any]) -> Q:
        """What stands before the values: less in one field, and equal in all before that."""
        found, equal = Q(), Q()
        for field, name, value in zip(self.fields, self._names(), values, strict=True):
            is_less = field.startswith("-") == self.is_backwards
            found |= equal & Q(**{f"{name}__{'lt' if is_less else 'gt'}": value})
            equal &= Q(**{name: value})
        return found


def rows_asked(
    catalogs: Sequence[Catalog], pks: Sequence[int], fields: Sequence[str], site: str
) -> list[dict[str, Any]]:
    """The entries with these of `rows.FIELDS`, in this order; four queries."""
    by_pk = {catalog.pk: catalog for catalog in catalogs}
    entries = Entry.objects.published().filter(pk__in=pks).order_by()
    stands = entries.values_list("pk", "catalog", "created_at", "updated_at")
    placed = {pk: (by_pk[catalog], times) for pk, catalog, *times in stands if catalog in by_pk}
    headers = headers_of(list({catalog.pk for catalog, _times in placed.values()}))
    tags = tags_of(pks)
    found = {}
    for pk, rows in read_entries(list(placed)).items():
        catalog, (created, updated) = placed[pk]
        told = entry_of(rows, catalog, headers, site)
        told |= {"tags": tags.get(pk, []), "created_at": created, "updated_at": updated}
        found[pk] = {name: told[name] for name in fields}
    return [found[pk] for pk in pks if pk in found]
