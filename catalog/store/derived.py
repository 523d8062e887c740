"""The links, columns, tags and counts that follow from the lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Count

from catalog import markdown
from catalog.markdown.attributes import legend_of
from catalog.markdown.grouping import may_group
from catalog.markdown.nodes import BlockKind
from catalog.markdown.tables import read_cells
from catalog.models import Catalog, Column, Entry, Link, Listing, Section, Tag
from catalog.sql.bulk import add_rows, delete_rows, update_rows
from catalog.store.blocks import DocumentWrite
from catalog.store.outlining import title_section
from catalog.store.projection import LINK_FIELDS
from catalog.store.snapshots import StoredBlock
from catalog.tagging.columns import Text, entry_texts
from catalog.tagging.tagger import Derived, Tagger, difference, stored
from catalog.tagging.titles import section_titles


def rewritten_links(written: DocumentWrite) -> list[int]:
    """The blocks whose links are to be written: new and changed ones, by index.

    All where a reference definition has come, gone, changed or changed places: it makes links of
    what was none, and of several with one label the first counts.
    """
    blocks = written.document.blocks
    definition = BlockKind.DEFINITION
    if written.is_rebuild or (
        [block.source for block in written.blocks if block.kind == definition.value]
        != [block.source for block in blocks if block.kind is definition]
    ):
        return list(range(len(blocks)))
    return [
        index
        for index, block in enumerate(blocks)
        if (old := written.old_of.get(index)) is None
        or not _reads_the_same(written.blocks[old], block)
    ]


def write_links(
    written: DocumentWrite,
    links: Mapping[int, Sequence[tuple[Any, ...]]],
    entry_keys: Sequence[int],
) -> None:
    """Write the links of some blocks anew: what `link_values` gives, by the block's index."""
    stale = [written.keys[index] for index in links if index in written.old_of]
    if stale:
        delete_rows(Link, "block", stale)
    blocks, catalog = written.document.blocks, written.catalog.pk
    add_rows(
        Link,
        LINK_FIELDS,
        (
            (catalog, written.keys[index], None if entry is None else entry_keys[entry], *values)
            for index, of_block in links.items()
            for entry in [blocks[index].entry]
            for values in of_block
        ),
    )


def _reads_the_same(old: StoredBlock, new: markdown.Block) -> bool:
    """Whether a block has the links it had, reference definitions aside."""
    return (
        (old.kind, old.source) == (new.kind.value, new.source)
        and (old.entry is None) == (new.entry is None)
        # A line below a name says what its links are: the same line elsewhere does not.
        and not new.parts
        and not (new.links and may_group(new.source))
    )  # fmt: skip


def texts_of(document: markdown.Document) -> list[Sequence[Text]]:
    """Return the texts of each entry beside its cells, in order."""
    # Most say the same of kind, host and language as others: one of each is kept.
    known: dict[tuple[Text, ...], tuple[Text, ...]] = {}
    texts: list[Sequence[Text]] = []
    for entry in document.entries:
        of_entry = entry_texts(
            document.blocks[entry.block].source,
            [cell.text for cell in entry.cells],
            name=entry.name,
            url=entry.url,
            description=entry.description,
        )
        texts.append(known.setdefault(of_entry, of_entry))
    return texts


def read_columns(
    written: DocumentWrite, tagger: Tagger, texts: Sequence[Sequence[Text]]
) -> dict[int, list[Column]]:
    """The columns of each table, by index of its listing.

    What stands behind the entries of lists, `texts`, is taken for the guesses, too.
    """
    document = written.document
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
            None if written.keeps_guesses else values,
            listing.description_column,
        )
    if not written.keeps_guesses:
        by_key: dict[str, list[str]] = {}
        listed = [
            of_entry
            for entry, of_entry in zip(document.entries, texts, strict=True)
            if not entry.suggested
        ]
        for of_entry in listed:
            for key, text in of_entry:
                by_key.setdefault(key, []).append(text)
        tagger.columns.read_attributes(by_key, len(listed), legend_of(document))
    return columns


class _Title(NamedTuple):
    """A section of a document as `section_titles` takes it."""

    pk: int
    parent_id: int | None
    title: str
    is_title: bool


