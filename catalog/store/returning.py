"""Removed entries that return with a text, and their former places.

One that has a link is recognised by it. One that has none is recognised by its name, and only
where it stood: below the same heading, and below the same item or in the same table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from catalog import markdown
from catalog.markdown.links import canonical_url
from catalog.models import Block, Entry, Section
from catalog.sql.bulk import BATCH

type Spot = list[Any]
"""`[uid, texts]` of a block that others stand below: itself, while it lives; what it and those
around it say, once it is gone. A uid is None where the block is new, 0 where there is no block."""
type Place = list[Spot]
"""The heading, and the item or the head of the table, that an entry stands below. JSON-ready."""

type Fits = Callable[[RemovedEntry], bool]

_NO_SPOT: Spot = [0, []]


@dataclass(frozen=True, slots=True)
class RemovedEntry:
    """A removed entry; its place is None where that is not known, or its link is enough."""

    pk: int
    canonical_url: str
    name: str
    decision: str
    place: Place | None


def returning_entries(
    document: markdown.Document,
    new: Sequence[int],
    removed: Sequence[RemovedEntry],
    uids: Mapping[int, int],
    living: Collection[int],
) -> dict[int, int]:
    """The keys of removed entries that come back, by index in the document's entries.

    `new` are the entries that no living one was matched with, `removed` the candidates, the last
    one removed last. `uids` name the document's blocks that are not new, `living` all that are
    stored.
    """
    entries = document.entries
    urls = {index: canonical_url(entries[index].url) for index in new} if removed else {}
    by_link: dict[str, list[RemovedEntry]] = {}
    by_name: dict[str, list[RemovedEntry]] = {}
    for entry in removed:
        if entry.canonical_url:
            by_link.setdefault(entry.canonical_url, []).append(entry)
        else:
            by_name.setdefault(entry.name, []).append(entry)
    returned: dict[int, int] = {}

    def bring_back(index: int, rivals: list[RemovedEntry], fits: Fits) -> None:
        """Restore the fitting entry that was removed last; each returns once."""
        last = next((entry for entry in reversed(rivals) if fits(entry)), None)
        if last and index not in returned:
            rivals.remove(last)
            returned[index] = last.pk

    # First those that are called what they were called, so that no other takes their link.
    for index, url in urls.items():
        bring_back(index, by_link.get(url, []), _is_called(entries[index].name))
    # Then those that are called otherwise, where the link is that of one thing alone.
    uses = Counter(canonical_url(entry.url) for entry in entries) if by_link else Counter()
    for index, url in urls.items():
        rivals = by_link.get(url, [])
        if uses[url] == 1 and len({entry.name for entry in rivals}) == 1:
            bring_back(index, rivals, lambda entry: True)
    for index, url in urls.items():
        if not url and entries[index].name in by_name:
            place = _place(document, entries[index], uids)
            bring_back(index, by_name[entries[index].name], _stood(place, living))
    return returned


def _is_called(name: str) -> Fits:
    return lambda entry: entry.name == name


def _stood(here: Place, living: Collection[int]) -> Fits:
    return lambda entry: _is_same(entry.place, here, living)


def _is_same(stood: Place | None, here: Place, living: Collection[int]) -> bool:
    return stood is not None and all(
        uid == uid_here if not uid or uid in living else texts == texts_here
        for (uid, texts), (uid_here, texts_here) in zip(stood, here, strict=True)
    )


def _place(document: markdown.Document, entry: markdown.Entry, uids: Mapping[int, int]) -> Place:
    """Return the place of an entry in a document."""
    blocks = document.blocks
    heading, titles = entry.section, []
    while heading is not None:
        section = document.sections[heading]
        titles.append(section.title[:500])
        heading = section.parent
    section_spot = _NO_SPOT
    if entry.section is not None:
        section_spot = [uids.get(document.sections[entry.section].block), titles]
    listing = document.listings[entry.listing] if entry.listing is not None else None
    if listing and listing.header_block is not None:
        head = listing.header_block
        return [section_spot, [uids.get(head), [blocks[head].source.strip()]]]
    first = above = blocks[entry.block].parent
    sources = []
    while above is not None:
        sources.append(blocks[above].source.strip())
        above = blocks[above].parent
    return [section_spot, _NO_SPOT if first is None else [uids.get(first), sources]]


def places_of(keys: Sequence[int]) -> dict[int, Place]:
    """Return the places of living entries without a link, by key, in the form of `_place`."""
    places: dict[int, Place] = {}
    for batch in batched(keys, BATCH, strict=False):
        places |= _places_of(batch)
    return places


def _places_of(keys: Sequence[int]) -> dict[int, Place]:
    entries = list(
        Entry.objects.filter(pk__in=keys, canonical_url="").values_list(
            "pk", "catalog_id", "section_id", "listing_id", "block__parent_id"
        )
    )
    if not entries:
        return {}
    sections = _section_spots(entries[0][1], {row[2] for row in entries if row[2]})
    heads = {
        listing: [uid, [source.strip()]]
        for listing, uid, source in Block.objects.filter(
            listing__in={row[3] for row in entries if row[3]}, kind=Block.Kind.TABLE_HEADER
        ).values_list("listing_id", "uid", "source")
    }
    items = _items_above({row[4] for row in entries if row[4]})
    places = {}
    for pk, _catalog, section, listing, parent in entries:
        spot = heads.get(listing)
        if spot is None and parent:
            sources: list[str] = []
            above: int | None = parent
            while above:
                sources.append(items[above][1].strip())
                above = items[above][2]
            spot = [items[parent][0], sources]
        places[pk] = [sections.get(section, _NO_SPOT), spot or _NO_SPOT]
    return places


def _section_spots(catalog: int, keys: Collection[int]) -> dict[int, Spot]:
    rows = {row.pk: row for row in Section.objects.above(keys)} if keys else {}
    uids = dict(
        Block.objects.filter(
            catalog=catalog, position__in=[rows[key].position for key in keys]
        ).values_list("position", "uid")
    )
    spots: dict[int, Spot] = {}
    for key in keys:
        titles, above = [], rows.get(key)
        while above is not None:
            titles.append(above.title)
            above = rows.get(above.parent_id or 0)
        spots[key] = [uids[rows[key].position], titles]
    return spots


def _items_above(keys: Collection[int]) -> dict[int, tuple[int, str, int | None]]:
    """`(uid, source, parent)` of blocks and of all that they stand inside, by key."""
    items: dict[int, tuple[int, str, int | None]] = {}
    while keys:
        rows = Block.objects.filter(pk__in=keys).values_list("pk", "uid", "source", "parent_id")
        level = {pk: (uid, source, parent) for pk, uid, source, parent in rows}
        items |= level
        keys = {parent for _uid, _source, parent in level.values() if parent} - items.keys()
    return items
