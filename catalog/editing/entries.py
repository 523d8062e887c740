"""The only writes of single entries: add, change, move, remove.

Each is one transaction and one revision with its line operations, and touches the entry's own
lines. What it was based on is compared first: `expected_source` with the entry's lines as they
stand, `expected_revision` with the list's. Nothing is returned and nothing written when nothing
would change. Sections and prose are in `sections.py`, reverts in `reverting.py`; what an
edit would do to the README is for `previewing.preview_edit()` to say.

All raise `InvalidField` for a value that cannot be written, `EditRefused` for an edit that would
reach further than its lines, `RevisionConflict` when somebody else was faster, and `NotFound`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.utils.translation import gettext as _

from catalog.editing.column_mapping import Placing, mapped_values
from catalog.editing.entry_writing import write_entry_edit
from catalog.editing.lines import LineEdit, write_edit
from catalog.editing.locality import reaches_others
from catalog.editing.neighbourhood import Neighbourhood
from catalog.editing.placement import Where, find_place
from catalog.editing.transactions import refuse_changed, transaction_on
from catalog.errors import CatalogError, EditRefused, InvalidField, NotFound
from catalog.history import By
from catalog.markdown.nodes import ListingKind
from catalog.markdown.writing import edit as edits
from catalog.markdown.writing.context import Piece
from catalog.markdown.writing.edit import Edit
from catalog.markdown.writing.errors import CodecError
from catalog.markdown.writing.moving import Values
from catalog.markdown.writing.moving import move_entry as plan_move
from catalog.models import Column, Entry, Listing, Revision

Verb = Revision.Verb


def add_entry(
    *,
    listing: Listing,
    by: By,
    name: str = "",
    url: str = "",
    description: str = "",
    cells: Mapping[int, str] | None = None,
    after: Entry | None = None,
    first: bool = False,
    expected_revision: int | None = None,
) -> Revision:
    """Add an entry to a listing, written as its siblings are.

    It goes behind `after`, or to the front with `first`; else where its name belongs in a sorted
    listing, or to the end. `cells` are inline markdown by column from 0; they may stand for the
    name. The `Change` of the revision names the new entry.
    """
    with transaction_on(listing.catalog_id, expected_revision) as catalog:
        target = _listing(listing.pk)
        with _refusals(target):
            where = Where(name or (cells or {}).get(target.name_column, ""), after, first)
            near, place = find_place(catalog, target, where)
            edit = edits.add_entry(
                near.document,
                near.listings[target.pk],
                after=place,
                name=name,
                url=url,
                description=description,
                cells=cells,
            )
            revision = _write(near, edit, target, verb=Verb.ADD, by=by)
    if revision is None:
        raise AssertionError("an added entry is a change")
    return revision


def change_entry(
    *,
    entry: Entry,
    by: By,
    name: str | None = None,
    url: str | None = None,
    description: str | None = None,
    cells: Mapping[int, str] | None = None,
    source: str | None = None,
    expected_source: str | None = None,
    expected_revision: int | None = None,
) -> Revision | None:
    """Change some fields of an entry, or write its raw `source` verbatim; None if nothing differs.

    Fields that are None stay as they are. A row is changed cell by cell: `cells` are inline
    markdown by column from 0.
    """
    if source is not None and (name, url, description, cells) != (None, None, None, None):
        raise ValueError("an entry is changed by its fields or by its source, not by both")
    with transaction_on(entry.catalog_id, expected_revision) as catalog:
        living = _living(entry, expected_source)
        listing = _listing(living.listing_id) if living.listing_id else None
        with _refusals(listing):
            near = Neighbourhood(catalog, [living.position], [listing.pk] if listing else [])
            near.tell(living)
            index = near.index[living.block_id or 0]
            if source is not None:
                edit = edits.replace_source(near.document, index, source)
            else:
                edit = edits.change_entry(
                    near.document,
                    index,
                    name=name,
                    url=url,
                    description=description,
                    cells=cells,
                )
            return _write(near, edit, listing, verb=Verb.CHANGE, by=by)


def move_entry(
    *,
    entry: Entry,
    by: By,
    listing: Listing | None = None,
    after: Entry | None = None,
    first: bool = False,
    placing: Placing | None = None,
    with_children: bool = False,
    expected_source: str | None = None,
    expected_revision: int | None = None,
) -> Revision | None:
    """Move an entry inside its listing, or to another one; None if it stands there already.

    The place is found as for a new entry. Between tables cells go to the column of the same
    header or role; `placing` says of others which column takes them, or None to drop them, by
    column from 0 (a list's description is 0). What stands below an item only moves along
    `with_children`.
    """
    with transaction_on(entry.catalog_id, expected_revision) as catalog:
        living = _living(entry, expected_source)
        if living.listing_id is None:
            raise EditRefused(_("This entry stands in no list or table that it could move in."))
        source = _listing(living.listing_id)
        target = _listing(listing.pk) if listing else source
        if target.catalog_id != catalog.pk:
            raise NotFound(_("The listing belongs to another list."))
        with _refusals(target):
            where = Where(living.name, after, first, leaving=living)
            near, place = find_place(catalog, target, where)
            near.tell(living)
            edit = plan_move(
                near.document,
                near.index[living.block_id or 0],
                near.listings[target.pk],
                after=place,
                values=_values(living, source, target, placing or {}),
                with_children=with_children,
            )
            return _write(near, edit, target, verb=Verb.MOVE, by=by)


def remove_entry(
    *,
    entry: Entry,
    by: By,
    with_children: bool = False,
    expected_source: str | None = None,
    expected_revision: int | None = None,
) -> Revision:
    """Take an entry's lines out of the list; the entry stays as removed, with its history.

    `by.note` says why. What stands below an item only goes along `with_children`.
    """
    with transaction_on(entry.catalog_id, expected_revision) as catalog:
        living = _living(entry, expected_source)
        listing = _listing(living.listing_id) if living.listing_id else None
        with _refusals(listing):
            near = Neighbourhood(catalog, [living.position], [listing.pk] if listing else [])
            edit = edits.remove_entry(
                near.document, near.index[living.block_id or 0], with_children=with_children
            )
            revision = _write(near, edit, listing, verb=Verb.REMOVE, by=by)
    if revision is None:
        raise AssertionError("a removal is a change")
    return revision


def entry_added_by(revision: Revision) -> Entry:
    """The entry that `add_entry` made in a revision."""
    return Entry.objects.get(catalog=revision.catalog_id, created_revision=revision.number)


# What every edit does


def _living(entry: Entry, expected_source: str | None) -> Entry:
    """The entry as it stands now, if it still has the lines that the edit is based on."""
    living = Entry.objects.select_related("block").filter(pk=entry.pk).first()
    if living is None or living.block is None:
        raise NotFound(_("The entry “%(name)s” has been removed.") % {"name": entry.name})
    refuse_changed(living.block.source, expected_source, living.name)
    return living


def _listing(key: int) -> Listing:
    found = Listing.objects.filter(pk=key).first()
    if found is None:
        raise NotFound(_("The list or table is not there any more."))
    return found


def _values(entry: Entry, source: Listing, target: Listing, placing: Placing) -> Values | None:
    """What is to be written anew; None where the lines move as they are."""
    if source.pk == target.pk or (source.kind == target.kind and target.kind != ListingKind.TABLE):
        return None
    return mapped_values(entry, source, target, placing)


def _write(
    near: Neighbourhood, edit: Edit, listing: Listing | None, *, verb: str, by: By
) -> Revision | None:
    """Write what was planned, by its own lines if that is all it changes."""
    if not (edit.replaced or edit.removed or edit.put):
        return None
    if listing is None or reaches_others(near, edit, near.listings[listing.pk]):
        return write_edit(near.catalog, _as_lines(near, edit), by=by, verb=verb)
    return write_entry_edit(near, edit, listing, verb=verb, by=by)


def _as_lines(near: Neighbourhood, edit: Edit) -> LineEdit:
    moved = {item for item in edit.put if isinstance(item, int)}
    before = [
        index for index in range(edit.at or 0) if index not in moved and index not in edit.removed
    ]
    return LineEdit(
        {near.row(index).uid: source for index, source in edit.replaced.items()},
        {near.row(index).uid for index in edit.removed},
        near.row(before[-1]).uid if before else 0,
        [item.source if isinstance(item, Piece) else near.row(item).uid for item in edit.put],
    )


@contextmanager
def _refusals(listing: Listing | None) -> Iterator[None]:
    """Say what the codec refuses as an error of the catalog."""
    try:
        yield
    except CodecError as error:
        raise _translated(error, listing) from error


def _translated(error: CodecError, listing: Listing | None) -> CatalogError:
    message = str(error)
    if error.field == "source":
        return EditRefused(message)
    if not error.field.startswith("cell "):
        return InvalidField(error.field, message)
    number = int(error.field.removeprefix("cell ")) - 1
    keys = listing.columns if listing else []
    if listing and number < len(keys):
        column = Column.objects.filter(catalog=listing.catalog_id, key=keys[number]).first()
        if column:
            message = message.replace(f"The {error.field} ", f"“{column.header}” ")
    return InvalidField(f"cell-{number}", message)
