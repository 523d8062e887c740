"""Keeping the counts of entries right while a few of them come, go or move.

For single edits: counting anew (`writing.write_counts`) takes as long as the list is.
"""

from __future__ import annotations

from django.db.models import F
from django.db.models.functions import Greatest

from catalog.models import Catalog, Entry, Listing, Section


def count_entry(
    catalog: Catalog, *, state: str, section: int | None, listing: int | None, step: int
) -> None:
    """Add `step` to the counts of the list and, for a published entry, of where it stands."""
    if state != Entry.State.PUBLISHED:
        _add(catalog, "suggested_count", step)
        return
    _add(catalog, "entry_count", step)
    count = Greatest(F("entry_count") + step, 0)
    if listing is not None:
        Listing.objects.filter(pk=listing).update(entry_count=count)
    if section is not None:
        Section.objects.above([section]).update(entry_count=count)


def move_count(
    catalog: Catalog,
    *,
    state: str,
    before: tuple[int | None, int | None],
    after: tuple[int | None, int | None],
) -> None:
    """Count an entry where it went, `(section, listing)`, and no longer where it was."""
    if before != after:
        for (section, listing), step in ((before, -1), (after, 1)):
            count_entry(catalog, state=state, section=section, listing=listing, step=step)


def _add(catalog: Catalog, field: str, step: int) -> None:
    count = max(getattr(catalog, field) + step, 0)
    Catalog.objects.filter(pk=catalog.pk).update(**{field: count})
    setattr(catalog, field, count)
