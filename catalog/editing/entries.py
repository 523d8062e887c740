"""The only writes of single entries: add, change, move, remove.

Each is one transaction and one revision with its line operations, and touches the entry's own
lines. What it was based on is compared first: `expected_source` with the entry's lines as they
stand, `expected_revision` with the list's. Nothing is returned and nothing written when nothing
would change. Sections and prose are in `sections.py`, reverts in `reverting.py`; what an
edit will do is found out in `planning.py`, which writes nothing.

All raise `InvalidField` for a value that cannot be written, `EditRefused` for an edit that would
reach further than its lines, `RevisionConflict` when somebody else was faster, and `NotFound`.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from catalog.editing.column_mapping import Placing
from catalog.editing.entry_writing import write_entry_edit
from catalog.editing.lines import write_edit
from catalog.editing.planning import (
    Plan,
    plan_addition,
    plan_change,
    plan_move,
    plan_removal,
    refusals,
)
from catalog.editing.transactions import transaction_on
from catalog.errors import EditRefused
from catalog.history.revisions import Author
from catalog.models import Change, Entry, Listing, Revision

Verb = Revision.Verb


def add_entry(
    *,
    listing: Listing,
    by: Author,
    name: str = "",
    url: str = "",
    description: str = "",
    cells: Mapping[int, str] | None = None,
    source: str = "",
    after: Entry | None = None,
    first: bool = False,
    expected_revision: int | None = None,
) -> Revision:
    """Add an entry to a listing, written as its siblings are.

    It goes behind `after`, or to the front with `first`; else where its name belongs in a sorted
    listing, or to the end. `cells` are inline markdown by column from 0; they may stand for the
    name. Lines that were written elsewhere, `source`, are taken as they are if they say just that
    and fit there. The `Change` of the revision names the new entry.
    """
    with transaction_on(listing.catalog_id, expected_revision) as catalog:
        plan = plan_addition(
            catalog,
            listing,
            name=name,
            url=url,
            description=description,
            cells=cells,
            source=source,
            after=after,
            first=first,
        )
        revision = _write(plan, verb=Verb.ADD, by=by)
    if revision is None:
        raise AssertionError("an added entry is a change")
    return revision


def change_entry(
    *,
    entry: Entry,
    by: Author,
    name: str | None = None,
    url: str | None = None,
    description: str | None = None,
    cells: Mapping[int, str] | None = None,
    source: str | None = None,
    expected_source: str | None = None,
    expected_revision: int | None = None,
) -> Revision | None:
    """Change some fields of an entry, or write its raw `source` verbatim; None if nothing differs.

    With fields beside it a `source` is only written if it says what they do. Fields that are None
    stay as they are. A row is changed cell by cell: `cells` are inline markdown by column from 0.
    """
    with transaction_on(entry.catalog_id, expected_revision) as catalog:
        plan = plan_change(
            catalog,
            entry,
            name=name,
            url=url,
            description=description,
            cells=cells,
            source=source,
            expected_source=expected_source,
        )
        return _write(plan, verb=Verb.CHANGE, by=by)


def move_entry(
    *,
    entry: Entry,
    by: Author,
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
        plan = plan_move(
            catalog,
            entry,
            listing=listing,
            after=after,
            first=first,
            placing=placing,
            with_children=with_children,
            expected_source=expected_source,
        )
        return _write(plan, verb=Verb.MOVE, by=by)


def remove_entry(
    *,
    entry: Entry,
    by: Author,
    with_children: bool = False,
    expected_source: str | None = None,
    expected_revision: int | None = None,
) -> Revision:
    """Remove an entry's lines from the list; the entry stays as removed, with its history.

    `by.note` says why. What stands below an item only goes along `with_children`.
    """
    with transaction_on(entry.catalog_id, expected_revision) as catalog:
        plan = plan_removal(
            catalog, entry, with_children=with_children, expected_source=expected_source
        )
        revision = _write(plan, verb=Verb.REMOVE, by=by)
    if revision is None:
        raise AssertionError("a removal is a change")
    return revision


def entry_added_by(revision: Revision) -> Entry:
    """The entry that `add_entry` or `add_section` made in a revision, or brought back.

    Raises `EditRefused` where its lines are no entry.
    """
    added = revision.changes.filter(op=Change.Op.INSERT).values("entry_id")
    entry = Entry.objects.filter(pk__in=added).order_by("-created_revision", "position").first()
    if entry is None:
        raise EditRefused(_("Written like this it would not be read as an entry."))
    return entry


def _write(plan: Plan, *, verb: str, by: Author) -> Revision | None:
    """Write what was planned, by its own lines if that is all it changes."""
    if plan.is_empty:
        return None
    with refusals(plan.listing):
        if plan.listing is None or plan.reaches_others():
            return write_edit(plan.near.catalog, plan.as_lines(), by=by, verb=verb)
        return write_entry_edit(plan.near, plan.edit, plan.listing, verb=verb, by=by)
