"""Deriving what is stored about a list from its text again, and saying what differed."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction

from catalog.finding.indexing import repair_postings
from catalog.importing.applying import read_again
from catalog.models import (
    READING,
    Block,
    Catalog,
    Column,
    Entry,
    EntryTag,
    IndexedEntry,
    Link,
    Listing,
    Section,
    Tag,
)

_DERIVED: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "blocks": (
        Block,
        "catalog",
        ("pk", "kind", "source", "section_id", "listing_id", "parent_id", "depth", "html"),
    ),
    "sections": (
        Section,
        "catalog",
        ("pk", "parent_id", "title", "level", "anchor", "path", "is_title", "entry_count"),
    ),
    "listings": (
        Listing,
        "catalog",
        ("pk", "section_id", "kind", "ordinal", "columns", "is_toc", "entry_count"),
    ),
    "columns": (Column, "catalog", ("key", "header", "guessed_role", "guessed_facet")),
    "entries": (
        Entry,
        "catalog",
        (
            "pk", "block_id", "section_id", "listing_id", "position", "state", "name", "url",
            "canonical_url", "description", "cells", "html", "description_html", "is_opaque",
            "slug",
        ),
    ),
    "links": (
        Link,
        "catalog",
        ("block_id", "entry_id", "ordinal", "text", "url", "canonical_url", "host", "kind"),
    ),
    "tags": (Tag, "facet__catalog", ("facet_id", "name", "slug", "entry_count")),
    "entry tags": (
        EntryTag,
        "content_object__catalog",
        ("content_object_id", "tag_id", "origin"),
    ),
    "index rows": (
        IndexedEntry,
        "catalog",
        ("pk", "name_key", "names", "words", "others", "length"),
    ),
}  # fmt: skip


def rebuild_projection(catalog: Catalog) -> int:
    """Write everything derived again; returns how many rows differed.

    When any did, that is a revision of its own, without line operations, so that no cached page
    stays. Decisions, ids, addresses and times are kept.
    """
    return sum(_rebuilt(catalog, keep=True).values())


def projection_differences(catalog: Catalog) -> dict[str, int]:
    """Return the number of rows of each derived table that differ from the text; nothing is
    written.

    Guesses what columns mean are taken as they are: edits of single entries leave them alone.
    """
    return _rebuilt(catalog, keep=False)


def _rebuilt(catalog: Catalog, *, keep: bool) -> dict[str, int]:
    with transaction.atomic():
        catalog.refresh_from_db()
        if not catalog.revision:
            return {}
        before = _fingerprints(catalog)
        read_again(catalog, keeps_guesses=not keep)
        after = _fingerprints(catalog)
        counts = {name: _difference(before[name], after[name]) for name in _DERIVED}
        counts["index terms"] = repair_postings(catalog)
        differences = {name: count for name, count in counts.items() if count}
        if not keep or not differences:
            transaction.set_rollback(True)
    if keep and not differences:
        Catalog.objects.filter(pk=catalog.pk).update(reading=READING)
    catalog.refresh_from_db()
    return differences


def _fingerprints(catalog: Catalog) -> dict[str, Counter[str]]:
    """The rows of each derived table, blank lines aside: how they are cut says nothing."""
    differences = {}
    for name, (model, owner, fields) in _DERIVED.items():
        rows = model.objects.filter(**{owner: catalog})
        if model is Block:
            rows = rows.exclude(kind=Block.Kind.GAP)
        if model is Entry:
            rows = rows.living()
        differences[name] = Counter(map(repr, rows.values_list(*fields).iterator(chunk_size=2000)))
    return differences


def _difference(before: Counter[str], after: Counter[str]) -> int:
    return max((before - after).total(), (after - before).total())
