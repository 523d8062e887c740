"""Writing a whole document: the differences to what is stored, and nothing else.

The write half of an import. Runs inside the caller's transaction, after the plan; see
`importing.apply()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from catalog import history, markdown
from catalog.bulk import insert_rows, update_rows
from catalog.markdown.entries import read_cells
from catalog.markdown.nodes import BlockKind
from catalog.models import (
    POSITION_GAP,
    Block,
    Catalog,
    Change,
    Entry,
    Link,
    Listing,
    Revision,
    Section,
)
from catalog.outlining import write_listings, write_sections
from catalog.projection import (
    ENTRY_FIELDS,
    LINK_FIELDS,
    EntryFields,
    Projection,
    document_definitions,
    link_rows,
    living_state,
    section_addresses,
    table_columns,
)
from catalog.tagging import Derived, Tagger, section_titles

if TYPE_CHECKING:
    from catalog.importing import StoredBlock
    from catalog.models import Column

BATCH = 1000
"""Rows of one statement."""


@dataclass(slots=True)
class Written:
    """A document to be written, and which stored rows its parts are.

    `old_of` gives the index in `blocks` for each matched new block, `moved` the new blocks that
    do not keep their place, `sections` and `listings` stored keys by index in the document.
    """

    catalog: Catalog
    document: markdown.Document
    old_of: Mapping[int, int]
    moved: set[int]
    blocks: Sequence[StoredBlock]
    sections: Mapping[int, int]
    listings: Mapping[int, int]
    is_rebuild: bool = False
    """Write all links again, and no line operations: the lines are the stored ones."""
    keys: list[int] = field(default_factory=list)
    """Primary keys of the document's blocks, once they have rows."""
    uids: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)


def write_document(
    written: Written,
    *,
    by: history.By,
    verb: str,
    expected_revision: int,
    sha256: str,
    details: dict[str, Any],
) -> Revision:
    """Write the document and its projection as one revision, which is returned.

    Raises `RevisionConflict` when the catalog does not stand at `expected_revision`.
    """
    catalog, document = written.catalog, written.document
    is_founding = expected_revision == 0
    next_uid = _assign_uids(written)
    changes = [] if is_founding or written.is_rebuild else _changes(written)
    revision = history.commit_revision(
        catalog=catalog,
        verb=verb,
        by=by,
        expected_revision=expected_revision,
        changes=changes,
        details=details,
        sha256=sha256,
        catalog_fields={"next_uid": next_uid, "bom": bool(document.bom)},
    )
    _assign_positions(written)
    gone = _removed_blocks(written)
    _remove_entries(catalog, gone, revision)
    sections = write_sections(written)
    tagger = Tagger(catalog)
    columns = _table_columns(document, tagger)
    tagger.settle_columns()
    listings = write_listings(written, sections, columns)
    projection = Projection(
        catalog, section_addresses(catalog, sections), document_definitions(document)
    )
    _write_blocks(written, sections, listings, projection, gone)
    entries = _EntryWriter(written, sections, listings, columns, projection, revision)
    entries.write()
    _write_links(written, entries.keys)
    _write_tags(written, tagger, columns, sections, entries.keys)
    write_counts(catalog)
    if history.is_checkpoint_due(revision.number):
        rows = [
            (uid, block.kind.value, block.source)
            for uid, block in zip(written.uids, document.blocks, strict=True)
        ]
        history.save_checkpoint(revision, bom=bool(document.bom), rows=rows)
    return revision


# Blocks


def _assign_uids(written: Written) -> int:
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


def _removed_blocks(written: Written) -> list[StoredBlock]:
    kept = set(written.old_of.values())
    return [block for index, block in enumerate(written.blocks) if index not in kept]


def _changes(written: Written) -> list[Change]:
    """The line operations from the stored text to the new one, in an order that replays."""
    document = written.document
    lines = history.Lines([(block.uid, block.source) for block in written.blocks])
    changes = []
    for gone in _removed_blocks(written):
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


def _name_entries(written: Written, changes: Sequence[Change]) -> None:
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


def _assign_positions(written: Written) -> None:
    """Positions in order; what keeps its place keeps its number, unless there is no room."""
    positions = written.positions
    blocks, moved = written.blocks, written.moved
    run: list[int] = []
    last: int | None = None
    for index in range(len(written.document.blocks)):
        old = written.old_of.get(index)
        positions.append(0)
        if old is None or index in moved:
            run.append(index)
            continue
        here = blocks[old].position
        if not _spread(positions, run, last, here):
            positions[:] = _even(len(written.document.blocks))
            return
        positions[index] = last = here
        run = []
    _spread(positions, run, last, None)


