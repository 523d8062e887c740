"""Writing an edit of one entry: the rows of its own lines, whatever the length of the list.

Runs inside the transaction of the edit, on a catalog that nobody else changes meanwhile. The edit
has been checked by reading its lines again where they stand, and `locality.reaches_others` has
said that it leaves alone how all others read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from django.db.models import Min

from catalog import history
from catalog.editing.counting import count_entry, move_count
from catalog.editing.edited_lines import EditedLines, Line
from catalog.editing.neighbourhood import Neighbourhood
from catalog.editing.positions import room_between, set_aside
from catalog.importing.bulk import insert_rows, update_rows
from catalog.markdown.nodes import BlockKind
from catalog.markdown.writing.edit import Edit
from catalog.models import Block, Catalog, Change, Column, Entry, Link, Listing, Revision, Section
from catalog.projection import (
    LINK_FIELDS,
    EntryFields,
    Projection,
    definitions_in,
    header_of,
    link_rows,
    section_addresses,
)
from catalog.rendering.rows import Header, cells_html, headers
from catalog.searching.indexing import index_entries
from catalog.tagging import rows as tag_rows
from catalog.tagging.rederiving import rederive

_BLOCK = (
    "catalog_id", "uid", "position", "kind", "source", "section_id", "listing_id", "parent_id",
    "depth", "html",
)  # fmt: skip
_PLACED = ("position", "source", "section_id", "listing_id", "parent_id", "depth", "html")
_SEEN = ("name", "url", "description", "cells")
"""What of an entry counts as changed when it differs."""
_TAGGED = {"cells", "section_id", "listing_id"}
"""What its tags are derived from."""


class SectionAddresses(Mapping[str, str]):
    """The pages of the sections by anchor, read when a link asks for one."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    @cached_property
    def _addresses(self) -> dict[str, str]:
        sections = Section.objects.filter(catalog=self._catalog).in_reading_order()
        return section_addresses(self._catalog, sections.only("anchor", "path"))

    def __getitem__(self, anchor: str) -> str:
        return self._addresses[anchor]

    def __iter__(self) -> Iterator[str]:
        return iter(self._addresses)

    def __len__(self) -> int:
        return len(self._addresses)


def write_entry_edit(
    near: Neighbourhood, edit: Edit, listing: Listing, *, verb: str, by: history.By
) -> Revision:
    """Write an edit as one revision; new and moved blocks stand in `listing`.

    Raises `RevisionConflict` when the catalog has moved on.
    """
    lines = EditedLines(near, edit, near.listings[listing.pk])
    return _EntryWriter(near, lines, listing).write(verb, by)


