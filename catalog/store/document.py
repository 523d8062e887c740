"""The way of a document into the tables, as one revision."""

from __future__ import annotations

from typing import Any

from catalog.history import revisions as history
from catalog.models import READING, Revision
from catalog.store.blocks import assign_positions, write_blocks
from catalog.store.corrections import follow_sections
from catalog.store.counts import write_counts
from catalog.store.derived import read_columns, write_links, write_tags
from catalog.store.entry_writer import EntryWriter, remove_entries
from catalog.store.joining import entries_joined, lead_on
from catalog.store.line_operations import assign_uids, line_changes
from catalog.store.outlining import write_listings, write_sections
from catalog.store.projection import Projection, document_definitions, section_addresses
from catalog.store.written import Written
from catalog.tagging.tagger import Tagger


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
    next_uid = assign_uids(written)
    changes = [] if is_founding else line_changes(written)
    revision = history.commit_revision(
        catalog=catalog,
        verb=verb,
        by=by,
        expected_revision=expected_revision,
        changes=changes,
        details=details,
        sha256=sha256,
        catalog_fields={"next_uid": next_uid, "bom": bool(document.bom), "reading": READING},
    )
    assign_positions(written)
    gone = written.removed_blocks
    remove_entries(written.lost_entries, revision)
    sections = write_sections(written)
    follow_sections(catalog, document, sections)
    tagger = Tagger(catalog)
    columns = read_columns(written, tagger)
    tagger.settle_columns()
    listings = write_listings(written, sections, columns)
    projection = Projection(
        catalog, section_addresses(catalog, sections), document_definitions(document)
    )
    entries = EntryWriter(written, sections, listings, columns, projection, revision)
    write_blocks(written, sections, listings, projection, gone, entries.rows_html)
    entries.write()
    lead_on(written, sections, entries.keys)
    write_links(written, entries.keys)
    write_tags(written, tagger, columns, sections, entries.keys)
    write_counts(catalog)
    if history.is_checkpoint_due(revision.number):
        rows = [
            (uid, block.kind.value, block.source)
            for uid, block in zip(written.uids, document.blocks, strict=True)
        ]
        history.save_checkpoint(revision, bom=bool(document.bom), rows=rows)
    if written.joined or written.headings:
        entries_joined.send(Revision, catalog=catalog, keys=[*written.joined, *written.headings])
    return revision
