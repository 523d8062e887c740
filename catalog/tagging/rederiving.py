"""Deriving the tags of entries that are stored already, after an edit or a decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from catalog.models import Catalog, Column
from catalog.querysets import EntryQuerySet
from catalog.tagging import rows as tag_rows
from catalog.tagging.tagger import BATCH, TOPIC, Derived, Tagger, section_titles

FEW = 20
"""Up to so many entries it pays to read less than all tags and sections of a catalog."""


def rederive(catalog: Catalog, entries: EntryQuerySet | None = None) -> None:
    """Derive the tags of living entries again, all by default, from what is stored of them.

    Has to run inside a transaction. Costs about as much as writing them did; what a single edit
    concerns is written without reading what it does not need.
    """
    chosen = (catalog.entries.all() if entries is None else entries).living()
    rows = chosen.order_by("pk").values_list("pk", "cells", "listing_id", "section_id")
    few = None if entries is None else list(rows[: FEW + 1])
    if few is not None and len(few) <= FEW:
        with tag_rows.counting([pk for pk, *_rest in few]):
            _rederive_few(catalog, few)
        return
    tagger = Tagger(catalog)
    keys = dict(catalog.listings.values_list("pk", "columns"))
    columns = {pk: tagger.columns.of_listing(names) for pk, names in keys.items()}
    titles = section_titles(catalog.sections.in_reading_order())
    derived = _derived(tagger, rows.iterator(chunk_size=BATCH), columns, titles)
    if entries is not None and len(derived) <= BATCH:
        with tag_rows.counting(derived):
            tagger.write(derived)
    else:
        tagger.write(derived)
        tagger.refresh_counts()


type _Row = tuple[int, list[dict[str, str]], int | None, int | None]


def _rederive_few(catalog: Catalog, rows: Sequence[_Row]) -> None:
    """The same for a few entries: reads the facets, and the sections, that these can have."""
    listings = {listing for _pk, _cells, listing, _section in rows if listing}
    keys = dict(catalog.listings.filter(pk__in=listings).values_list("pk", "columns"))
    known = {
        column.key: column
        for column in catalog.columns.filter(
            key__in={key for names in keys.values() for key in names}
        )
    }
    facets_of = {
        pk: {known[key].effective_facet for key in names if key in known} - {""}
        for pk, names in keys.items()
    }
    facets = set().union(*facets_of.values())
    titles: dict[int, tuple[str, ...]] = {}
    if any(not facets_of.get(listing or 0) for _pk, _cells, listing, _section in rows):
        facets.add(TOPIC)
        sections = catalog.sections.in_reading_order()
        titles = section_titles(
            sections.values_list("pk", "parent_id", "title", "is_title", named=True)
        )
    tagger = Tagger(catalog, facets)
    columns = {pk: tagger.columns.of_listing(names) for pk, names in keys.items()}
    tagger.write(_derived(tagger, rows, columns, titles))


def _derived(
    tagger: Tagger,
    rows: Iterable[_Row],
    columns: Mapping[int, Sequence[Column]],
    titles: Mapping[int, tuple[str, ...]],
) -> dict[int, Derived]:
    derived: dict[int, Derived] = {}
    for pk, cells, listing, section in rows:
        texts = [cell["text"] for cell in cells]
        derived[pk] = tagger.derive(
            texts, columns.get(listing or 0, []), titles.get(section or 0, ())
        )
    return derived
