"""The tag rows of entries: written as a difference, and counted.

By hand wins: neither a tag somebody gave nor one somebody took off is changed here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import batched

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Greatest

from catalog.finding.indexing import index_catalog, index_entries
from catalog.models import Catalog, DismissedTag, Entry, EntryTag, Tag
from catalog.sql.bulk import add_rows, update_rows

ENTRIES = 2000
"""Entries a query asks for; bounds what it has to carry on any database."""


def write_derived(derived: Mapping[int, Mapping[int, str]], *, are_new: bool = False) -> None:
    """Make the derived tags of these entries, by key, those wanted: origins by tag's key.

    Only differences are written. Tags by hand stay, and what was taken off by hand stays off.
    Entries that `are_new` have none yet.
    """
    surplus: list[int] = []
    missing: list[tuple[int, int, str]] = []
    for batch in batched(derived, ENTRIES, strict=False):
        present, dismissed = ({}, {}) if are_new else (_present(batch), _dismissed(batch))
        for entry in batch:
            own, origins = difference(
                derived[entry], present.get(entry, ()), dismissed.get(entry, ())
            )
            surplus += own
            missing += [(entry, tag, origin) for tag, origin in origins.items()]
    for rows in batched(surplus, ENTRIES, strict=False):
        EntryTag.objects.filter(pk__in=rows).delete()
    add_rows(EntryTag, ("content_object_id", "tag_id", "origin"), missing)


def difference(
    derived: Mapping[int, str], present: Sequence[tuple[int, int, str]], dismissed: Sequence[int]
) -> tuple[list[int], dict[int, str]]:
    """The rows that an entry has to lose, by key, and the tags it has to get, by origin.

    `present` are key, tag and origin of the rows it has, `dismissed` the tags taken off by hand.
    """
    missing = dict(derived)
    for tag in dismissed:
        missing.pop(tag, None)
    surplus = []
    for row, tag, origin in present:
        if origin in {missing.get(tag), EntryTag.Origin.HAND}:
            missing.pop(tag, None)
        else:
            surplus.append(row)
    return surplus, missing


def stored(
    catalog: Catalog,
) -> tuple[dict[int, list[tuple[int, int, str]]], dict[int, list[int]]]:
    """Return the stored tags for `difference` of all entries of a list, by key."""
    return (
        _by_entry(EntryTag.objects.filter(tag__facet__catalog=catalog)),
        _taken_off(DismissedTag.objects.filter(entry__catalog=catalog)),
    )


def _present(entries: Sequence[int]) -> dict[int, list[tuple[int, int, str]]]:
    """Key, tag and origin of the tag rows that the entries have."""
    return _by_entry(EntryTag.objects.filter(content_object__in=entries))


def _by_entry(rows: QuerySet[EntryTag]) -> dict[int, list[tuple[int, int, str]]]:
    present: dict[int, list[tuple[int, int, str]]] = {}
    for entry, *row in rows.values_list("content_object_id", "pk", "tag_id", "origin"):
        present.setdefault(entry, []).append((row[0], row[1], row[2]))
    return present


def _dismissed(entries: Sequence[int]) -> dict[int, list[int]]:
    return _taken_off(DismissedTag.objects.filter(entry__in=entries))


def _taken_off(rows: QuerySet[DismissedTag]) -> dict[int, list[int]]:
    dismissed: dict[int, list[int]] = {}
    for entry, tag in rows.values_list("entry_id", "tag_id"):
        dismissed.setdefault(entry, []).append(tag)
    return dismissed


def refresh_counts(catalog: Catalog) -> None:
    """Count the published entries of every tag of the catalog; what is right is not written.

    Tags are among what entries are found by, so that is written here, too.
    """
    counts = _counts_of_all(catalog)
    tags = Tag.objects.filter(facet__catalog=catalog).order_by()
    known = tags.values_list("pk", "entry_count")
    wrong = [(tag, counts[tag]) for tag, count in known if counts[tag] != count]
    update_rows(Tag, ("entry_count",), wrong)
    index_catalog(catalog)


def _counts_of_all(catalog: Catalog) -> Counter[int]:
    """Count the catalog's published entries of each tag.

    Not joined, but asked for by keys: inside an import PostgreSQL has no statistics of the new
    rows yet, or those of rows that are gone, and then may read one table again for each row of
    another, which takes minutes.
    """
    entries = Entry.objects.filter(catalog=catalog, state=Entry.State.PUBLISHED).order_by()
    counts: Counter[int] = Counter()
    for batch in batched(entries.values_list("pk", flat=True), ENTRIES, strict=False):
        rows = EntryTag.objects.filter(content_object__in=batch).order_by()
        counts.update(dict(rows.values_list("tag").annotate(Count("pk"))))
    return counts


@contextmanager
def counting(entries: Collection[int], catalog: Catalog) -> Iterator[list[int]]:
    """Keep the counts of tags right while the tags or states of a few entries change.

    For edits, which would wait for `refresh_counts()` as long as the list is. An entry that is
    added may join `entries` meanwhile, or has to have its row and no tags yet. What the entries
    are found by follows, and what those are that are put into the list that this gives.
    """
    before = _counts(entries)
    reworded: list[int] = []
    yield reworded
    after = _counts(entries)
    by_difference: dict[int, list[int]] = {}
    for tag in before.keys() | after.keys():
        by_difference.setdefault(after[tag] - before[tag], []).append(tag)
    by_difference.pop(0, None)
    for difference, tags in by_difference.items():
        count = Greatest(F("entry_count") + difference, 0)
        Tag.objects.filter(pk__in=tags).update(entry_count=count)
    index_entries(list({*entries, *reworded}), catalog)


def _counts(entries: Collection[int]) -> Counter[int]:
    """Count for each tag those of these entries that have it."""
    counts: Counter[int] = Counter()
    for batch in batched(entries, ENTRIES, strict=False):
        rows = EntryTag.objects.filter(
            content_object__in=batch, content_object__state=Entry.State.PUBLISHED
        )
        counts.update(rows.values_list("tag_id", flat=True))
    return counts
