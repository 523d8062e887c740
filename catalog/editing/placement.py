"""The place of an entry in a listing, found without reading all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import connection
from django.utils.translation import gettext as _

from catalog.editing.neighbourhood import SIBLINGS, Neighbourhood
from catalog.errors import EditRefused, NotFound
from catalog.markdown.inline import plain_text
from catalog.markdown.writing.dialect import sort_key
from catalog.markdown.writing.placing import place_by_name
from catalog.markdown.writing.sampling import is_sorted
from catalog.models import POSITION_GAP, Catalog, Entry, Listing

_FIRST_FROM = """
    SELECT position, name FROM catalog_entry
    WHERE listing_id = %s AND state <> %s AND position >= %s
    ORDER BY position LIMIT 1
"""
_BETWEEN = """
    SELECT id FROM catalog_entry WHERE listing_id = %s AND position > %s AND position < %s
    ORDER BY position LIMIT 1 OFFSET %s
"""
_NEAR = 32 * POSITION_GAP
"""Distance of positions that is searched no further: the neighbourhood holds what is between."""


@dataclass(frozen=True, slots=True)
class Where:
    """The requested place: after another entry, first, or where the name sorts.

    `leaving` is the entry that comes from elsewhere, whose place is read too.
    """

    name: str
    after: Entry | None = None
    first: bool = False
    leaving: Entry | None = None


def find_place(
    catalog: Catalog, listing: Listing, where: Where
) -> tuple[Neighbourhood, int | None]:
    """The neighbourhood of the place, and the block there to go behind; None: to the front."""
    if where.after is not None:
        return _behind(catalog, listing, where, where.after)
    if where.first:
        return _read(catalog, listing, where, listing.position), None
    last = _last_entries(listing)
    if not last:
        near = _read(catalog, listing, where, listing.position)
        blocks = near.document.listings[near.listings[listing.pk]].blocks
        return near, blocks[-1] if blocks else None
    end = last[-1][0]
    if listing.kind == Listing.Kind.HTML or not is_sorted([name for _position, name in last]):
        near = _read(catalog, listing, where, end)
        return near, near.document.listings[near.listings[listing.pk]].blocks[-1]
    name = plain_text(where.name)
    position = _position_of(listing, name, listing.position, end)
    near = _read(catalog, listing, where, position)
    number = near.listings[listing.pk]
    dialect = replace(near.dialect(listing.pk), is_sorted=True)
    place = place_by_name(near.document, number, name, dialect)
    parsed = near.document.listings[number]
    begins = near.row(parsed.blocks[0]).position == listing.position
    if parsed.header_block is not None:
        begins = parsed.blocks[0] == parsed.header_block + 2
    if place is None and not begins:
        place = parsed.blocks[0]  # Others stand before what was read.
    if place == parsed.blocks[-1] and near.row(place).position < end:
        # Others stand behind what was read, and the place is in front of them.
        row = near.row(place)
        near = _read(catalog, listing, where, row.position)
        place = near.index[row.pk]
    return near, place


def _last_entries(listing: Listing) -> list[tuple[int, str]]:
    """Position and name of the last entries of a listing: enough to see whether it is in order."""
    entries = Entry.objects.filter(listing=listing).living().order_by("-position")
    return list(entries.values_list("position", "name")[:SIBLINGS])[::-1]


def _behind(
    catalog: Catalog, listing: Listing, where: Where, after: Entry
) -> tuple[Neighbourhood, int]:
    living = Entry.objects.filter(pk=after.pk).living().first()
    if living is None:
        raise NotFound(_("The entry “%(name)s” has been removed.") % {"name": after.name})
    if living.listing_id != listing.pk:
        raise EditRefused(_("“%(name)s” is in another list or table.") % {"name": living.name})
    near = _read(catalog, listing, where, living.position)
    return near, near.index[living.block_id or 0]


def _read(catalog: Catalog, listing: Listing, where: Where, position: int) -> Neighbourhood:
    positions, listings = [position], [listing]
    if where.leaving is not None:
        positions.append(where.leaving.position)
        if where.leaving.listing and where.leaving.listing not in listings:
            listings.append(where.leaving.listing)
    return Neighbourhood(catalog, positions, listings)


def _position_of(listing: Listing, name: str, low: int, high: int) -> int:
    """The position of an entry near which a name belongs in a sorted listing, by bisection."""
    key = sort_key(name)
    with connection.cursor() as cursor:

        def first_from(position: int) -> tuple[int, str] | None:
            # A dozen of these are asked: the query is not made anew for each.
            cursor.execute(_FIRST_FROM, [listing.pk, Entry.State.REMOVED, position])
            first: tuple[int, str] | None = cursor.fetchone()
            return first

        def is_read(low: int, high: int) -> bool:
            # Where much was added stand more than usual.
            cursor.execute(_BETWEEN, [listing.pk, low, high, SIBLINGS // 4])
            return cursor.fetchone() is None

        while high - low > _NEAR or not is_read(low, high):
            middle = (low + high) // 2
            first = first_from(middle)
            if first is None or first[0] >= high:
                high = middle
            elif sort_key(first[1]) <= key:
                low = first[0]
            else:
                high = first[0]
        first = first_from(low)
    return low if first is None else first[0]
