"""Reading a list's own text again: what is stored about it becomes what this release reads.

A release that reads the same text otherwise cuts it otherwise: lines that were entries are parts
of one, headings are none. Ids, addresses and decisions stay with what they were about, see
`identity.py`; no line changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from django.db import transaction

from catalog import markdown
from catalog.errors import NotFound
from catalog.history.revisions import Author
from catalog.importing.planning import plan_text, written_as
from catalog.models import READING, Catalog, Revision
from catalog.store.document import DocumentWriter
from catalog.store.snapshots import Snapshot, take_snapshot


def read_again(
    catalog: Catalog,
    *,
    keeps_guesses: bool = False,
    by: Author | None = None,
    details: Mapping[str, Any] | None = None,
) -> Revision:
    """Derive everything about the list from its text again, inside the caller's transaction.

    That is a revision. Where blocks are cut otherwise it has line operations, but no text differs.
    """
    snapshot = take_snapshot(catalog)
    document = markdown.parse(snapshot.text, corrections=snapshot.corrections)
    plan = plan_text(
        snapshot.text, snapshot, document=document, known=_in_place(snapshot, document)
    )
    written = written_as(plan, catalog, snapshot, is_rebuild=True, keeps_guesses=keeps_guesses)
    return DocumentWriter(written, snapshot.revision).write(
        by=by or Author(),
        verb=Revision.Verb.SETTINGS,
        sha256="",
        details={"rebuilt": True, **plan.figures_written(), **(details or {})},
    )


def bring_up_to_date(catalog: Catalog) -> bool:
    """Read a list again that an older release has read; returns whether it was one.

    One transaction. Whoever writes to such a list does this first; `upgrade_lists` does it for all.
    """
    if catalog.reading >= READING:
        return False
    with transaction.atomic():
        # Waits on PostgreSQL for whoever does the same; on SQLite there is one lock.
        row = Catalog.objects.select_for_update().filter(pk=catalog.pk).first()
        if row is None:
            raise NotFound(f"The list {catalog.slug} has been deleted in the meantime.")
        is_behind = row.reading < READING
        if is_behind and row.revision:
            read_again(row)
        elif is_behind:
            Catalog.objects.filter(pk=row.pk).update(reading=READING)
    catalog.refresh_from_db()
    return is_behind


def _in_place(snapshot: Snapshot, document: markdown.Document) -> dict[int, int]:
    """Return the stored block of each block: the one that begins at the same place."""
    offsets = accumulate([len(block.source) for block in snapshot.blocks], initial=0)
    starts = {offset: index for index, offset in enumerate(offsets)}
    offsets = accumulate([len(block.source) for block in document.blocks], initial=0)
    return {
        index: starts[offset]
        for index, (offset, _block) in enumerate(zip(offsets, document.blocks, strict=False))
        if offset in starts
    }
