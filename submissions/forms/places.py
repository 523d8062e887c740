"""The places of a list where an entry can be added: its tables and lists, by their sections."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.browsing.outline import Outline, outline_of
from catalog.models import Catalog, Column, Listing

MOST = 300
"""Places that are shown at once; a longer list is searched."""


class Place(NamedTuple):
    """A place as people choose it; `above` are the titles of the sections around its own."""

    pk: int
    title: str
    above: str
    path: str
    columns: str
    entry_count: int


class Places(NamedTuple):
    """The places that were asked for; `more`: how many are not among them."""

    matches: list[Place]
    more: int


def addable(catalog: Catalog) -> QuerySet[Listing]:
    """Listings that can take an entry, in reading order. HTML is written by maintainers alone."""
    rows = Listing.objects.filter(catalog=catalog, is_toc=False).exclude(kind=Listing.Kind.HTML)
    return rows.select_related("section").in_reading_order()


def listing_of(catalog: Catalog, key: str) -> Listing | None:
    """The listing with this key, as an address gives it, if it is of the list and takes entries."""
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        return None
    return addable(catalog).filter(pk=key).first()


def listings_in(catalog: Catalog, path: str) -> list[Listing]:
    """Return the listings of a section that entries can be added to: its own, else those below."""
    if not path or "\0" in path:
        return []
    rows = addable(catalog)
    own = list(rows.filter(section__path=path)[:MOST])
    return own or list(rows.filter(section__path__startswith=f"{path}/")[:MOST])


def places(catalog: Catalog, words: str = "", path: str = "") -> Places:
    """Places whose sections have all the words in their titles; with `path` inside one section."""
    words_typed = words.casefold().split()[:8]
    matches = [
        place
        for place in _all(catalog, addable(catalog))
        if (not path or place.path == path or place.path.startswith(f"{path}/"))
        and all(word in f"{place.above} {place.title}".casefold() for word in words_typed)
    ]
    return Places(matches[:MOST], max(len(matches) - MOST, 0))


def place_of(catalog: Catalog, listing: Listing) -> Place:
    """A listing as a place."""
    return _all(catalog, [listing])[0]


def _all(catalog: Catalog, rows: QuerySet[Listing] | list[Listing]) -> list[Place]:
    headers = dict(Column.objects.filter(catalog=catalog).values_list("key", "header"))
    outline = outline_of(catalog)
    return [_place(listing, outline, headers) for listing in rows]


def _place(listing: Listing, outline: Outline, headers: dict[str, str]) -> Place:
    section = listing.section
    path = section.path if section else ""
    trail = outline.trail(path) if section else []
    title = section.title if section else _("At the beginning")
    above = " › ".join(row.title for row in trail if row.path != path)
    columns = " · ".join(headers.get(key) or key for key in listing.columns if key)
    return Place(listing.pk, title, above, path, columns, listing.entry_count)
