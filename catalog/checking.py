"""Deriving what is stored about a list again, and proving that text, rows and history agree."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from catalog.exporting import export_markdown
from catalog.finding.indexing import repair_postings
from catalog.history import revisions as history
from catalog.importing.applying import read_again
from catalog.markdown import parse, render
from catalog.markdown.parser import BOM
from catalog.models import (
    READING,
    Block,
    Catalog,
    Checkpoint,
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


def check_catalog(catalog: Catalog) -> list[str]:
    """Return the faults of a catalog, a sentence each; [] when there are none, or no text yet.

    Law 1 on its text, every derived row against the text, and the history: every checkpoint and
    the SHA-256 of every import against the text that replaying gives.
    """
    if not catalog.revision:
        return []
    problems = []
    text = export_markdown(catalog)
    if render(parse(text)) != text:
        problems.append("its text does not come back from the codec as it went in")
    for table, count in projection_differences(catalog).items():
        problems.append(f"{count} {table} are not what the text says")
    problems += _history_problems(catalog)
    return problems


def _history_problems(catalog: Catalog) -> list[str]:
    """Replay the whole history from the founding text to the current one."""
    founding = Checkpoint.objects.filter(revision__catalog=catalog, revision__number=1).first()
    if founding is None:
        return ["its founding text is missing from the history"]
    bom, rows = history.checkpoint_rows(founding)
    lines = history.Lines(rows)
    problems = []
    expected = 1
    revisions = catalog.revisions.order_by("number").prefetch_related("changes", "checkpoint")
    for revision in revisions.iterator(chunk_size=100):
        number = revision.number
        if number != expected:
            problems.append(f"revision {expected} is missing from its history")
        expected = number + 1
        try:
            for change in revision.changes.all():
                lines.replay(change)
        except KeyError:
            return [*problems, f"revision {number} cannot be replayed"]
        bom = revision.details.get("bom", bom)
        problems += _revision_problems(revision, bom, lines)
    if expected != catalog.revision + 1:
        problems.append(f"its history ends before revision {catalog.revision}")
    live = list(catalog.blocks.in_reading_order().values_list("uid", "source"))
    if bom != catalog.bom:
        problems.append("its byte order mark is not that of its history")
    if lines.rows() != live:
        problems.append("replaying its history does not give its text")
    return problems


def _revision_problems(revision: Revision, bom: bool, lines: history.Lines) -> Iterator[str]:
    """Compare what replaying up to a revision gives with what it recorded of its text."""
    number = revision.number
    if revision.sha256 and _sha256(bom, lines) != revision.sha256:
        yield f"replaying revision {number} does not give the text it stands for"
    checkpoint = getattr(revision, "checkpoint", None)
    if checkpoint and history.checkpoint_rows(checkpoint) != (bom, lines.rows()):
        yield f"the whole copy at revision {number} is not what replaying gives"


def _sha256(bom: bool, lines: history.Lines) -> str:
    text = (BOM if bom else "") + "".join([source for _uid, source in lines.rows()])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
