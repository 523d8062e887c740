"""The line operations of a write: what the history keeps of it."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.history import revisions as history
from catalog.models import Change, Entry
from catalog.store.written import BATCH, DocumentWrite


def assign_uids(written: DocumentWrite) -> int:
    """Name every block for the history; returns the catalog's next free uid."""
    uid = written.catalog.next_uid
    for index in range(len(written.document.blocks)):
        old = written.old_of.get(index)
        if old is None:
            written.uids.append(uid)
            uid += 1
        else:
            written.uids.append(written.blocks[old].uid)
    return uid


def line_changes(written: DocumentWrite) -> list[Change]:
    """The line operations from the stored text to the new one, in an order that replays."""
    document = written.document
    lines = history.Lines([(block.uid, block.source) for block in written.blocks])
    changes = []
    for gone in written.removed_blocks:
        changes.append(
            Change(
                op=Change.Op.DELETE,
                uid=gone.uid,
                before_after_uid=lines.preceding[gone.uid],
                before=gone.source,
                entry_id=gone.entry,
            )
        )
        lines.delete(gone.uid)
    last = 0
    for index, (block, uid) in enumerate(zip(document.blocks, written.uids, strict=True)):
        old_index = written.old_of.get(index)
        if old_index is None:
            lines.insert(uid, block.source, last)
            changes.append(Change(op=Change.Op.INSERT, uid=uid, after_uid=last, after=block.source))
        else:
            old = written.blocks[old_index]
            change = Change(uid=uid, before=old.source, after=block.source, entry_id=old.entry)
            if index in written.moved:
                change.op = Change.Op.MOVE
                change.before_after_uid, change.after_uid = lines.preceding[uid], last
                lines.delete(uid)
                lines.insert(uid, block.source, last)
                changes.append(change)
            elif old.source != block.source:
                change.op = Change.Op.REPLACE
                changes.append(change)
        last = uid
    _name_entries(written, changes)
    return changes


def _name_entries(written: DocumentWrite, changes: Sequence[Change]) -> None:
    """Keep what the entries were called; the ids of new ones are filled in later."""
    document = written.document
    names = {
        uid: document.entries[block.entry].name
        for uid, block in zip(written.uids, document.blocks, strict=True)
        if block.entry is not None
    }
    gone = {change.entry_id for change in changes if change.op == Change.Op.DELETE}
    stored = dict(
        Entry.objects.filter(catalog=written.catalog, pk__in=[pk for pk in gone if pk]).values_list(
            "pk", "name"
        )
        if len(gone) < BATCH
        else Entry.objects.filter(catalog=written.catalog).values_list("pk", "name")
    )
    for change in changes:
        name = names.get(change.uid) or stored.get(change.entry_id or 0, "")
        change.entry_name = name[:300]
