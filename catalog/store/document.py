"""The way of a document into the tables, as one revision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.errors import RevisionConflict
from catalog.finding.indexing import hide_first, index_catalog, show_first
from catalog.history import revisions as history
from catalog.models import READING, Catalog, Revision
from catalog.store.blocks import BlockWriter, assign_positions
from catalog.store.corrections import follow_sections
from catalog.store.counts import write_counts
from catalog.store.derived import TagWriter, read_columns, rewritten_links, texts_of, write_links
from catalog.store.entry_writer import EntryWriter, remove_entries
from catalog.store.joining import entries_joined, lead_on
from catalog.store.line_operations import assign_uids, line_changes
from catalog.store.outlining import plan_sections, store_sections, write_listings
from catalog.store.projection import Projection, document_definitions, section_addresses
from catalog.store.written import DocumentWrite
from catalog.tagging import entry_tags
from catalog.tagging.tagger import Tagger


def overtaken() -> RevisionConflict:
    """The refusal of a first import that another one has set aside."""
    return RevisionConflict(
        _("Another import to this address has begun in the meantime; this one was given up.")
    )


class DocumentWriter:
    """Writes a document and its projection as one revision.

    Making one reads what is stored and works out everything: HTML, tags, which rows differ. That
    takes as long as the list is long, and needs no transaction: raises `RevisionConflict` when the
    catalog does not stand at `base` any more. `write` is left with the rows that differ.
    """

    def __init__(self, written: DocumentWrite, base: int) -> None:
        self.written, self.base = written, base
        catalog, document = written.catalog, written.document
        self.next_uid = assign_uids(written)
        self.changes = line_changes(written) if base else []
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
        self.rewritten = rewritten_links(written)
        self.tags = TagWriter(written, self.tagger, self.columns, texts)
        standing = Catalog.objects.filter(pk=catalog.pk).values_list("revision", flat=True)
        if standing.first() != base:
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
            entry_tags.refresh_counts(self.written.catalog)
        elif not self.base:
            self._write_rows(revision)
            self.tags.count()
            index_catalog(self.written.catalog)
        else:
            with entry_tags.counting(touched, self.written.catalog) as reworded:
                reworded += self._write_rows(revision)
                touched += self.entries.created
        write_counts(self.written.catalog)
        self._finish(revision)
        return revision

    def write_first(
        self,
        check: Callable[[Revision], int],
        *,
        by: history.Author,
        verb: str,
        sha256: str,
        details: dict[str, Any],
    ) -> int:
        """Write a new list outside of any transaction, each statement for itself.

        So no lock is held for long. Nobody sees any of it before the last transaction, which makes
        the revision and ends with `check`; what that returns is returned.
        """
        catalog = self.written.catalog
        self._write_rows(Revision(catalog=catalog, number=1, created_at=timezone.now()))
        self.tags.count()
        write_counts(catalog)
        hide_first(catalog)
        with transaction.atomic():
            finished = Catalog.objects.filter(pk=catalog.pk, slug=catalog.slug, is_unfinished=True)
            if not finished.update(is_unfinished=False):
                raise overtaken()
            revision = self._commit(by, verb, sha256, details)
            show_first(catalog)
            self._finish(revision)
            return check(revision)

    def _commit(
        self, by: history.Author, verb: str, sha256: str, details: dict[str, Any]
    ) -> Revision:
        return history.commit_revision(
            catalog=self.written.catalog,
            verb=verb,
            by=by,
            expected_revision=self.base,
            changes=self.changes,
            details=details,
            sha256=sha256,
            catalog_fields={
                "next_uid": self.next_uid,
                "bom": bool(self.written.document.bom),
                "reading": READING,
            },
        )

    def _touched(self) -> Iterator[int]:
        """Keys of the stored entries of which something is written."""
        written, known = self.written, self.written.entries
        indexes = {*self.entries.changed, *self.tags.changed}
        are_all_rewritten = len(self.rewritten) == len(written.document.blocks)
        for index in self.rewritten:
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
        self.blocks.write(self.sections, listings)
        keys = self.entries.write(self.sections, listings, revision)
        lead_on(written, self.sections, keys)
        write_links(written, self.rewritten, keys)
        self.tags.write(keys)
        entries = written.document.entries
        return [key for key, entry in zip(keys, entries, strict=True) if entry.section in reworded]

    def _finish(self, revision: Revision) -> None:
        written = self.written
        if history.is_checkpoint_due(revision.number):
            rows = [
                (uid, block.kind.value, block.source)
                for uid, block in zip(written.uids, written.document.blocks, strict=True)
            ]
            history.save_checkpoint(revision, bom=bool(written.document.bom), rows=rows)
        if written.joined or written.headings:
            keys = [*written.joined, *written.headings]
            entries_joined.send(Revision, catalog=written.catalog, keys=keys)
