"""The way of a document into the tables, as one revision, and of a whole list out of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.team import follow_roles
from catalog.errors import RevisionConflict
from catalog.finding.indexing import (
    FirstIndex,
    note_indexed,
    show_first,
    unindex_catalog,
    unindex_slice,
)
from catalog.history import revisions as history
from catalog.models import (
    READING,
    Block,
    Catalog,
    Change,
    Checkpoint,
    Column,
    Correction,
    DismissedTag,
    Entry,
    EntryTag,
    Export,
    Facet,
    IndexedEntry,
    Link,
    Listing,
    Posting,
    Renaming,
    Revision,
    SearchRow,
    Section,
    SectionPath,
    Successor,
    Tag,
    TagAlias,
    Upstream,
)
from catalog.sql.bulk import BATCH, renew_statistics
from catalog.store.blocks import BlockWriter, DocumentWrite, assign_positions
from catalog.store.derived import (
    TagWriter,
    read_columns,
    rewritten_links,
    texts_of,
    write_counts,
    write_links,
)
from catalog.store.entries import EntryWriter, entries_joined, lead_on, remove_entries
from catalog.store.outlining import plan_sections, store_sections, write_listings
from catalog.store.projection import (
    Projection,
    document_definitions,
    link_values,
    section_addresses,
)
from catalog.store.snapshots import follow_sections
from catalog.tagging import tagger
from catalog.tagging.tagger import Tagger


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
            old, is_moved = written.blocks[old_index], index in written.moved
            if is_moved or old.source != block.source:
                change = Change(uid=uid, before=old.source, after=block.source, entry_id=old.entry)
                change.op = Change.Op.MOVE if is_moved else Change.Op.REPLACE
                changes.append(change)
            if is_moved:
                change.before_after_uid, change.after_uid = lines.preceding[uid], last
                lines.delete(uid)
                lines.insert(uid, block.source, last)
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


def overtaken() -> RevisionConflict:
    """The refusal of a first import that another one has set aside."""
    return RevisionConflict(
        _("Another import to this address has begun in the meantime; this one was given up.")
    )


AT_ONCE = 2000
"""Rows that are written or deleted at a time where all of them would take long."""


class DocumentWriter:
    """Writes a document and its projection as one revision.

    Making one reads what is stored and works out everything: HTML, tags, which rows differ. That
    takes as long as the list is long, and needs no transaction: raises `RevisionConflict` when the
    catalog does not stand at its `base` any more. `write` is left with the rows that differ.
    """

    def __init__(self, written: DocumentWrite) -> None:
        self.written = written
        self.copy = b""
        catalog, document = written.catalog, written.document
        self.next_uid = assign_uids(written)
        self.changes = line_changes(written) if written.base else []
        assign_positions(written)
        self.lost = written.lost_entries
        self.sections = plan_sections(written)
        self.tagger = Tagger(catalog)
        texts = texts_of(document)
        self.columns = read_columns(written, self.tagger, texts)
        self.tagger.settle_columns()
        projection = Projection(
            catalog, section_addresses(catalog, self.sections), document_definitions(document)
        )
        self.entries = EntryWriter(written, self.columns, projection)
        self.blocks = BlockWriter(written, projection, self.entries.rows_html)
        self.links = self._links_of(rewritten_links(written)) if written.base else {}
        self.tags = TagWriter(written, self.tagger, self.columns, texts)
        standing = Catalog.objects.filter(pk=catalog.pk).values_list("revision", flat=True)
        if standing.first() != written.base:
            raise RevisionConflict(_("The list was changed in the meantime; try again."))

    def write(
        self, *, by: history.Author, verb: str, sha256: str, details: dict[str, Any]
    ) -> Revision:
        """Write what differs, inside the caller's transaction; returns the revision.

        Raises `RevisionConflict` when the catalog has changed since this was made.
        """
        revision = self._commit(by, verb, sha256, details)
        touched = list(dict.fromkeys([*self.lost, *self._touched()]))
        if self.written.is_rebuild or 2 * len(touched) > len(self.written.document.entries):
            self._write_rows(revision)
            tagger.refresh_counts(self.written.catalog)
        elif not self.written.base:
            self._write_rows(revision)
            note_indexed(self.written.catalog)
        else:
            with tagger.counting(touched, self.written.catalog) as reworded:
                reworded += self._write_rows(revision)
                touched += self.entries.created
        write_counts(self.written.catalog)
        self._finish(revision)
        return revision

    def write_hidden(self) -> None:
        """Write a new list outside of any transaction, so that no lock is held for long.

        Nobody sees any of it before `publish`. What has been written is given up in the document,
        which takes more memory than all else: it is left with its blocks, sections and listings,
        and with entries that say nothing but where they stand.
        """
        catalog = self.written.catalog
        self._write_rows(Revision(catalog=catalog, number=1, created_at=timezone.now()))
        write_counts(catalog)
        self.copy = self._packed()
        renew_statistics(apps.get_app_config("catalog").get_models())

    def publish(
        self, *, by: history.Author, verb: str, sha256: str, details: dict[str, Any]
    ) -> Revision:
        """Make what was hidden the first revision, inside the caller's transaction."""
        catalog = self.written.catalog
        finished = Catalog.objects.filter(pk=catalog.pk, slug=catalog.slug, is_unfinished=True)
        if not finished.update(is_unfinished=False):
            raise overtaken()
        revision = self._commit(by, verb, sha256, details)
        show_first(catalog)
        self._finish(revision)
        return revision

    def _commit(
        self, by: history.Author, verb: str, sha256: str, details: dict[str, Any]
    ) -> Revision:
        return history.commit_revision(
            catalog=self.written.catalog,
            verb=verb,
            by=by,
            expected_revision=self.written.base,
            changes=self.changes,
            details=details,
            sha256=sha256,
            catalog_fields={
                "next_uid": self.next_uid,
                "bom": bool(self.written.document.bom),
                "reading": READING,
            },
        )

    def _links_of(self, indexes: Iterable[int]) -> dict[int, list[tuple[Any, ...]]]:
        blocks = self.written.document.blocks
        return {index: link_values(blocks[index].links) for index in indexes}

    def _touched(self) -> Iterator[int]:
        """Keys of the stored entries of which something is written."""
        written, known = self.written, self.written.entries
        indexes = {*self.entries.changed, *self.tags.changed}
        are_all_rewritten = len(self.links) == len(written.document.blocks)
        for index in self.links:
            block, old = written.document.blocks[index], written.old_of.get(index)
            if block.entry is not None and (
                are_all_rewritten or old is None or written.blocks[old].source != block.source
            ):
                indexes.add(block.entry)
        return (known[index] for index in sorted(indexes) if index in known)

    def _write_rows(self, revision: Revision) -> list[int]:
        """Write all rows but the counts; returns the keys of entries below changed headings."""
        written = self.written
        remove_entries(self.lost, revision)
        reworded = store_sections(written, self.sections)
        follow_sections(written.catalog, written.document, self.sections)
        self.tagger.columns.store()
        listings = write_listings(written, self.sections, self.columns)
        section_keys = {index: row.pk for index, row in enumerate(self.sections)}
        listing_keys = {index: row.pk for index, row in enumerate(listings)}
        if not written.base:
            self._create_rows(revision, section_keys, listing_keys)
            return []
        self.blocks.write(section_keys, listing_keys)
        keys = self.entries.write(section_keys, listing_keys, revision)
        lead_on(written, self.sections, keys)
        write_links(written, self.links, keys)
        self.tags.write(keys, self.tags.changed)
        entries = written.document.entries
        return [key for key, entry in zip(keys, entries, strict=True) if entry.section in reworded]

    def _create_rows(
        self, revision: Revision, sections: Mapping[int, int], listings: Mapping[int, int]
    ) -> None:
        """Write the blocks of a new list and what is derived from them, some at a time."""
        blocks = self.written.document.blocks
        self.tagger.flush()
        index = FirstIndex(self.written.catalog)
        for indexes in batched(range(len(blocks)), AT_ONCE, strict=False):
            chosen = [entry for n in indexes if (entry := blocks[n].entry) is not None]
            self.entries.prepare(chosen)
            self.blocks.create(indexes, sections, listings)
            self.entries.create(chosen, sections, listings, revision)
            write_links(self.written, self._links_of(indexes), self.entries.keys)
            tags = self.tags.create(self.entries.keys, chosen)
            index.add(self.entries.contents(chosen, sections, tags))
            if self.written.catalog.is_unfinished:
                self._give_up(indexes)
        index.finish()
        self.tags.count()

    def _give_up(self, indexes: Sequence[int]) -> None:
        """Forget what some blocks and their entries say."""
        blocks, entries = self.written.document.blocks, self.written.document.entries
        for block in map(blocks.__getitem__, indexes):
            block.links.clear()
            if block.entry is not None:
                entry = entries[block.entry]
                entry.cells.clear()
                entry.url = entry.description = ""
                entry.name_slot = entry.url_slot = entry.description_slot = None

    def _finish(self, revision: Revision) -> None:
        written = self.written
        if revision.number == 1:
            Checkpoint.objects.create(revision=revision, blocks=self.copy or self._packed())
        if written.joined or written.headings:
            keys = [*written.joined, *written.headings]
            entries_joined.send(Revision, catalog=written.catalog, keys=keys)

    def _packed(self) -> bytes:
        """The whole text as a checkpoint keeps it."""
        written = self.written
        rows = (
            (uid, block.kind.value, block.source)
            for uid, block in zip(written.uids, written.document.blocks, strict=True)
        )
        return history.packed(bool(written.document.bom), rows)


