"""The rows of entries: created, updated, removed, and brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from catalog import markdown
from catalog.markdown.nodes import BlockKind
from catalog.models import Change, Column, Entry, Listing, Revision, Section
from catalog.rendering.table_rows import cells_html
from catalog.sql.bulk import insert_rows, update_rows
from catalog.store.projection import (
    ENTRY_FIELDS,
    EntryFields,
    Projection,
    header_of,
    living_state,
    table_columns,
)
from catalog.store.returning import places_of
from catalog.store.written import BATCH, Written


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
    """Writes the entries of a document; afterwards `keys` has each one's primary key."""

    def __init__(
        self,
        written: Written,
        sections: Sequence[Section],
        listings: Sequence[Listing],
        columns: Mapping[int, Sequence[Column]],
        projection: Projection,
        revision: Revision,
    ) -> None:
        self.written = written
        self.sections = sections
        self.listings = listings
        self.revision = revision
        self.keys: list[int] = []
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

    def write(self) -> None:
        """Create the new ones, and update those that differ from their rows."""
        written, document = self.written, self.written.document
        stored = self._stored()
        new: list[int] = []
        new_rows = []
        rows = []
        for index, entry in enumerate(document.entries):
            pk = written.entries.get(index)
            fields = self.fields[index]
            if pk is None:
                self.keys.append(0)
                new.append(index)
                new_rows.append(self._new(entry, fields))
                continue
            self.keys.append(pk)
            row = self._changed(pk, entry, fields, stored[pk])
            if row:
                rows.append(row)
        for index, key in zip(new, insert_rows(Entry, NEW_ENTRY, new_rows), strict=True):
            self.keys[index] = key
        update_rows(Entry, _UPDATED, rows)
        self._name_changes(
            [n for n, entry in enumerate(document.entries) if entry.block not in written.old_of]
        )

    def _stored(self) -> dict[int, dict[str, Any]]:
        if self.revision.number == 1:
            return {}
        fields = Entry.objects.filter(catalog=self.written.catalog).values("pk", *_UPDATED)
        return {row.pop("pk"): row for row in fields}

    def _place(self, entry: markdown.Entry) -> tuple[int, int | None, int | None, int]:
        """Keys of block, section and listing, and the position."""
        return (
            self.written.keys[entry.block],
            self.sections[entry.section].pk if entry.section is not None else None,
            self.listings[entry.listing].pk if entry.listing is not None else None,
            self.written.positions[entry.block],
        )

    def _new(self, entry: markdown.Entry, fields: EntryFields) -> tuple[Any, ...]:
        now, number = self.revision.created_at, self.revision.number
        created_at, created = self._founded if self.written.is_rebuild else (now, number)
        return (
            self.written.catalog.pk,
            *self._place(entry),
            living_state(entry, ""),
            "",
            created,
            number,
            created_at,
            now,
            *fields.values(),
        )

    @cached_property
    def _founded(self) -> tuple[datetime, int]:
        """When the list came, and its revision: what stood there all the time is no news."""
        founding = Revision.objects.filter(catalog=self.written.catalog).order_by("number")
        return founding.values_list("created_at", "number")[0]

    def _changed(
        self, pk: int, entry: markdown.Entry, fields: EntryFields, stored: dict[str, Any]
    ) -> tuple[Any, ...] | None:
        """The whole row to write, None when it is the one that is stored."""
        block, section, listing, position = self._place(entry)
        expected: dict[str, Any] = {
            **dict(fields.items()),
            "block_id": block,
            "section_id": section,
            "listing_id": listing,
            "position": position,
            "state": living_state(entry, stored["decision"]),
            "decision": stored["decision"],
            "removed_at": None,
            "stood_in": None,
            "updated_revision": stored["updated_revision"],
            "updated_at": stored["updated_at"],
        }
        if any(expected[name] != stored[name] for name in _SEEN):
            expected["updated_revision"] = self.revision.number
            expected["updated_at"] = self.revision.created_at
        if expected == stored:
            return None
        return (pk, *[expected[name] for name in _UPDATED])

    def _name_changes(self, indexes: Sequence[int]) -> None:
        """Give the history the ids of the entries that came, or came back, with this revision."""
        if self.revision.number == 1 or not indexes:
            return
        uids = {
            self.written.uids[self.written.document.entries[index].block]: self.keys[index]
            for index in indexes
        }
        changes = Change.objects.filter(revision=self.revision, op=Change.Op.INSERT)
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
"""What makes an entry count as changed when it differs."""