def _even(count: int) -> list[int]:
    return [POSITION_GAP * number for number in range(1, count + 1)]


def _spread(positions: list[int], run: list[int], before: int | None, after: int | None) -> bool:
    """Number the blocks of a run between two positions; False when there is no room."""
    if before is None and after is not None:
        before = after - POSITION_GAP * (len(run) + 1)
    step = POSITION_GAP
    if before is not None and after is not None:
        step = (after - before) // (len(run) + 1)
    for number, index in enumerate(run, 1):
        positions[index] = (before or 0) + step * number
    return step > 0 or not run


def _write_blocks(
    written: Written,
    sections: Sequence[Section],
    listings: Sequence[Listing],
    projection: Projection,
    gone: Sequence[StoredBlock],
) -> None:
    catalog, document = written.catalog, written.document
    for start in range(0, len(gone), BATCH):
        Block.objects.filter(pk__in=[block.pk for block in gone[start : start + BATCH]]).delete()
    _make_room(written)
    new: list[int] = []
    known: list[tuple[int, int]] = []
    rows = []
    for index, block in enumerate(document.blocks):
        old = written.old_of.get(index)
        if old is not None:
            written.keys.append(written.blocks[old].pk)
            known.append((index, written.blocks[old].pk))
            continue
        written.keys.append(0)
        new.append(index)
        rows.append(
            (
                catalog.pk,
                written.uids[index],
                written.positions[index],
                block.kind.value,
                block.source,
                sections[block.section].pk if block.section is not None else None,
                listings[block.listing].pk if block.listing is not None else None,
                block.depth,
                _block_html(block, projection),
            )
        )
    for index, key in zip(new, insert_rows(Block, _NEW_BLOCK, rows), strict=True):
        written.keys[index] = key
    _set_parents(written, new)
    _update_blocks(written, sections, listings, projection, known)


_NEW_BLOCK = (
    "catalog_id",
    "uid",
    "position",
    "kind",
    "source",
    "section_id",
    "listing_id",
    "depth",
    "html",
)


def _block_html(block: markdown.Block, projection: Projection) -> str:
    return projection.prose(block) if block.entry is None else ""


def _set_parents(written: Written, indexes: Iterable[int]) -> None:
    keys, blocks = written.keys, written.document.blocks
    update_rows(
        Block,
        ["parent_id"],
        [
            (keys[index], keys[parent])
            for index in indexes
            if (parent := blocks[index].parent) is not None
        ],
    )


def _make_room(written: Written) -> None:
    """Take blocks that change their position out of the way; the order is unique at any time."""
    lowest = min([block.position for block in written.blocks], default=0)
    lowest = min(lowest, *written.positions, 0) if written.positions else min(lowest, 0)
    aside = [
        written.blocks[old].pk
        for index, old in written.old_of.items()
        if written.blocks[old].position != written.positions[index]
    ]
    update_rows(Block, ["position"], [(pk, lowest - number) for number, pk in enumerate(aside, 1)])


def _update_blocks(
    written: Written,
    sections: Sequence[Section],
    listings: Sequence[Listing],
    projection: Projection,
    known: Sequence[tuple[int, int]],
) -> None:
    if not known:
        return
    fields = (
        "position",
        "kind",
        "source",
        "section_id",
        "listing_id",
        "parent_id",
        "depth",
        "html",
    )
    stored = {
        pk: tuple(values)
        for pk, *values in Block.objects.filter(catalog=written.catalog).values_list("pk", *fields)
    }
    rows = []
    for index, pk in known:
        block = written.document.blocks[index]
        wanted = (
            written.positions[index],
            block.kind.value,
            block.source,
            sections[block.section].pk if block.section is not None else None,
            listings[block.listing].pk if block.listing is not None else None,
            written.keys[block.parent] if block.parent is not None else None,
            block.depth,
            _block_html(block, projection),
        )
        if stored[pk] != wanted:
            rows.append((pk, *wanted))
    update_rows(Block, fields, rows)


# Entries


