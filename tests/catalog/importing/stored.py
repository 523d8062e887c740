"""Everything stored about a list by place instead of by key: two lists can be compared."""

import re
from typing import Any

from django.db import transaction

from catalog.checking import check_catalog
from catalog.exporting import export_markdown
from catalog.models import Block, Catalog, Column, EntryTag, IndexedEntry, Link, Listing, Section
from catalog.slugs import RESERVED_SEGMENTS, slugify
from catalog.tagging.values import spelling_key
from tests.catalog.importing.imports import new_list

type Row = tuple[Any, ...]
type Stored = dict[str, list[Row]]


def stored_state(catalog: Catalog) -> Stored:
    """What one import of the list's text stores, whatever the list was before.

    Left out is what the past decides: keys, times, the segments that sections keep of their
    addresses (their number is here), and HTML, which holds such addresses.
    """
    catalog.refresh_from_db()
    blocks = list(
        Block.objects.filter(catalog=catalog)
        .in_reading_order()
        .values_list("pk", "position", "kind", "source", "section", "listing", "parent", "depth")
    )
    block_at = {position: index for index, (_pk, position, *_rest) in enumerate(blocks)}
    block = _places(pk for pk, *_rest in blocks)
    sections = list(Section.objects.filter(catalog=catalog).in_reading_order())
    section = _places(row.pk for row in sections)
    listings = sorted(
        Listing.objects.filter(catalog=catalog),
        key=lambda row: (section[row.section_id], row.ordinal),
    )
    listing = _places(row.pk for row in listings)
    entries = list(catalog.entries.living().in_reading_order())
    entry = _places(row.pk for row in entries)
    tags: dict[int, set[tuple[str, str, str]]] = {}
    for pk, facet, name, origin in EntryTag.objects.filter(content_object__in=entries).values_list(
        "content_object", "tag__facet__slug", "tag__name", "origin"
    ):
        tags.setdefault(pk, set()).add((facet, spelling_key(name), origin))
    links = Link.objects.filter(catalog=catalog).values_list(
        "block", "ordinal", "entry", "text", "url", "canonical_url", "host", "kind"
    )
    words = IndexedEntry.objects.filter(
        catalog=catalog, pk__in=[row.pk for row in entries]
    ).values_list("pk", "name_key", "names", "words")
    columns = Column.objects.filter(
        catalog=catalog, key__in={key for row in listings for key in row.columns}
    )
    return {
        "list": [(catalog.bom, catalog.entry_count, catalog.suggested_count)],
        "blocks": [
            (kind, source, section[a], listing[b], block[c], depth)
            for _pk, _position, kind, source, a, b, c, depth in blocks
        ],
        "sections": [
            (
                row.title,
                row.level,
                row.anchor,
                section[row.parent_id],
                block_at[row.position],
                row.is_title,
                row.path.count("/"),
                row.entry_count,
            )
            for row in sections
        ],
        "listings": [
            (
                section[row.section_id],
                row.ordinal,
                row.kind,
                block_at.get(row.position),
                row.columns,
                row.name_column,
                row.description_column,
                row.is_toc,
                row.entry_count,
            )
            for row in listings
        ],
        "columns": sorted(columns.values_list("key", "guessed_role", "guessed_facet")),
        "entries": [
            (
                row.state,
                row.name,
                row.url,
                row.canonical_url,
                row.description,
                [cell["text"] for cell in row.cells],
                row.is_opaque,
                row.slug,
                block[row.block_id],
                block_at[row.position],
                section[row.section_id],
                listing[row.listing_id],
                sorted(tags.get(row.pk, ())),
            )
            for row in entries
        ],
        "links": sorted((block[a], ordinal, entry[b], *rest) for a, ordinal, b, *rest in links),
        "search": sorted((entry[pk], *_words(rest)) for pk, *rest in words if pk in entry),
    }


def _places(keys: Any) -> dict[int | None, int]:
    """The number of each key from 0; -1 for none."""
    return {None: -1} | {key: number for number, key in enumerate(keys)}


def _words(row: list[str]) -> list[str]:
    """Without the word that says whose list it is."""
    return [" ".join(w for w in text.split() if not w.startswith(("=", "'="))) for text in row]


def assert_as_imported_first(catalog: Catalog, text: str) -> None:
    """What is stored is what a first import of the text stores, and agrees with itself."""
    assert export_markdown(catalog) == text
    assert check_catalog(catalog) == []
    with transaction.atomic():
        first = stored_state(new_list(text, slug="first"))
        transaction.set_rollback(True)
    assert stored_state(catalog) == first
    assert_addresses(catalog)


def assert_addresses(catalog: Catalog) -> None:
    """Every section stands below the one it is in, at its own words and no address of the site."""
    for section in Section.objects.filter(catalog=catalog).select_related("parent"):
        parent = section.parent
        above = f"{parent.path}/" if parent and not parent.is_title else ""
        assert section.path == above + section.slug
        words = slugify(section.title) or r"section-\d+"
        assert re.fullmatch(rf"{words}(-\d+)?", section.slug), (section.title, section.path)
        assert above or section.slug not in RESERVED_SEGMENTS
