"""The only writes of single entries: add, change, move, remove.

Each is one transaction and one revision with its line operations, and touches the entry's own
lines. What it was based on, `expected_source`, is compared with these first. Nothing is returned
and nothing written when nothing would change. Sections and prose are in `sections.py`, reverts in
`lines.py`; what an edit will do is found out in `planning.py`, which writes nothing.

All raise `InvalidField` for a value that cannot be written, `EditRefused` for an edit that would
reach further than its lines, `RevisionConflict` when somebody else was faster, and `NotFound`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Unpack

from django.utils.translation import gettext as _

from catalog.editing.entry_writing import write_entry_edit
from catalog.editing.fields import Placing
from catalog.editing.lines import LineEdit, write_edit
from catalog.editing.planning import (
    Plan,
    find_listing,
    find_living,
    plan_addition,
    plan_change,
    plan_move,
    plan_removal,
    refusals,
)
from catalog.editing.sections import plan_section, write_section_edit
from catalog.editing.tags import add_facet, add_tag, tag_entry, untag_entry
from catalog.errors import EditRefused, InvalidField
from catalog.history.revisions import Author
from catalog.importing.applying import transaction_on
from catalog.markdown.writing.slots import Values
from catalog.models import Catalog, Change, Entry, Facet, Listing, Revision, Tag
from catalog.sql.prepared import Prepared

Verb = Revision.Verb


def add_entry(
    *,
    listing: Listing,
    by: Author,
    source: str = "",
    after: Entry | None = None,
    first: bool = False,
    **values: Unpack[Values],
) -> Revision:
    """Add an entry to a listing, written as its siblings are.

    It goes behind `after`, or to the front with `first`; else where its name belongs in a sorted
    listing, or to the end. `cells` are inline markdown by column from 0; they may stand for the
    name. Lines that were written elsewhere, `source`, are taken as they are if they say just that
    and fit there. The `Change` of the revision names the new entry.
    """
    with transaction_on(listing.catalog_id) as catalog:
        target = find_listing(listing.pk)
        plan = plan_addition(catalog, target, source=source, after=after, first=first, **values)
        revision = _write(plan, catalog, verb=Verb.ADD, by=by)
    if revision is None:
        raise AssertionError("an added entry is a change")
    return revision


def change_entry(
    *,
    entry: Entry,
    by: Author,
    source: str | None = None,
    expected_source: str | None = None,
    **values: Unpack[Values],
) -> Revision | None:
    """Change some fields of an entry, or write its raw `source` verbatim; None if nothing differs.

    With fields beside it a `source` is only written if it says what they do. Fields that are None
    stay as they are. A row is changed cell by cell: `cells` are inline markdown by column from 0.
    """
    with transaction_on(entry.catalog_id) as catalog:
        living = find_living(entry, expected_source)
        plan = plan_change(catalog, living, source=source, **values)
        return _write(plan, catalog, verb=Verb.CHANGE, by=by)


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
) -> Revision | None:
    """Move an entry inside its listing, or to another one; None if it stands there already.

    The place is found as for a new entry. Between tables cells go to the column of the same
    header or role; `placing` says of others which column takes them, or None to drop them, by
    column from 0 (a list's description is 0). What stands below an item only moves along
    `with_children`.
    """
    with transaction_on(entry.catalog_id) as catalog:
        plan = plan_move(
            catalog,
            find_living(entry, expected_source),
            listing=listing,
            after=after,
            first=first,
            placing=placing,
            with_children=with_children,
        )
        return _write(plan, catalog, verb=Verb.MOVE, by=by)


def remove_entry(
    *,
    entry: Entry,
    by: Author,
    with_children: bool = False,
    expected_source: str | None = None,
) -> Revision:
    """Remove an entry's lines from the list; the entry stays as removed, with its history.

    `by.note` says why. What stands below an item only goes along `with_children`.
    """
    with transaction_on(entry.catalog_id) as catalog:
        living = find_living(entry, expected_source)
        plan = plan_removal(catalog, living, with_children=with_children)
        revision = _write(plan, catalog, verb=Verb.REMOVE, by=by)
    if revision is None:
        raise AssertionError("a removal is a change")
    return revision


_ADDED_BY = Prepared(
    lambda revision: (
        Entry.objects.select_related("block", "listing")
        .filter(
            pk__in=Change.objects.filter(revision=revision, op=Change.Op.INSERT)
            .order_by()
            .values("entry_id")
        )
        .order_by("-created_revision", "position")[:1]
    )
)


def entry_added_by(revision: Revision) -> Entry:
    """The entry that `add_entry` or `add_section` made in a revision, or brought back.

    Raises `EditRefused` where its lines are no entry.
    """
    entry = _ADDED_BY.first(revision.pk)
    if entry is None:
        raise EditRefused(_("Written like this, it would not be read as an entry."))
    return entry


def _write(plan: Plan | LineEdit, catalog: Catalog, *, verb: str, by: Author) -> Revision | None:
    """Write what was planned, by its own lines if that is all it changes."""
    if isinstance(plan, LineEdit):
        return write_section_edit(catalog, plan, by=by, verb=verb)
    if plan.is_empty:
        return None
    with refusals(plan.listing):
        if plan.listing is None or plan.reaches_others():
            return write_edit(catalog, plan.as_lines(), by=by, verb=verb)
        return write_entry_edit(plan.near, plan.edit, plan.listing, verb=verb, by=by)


# One change of an entry as a value: planned to be shown, applied to be written.
#
# `edits_of` alone says which edits of lines a change is, so what is shown is what is written.


DEAD = "availability:dead"
"""The tag of an entry whose link is dead; its facet is made when there is none."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The place of an entry: after another, first, or where its name sorts.

    `listing` None is its own, for a move. `columns` says which column takes the
    cells that have no place there, None to drop them. With the title of a `section` an addition
    begins that one, behind the section of `listing` and written like it, else at the end.
    """

    listing: Listing | None
    after: Entry | None = None
    first: bool = False
    columns: Placing = field(default_factory=dict)
    section: str = ""


@dataclass(frozen=True, slots=True)
class EntryChange:
    """A change of an entry; without one the addition of what it says, at its placement.

    Texts that are None stay as they are, as does the place. Tags are `facet:value`, by their
    addresses or names; a value that the facet does not have yet is made. `source` are the lines as
    they were written elsewhere, taken as they are where they say what the texts do.
    """

    entry: Entry | None = None
    name: str | None = None
    url: str | None = None
    description: str | None = None
    cells: Mapping[int, str] = field(default_factory=dict)
    placement: Placement | None = None
    is_removal: bool = False
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    source: str = ""

    @property
    def texts(self) -> dict[str, Any]:
        """The fields to write, as the functions that edit take them."""
        texts: dict[str, Any] = {
            "name": self.name,
            "url": self.url,
            "description": self.description,
            "cells": dict(self.cells) or None,
            "source": self.source or None,
        }
        return {name: text for name, text in texts.items() if text is not None}


class EntryEdit(NamedTuple):
    """One edit of lines: the function that plans it, what it is given, and the revision's verb."""

    function: Callable[..., Plan | LineEdit]
    verb: Revision.Verb
    values: dict[str, Any]

    def plan(self, catalog: Catalog) -> Plan | LineEdit:
        """Plan it on the catalog as it stands; the plan of a new section is one of lines."""
        return self.function(catalog, **self.values)


def edits_of(change: EntryChange) -> Iterator[EntryEdit]:
    """Yield the edits of lines that a change is, in order: none if it is one of tags alone."""
    entry, place = change.entry, change.placement
    if entry is None:
        if place is not None and place.section:
            yield _section_edit(change, place)
            return
        if place is None or place.listing is None:
            raise InvalidField("listing", _("Choose the list or table it goes to."))
        values = {"listing": place.listing, "after": place.after, "first": place.first}
        yield EntryEdit(plan_addition, Verb.ADD, values | change.texts)
        return
    if change.is_removal:
        yield EntryEdit(plan_removal, Verb.REMOVE, {"entry": entry})
        return
    if change.texts:
        yield EntryEdit(plan_change, Verb.CHANGE, {"entry": entry} | change.texts)
    if place is not None:
        values = {"listing": place.listing, "after": place.after, "first": place.first}
        own = {"entry": entry, "placing": place.columns}
        yield EntryEdit(plan_move, Verb.MOVE, values | own)


def _section_edit(change: EntryChange, place: Placement) -> EntryEdit:
    values = {
        "title": place.section,
        "after": place.listing.section if place.listing else None,
        "entry": change.texts,
        "like": place.listing,
    }
    return EntryEdit(plan_section, Verb.ADD_SECTION, values)


def apply_change(change: EntryChange, catalog: Catalog, by: Author) -> Entry:
    """Write a change of the catalog, each edit and each tag as a revision; returns the entry.

    Inside `transaction_on`, on the catalog that it gives, whose revision follows. The entry and
    the listing of an addition are given as they stand there. Raises what the edits do.
    """
    entry = change.entry
    for number, edit in enumerate(edits_of(change)):
        if number and entry:
            edit.values["entry"] = find_living(entry)
        revision = _write(edit.plan(catalog), catalog, verb=edit.verb, by=by)
        if entry is None and revision is not None:
            entry = entry_added_by(revision)
    if entry is None:
        raise AssertionError("an addition makes an entry")
    if change.add_tags or change.remove_tags:
        _change_tags(entry, change, by)
        catalog.refresh_from_db(fields=["revision"])
    return entry


def _change_tags(entry: Entry, change: EntryChange, by: Author) -> None:
    entry = Entry.objects.get(pk=entry.pk)
    for key in change.remove_tags:
        if tag := _find_tag(entry, key):
            untag_entry(entry=entry, tag=tag, by=by)
    for key in change.add_tags:
        tag_entry(entry=entry, tag=_find_tag(entry, key) or _new_tag(entry, key, by), by=by)


def _find_tag(entry: Entry, key: str) -> Tag | None:
    facet, _colon, value = key.partition(":")
    tags = Tag.objects.filter(facet__catalog=entry.catalog_id, facet__slug=facet.strip())
    value = value.strip()
    return tags.filter(slug=value).first() or tags.filter(name__iexact=value).first()


def _new_tag(entry: Entry, key: str, by: Author) -> Tag:
    slug, _colon, value = key.partition(":")
    facet = Facet.objects.filter(catalog=entry.catalog_id, slug=slug.strip()).first()
    if facet is None and key == DEAD:
        facet = add_facet(catalog=entry.catalog, name="Availability", by=by)
    if facet is None:
        raise InvalidField("tags", _("This list has no facet “%(slug)s”.") % {"slug": slug})
    return add_tag(facet=facet, name=value, by=by)