class TagWriter:
    """Writes the tags that follow from a document: knows beforehand which entries get others.

    Of a list that is new nothing is kept, since all of it is written: each is derived twice, first
    to know which tags there are.
    """

    def __init__(
        self,
        written: DocumentWrite,
        tagger: Tagger,
        columns: Mapping[int, Sequence[Column]],
        texts: Sequence[Sequence[Text]],
    ) -> None:
        self.written, self.tagger = written, tagger
        self._columns, self._texts = columns, texts
        document, own = written.document, title_section(written.document)
        self._titles = section_titles(
            [
                _Title(index, section.parent, section.title[:500], index == own)
                for index, section in enumerate(document.sections)
            ]
        )
        self.derived: list[Derived] = []
        for index in range(len(document.entries)):
            derived = self._derive(index)
            if written.base:
                self.derived.append(derived)
        self.changed = self._changed() if written.base else []
        self._counts: Counter[int] = Counter()

    def _derive(self, index: int) -> Derived:
        entry = self.written.document.entries[index]
        return self.tagger.derive(
            [cell.text for cell in entry.cells],
            self._columns.get(entry.listing, ()) if entry.listing is not None else (),
            self._titles.get(entry.section, ()) if entry.section is not None else (),
            self._texts[index],
        )

    def _changed(self) -> list[int]:
        """The entries whose tags differ from the stored ones, or are about to, by index."""
        written = self.written
        if not written.entries:
            return list(range(len(self.derived)))
        present, dismissed = stored(written.catalog)
        # What is decided about the tags of others goes along to these.
        joined = set(written.joined.values())
        return [
            index
            for index, derived in enumerate(self.derived)
            if (key := written.entries.get(index)) is None
            or index in joined
            or any(value.tag_id is None for value in derived)
            or any(
                difference(
                    {value.stored: origin for value, origin in derived.items()},
                    present.get(key, ()),
                    dismissed.get(key, ()),
                )
            )
        ]

    def write(self, entry_keys: Sequence[int], indexes: Iterable[int]) -> None:
        """Write those of some entries, by their indexes; only what differs."""
        self.tagger.write({entry_keys[index]: self.derived[index] for index in indexes})

    def create(
        self, entry_keys: Sequence[int], indexes: Sequence[int]
    ) -> dict[int, dict[int, str]]:
        """Write and count those of some entries of a new list; returns origins by tag's key for
        each."""
        entries = self.written.document.entries
        stored = self.tagger.write(
            {entry_keys[index]: self._derive(index) for index in indexes}, are_new=True
        )
        for index in indexes:
            if not entries[index].suggested:
                self._counts.update(stored[entry_keys[index]].keys())
        return stored

    def count(self) -> None:
        """Write how many entries of a new list have each tag."""
        update_rows(Tag, ["entry_count"], self._counts.items())


def write_counts(catalog: Catalog) -> None:
    """Count published entries by section (subsections included), listing and catalog."""
    by_section: Counter[int] = Counter()
    by_listing: Counter[int] = Counter()
    published = suggested = 0
    places = Entry.objects.filter(catalog=catalog).living().order_by()
    rows: Iterable[Any] = places.values_list("section_id", "listing_id", "state").annotate(
        Count("pk")
    )
    for section, listing, state, count in rows:
        if state != Entry.State.PUBLISHED:
            suggested += count
            continue
        published += count
        if section is not None:
            by_section[section] += count
        if listing is not None:
            by_listing[listing] += count
    sections = list(
        Section.objects.filter(catalog=catalog)
        .order_by("-position")
        .values_list("pk", "parent_id", "entry_count")
    )
    # From the end, so that a section is complete before it is added to the one above.
    for pk, parent, _count in sections:
        if parent and pk in by_section:
            by_section[parent] += by_section[pk]
    update_rows(
        Section,
        ["entry_count"],
        [(pk, by_section[pk]) for pk, _parent, count in sections if count != by_section[pk]],
    )
    listings = Listing.objects.filter(catalog=catalog).values_list("pk", "entry_count")
    update_rows(
        Listing,
        ["entry_count"],
        [(pk, by_listing[pk]) for pk, count in listings if count != by_listing[pk]],
    )
    if (catalog.entry_count, catalog.suggested_count) != (published, suggested):
        catalog.entry_count, catalog.suggested_count = published, suggested
        Catalog.objects.filter(pk=catalog.pk).update(
            entry_count=published, suggested_count=suggested
        )
