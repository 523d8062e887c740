"""Entries that are probably renamed: noted at an import, until a maintainer has decided.

Confirmed, an entry goes on under its new name. Parted, it is removed as what it was, and what
stands in its place is a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from catalog.finding.indexing import index_entries
from catalog.models import Catalog, Entry, Renaming, Revision
from catalog.store.entries import remove_entries

_BEFORE = (
    *("name", "url", "canonical_url", "slug", "description", "cells", "html"),
    *("description_html", "is_opaque"),
)


def fields_of(keys: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What is derived from the lines of entries, by key."""
    if not keys:
        return {}
    return {row.pop("pk"): row for row in Entry.objects.filter(pk__in=keys).values("pk", *_BEFORE)}


def note_renamed(before: dict[int, dict[str, Any]], number: int) -> None:
    """Note what entries were before revision `number`; one that is itself again is noted no more.

    Of an entry that is renamed twice the first name counts.
    """
    if not before:
        return
    rows = [Renaming(entry_id=key, revision=number, before=row) for key, row in before.items()]
    Renaming.objects.bulk_create(rows, ignore_conflicts=True)
    for renaming in Renaming.objects.filter(entry__in=before).select_related("entry"):
        was, entry = renaming.before, renaming.entry
        if (was["name"], was["url"]) == (entry.name, entry.url):
            renaming.delete()


def renamings_of(catalog: Catalog) -> QuerySet[Renaming]:
    """The renamings of a list that are to be decided, in reading order."""
    living = Entry.objects.filter(catalog=catalog).living()
    return Renaming.objects.filter(entry__in=living).order_by("entry__position", "pk")


def remove_renamed(renaming: Renaming, catalog: Catalog) -> None:
    """Remove an entry as what it was before it was renamed; its lines are nobody's then."""
    key = renaming.entry_id
    revision = Revision(catalog=catalog, number=catalog.revision + 1, created_at=timezone.now())
    Entry.objects.filter(pk=key).update(**renaming.before)
    remove_entries([key], revision)
    renaming.delete()
    index_entries([key], catalog)
