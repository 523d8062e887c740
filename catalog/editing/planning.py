"""The plan of an edit of one entry, before anything is written.

The edits of `entries.py` plan here and then write; what shows an edit beforehand plans here too,
so that it can never be another one. Planning only reads, and needs no transaction: a plan that was
made outside of one may not be written.

All raise `InvalidField` for a value that cannot be written, `EditRefused` for an edit that would
reach further than its lines, `RevisionConflict` when the entry's lines are not the expected ones,
and `NotFound`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Unpack

from django.utils.translation import gettext as _

from catalog.editing.fields import Placing, mapped_values
from catalog.editing.lines import LineEdit, refuse_changed
from catalog.editing.locality import reaches_others
from catalog.editing.neighbourhood import SIBLINGS, Neighbourhood
from catalog.errors import CatalogError, EditRefused, InvalidField, NotFound
from catalog.markdown.corrections import NO_CORRECTION, Entries
from catalog.markdown.inline import plain_text
from catalog.markdown.nodes import ListingKind
from catalog.markdown.writing import edit as edits
from catalog.markdown.writing.composing import place_by_name
from catalog.markdown.writing.context import BlockText
from catalog.markdown.writing.dialect import is_sorted, sort_key
from catalog.markdown.writing.edit import Edit
from catalog.markdown.writing.edit import move_entry as move_blocks
from catalog.markdown.writing.layout import CodecError
from catalog.markdown.writing.slots import Values
from catalog.models import POSITION_GAP, Catalog, Column, Entry, Listing, Section
from catalog.sentences import refusal_sentence
from catalog.sql.bulk import fetch, key_table, keys_in
from catalog.sql.prepared import Prepared
from catalog.store.snapshots import read_corrections

# The place of an entry in a listing, found without reading all of it


_FIRST = """
    SELECT (
        SELECT id FROM catalog_entry
        WHERE listing_id = %s AND state <> 'removed' AND position >= keys.value
        ORDER BY position LIMIT 1
    ) FROM {keys}
"""
_FIRST_FROM = """
    SELECT position, name FROM catalog_entry WHERE position < %s AND id {first} ORDER BY position
"""
_BETWEEN = f"""
    SELECT id FROM catalog_block WHERE catalog_id = %s AND position > %s AND position < %s
    ORDER BY position LIMIT 1 OFFSET {SIBLINGS - 4}
"""  # noqa: S608
_PARTS = 32
"""Parts of a listing whose first entries are asked for at once."""
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


_LAST = Prepared(
    lambda listing: (
        Entry.objects.filter(listing=listing)
        .living()
        .order_by("-position")
        .values_list("position", "name")[:SIBLINGS]
    )
)


def _last_entries(listing: Listing) -> list[tuple[int, str]]:
    """Position and name of the last entries of a listing: enough to see whether it is in order."""
    return list(_LAST.rows(listing.pk))[::-1]


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
    """The position near which a name belongs in a sorted listing: by parts, smaller each time."""
    key = sort_key(name)

    def is_read() -> bool:
        # What stands between is read with the place; where much was added that is more than usual.
        return not fetch(_BETWEEN, [listing.catalog_id, low, high])

    while high - low > _NEAR or not is_read():
        starts = [low + (high - low) * part // _PARTS for part in range(1, _PARTS)]
        table, keys = key_table(starts)
        statement = _FIRST_FROM.format(first=keys_in(_FIRST.format(keys=table)))
        firsts = fetch(statement, [high, listing.pk, keys])
        number = bisect_right(firsts, key, key=lambda first: sort_key(first[1]))
        if number:
            low = firsts[number - 1][0]
        behind = [position for position, _name in firsts[number:]]
        # Where none of them is behind it, none stands from the next start on.
        high = next(iter(behind or [start for start in starts if start > low]), high)
    return low


@dataclass(frozen=True, slots=True)
class Plan:
    """An edit of the part of a list that it touches.

    `listing` is where new and moved blocks stand; None for an entry in no list or table.
    """

    near: Neighbourhood
    edit: Edit
    listing: Listing | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.edit.replaced or self.edit.removed or self.edit.put)

    def reaches_others(self) -> bool:
        """Whether it may change how other lines read, so that the whole document has to be."""
        if self.listing is None or self.near.catalog.is_corrected:
            return True
        with refusals(self.listing):
            return reaches_others(self.near, self.edit, self.near.listings[self.listing.pk])

    def as_lines(self) -> LineEdit:
        """The edit by the blocks' uids."""
        near, edit = self.near, self.edit
        moved = {item for item in edit.put if isinstance(item, int)}
        before = [
            index
            for index in range(edit.at or 0)
            if index not in moved and index not in edit.removed
        ]
        return LineEdit(
            {near.row(index).uid: source for index, source in edit.replaced.items()},
            {near.row(index).uid for index in edit.removed},
            near.row(before[-1]).uid if before else 0,
            [
                item.source if isinstance(item, BlockText) else near.row(item).uid
                for item in edit.put
            ],
        )


def plan_addition(
    catalog: Catalog,
    listing: Listing,
    *,
    source: str = "",
    after: Entry | None = None,
    first: bool = False,
    **values: Unpack[Values],
) -> Plan:
    """See `entries.add_entry`; the listing is given as it stands now."""
    refuse_unlisted(catalog, listing)
    with refusals(listing):
        cells = values.get("cells") or {}
        where = Where(values.get("name") or cells.get(listing.name_column, ""), after, first)
        near, place = find_place(catalog, listing, where)
        edit = edits.add_entry(
            near.document,
            near.listings[listing.pk],
            after=place,
            source=source,
            dialect=near.dialect(listing.pk),
            **values,
        )
    return Plan(near, edit, listing)


