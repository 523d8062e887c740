"""The rows of entries: created, updated, renamed, removed, and brought back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

from django.db.models import QuerySet
from django.dispatch import Signal
from django.utils import timezone

from catalog.finding.indexing import EntryContent, index_entries
from catalog.markdown.links import canonical_url
from catalog.markdown.nodes import BlockKind
from catalog.models import (
    Catalog,
    Change,
    Column,
    DismissedTag,
    Entry,
    EntryTag,
    Renaming,
    Revision,
    Section,
    Successor,
)
from catalog.rendering import cells_html
from catalog.sql.bulk import BATCH, insert_rows, update_rows
from catalog.store.blocks import DocumentWrite, key_of, numbers
from catalog.store.projection import (
    ENTRY_FIELDS,
    EntryFields,
    Projection,
    header_of,
    living_state,
    table_columns,
)
from catalog.store.returning import places_of


def remove_entries(keys: Sequence[int], revision: Revision) -> None:
    """Remove entries: each outlives its line, and loses its block and nothing else.

    Their blocks have to be where they were, so that it can be stored where they stood.
    """
    places = places_of(keys)
    now, number = revision.created_at, revision.number
    gone = (Entry.State.REMOVED.value, None, None, None, now, now, number)
    update_rows(Entry, _GONE, [(key, *gone, places.get(key)) for key in keys])


_GONE = (
    *("state", "block_id", "section_id", "listing_id"),
    *("removed_at", "updated_at", "updated_revision", "stood_in"),
)


class EntryWriter:
    """Writes the entries of a document: knows beforehand which stored rows differ.

    `changed` are these, by index; after `write` `keys` has each entry's primary key. Of a list that
    is new nothing is known before `prepare`, so that what is made of it is never there at once.
    """

    def __init__(
        self,
        written: DocumentWrite,
        columns: Mapping[int, Sequence[Column]],
        projection: Projection,
    ) -> None:
        self.written, self.projection = written, projection
        document = written.document
        self._decided = {
            index: table_columns(document.listings[index], table)
            for index, table in columns.items()
            if any(column.role for column in table)
        }
        self._headers = {
            index: [header_of(column) for column in table] for index, table in columns.items()
        }
        self.fields: dict[int, EntryFields] = {}
        """What is derived from their sources, by index."""
        self.rows_html: dict[int, str] = {}
        """The cells of table rows as pages show them, by index of the entry."""
        self.keys = numbers(written.entries.get(index, 0) for index in range(len(document.entries)))
        if written.base:
            self.prepare(range(len(document.entries)))
        self.created = numbers()
        """Keys of those that are new, once they have rows."""
        self._stored: dict[int, dict[str, Any]] = {}
        """Rows of the entries that differ, by key."""
        self.changed = self._changed() if written.entries else []

    def prepare(self, indexes: Sequence[int]) -> None:
        """Derive the fields of some entries, and forget those of others."""
        blocks, entries = self.written.document.blocks, self.written.document.entries
        chosen = [entries[index] for index in indexes]
        fields = self.projection.entries(
            [
                (
                    blocks[entry.block],
                    entry,
                    self._decided.get(entry.listing) if entry.listing is not None else None,
                )
                for entry in chosen
            ]
        )
        self.fields.clear()
        self.rows_html.clear()
        for index, entry, of_entry in zip(indexes, chosen, fields, strict=True):
            self.fields[index] = of_entry
            if blocks[entry.block].kind is BlockKind.TABLE_ROW:
                headers = self._headers.get(entry.listing, ()) if entry.listing is not None else ()
                cells = [cell["html"] for cell in of_entry.cells]
                self.rows_html[index] = cells_html(cells, headers)

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
        self, sections: Mapping[int, int], listings: Mapping[int, int], revision: Revision
    ) -> Sequence[int]:
        """Create the new ones, and update those that differ from their rows; returns all keys.

        `sections` and `listings` are keys by index.
        """
        written, document = self.written, self.written.document
        new = [index for index, key in enumerate(self.keys) if not key]
        if new:
            self.create(new, sections, listings, revision)
        updated = []
        for index in self.changed:
            pk = self.keys[index]
            stored, block = self._stored[pk], written.keys[document.entries[index].block]
            expected = self._expected(index, block, sections, listings, stored)
            if any(expected[name] != stored[name] for name in _SEEN):
                expected["updated_revision"] = revision.number
                expected["updated_at"] = revision.created_at
            updated.append((pk, *[expected[name] for name in _UPDATED]))
        update_rows(Entry, _UPDATED, updated)
        self._name_changes(revision)
        return self.keys

    def create(
        self,
        indexes: Sequence[int],
        sections: Mapping[int, int],
        listings: Mapping[int, int],
        revision: Revision,
    ) -> None:
        """Insert the rows of entries that are new; their blocks have rows."""
        written, document = self.written, self.written.document
        created, catalog = self._created(revision), written.catalog.pk
        rows = (
            (
                catalog,
                *self._place(
                    index, written.keys[document.entries[index].block], sections, listings
                ),
                living_state(document.entries[index], ""),
                "",
                created[0],
                revision.number,
                created[1],
                revision.created_at,
                *self.fields[index].values(),
            )
            for index in indexes
        )
        for index, key in zip(indexes, insert_rows(Entry, NEW_ENTRY, rows), strict=True):
            self.keys[index] = key
            self.created.append(key)

    def contents(
        self,
        indexes: Sequence[int],
        sections: Mapping[int, int],
        tags: Mapping[int, Mapping[int, str]],
    ) -> Iterator[EntryContent]:
        """What those are found by that were created last, without what is only suggested.

        `tags` are origins by tag's key, by the key of the entry.
        """
        blocks, entries = self.written.document.blocks, self.written.document.entries
        for index in indexes:
            entry, key, of_entry = entries[index], self.keys[index], self.fields[index]
            if entry.suggested:
                continue
            urls = [link.url for link in blocks[entry.block].links]
            yield EntryContent(
                key,
                Entry.State.PUBLISHED,
                of_entry.name,
                of_entry.url,
                of_entry.canonical_url,
                of_entry.html,
                of_entry.description,
                of_entry.description_html,
                key_of(sections, entry.section),
                [cell["html"] for cell in of_entry.cells],
                sorted(tags[key].items()),
                [(address, url) for url in urls if (address := canonical_url(url))],
            )

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


# An entry that becomes a part of another, or only a heading: its address leads on, and what people
# decided about its tags holds for the entry that it is a part of. It keeps its own tags, so that it
# is itself again when it comes back.

entries_joined = Signal()
"""Sent with `catalog` and `keys`, those of the entries, in the transaction that joins them.