def _remove_entries(catalog: Catalog, gone: Sequence[StoredBlock], revision: Revision) -> None:
    """An entry outlives its line: it loses its block and nothing else."""
    keys = [block.entry for block in gone if block.entry is not None]
    for start in range(0, len(keys), BATCH):
        Entry.objects.filter(catalog=catalog, pk__in=keys[start : start + BATCH]).update(
            state=Entry.State.REMOVED,
            block=None,
            section=None,
            listing=None,
            removed_at=revision.created_at,
            updated_at=revision.created_at,
            updated_revision=revision.number,
        )


class _EntryWriter:
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

    def write(self) -> None:
        """Create the new ones, and update those that differ from their rows."""
        written, document = self.written, self.written.document
        stored = self._stored()
        revived = self._removed()
        self._release()
        new: list[int] = []
        new_rows = []
        rows = []
        for index, entry in enumerate(document.entries):
            old = written.old_of.get(entry.block)
            pk = written.blocks[old].entry if old is not None else None
            fields = self.fields[index]
            if pk is None and revived:
                pk = revived.pop((fields.canonical_url, fields.name), None)
            if pk is None:
                self.keys.append(0)
                new.append(index)
                new_rows.append(self._new(entry, fields))
                continue
            self.keys.append(pk)
            row = self._changed(pk, entry, fields, stored[pk])
            if row:
                rows.append(row)
        for index, key in zip(new, insert_rows(Entry, _NEW_ENTRY, new_rows), strict=True):
            self.keys[index] = key
        update_rows(Entry, _UPDATED, rows)
        self._name_changes(new)

    def _stored(self) -> dict[int, dict[str, Any]]:
        if self.revision.number == 1:
            return {}
        fields = Entry.objects.filter(catalog=self.written.catalog).values("pk", *_UPDATED)
        return {row.pop("pk"): row for row in fields}

    def _removed(self) -> dict[tuple[str, str], int]:
        """Removed entries by what they were: one that comes back is the same one again."""
        if self.revision.number == 1:
            return {}
        removed = Entry.objects.filter(catalog=self.written.catalog, state=Entry.State.REMOVED)
        return {
            (url, name): pk
            for pk, url, name in removed.order_by("removed_at").values_list(
                "pk", "canonical_url", "name"
            )
        }

    def _release(self) -> None:
        """Remove entries whose block stays but is an entry no more."""
        document = self.written.document
        lost = [
            self.written.blocks[old]
            for index, old in self.written.old_of.items()
            if document.blocks[index].entry is None
        ]
        _remove_entries(self.written.catalog, lost, self.revision)

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
        return (
            self.written.catalog.pk,
            *self._place(entry),
            living_state(entry, ""),
            "",
            number,
            number,
            now,
            now,
            *fields.values(),
        )

    def _changed(
        self, pk: int, entry: markdown.Entry, fields: EntryFields, stored: dict[str, Any]
    ) -> tuple[Any, ...] | None:
        """The whole row to write, None when it is the one that is stored."""
        block, section, listing, position = self._place(entry)
        wanted: dict[str, Any] = {
            **dict(fields.items()),
            "block_id": block,
            "section_id": section,
            "listing_id": listing,
            "position": position,
            "state": living_state(entry, stored["decision"]),
            "decision": stored["decision"],
            "removed_at": None,
            "updated_revision": stored["updated_revision"],
            "updated_at": stored["updated_at"],
        }
        if any(wanted[name] != stored[name] for name in _SEEN):
            wanted["updated_revision"] = self.revision.number
            wanted["updated_at"] = self.revision.created_at
        if wanted == stored:
            return None
        return (pk, *[wanted[name] for name in _UPDATED])

    def _name_changes(self, new: Sequence[int]) -> None:
        """Tell the history the ids of the entries that came in with this revision."""
        if self.revision.number == 1 or not new:
            return
        uids = {
            self.written.uids[self.written.document.entries[index].block]: self.keys[index]
            for index in new
        }
        changes = Change.objects.filter(revision=self.revision, op=Change.Op.INSERT)
        update_rows(
            Change,
            ["entry_id"],
            [(pk, uids[uid]) for pk, uid in changes.values_list("pk", "uid") if uid in uids],
        )


_PLACE = ("block_id", "section_id", "listing_id", "position")
_NEW_ENTRY = (
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
    "updated_revision",
    "updated_at",
)
_SEEN = ("name", "url", "description", "cells", "section_id", "listing_id", "state")
"""What makes an entry count as changed when it differs."""