# Deleting a list: the one thing that is not kept in the history, because it ends it.

OWNED: tuple[tuple[type[models.Model], str], ...] = (
    (Link, "catalog"),
    (EntryTag, "content_object__catalog"),
    (DismissedTag, "entry__catalog"),
    (Successor, "entry__catalog"),
    (Renaming, "entry__catalog"),
    (TagAlias, "facet__catalog"),
    (Tag, "facet__catalog"),
    (Facet, "catalog"),
    (Entry, "catalog"),
    (IndexedEntry, "catalog"),
    (SearchRow, "catalog"),
    (Posting, "catalog"),
    (Block, "catalog"),
    (Listing, "catalog"),
    (Correction, "catalog"),
    (SectionPath, "catalog"),
    (Section, "catalog"),
    (Column, "catalog"),
    (Checkpoint, "revision__catalog"),
    (Change, "revision__catalog"),
    (Revision, "catalog"),
    (Export, "catalog"),
    (Upstream, "catalog"),
)
"""Every table that a catalog owns, with the path to it; referring rows come before the rows they
refer to."""


def delete_catalog(catalog: Catalog) -> None:
    """Delete a catalog with everything it owns, in one transaction.

    One statement for each table: `Model.delete()` would first read every row of every table, to
    find what refers to it. What other applications hang on a catalog goes with the catalog's own
    row, by their own rules.
    """
    with transaction.atomic():
        # Taken before the index's lock, as edits do.
        Catalog.objects.select_for_update().filter(pk=catalog.pk).first()
        unindex_catalog(catalog)
        for model, owner in OWNED:
            rows: models.QuerySet[Any] = model._default_manager.filter(**{owner: catalog.pk})
            # Nothing is left that refers to these rows, so there is nothing to collect.
            rows.order_by()._raw_delete(rows.db)
        # Of those who had no other list, nobody belongs to the staff any more.
        members = list(catalog.memberships.values_list("user", flat=True))
        catalog.memberships.all()._raw_delete(catalog.memberships.db)
        follow_roles(Q(pk__in=members))
        catalog.delete()


def delete_in_slices(catalog: Catalog) -> None:
    """The same of a catalog that nobody sees: many short transactions, none of them long."""
    while unindex_slice(catalog):
        pass
    for model, owner in OWNED:
        rows: models.QuerySet[Any] = model._default_manager.filter(**{owner: catalog.pk})
        # The last ones first: what refers to rows of its own table came after these.
        while keys := list(rows.order_by("-pk").values_list("pk", flat=True)[:AT_ONCE]):
            some = model._default_manager.filter(pk__in=keys)
            some._raw_delete(some.db)
    catalog.delete()
