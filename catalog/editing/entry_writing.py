"""Writing an edit of one entry: the rows of its own lines, whatever the length of the list.

Runs inside the transaction of the edit, on a catalog that nobody else changes meanwhile. The edit
has been checked by reading its lines again where they stand, and `locality.reaches_others` has
said that it leaves alone how all others read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from operator import itemgetter
from typing import Any

from django.db.models import Min, QuerySet

from catalog.editing.neighbourhood import EditedLines, Line, Neighbourhood
from catalog.finding.indexing import index_entries
from catalog.history import revisions as history
from catalog.markdown.nodes import BlockKind
from catalog.markdown.writing.edit import Edit
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
from catalog.querysets import keys_above
from catalog.rendering import cells_html, headers
from catalog.sql.bulk import (
    add_rows,
    add_to_counts,
    delete_rows,
    insert_rows,
    keys_in,
    update_rows,
)
from catalog.sql.prepared import Prepared
from catalog.store.entries import NEW_ENTRY, remove_entries
from catalog.store.projection import (
    LINK_FIELDS,
    EntryFields,
    Projection,
    SectionAddresses,
    definitions_in,
    header_of,
    link_values,
)
from catalog.tagging import tagger
from catalog.tagging.columns import Columns, Text, entry_texts
from catalog.tagging.tagger import Row, derive_few

# Counts of entries, kept right while a few of them come, go or move: counting anew takes as long
# as the list is.


def count_entry(*, state: str, section: int | None, listing: int | None, step: int) -> None:
    """Add `step` to the counts of where a published entry stands."""
    if state != Entry.State.PUBLISHED:
        return
    if listing is not None:
        add_to_counts(Listing, step, "= %s", [listing])
    if section is not None:
        add_to_counts(Section, step, keys_in(keys_above(1)), [section])


def move_count(
    *, state: str, before: tuple[int | None, int | None], after: tuple[int | None, int | None]
) -> None:
    """Count an entry where it went, `(section, listing)`, and no longer where it was."""
    if before != after:
        for (section, listing), step in ((before, -1), (after, 1)):
            count_entry(state=state, section=section, listing=listing, step=step)


# Room for new blocks between two others: positions are numbers with wide gaps. Where a gap is used
# up, as few as will do of the blocks behind it are numbered anew.


_ENOUGH = 256
"""Room that a renumbering leaves between two blocks, so that it is not soon needed again."""
_FEW = 32


def set_aside(catalog: Catalog, blocks: list[int]) -> None:
    """Move blocks to unused positions, by key: positions are unique at any time."""
    lowest = Block.objects.filter(catalog=catalog).aggregate(lowest=Min("position"))["lowest"]
    lowest = min(lowest or 0, 0)
    update_rows(Block, ["position"], [(pk, lowest - n) for n, pk in enumerate(blocks, 1)])


def room_between(catalog: Catalog, before: int | None, behind: int | None, count: int) -> list[int]:
    """Positions for `count` blocks behind the position `before` and in front of `behind`.

    None is the beginning of the list, or the end of what was read of it. Blocks that are to be
    moved there have to be set aside already.
    """
    if behind is None:
        later = Block.objects.filter(catalog=catalog, position__gt=before or 0)
        behind = later.order_by("position").values_list("position", flat=True).first()
    if behind is None:
        return [(before or 0) + POSITION_GAP * number for number in range(1, count + 1)]
    if before is None:
        return [behind - POSITION_GAP * number for number in range(count, 0, -1)]
    step = (behind - before) // (count + 1)
    if not step:
        step = _renumber(catalog, before, behind, count)
    return [before + step * number for number in range(1, count + 1)]


def _renumber(catalog: Catalog, before: int, behind: int, count: int) -> int:
    """Number blocks from the position `behind` on anew; returns the distance between all."""
    size = _FEW
    while True:
        blocks = Block.objects.filter(catalog=catalog, position__gte=behind).order_by("position")
        rows = list(blocks.values_list("pk", "position")[: size + 1])
        is_end = len(rows) <= size
        step = POSITION_GAP
        if not is_end:
            step = (rows[-1][1] - before) // (count + size + 1)
            rows.pop()
        if is_end or step >= _ENOUGH:
            break
        size *= 4
    new = {old: before + step * (count + n) for n, (_pk, old) in enumerate(rows, 1)}
    set_aside(catalog, [pk for pk, _old in rows])
    update_rows(Block, ["position"], [(pk, new[old]) for pk, old in rows])
    _follow(Entry.objects.filter(catalog=catalog).living(), new)
    _follow(Section.objects.filter(catalog=catalog), new)
    _follow(Listing.objects.filter(catalog=catalog), new)
    return step


def _follow(rows: QuerySet[Any], new: Mapping[int, int]) -> None:
    """Move what refers to positions along to the new ones."""
    taken = list(rows.filter(position__in=new).values_list("pk", "position"))
    update_rows(rows.model, ["position"], [(pk, new[old]) for pk, old in taken])


_BLOCK = (
    "catalog_id", "uid", "position", "kind", "source", "section_id", "listing_id", "parent_id",
    "depth", "html",
)  # fmt: skip
_PLACED = ("position", "source", "section_id", "listing_id", "parent_id", "depth", "html")
_SEEN = ("name", "url", "description", "cells")
"""Fields whose difference makes an entry changed."""
_LINKS = Prepared(
    lambda *blocks: (
        Link.objects.filter(block__in=blocks).order_by("block", "ordinal").values_list(*LINK_FIELDS)
    )
)


def write_entry_edit(
    near: Neighbourhood, edit: Edit, listing: Listing, *, verb: str, by: history.Author
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
        self.entries = self._stored_entries()
        """Stored entries of the blocks concerned, by key of the block."""
        self._retagged: dict[int, Row] = {}
        self._columns_of: dict[int, list[str]] = {}
        self._reworded: list[int] = []
        self._created: dict[int, int] = {}
        """Entries whose tags may differ now, the columns of their listings, entries of which only
        words do, new ones by uid."""

    @cached_property
    def columns(self) -> Columns:
        """The columns of the list, read where cells are written or tags derived."""
        return Columns(self.catalog)

    def write(self, verb: str, by: history.Author) -> Revision:
        self.fields = self._read_entries()
        changes = self._changes()
        next_uid = self.catalog.next_uid + len(self.lines.new)
        self.revision = history.commit_revision(
            catalog=self.catalog,
            verb=verb,
            by=by,
            catalog_fields={"next_uid": next_uid, **self._counts()},
        )
        self._remove()
        moved = [line for line in self.lines.placed if line.row]
        if moved:
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
        for change in changes:
            change.entry_id = self._created.get(change.uid, change.entry_id)
        history.write_changes(self.revision, changes)
        self._write_links()
        self._move_listings()
        if self._retagged:
            self._write_tags()
        if self._reworded:
            index_entries(self._reworded, self.catalog)
        return self.revision

    # What is to be written

    def _stored_entries(self) -> dict[int, Entry]:
        rows = [line.row for line in [*self.lines.touched, *self.lines.removed] if line.row]
        known = self.near.entries
        entries = {row.pk: known[row.pk] for row in rows if row.pk in known}
        others = [row.pk for row in rows if row.pk not in known and row.kind != Block.Kind.GAP]
        if others:
            stored = Entry.objects.filter(block__in=others).select_related("listing")
            entries |= {entry.block_id or 0: entry for entry in stored}
        return entries

    def _read_entries(self) -> dict[int, EntryFields]:
        """The fields of the entries on touched blocks, by uid of the block."""
        entries = [
            (line, entry)
            for line in self.lines.touched
            if (line.row is None or line.row.pk in self.entries) and (entry := line.entry)
        ]
        fields = self.projection.entries([(line.block, entry, None) for line, entry in entries])
        return {line.uid: row for (line, _entry), row in zip(entries, fields, strict=True)}

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

    def _counts(self) -> dict[str, int]:
        """How many entries the list has afterwards, published and suggested."""
        come = sum(line.uid in self.fields for line in self.lines.new)
        gone = [entry.state for entry in self._leaving()]
        published = gone.count(Entry.State.PUBLISHED)
        return {
            "entry_count": max(self.catalog.entry_count + come - published, 0),
            "suggested_count": max(self.catalog.suggested_count - len(gone) + published, 0),
        }

    def _leaving(self) -> list[Entry]:
        """The entries that are removed."""
        keys = [line.row.pk for line in self.lines.removed if line.row]
        return [self.entries[key] for key in keys if key in self.entries]

    # Writing

    def _remove(self) -> None:
        keys = [line.row.pk for line in self.lines.removed if line.row]
        if not keys:
            return
        gone = self._leaving()
        with tagger.counting([entry.pk for entry in gone], self.catalog):
            remove_entries([entry.pk for entry in gone], self.revision)
        for entry in gone:
            section, listing = entry.section_id, entry.listing_id
            count_entry(state=entry.state, section=section, listing=listing, step=-1)
        # What stands in an item goes with it: nothing refers to these but their links.
        delete_rows(Link, "block", keys)
        delete_rows(Block, "id", keys)

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
        """Return the stored HTML of a block: the cells of a row, or what no entry has."""
        fields = self.fields.get(line.uid)
        if fields is None:
            return self.projection.prose(line.block)
        if line.block.kind is not BlockKind.TABLE_ROW:
            return ""
        listing = self.listing
        if line.row and line not in self.lines.placed:
            listing = self.entries[line.row.pk].listing or listing
        known = {
            key: header_of(column)
            for key in listing.columns
            if (column := self.columns.known.get(key))
        }
        return cells_html([cell["html"] for cell in fields.cells], headers(listing.columns, known))

    def _place(self, line: Line) -> tuple[int | None, int | None, int | None, int]:
        """Section, listing, parent and depth of a block that is new or has moved."""
        listing = self.listing.pk if line.block.listing is not None else None
        return self.listing.section_id, listing, line.parent, line.block.depth

    def _write_entries(self) -> None:
        for line in self.lines.touched:
            if line.row is not None and line.row.pk in self.entries:
                self._update(self.entries[line.row.pk], line)
        for line in self.lines.new:
            if line.uid in self.fields:
                self._create(line)

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
            changed |= {"updated_revision", "updated_at"}
        written = sorted(changed)
        update_rows(Entry, written, [(entry.pk, *[values[name] for name in written])])
        move_count(state=entry.state, before=before, after=after)
        if before != after or self._changes_tags(entry, line, fields):
            listing = self.listing if line in self.lines.placed else entry.listing
            self._retag(entry.pk, after[0], listing, line, fields or entry)
        elif changed != {"position"}:
            self._reworded.append(entry.pk)

    def _retag(
        self,
        key: int,
        section: int | None,
        listing: Listing | None,
        line: Line,
        fields: Entry | EntryFields,
    ) -> None:
        """Note an entry as it stands now, to derive its tags."""
        texts = line.block.source, fields.name, fields.url, fields.description
        place = listing.pk if listing else None, section
        self._retagged[key] = key, fields.cells, *place, *texts
        if listing:
            self._columns_of[listing.pk] = listing.columns

    def _changes_tags(self, entry: Entry, line: Line, fields: EntryFields | None) -> bool:
        """Whether other text may give an entry that stays where it is other tags."""
        if fields is None or line.row is None:
            return False
        cells = fields.cells
        columns = self.columns.of_listing(entry.listing.columns) if entry.listing else []
        return (
            len(cells) != len(entry.cells)
            or any(
                column.effective_facet and old["text"] != new["text"]
                for column, old, new in zip(columns, entry.cells, cells, strict=False)
            )
            or self._texts_of(line.row.source, entry.cells, entry)
            != self._texts_of(line.block.source, cells, fields)
        )

    def _texts_of(
        self, source: str, cells: Sequence[Mapping[str, str]], fields: Entry | EntryFields
    ) -> list[Text]:
        """Return the texts of an entry beside its cells that give it tags in this list."""
        texts = entry_texts(
            source,
            [cell["text"] for cell in cells],
            name=fields.name,
            url=fields.url,
            description=fields.description,
        )
        return [text for text in texts if text.key in self.columns.known]

    def _create(self, line: Line) -> None:
        now, number = self.revision.created_at, self.revision.number
        section, listing, state = self.listing.section_id, self.listing.pk, Entry.State.PUBLISHED
        place = (self.catalog.pk, line.key, section, listing, line.position)
        row = (*place, state, "", number, number, now, now, *self.fields[line.uid].values())
        (key,) = insert_rows(Entry, NEW_ENTRY, [row])
        count_entry(state=state, section=section, listing=listing, step=1)
        self._created[line.uid] = key
        self._retag(key, section, self.listing, line, self.fields[line.uid])

    def _write_tags(self) -> None:
        keys = list(self._retagged)
        known = list(self._retagged.values()), self._columns_of
        derive = partial(derive_few, self.catalog, keys, self.columns, known=known)
        if keys == list(self._created.values()):
            derive(are_new=True)
            return
        with tagger.counting(keys, self.catalog):
            derive(stay=not self.lines.placed)

    def _write_links(self) -> None:
        """Write the links of lines that read otherwise; most edits leave them as they are."""
        changed = [line for line in self.lines.touched if line.is_rewritten]
        rows: list[tuple[Any, ...]] = []
        stale = []
        for line in changed:
            entry = self._created.get(line.uid)
            if line.row is not None:
                stored = self.entries.get(line.row.pk)
                entry = stored.pk if stored else None
                stale.append(line.row.pk)
            of_line = self.catalog.pk, line.key, entry
            rows += [(*of_line, *values) for values in link_values(line.block.links)]
        if stale:
            if sorted(rows, key=itemgetter(1, 3)) == list(_LINKS.rows(*stale)):
                return
            delete_rows(Link, "block", stale)
        add_rows(Link, LINK_FIELDS, rows)

    def _move_listings(self) -> None:
        """A list stands where its first item does; a table where its header does."""
        left = {entry.listing for entry in self.entries.values() if entry.listing}
        for listing in {self.listing, *left}:
            if listing.kind == Listing.Kind.TABLE or not (self.lines.placed or self.lines.removed):
                continue
            first = Block.objects.filter(listing=listing).aggregate(first=Min("position"))["first"]
            if first != listing.position:
                Listing.objects.filter(pk=listing.pk).update(position=first)