# Links, tags, counts


def _write_links(written: Written, entry_keys: Sequence[int]) -> None:
    """Write the links of new and changed blocks; all of them when a definition has changed."""
    document = written.document
    kept = {
        index
        for index, old in written.old_of.items()
        if not written.is_rebuild
        and written.blocks[old].source == document.blocks[index].source
        and (written.blocks[old].entry is None) == (document.blocks[index].entry is None)
    }
    if any(
        block.kind is BlockKind.DEFINITION and index not in kept
        for index, block in enumerate(document.blocks)
    ) or any(block.kind == BlockKind.DEFINITION.value for block in _removed_blocks(written)):
        kept = {
            index for index in kept if not any(link.label for link in document.blocks[index].links)
        }
    stale = [written.keys[index] for index in written.old_of if index not in kept]
    for start in range(0, len(stale), BATCH):
        Link.objects.filter(block__in=stale[start : start + BATCH]).delete()
    rows: list[tuple[Any, ...]] = []
    for index, block in enumerate(document.blocks):
        if block.links and index not in kept:
            entry = entry_keys[block.entry] if block.entry is not None else None
            rows += link_rows(written.catalog.pk, written.keys[index], entry, block.links)
    insert_rows(Link, LINK_FIELDS, rows)


def _table_columns(document: markdown.Document, tagger: Tagger) -> dict[int, list[Column]]:
    """The columns of each table, by index of its listing."""
    columns = {}
    cells_of = {entry.block: entry.cells for entry in document.entries if entry.cells}
    for index, listing in enumerate(document.listings):
        if listing.header_block is None:
            continue
        header = read_cells(document.blocks[listing.header_block].source)
        values: list[list[str]] = [[] for _cell in header]
        for block in listing.blocks:
            for column, cell in zip(values, cells_of.get(block, ()), strict=False):
                column.append(cell.text)
        columns[index] = tagger.columns_for(
            [cell.text for cell in header],
            listing.name_column,
            values,
            listing.description_column,
        )
    return columns


def _write_tags(
    written: Written,
    tagger: Tagger,
    columns: Mapping[int, Sequence[Column]],
    sections: Sequence[Section],
    entry_keys: Sequence[int],
) -> None:
    titles = section_titles(sections)
    derived: dict[int, Derived] = {}
    for key, entry in zip(entry_keys, written.document.entries, strict=True):
        section = sections[entry.section].pk if entry.section is not None else 0
        derived[key] = tagger.derive(
            [cell.text for cell in entry.cells],
            columns.get(entry.listing, ()) if entry.listing is not None else (),
            titles.get(section, ()),
        )
    tagger.write(derived)
    tagger.refresh_counts()


def write_counts(catalog: Catalog) -> None:
    """Count published entries by section (subsections included), listing and catalog."""
    by_section: dict[int, int] = {}
    by_listing: dict[int, int] = {}
    published = suggested = 0
    places = Entry.objects.filter(catalog=catalog).living()
    for section, listing, state in places.values_list("section_id", "listing_id", "state"):
        if state != Entry.State.PUBLISHED:
            suggested += 1
            continue
        published += 1
        if section is not None:
            by_section[section] = by_section.get(section, 0) + 1
        if listing is not None:
            by_listing[listing] = by_listing.get(listing, 0) + 1
    sections = list(
        Section.objects.filter(catalog=catalog)
        .order_by("-position")
        .values_list("pk", "parent_id", "entry_count")
    )
    # From the end, so that a section is complete before it is added to the one above.
    for pk, parent, _count in sections:
        if parent and pk in by_section:
            by_section[parent] = by_section.get(parent, 0) + by_section[pk]
    update_rows(
        Section,
        ["entry_count"],
        [
            (pk, by_section.get(pk, 0))
            for pk, _parent, count in sections
            if count != by_section.get(pk, 0)
        ],
    )
    listings = Listing.objects.filter(catalog=catalog).values_list("pk", "entry_count")
    update_rows(
        Listing,
        ["entry_count"],
        [(pk, by_listing.get(pk, 0)) for pk, count in listings if count != by_listing.get(pk, 0)],
    )
    if (catalog.entry_count, catalog.suggested_count) != (published, suggested):
        catalog.entry_count, catalog.suggested_count = published, suggested
        Catalog.objects.filter(pk=catalog.pk).update(
            entry_count=published, suggested_count=suggested
        )
