"""Counts of published entries, by place."""

from __future__ import annotations

from catalog.models import Catalog, Entry, Listing, Section
from catalog.sql.bulk import update_rows


def write_counts(catalog: Catalog) -> None:
    """Count published entries by section (subsections included), listing and catalog."""
    by_section: dict[int, int] = {}
    by_listing: dict[int, int] = {}
    published = suggested = 0
    places = Entry.objects.filter(catalog=catalog).living()
    for section, listing, state in places.values_list("section_id", "listing_id", "state"):
        if state != Entry.State.PUBLISHED:
            suggested += 1
            continue
        published += 1
        if section is not None:
            by_section[section] = by_section.get(section, 0) + 1
        if listing is not None:
            by_listing[listing] = by_listing.get(listing, 0) + 1
    sections = list(
        Section.objects.filter(catalog=catalog)
        .order_by("-position")
        .values_list("pk", "parent_id", "entry_count")
    )
    # From the end, so that a section is complete before it is added to the one above.
    for pk, parent, _count in sections:
        if parent and pk in by_section:
            by_section[parent] = by_section.get(parent, 0) + by_section[pk]
    update_rows(
        Section,
        ["entry_count"],
        [
            (pk, by_section.get(pk, 0))
            for pk, _parent, count in sections
            if count != by_section.get(pk, 0)
        ],
    )
    listings = Listing.objects.filter(catalog=catalog).values_list("pk", "entry_count")
    update_rows(
        Listing,
        ["entry_count"],
        [(pk, by_listing.get(pk, 0)) for pk, count in listings if count != by_listing.get(pk, 0)],
    )
    if (catalog.entry_count, catalog.suggested_count) != (published, suggested):
        catalog.entry_count, catalog.suggested_count = published, suggested
        Catalog.objects.filter(pk=catalog.pk).update(
            entry_count=published, suggested_count=suggested
        )