def plan_change(
    catalog: Catalog, entry: Entry, *, source: str | None = None, **values: Unpack[Values]
) -> Plan:
    """See `entries.change_entry`; here and below the entry is given as `find_living` finds it."""
    near, listing = _around(catalog, entry)
    with refusals(listing):
        near.refresh(entry)
        edit = edits.change_entry(
            near.document,
            near.index[entry.block_id or 0],
            source=source,
            dialect=partial(near.dialect, listing.pk) if listing else None,
            **values,
        )
    return Plan(near, edit, listing)


def plan_move(
    catalog: Catalog,
    entry: Entry,
    *,
    listing: Listing | None = None,
    after: Entry | None = None,
    first: bool = False,
    placing: Placing | None = None,
    with_children: bool = False,
) -> Plan:
    """See `entries.move_entry`."""
    source = entry.listing
    if source is None:
        raise EditRefused(_("This entry is not in a list or table, so it cannot be moved."))
    target = source if listing is None or listing.pk == source.pk else find_listing(listing.pk)
    if target.catalog_id != catalog.pk:
        raise NotFound(_("The listing belongs to another list."))
    with refusals(target):
        near, place = find_place(catalog, target, Where(entry.name, after, first, leaving=entry))
        near.keep(entry)
        near.refresh(entry)
        own, number = near.index[entry.block_id or 0], near.listings[target.pk]
        if after is None and place == own:
            # It stands there already: behind the one before it.
            siblings = [None, *near.document.listings[number].blocks]
            place = siblings[siblings.index(own) - 1]
        edit = move_blocks(
            near.document,
            own,
            number,
            after=place,
            values=_values(entry, source, target, placing or {}),
            dialect=partial(near.dialect, target.pk),
            with_children=with_children,
        )
    return Plan(near, edit, target)


def plan_removal(catalog: Catalog, entry: Entry, *, with_children: bool = False) -> Plan:
    """See `entries.remove_entry`."""
    near, listing = _around(catalog, entry)
    with refusals(listing):
        edit = edits.remove_entry(
            near.document, near.index[entry.block_id or 0], with_children=with_children
        )
    return Plan(near, edit, listing)


# What every plan begins with


_ENTRY = Prepared(
    lambda pk: Entry.objects.select_related("block", "listing").filter(pk=pk).order_by()
)


def stored_entry(key: int) -> Entry | None:
    """The entry as it is stored now, with its block and its listing; None where there is none."""
    return _ENTRY.first(key)


def find_living(entry: Entry, expected_source: str | None = None) -> Entry:
    """The entry as it stands now, if it still has the lines that the edit is based on."""
    living = stored_entry(entry.pk)
    if living is None or living.block is None:
        raise NotFound(_("The entry “%(name)s” has been removed.") % {"name": entry.name})
    refuse_changed(living.block.source, expected_source, living.name)
    return living


_LISTING = Prepared(lambda pk: Listing.objects.filter(pk=pk).order_by())


def find_listing(key: int) -> Listing:
    """The listing as it stands now."""
    listing = _LISTING.first(key)
    if listing is None:
        raise NotFound(_("The list or table no longer exists."))
    return listing


def refuse_unlisted(catalog: Catalog, listing: Listing) -> None:
    """Raise `EditRefused` where a maintainer has decided that nothing is an entry."""
    if not catalog.is_corrected:
        return
    decided = NO_CORRECTION
    corrections = read_corrections(catalog)
    above = [*Section.objects.above([listing.section_id])] if listing.section_id else []
    keys = {section.pk for section in above}
    for section, titles, correction in sorted(corrections, key=lambda row: -len(row[1])):
        if not titles or section in keys:
            decided = decided.within(correction)
    if decided.entries == Entries.NONE:
        raise EditRefused(_("Nothing here counts as an entry, so none can be added."))


def _around(catalog: Catalog, entry: Entry) -> tuple[Neighbourhood, Listing | None]:
    """What is around the entry, and its listing."""
    listing = entry.listing
    with refusals(listing):
        near = Neighbourhood(catalog, [entry.position], [listing] if listing else [])
    near.keep(entry)
    return near, listing


def _values(entry: Entry, source: Listing, target: Listing, placing: Placing) -> Values | None:
    """Return the values to be written anew; None where the lines move as they are."""
    if source.pk == target.pk or (source.kind == target.kind and target.kind != ListingKind.TABLE):
        return None
    return mapped_values(entry, source, target, placing)


# What the codec refuses


@contextmanager
def refusals(listing: Listing | None) -> Iterator[None]:
    """Turn refusals of the codec into errors of the catalog."""
    try:
        yield
    except CodecError as error:
        raise _translated(error, listing) from error


def _translated(error: CodecError, listing: Listing | None) -> CatalogError:
    if error.field == "source":
        return EditRefused(refusal_sentence(error))
    if not error.field.startswith("cell "):
        return InvalidField(error.field, refusal_sentence(error))
    number = int(error.field.removeprefix("cell ")) - 1
    keys = listing.columns if listing else []
    header = ""
    if listing and number < len(keys):
        columns = Column.objects.filter(catalog=listing.catalog_id, key=keys[number])
        header = columns.values_list("header", flat=True).first() or ""
    return InvalidField(f"cell-{number}", refusal_sentence(error, header))