For applications above this one; what they have about such an entry is about another one now, which
`Successor` names. What they write is part of the same transaction.
"""


def lead_on(written: DocumentWrite, sections: Sequence[Section], entry_keys: Sequence[int]) -> None:
    """Write where entries lead that are none any more, and take their tags along.

    `sections` and `entry_keys` are the rows and keys of the document's.
    """
    living = {block.entry for block in written.blocks}
    returned = [key for key in written.entries.values() if key not in living]
    for start in range(0, len(returned), BATCH):
        Successor.objects.filter(entry__in=returned[start : start + BATCH]).delete()
    into = {key: entry_keys[index] for key, index in written.joined.items()}
    rows = [Successor(entry_id=key, into_id=entry) for key, entry in into.items()]
    rows += [
        Successor(entry_id=key, section=sections[index]) for key, index in written.headings.items()
    ]
    if not rows:
        return
    # What led there leads on: never in two steps.
    before = Successor.objects.filter(entry__catalog=written.catalog, into__in=list(into))
    steps = list(before.values_list("pk", "into")) if into else []
    update_rows(Successor, ["into_id"], [(pk, into[key]) for pk, key in steps])
    Successor.objects.bulk_create(rows, batch_size=BATCH)
    _take_tags_along(into)


def _take_tags_along(into: Mapping[int, int]) -> None:
    """Move tags added and removed by hand to the entries that others became.

    What was decided about that entry itself comes first, then what was given.
    """
    hand = EntryTag.Origin.HAND
    for keys in batched(into, BATCH, strict=False):
        own = EntryTag.objects.filter(content_object__in=keys, origin=hand)
        given = {(into[entry], tag) for entry, tag in own.values_list("content_object", "tag")}
        off = DismissedTag.objects.filter(entry__in=keys).values_list("entry", "tag")
        dismissed = {(into[entry], tag) for entry, tag in off}
        concerned = {entry for entry, _tag in given | dismissed}
        if not concerned:
            continue
        tags = EntryTag.objects.filter(content_object__in=concerned)
        rows = list(tags.values_list("pk", "content_object", "tag", "origin"))
        dismissals = DismissedTag.objects.filter(entry__in=concerned)
        given -= set(dismissals.values_list("entry", "tag"))
        derived = [pk for pk, *pair, origin in rows if origin != hand and tuple(pair) in given]
        EntryTag.objects.filter(pk__in=derived).delete()
        by_hand = {(entry, tag) for _pk, entry, tag, origin in rows if origin == hand}
        EntryTag.objects.bulk_create(
            EntryTag(content_object_id=entry, tag_id=tag, origin=hand)
            for entry, tag in sorted(given - by_hand)
        )
        DismissedTag.objects.bulk_create(
            [
                DismissedTag(entry_id=entry, tag_id=tag)
                for entry, tag in sorted(dismissed - by_hand - given)
            ],
            ignore_conflicts=True,
        )


# Entries that are probably renamed: noted at an import, until a maintainer has decided.
#
# Confirmed, an entry goes on under its new name. Parted, it is removed as what it was, and what
# stands in its place is a new one.


_BEFORE = (
    *("name", "url", "canonical_url", "slug", "description", "cells", "html"),
    *("description_html", "is_opaque"),
)


def fields_of(keys: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What is derived from the lines of entries, by key."""
    if not keys:
        return {}
    return {row.pop("pk"): row for row in Entry.objects.filter(pk__in=keys).values("pk", *_BEFORE)}


def note_renamed(before: dict[int, dict[str, Any]], number: int) -> None:
    """Note what entries were before revision `number`; one that is itself again is noted no more.

    Of an entry that is renamed twice the first name counts.
    """
    if not before:
        return
    rows = [Renaming(entry_id=key, revision=number, before=row) for key, row in before.items()]
    Renaming.objects.bulk_create(rows, ignore_conflicts=True)
    for renaming in Renaming.objects.filter(entry__in=before).select_related("entry"):
        was, entry = renaming.before, renaming.entry
        if (was["name"], was["url"]) == (entry.name, entry.url):
            renaming.delete()


def renamings_of(catalog: Catalog) -> QuerySet[Renaming]:
    """The renamings of a list that are to be decided, in reading order."""
    living = Entry.objects.filter(catalog=catalog).living()
    return Renaming.objects.filter(entry__in=living).order_by("entry__position", "pk")


def remove_renamed(renaming: Renaming, catalog: Catalog) -> None:
    """Remove an entry as what it was before it was renamed; its lines are nobody's then."""
    key = renaming.entry_id
    revision = Revision(catalog=catalog, number=catalog.revision + 1, created_at=timezone.now())
    Entry.objects.filter(pk=key).update(**renaming.before)
    remove_entries([key], revision)
    renaming.delete()
    index_entries([key], catalog)
