"""The rows of entries: created, updated, removed, and brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from catalog.markdown.nodes import BlockKind
from catalog.models import Change, Column, Entry, Listing, Revision, Section
from catalog.rendering.table_rows import cells_html
from catalog.sql.bulk import insert_rows, update_rows
from catalog.store.projection import (
    ENTRY_FIELDS,
    Projection,
    header_of,
    living_state,
    table_columns,
)
from catalog.store.returning import places_of
from catalog.store.written import BATCH, DocumentWrite, key_of


def remove_entries(keys: Sequence[int], revision: Revision) -> None:
    """Remove entries: each outlives its line, and loses its block and nothing else.

    Their blocks have to be where they were, so that it can be stored where they stood.
    """
    places = places_of(keys)
    for start in range(0, len(keys), BATCH):
        Entry.objects.filter(pk__in=keys[start : start + BATCH]).update(
            state=Entry.State.REMOVED,
            block=None,
            section=None,
            listing=None,
            removed_at=revision.created_at,
            updated_at=revision.created_at,
            updated_revision=revision.number,
        )
    update_rows(Entry, ["stood_in"], places.items())


class EntryWriter:
    """Writes the entries of a document: knows beforehand which stored rows differ.

    `changed` are these, by index; after `write` `keys` has each entry's primary key.
    """

    def __init__(
        self,
        written: DocumentWrite,
        columns: Mapping[int, Sequence[Column]],
        projection: Projection,
    ) -> None:
        self.written = written
        document = written.document
        decided = {
            index: table_columns(document.listings[index], table)
            for index, table in columns.items()
            if any(column.role for column in table)
        }
        self.fields = projection.entries(
            [
                (
                    document.blocks[entry.block],
                    entry,
                    decided.get(entry.listing) if entry.listing is not None else None,
                )
                for entry in document.entries
            ]
        )
        self.rows_html = self._rows_html(columns)
        """The cells of table rows as pages show them, by index of the entry."""
        self.keys = [written.entries.get(index, 0) for index in range(len(document.entries))]
        self.created: list[int] = []
        """Keys of those that are new, once they have rows."""
        self._stored: dict[int, dict[str, Any]] = {}
        """Rows of the entries that differ, by key."""
        self.changed = self._changed() if written.entries else []

    def _rows_html(self, columns: Mapping[int, Sequence[Column]]) -> dict[int, str]:
        headers = {
            index: [header_of(column) for column in table] for index, table in columns.items()
        }
        blocks = self.written.document.blocks
        return {
            index: cells_html(
                [cell["html"] for cell in fields.cells],
                headers.get(entry.listing, ()) if entry.listing is not None else (),
            )
            for index, (entry, fields) in enumerate(
                zip(self.written.document.entries, self.fields, strict=True)
            )
            if blocks[entry.block].kind is BlockKind.TABLE_ROW
        }

    def _changed(self) -> list[int]:
        written = self.written
        # Blocks that are new have no key: an entry on one differs from its row.
        blocks = [block.pk for block in written.blocks]
        keys = [
            blocks[written.old_of[entry.block]] if entry.block in written.old_of else 0
            for entry in written.document.entries
        ]
        indexes = {key: index for index, key in enumerate(self.keys) if key}
        changed = []
        rows = Entry.objects.filter(catalog=written.catalog).values("pk", *_UPDATED)
        for stored in rows.iterator(chunk_size=2000):
            pk = stored.pop("pk")
            index = indexes.get(pk)
            if index is not None:
                expected = self._expected(
                    index, keys[index], self.written.sections, self.written.listings, stored
                )
                if expected != stored:
                    self._stored[pk] = stored
                    changed.append(index)
        return sorted(changed)

    def write(
        self, sections: Sequence[Section], listings: Sequence[Listing], revision: Revision
    ) -> list[int]:
        """Create the new ones, and update those that differ from their rows; returns all keys."""
        written, document = self.written, self.written.document
        section_keys = {index: row.pk for index, row in enumerate(sections)}
        listing_keys = {index: row.pk for index, row in enumerate(listings)}
        new = [index for index, key in enumerate(self.keys) if not key]
        created = self._created(revision) if new else (revision.number, revision.created_at)
        rows = (
            (
                written.catalog.pk,
                *self._place(
                    index, written.keys[document.entries[index].block], section_keys, listing_keys
                ),
                living_state(document.entries[index], ""),
                "",
                created[0],
                revision.number,
                created[1],
                revision.created_at,
                *self.fields[index].values(),
            )
            for index in new
        )
        self.created = insert_rows(Entry, NEW_ENTRY, rows)
        for index, key in zip(new, self.created, strict=True):
            self.keys[index] = key
        updated = []
        for index in self.changed:
            pk = self.keys[index]
            stored, block = self._stored[pk], written.keys[document.entries[index].block]
            expected = self._expected(index, block, section_keys, listing_keys, stored)
            if any(expected[name] != stored[name] for name in _SEEN):
                expected["updated_revision"] = revision.number
                expected["updated_at"] = revision.created_at
            updated.append((pk, *[expected[name] for name in _UPDATED]))
        update_rows(Entry, _UPDATED, updated)
        self._name_changes(revision)
        return self.keys

    def _place(
        self, index: int, block: int, sections: Mapping[int, int], listings: Mapping[int, int]
    ) -> tuple[int, int | None, int | None, int]:
        """Keys of block, section and listing, and the position."""
        entry = self.written.document.entries[index]
        return (
            block,
            key_of(sections, entry.section),
            key_of(listings, entry.listing),
            self.written.positions[entry.block],
        )

    def _expected(
        self,
        index: int,
        block: int,
        sections: Mapping[int, int],
        listings: Mapping[int, int],
        stored: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The row that an entry is to have, as long as nothing of it is news."""
        decision = stored["decision"]
        return {
            **dict(self.fields[index].items()),
            **dict(zip(_PLACE, self._place(index, block, sections, listings), strict=True)),
            "state": living_state(self.written.document.entries[index], decision),
            "decision": decision,
            "removed_at": None,
            "stood_in": None,
            "updated_revision": stored["updated_revision"],
            "updated_at": stored["updated_at"],
        }

    def _created(self, revision: Revision) -> tuple[int, datetime]:
        """Revision and time that new entries came with."""
        if not self.written.is_rebuild:
            return revision.number, revision.created_at
        # What stood there all the time is no news: it came with the list.
        founding = Revision.objects.filter(catalog=self.written.catalog).order_by("number")
        number, created_at = founding.values_list("number", "created_at")[0]
        return number, created_at

    def _name_changes(self, revision: Revision) -> None:
        """Set the ids of entries that came, or came back, in the revision's changes."""
        written = self.written
        uids = {
            written.uids[entry.block]: self.keys[index]
            for index, entry in enumerate(written.document.entries)
            if entry.block not in written.old_of
        }
        if revision.number == 1 or not uids:
            return
        changes = Change.objects.filter(revision=revision, op=Change.Op.INSERT)
        update_rows(
            Change,
            ["entry_id"],
            [(pk, uids[uid]) for pk, uid in changes.values_list("pk", "uid") if uid in uids],
        )


_PLACE = ("block_id", "section_id", "listing_id", "position")
NEW_ENTRY = (
    "catalog_id",
    *_PLACE,
    "state",
    "decision",
    "created_revision",
    "updated_revision",
    "created_at",
    "updated_at",
    *ENTRY_FIELDS,
)
_UPDATED = (
    *ENTRY_FIELDS,
    *_PLACE,
    "state",
    "decision",
    "removed_at",
    "stood_in",
    "updated_revision",
    "updated_at",
)
_SEEN = ("name", "url", "description", "cells", "section_id", "listing_id", "state")
"""Fields whose difference makes an entry changed."""
