"""Deriving the tags of entries that are stored already, after an edit or a decision."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from catalog.models import Catalog, Column
from catalog.querysets import EntryQuerySet
from catalog.tagging import entry_tags
from catalog.tagging.attributes import Text, entry_texts
from catalog.tagging.columns import Columns
from catalog.tagging.tagger import BATCH, OF_SECTIONS, Derived, Tagger
from catalog.tagging.titles import section_titles, titles_below

FEW = 20
"""Up to so many entries it pays to read less than all tags and sections of a catalog."""


def rederive(catalog: Catalog, entries: EntryQuerySet | None = None) -> None:
    """Derive the tags of living entries again, all by default, from what is stored of them.

    Has to run inside a transaction. Costs about as much as writing them did; what a single edit
    concerns is written without reading what it does not need.
    """
    chosen = (catalog.entries.all() if entries is None else entries).living()
    few = [] if entries is None else list(chosen.values_list("pk", flat=True)[: FEW + 1])
    if entries is not None and len(few) <= FEW:
        with entry_tags.counting(few, catalog):
            derive_few(catalog, few)
        return
    rows = chosen.order_by("pk").values_list(*_ROW)
    tagger = Tagger(catalog)
    keys = dict(catalog.listings.values_list("pk", "columns"))
    columns = {pk: tagger.columns.of_listing(names) for pk, names in keys.items()}
    titles = section_titles(catalog.sections.in_reading_order())
    derived = _derived(tagger, rows.iterator(chunk_size=BATCH), columns, titles)
    if entries is not None and len(derived) <= BATCH:
        with entry_tags.counting(list(derived), catalog):
            tagger.write(derived)
    else:
        tagger.write(derived)
        tagger.refresh_counts()


_ROW = (
    "pk", "cells", "listing_id", "section_id", "block__source", "name", "url", "description",
)  # fmt: skip
type _Row = tuple[int, list[dict[str, str]], int | None, int | None, str, str, str, str]


def derive_few(catalog: Catalog, entries: Sequence[int], columns: Columns | None = None) -> None:
    """Derive the tags of a few entries by key, those that live, inside `entry_tags.counting()`.

    Reads the facets and the sections that these can have, and the columns unless given.
    """
    columns = columns or Columns(catalog)
    rows = list(catalog.entries.filter(pk__in=entries).living().order_by("pk").values_list(*_ROW))
    texts = {row[0]: _texts_of(row) for row in rows}
    listings = {row[2] for row in rows if row[2]}
    keys = catalog.listings.filter(pk__in=listings).order_by().values_list("pk", "columns")
    columns_of = {pk: columns.of_listing(names) for pk, names in keys}
    of_entries = [
        columns.known[key]
        for of_entry in texts.values()
        for key, _text in of_entry
        if key in columns.known
    ]
    facets = {
        column.effective_facet for each in (*columns_of.values(), of_entries) for column in each
    }
    titles = _titles_of(catalog, {row[3] for row in rows if row[3]})
    tagger = Tagger(catalog, facets | OF_SECTIONS, columns)
    tagger.write(_derived(tagger, rows, columns_of, titles))


def _texts_of(row: _Row) -> Sequence[Text]:
    """Return the texts of an entry beside its cells."""
    _pk, cells, _listing, _section, source, name, url, description = row
    texts = [cell["text"] for cell in cells]
    return entry_texts(source, texts, name=name, url=url, description=description)


def _titles_of(catalog: Catalog, sections: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return the titles of a few sections like `section_titles`, without reading the others."""
    rows = list(catalog.sections.above(sections).in_reading_order())
    parents = {row.parent_id for row in rows if not row.is_title}
    holding = [row for row in rows if row.pk in parents and not row.is_title]
    most: set[int] = set()
    if holding:
        count = catalog.sections.filter(is_title=False).count()
        most = {row.pk for row in holding if 2 * (catalog.sections.within(row).count() - 1) > count}
    return titles_below(rows, most)


def _derived(
    tagger: Tagger,
    rows: Iterable[_Row],
    columns: Mapping[int, Sequence[Column]],
    titles: Mapping[int, tuple[str, ...]],
) -> dict[int, Derived]:
    derived: dict[int, Derived] = {}
    for row in rows:
        pk, cells, listing, section, *_fields = row
        derived[pk] = tagger.derive(
            [cell["text"] for cell in cells],
            columns.get(listing or 0, []),
            titles.get(section or 0, ()),
            _texts_of(row),
        )
    return derived