class _EntryWriter:
    def __init__(self, near: Neighbourhood, lines: EditedLines, listing: Listing) -> None:
        self.near = near
        self.catalog = near.catalog
        self.lines = lines
        self.listing = listing
        self.projection = Projection(
            self.catalog,
            SectionAddresses(self.catalog),
            definitions_in(near.document.definitions.values()),
        )
        keys = [line.row.pk for line in [*lines.touched, *lines.removed] if line.row]
        stored = Entry.objects.filter(block__in=keys).select_related("listing")
        self.entries = {entry.block_id: entry for entry in stored}
        """Stored entries of the blocks concerned, by key of the block."""
        self._retagged: list[int] = []
        self._reworded: list[int] = []
        """Entries whose tags may differ now, and others of which only words do."""

    def write(self, verb: str, by: history.By) -> Revision:
        self.fields = self._read_entries()
        changes = self._changes()
        self.revision = history.commit_revision(
            catalog=self.catalog,
            verb=verb,
            by=by,
            changes=changes,
            catalog_fields={"next_uid": self.catalog.next_uid + len(self.lines.new)},
        )
        self._remove()
        moved = [line for line in self.lines.placed if line.row]
        set_aside(self.catalog, [line.row.pk for line in moved if line.row])
        positions = (
            room_between(self.catalog, *self.lines.between(), len(self.lines.placed))
            if self.lines.placed
            else []
        )
        for line, position in zip(self.lines.placed, positions, strict=True):
            line.position = position
        self._write_blocks()
        self._write_entries()
        self._write_links()
        self._move_listings()
        if self._retagged:
            rederive(self.catalog, Entry.objects.filter(pk__in=self._retagged))
        if self._reworded:
            index_entries(self._reworded)
        if history.is_checkpoint_due(self.revision.number):
            history.save_checkpoint(self.revision)
        return self.revision

    # What is to be written

    def _read_entries(self) -> dict[int, EntryFields]:
        """The fields of the entries on touched blocks, by uid of the block."""
        found = [
            (line, entry)
            for line in self.lines.touched
            if (line.row is None or line.row.pk in self.entries) and (entry := line.entry)
        ]
        fields = self.projection.entries([(line.block, entry, None) for line, entry in found])
        return {line.uid: row for (line, _entry), row in zip(found, fields, strict=True)}

    def _changes(self) -> list[Change]:
        changes = self.lines.changes()
        by_uid = {
            line.uid: line.row.pk for line in [*self.lines.touched, *self.lines.removed] if line.row
        }
        for change in changes:
            entry = self.entries.get(by_uid.get(change.uid, 0))
            fields = self.fields.get(change.uid)
            change.entry_id = entry.pk if entry else None
            name = fields.name if fields else entry.name if entry else ""
            change.entry_name = name[:300]
        return changes

    # Writing

    def _remove(self) -> None:
        keys = [line.row.pk for line in self.lines.removed if line.row]
        gone = [self.entries[key] for key in keys if key in self.entries]
        with tag_rows.counting([entry.pk for entry in gone]):
            Entry.objects.filter(pk__in=[entry.pk for entry in gone]).update(
                state=Entry.State.REMOVED,
                block=None,
                section=None,
                listing=None,
                removed_at=self.revision.created_at,
                updated_at=self.revision.created_at,
                updated_revision=self.revision.number,
            )
        for entry in gone:
            section, listing = entry.section_id, entry.listing_id
            count_entry(self.catalog, state=entry.state, section=section, listing=listing, step=-1)
        Block.objects.filter(pk__in=keys).delete()

    def _write_blocks(self) -> None:
        placed = {line.uid for line in self.lines.placed}
        rows, in_place = [], []
        for line in self.lines.touched:
            html = self._html(line)
            if line.row is None:
                continue
            if line.uid in placed:
                rows.append(
                    (line.row.pk, line.position, line.block.source, *self._place(line), html)
                )
            else:
                in_place.append((line.row.pk, line.block.source, html))
        update_rows(Block, _PLACED, rows)
        update_rows(Block, ("source", "html"), in_place)
        new = [
            (
                self.catalog.pk,
                line.uid,
                line.position,
                line.block.kind.value,
                line.block.source,
                *self._place(line),
                self._html(line),
            )
            for line in self.lines.new
        ]
        for line, key in zip(self.lines.new, insert_rows(Block, _BLOCK, new), strict=True):
            line.key = key

    def _html(self, line: Line) -> str:
        """What is stored of a block to be shown: the cells of a row, or what no entry has."""
        fields = self.fields.get(line.uid)
        if fields is None:
            return self.projection.prose(line.block)
        if line.block.kind is not BlockKind.TABLE_ROW:
            return ""
        listing = self.listing
        if line.row and line not in self.lines.placed:
            listing = self.entries[line.row.pk].listing or listing
        return cells_html(
            [cell["html"] for cell in fields.cells], headers(listing.columns, self._headers)
        )

    @cached_property
    def _headers(self) -> dict[str, Header]:
        columns = Column.objects.filter(catalog=self.catalog)
        return {column.key: header_of(column) for column in columns}

    def _place(self, line: Line) -> tuple[int | None, int | None, int | None, int]:
        """Section, listing, parent and depth of a block that is new or has moved."""
        listing = self.listing.pk if line.block.listing is not None else None
        return self.listing.section_id, listing, line.parent, line.block.depth

    def _write_entries(self) -> None:
        for line in self.lines.touched:
            if line.row is not None and line.row.pk in self.entries:
                self._update(self.entries[line.row.pk], line)
        new = [line for line in self.lines.new if line.uid in self.fields]
        self._retagged += map(self._create, new)

    def _update(self, entry: Entry, line: Line) -> None:
        fields = self.fields.get(line.uid)
        values: dict[str, Any] = dict(fields.items()) if fields else {}
        before = entry.section_id, entry.listing_id
        after = before
        if line in self.lines.placed:
            after = self.listing.section_id, self.listing.pk
            values |= {"section_id": after[0], "listing_id": after[1], "position": line.position}
        changed = {name for name, value in values.items() if getattr(entry, name) != value}
        if not changed:
            return
        is_seen = bool(changed & {*_SEEN, "section_id", "listing_id"})
        if is_seen:
            values["updated_revision"] = self.revision.number
            values["updated_at"] = self.revision.created_at
        Entry.objects.filter(pk=entry.pk).update(**values)
        move_count(self.catalog, state=entry.state, before=before, after=after)
        if changed & _TAGGED:
            self._retagged.append(entry.pk)
        elif is_seen:
            self._reworded.append(entry.pk)

    def _create(self, line: Line) -> int:
        now, number = self.revision.created_at, self.revision.number
        entry = Entry.objects.create(
            catalog=self.catalog,
            block_id=line.key,
            section_id=self.listing.section_id,
            listing_id=self.listing.pk,
            position=line.position,
            created_revision=number,
            updated_revision=number,
            created_at=now,
            updated_at=now,
            **dict(self.fields[line.uid].items()),
        )
        count_entry(
            self.catalog,
            state=entry.state,
            section=entry.section_id,
            listing=entry.listing_id,
            step=1,
        )
        Change.objects.filter(revision=self.revision, uid=line.uid).update(entry_id=entry.pk)
        return entry.pk

    def _write_links(self) -> None:
        changed = [line for line in self.lines.touched if line.is_rewritten]
        keys = [line.row.pk for line in changed if line.row]
        Link.objects.filter(block__in=keys).delete()
        entries = dict(
            Entry.objects.filter(block__in=[line.key for line in changed]).values_list(
                "block", "pk"
            )
        )
        rows: list[tuple[Any, ...]] = []
        for line in changed:
            rows += link_rows(self.catalog.pk, line.key, entries.get(line.key), line.block.links)
        insert_rows(Link, LINK_FIELDS, rows)

    def _move_listings(self) -> None:
        """A list stands where its first item does; a table where its header does."""
        left = {entry.listing for entry in self.entries.values() if entry.listing}
        for listing in {self.listing, *left}:
            if listing.kind == Listing.Kind.TABLE or not (self.lines.placed or self.lines.removed):
                continue
            first = Block.objects.filter(listing=listing).aggregate(first=Min("position"))["first"]
            Listing.objects.filter(pk=listing.pk).exclude(position=first).update(position=first)
