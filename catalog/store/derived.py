"""The links, columns and tags that follow from the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog import markdown
from catalog.markdown.attributes import legend_of
from catalog.markdown.entries import read_cells
from catalog.markdown.grouping import may_group
from catalog.markdown.nodes import BlockKind
from catalog.models import Column, Link, Section
from catalog.sql.bulk import add_rows
from catalog.store.projection import LINK_FIELDS, link_rows
from catalog.store.snapshots import StoredBlock
from catalog.store.written import BATCH, Written
from catalog.tagging.attributes import Text, entry_texts
from catalog.tagging.tagger import Derived, Tagger
from catalog.tagging.titles import section_titles


def write_links(written: Written, entry_keys: Sequence[int]) -> None:
    """Write the links of new and changed blocks.

    Those of all where a reference definition has come, gone, changed or changed places: it makes
    links of what was none, and of several with one label the first counts.
    """
    document = written.document
    definition = BlockKind.DEFINITION
    unchanged: set[int] = set()
    if not written.is_rebuild and (
        [block.source for block in written.blocks if block.kind == definition.value]
        == [block.source for block in document.blocks if block.kind is definition]
    ):
        unchanged = {
            index
            for index, old in written.old_of.items()
            if _reads_the_same(written.blocks[old], document.blocks[index])
        }
    stale = [written.keys[index] for index in written.old_of if index not in unchanged]
    for start in range(0, len(stale), BATCH):
        Link.objects.filter(block__in=stale[start : start + BATCH]).delete()
    rows: list[tuple[Any, ...]] = []
    for index, block in enumerate(document.blocks):
        if block.links and index not in unchanged:
            entry = entry_keys[block.entry] if block.entry is not None else None
            rows += link_rows(written.catalog.pk, written.keys[index], entry, block.links)
    add_rows(Link, LINK_FIELDS, rows)


def _reads_the_same(old: StoredBlock, new: markdown.Block) -> bool:
    """Whether a block has the links it had, reference definitions aside."""
    return (
        (old.kind, old.source) == (new.kind.value, new.source)
        and (old.entry is None) == (new.entry is None)
        # A line below a name says what its links are: the same line elsewhere does not.
        and not new.parts
        and not (new.links and may_group(new.source))
    )  # fmt: skip


def read_columns(written: Written, tagger: Tagger) -> dict[int, list[Column]]:
    """The columns of each table, by index of its listing.

    What stands behind the entries of lists is taken for the guesses, too.
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
        tagger.columns.read_attributes(_by_key(written), len(document.entries), legend_of(document))
    return columns


def _by_key(written: Written) -> dict[str, list[str]]:
    """What the entries say beside their cells, by where it stands."""
    by_key: dict[str, list[str]] = {}
    for entry in written.document.entries:
        for key, text in _texts_of(written.document, entry):
            by_key.setdefault(key, []).append(text)
    return by_key


def _texts_of(document: markdown.Document, entry: markdown.Entry) -> Sequence[Text]:
    return entry_texts(
        document.blocks[entry.block].source,
        [cell.text for cell in entry.cells],
        name=entry.name,
        url=entry.url,
        description=entry.description,
    )


def write_tags(
    written: Written,
    tagger: Tagger,
    columns: Mapping[int, Sequence[Column]],
    sections: Sequence[Section],
    entry_keys: Sequence[int],
) -> None:
    """Derive the tags of all entries, by their keys, and count them."""
    titles = section_titles(sections)
    derived: dict[int, Derived] = {}
    document = written.document
    for key, entry in zip(entry_keys, document.entries, strict=True):
        section = sections[entry.section].pk if entry.section is not None else 0
        derived[key] = tagger.derive(
            [cell.text for cell in entry.cells],
            columns.get(entry.listing, ()) if entry.listing is not None else (),
            titles.get(section, ()),
            _texts_of(document, entry),
        )
    tagger.write(derived)
    tagger.refresh_counts()
