"""Deriving what is stored about a list from its text again, and saying what differed."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction

from catalog.finding.indexing import repair_postings
from catalog.history.revisions import By
from catalog.importing.applying import (
    Snapshot,
    listing_matches,
    plan_text,
    section_matches,
    take_snapshot,
)
from catalog.markdown import Document, parse
from catalog.models import (
    Block,
    Catalog,
    Column,
    Entry,
    EntryTag,
    IndexedEntry,
    Link,
    Listing,
    Revision,
    Section,
    Tag,
)
from catalog.store.document import write_document
from catalog.store.written import Written

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
    "index rows": (IndexedEntry, "catalog", ("pk", "name_key", "names", "words", "others")),
}  # fmt: skip


def rebuild_projection(catalog: Catalog) -> int:
    """Write everything derived again; returns how many rows differed.

    When any did, that is a revision of its own, without line operations, so that no cached page
    stays. Decisions, ids, addresses and times are kept.
    """
    return sum(_rebuilt(catalog, keep=True).values())


def projection_differences(catalog: Catalog) -> dict[str, int]:
    """How many rows of each derived table are not what the text says; nothing is kept.

    Guesses what columns mean are taken as they are: edits of single entries leave them alone.
    """
    return _rebuilt(catalog, keep=False)


def _rebuilt(catalog: Catalog, *, keep: bool) -> dict[str, int]:
    with transaction.atomic():
        catalog.refresh_from_db()
        if not catalog.revision:
            return {}
        snapshot = take_snapshot(catalog)
        document = parse(snapshot.text)
        plan = plan_text(
            snapshot.text, snapshot, document=document, known=_in_place(snapshot, document)
        )
        before = _fingerprints(catalog)
        write_document(
            Written(
                catalog=catalog,
                document=plan.document,
                old_of=plan.old_of,
                moved=plan.moved,
                blocks=snapshot.blocks,
                sections=section_matches(plan),
                listings=listing_matches(plan),
                returned=plan.returned,
                is_rebuild=True,
                keeps_guesses=not keep,
            ),
            by=By(),
            verb=Revision.Verb.SETTINGS,
            expected_revision=snapshot.revision,
            sha256="",
            details={"rebuilt": True},
        )
        after = _fingerprints(catalog)
        counts = {name: _difference(before[name], after[name]) for name in _DERIVED}
        counts["index terms"] = repair_postings(catalog)
        differences = {name: count for name, count in counts.items() if count}
        if not keep or not differences:
            transaction.set_rollback(True)
    catalog.refresh_from_db()
    return differences


def _in_place(snapshot: Snapshot, document: Document) -> dict[int, int]:
    """Which stored block each block is: the one of the same lines."""
    starts: dict[tuple[int, str], int] = {}
    offset = 0
    for index, block in enumerate(snapshot.blocks):
        starts[offset, block.source] = index
        offset += len(block.source)
    in_place: dict[int, int] = {}
    offset = 0
    for index, new in enumerate(document.blocks):
        old = starts.get((offset, new.source))
        if old is not None:
            in_place[index] = old
        offset += len(new.source)
    return in_place


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
