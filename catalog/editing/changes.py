"""One change of an entry as a value: planned to be shown, applied to be written.

`edits_of` is the only place that says which edits of lines a change is. What shows a change plans
these very edits (`planning.py`), what applies it writes them (`entries.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from catalog.editing.column_mapping import Placing
from catalog.editing.entries import (
    add_entry,
    change_entry,
    entry_added_by,
    move_entry,
    remove_entry,
)
from catalog.editing.first_entries import NewEntry
from catalog.editing.lines import LineEdit
from catalog.editing.planning import Plan, plan_addition, plan_change, plan_move, plan_removal
from catalog.editing.sections import add_section, plan_section
from catalog.editing.tags import add_facet, add_tag, tag_entry, untag_entry
from catalog.errors import InvalidField
from catalog.history.revisions import Author
from catalog.models import Catalog, Entry, Facet, Listing, Revision, Tag

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
    """One edit of lines: both functions take the same values, besides a catalog or a `Author`.

    The plan of a new section is one of lines.
    """

    plan: Callable[..., Plan | LineEdit]
    write: Callable[..., Revision | None]
    values: dict[str, Any]


def edits_of(change: EntryChange, catalog: Catalog) -> Iterator[EntryEdit]:
    """Yield the edits of lines that a change is, in order: none if it is one of tags alone."""
    entry, place = change.entry, change.placement
    if entry is None:
        if place is not None and place.section:
            yield _section_edit(change, place, catalog)
            return
        if place is None or place.listing is None:
            raise InvalidField("listing", _("Choose the list or table it goes to."))
        values = {"listing": place.listing, "after": place.after, "first": place.first}
        yield EntryEdit(plan_addition, add_entry, values | change.texts)
        return
    if change.is_removal:
        yield EntryEdit(plan_removal, remove_entry, {"entry": entry})
        return
    if change.texts:
        yield EntryEdit(plan_change, change_entry, {"entry": entry} | change.texts)
    if place is not None:
        values = {"listing": place.listing, "after": place.after, "first": place.first}
        own = {"entry": entry, "placing": place.columns}
        yield EntryEdit(plan_move, move_entry, values | own)


def _section_edit(change: EntryChange, place: Placement, catalog: Catalog) -> EntryEdit:
    values = {
        "title": place.section,
        "after": place.listing.section if place.listing else None,
        "entry": NewEntry(**change.texts),
        "like": place.listing,
    }
    return EntryEdit(plan_section, partial(add_section, catalog=catalog), values)


def apply_change(change: EntryChange, catalog: Catalog, by: Author) -> Entry:
    """Write a change of the catalog, each edit and each tag as a revision; returns the entry.

    Part of a transaction, so that all of it is written or nothing. Raises what the edits do.
    """
    entry = change.entry
    for edit in edits_of(change, catalog):
        revision = edit.write(by=by, **edit.values)
        if entry is None and revision is not None:
            entry = entry_added_by(revision)
    if entry is None:
        raise AssertionError("an addition makes an entry")
    if change.add_tags or change.remove_tags:
        _change_tags(entry, change, by)
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
