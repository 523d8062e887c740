"""What browsing a list needs to know of it, kept in the memory of the process.

It is read once, and after edits of single entries brought up to date by reading those entries
alone; whatever else happened since, it is read again. It is looked up by the catalog as the
request has just read it, so it is never older than that.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple

import orjson
from django.db.models import OuterRef, StringAgg, Subquery, TextField, Value
from django.db.models.functions import Cast
from pyroaring import BitMap

from catalog.browsing.entry_sets import Columns, EntrySets, Placed, tags_by_entry
from catalog.browsing.tag_index import TagIndex, TagRow, read_tags
from catalog.models import Catalog, Change, Entry, EntryTag, Revision
from catalog.querysets import EntryQuerySet

MOST_ENTRIES = 500_000
"""Entries of all lists that are kept together, some 400 bytes each; whatever was asked for least
recently goes first."""
MOST_CHANGED = 50
"""Entries that are read on their own; what changed more is read as a whole, which is faster."""
MOST_KEPT = 50
"""Choices whose filters are kept with an index."""

_PLACED = ("pk", "position", "slug", "created_at", "updated_at")
_EDITS = frozenset(
    {Revision.Verb.ADD, Revision.Verb.CHANGE, Revision.Verb.MOVE, Revision.Verb.REMOVE}
)
_TAGGINGS = frozenset({"tag-entry", "untag-entry"})


class EntryRow(NamedTuple):
    """An entry with what its row says whatever was looked for; `start` to `middle` are HTML."""

    start: str
    name: str
    shown: str
    """The name, escaped."""
    middle: str
    """From the name to the description."""
    says: str
    """How the paragraph of the description begins, '' without one."""
    description_html: str


@dataclass(frozen=True, slots=True)
class BrowseIndex:
    """The tags and entries of a catalog as it stood at a time."""

    founded: datetime
    """When the catalog was made: keys are used again in a database that was restored."""
    revision: int
    updated_at: datetime
    tags: TagIndex
    sets: EntrySets
    rows: dict[int, EntryRow] = field(default_factory=dict)
    """Rows that were shown."""
    _by_facet: dict[str, tuple[list[TagRow], list[int]]] = field(default_factory=dict)

    _kept: dict[Any, Any] = field(default_factory=dict)

    def kept[T](self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made of the index for a key; the next pages of a choice need it again."""
        found: T | None = self._kept.get(key)
        if found is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            found = self._kept[key] = make()
        return found

    def by_slug(self, facet: str) -> tuple[list[TagRow], list[int]]:
        """A facet's tags in the order of their addresses, and their keys."""
        found = self._by_facet.get(facet)
        if found is None:
            tags = sorted(self.tags.facets[facet].tags, key=lambda tag: tag.slug)
            found = self._by_facet[facet] = tags, [tag.pk for tag in tags]
        return found

    def is_of(self, catalog: Catalog) -> bool:
        """Whether it says how the catalog stands, or stood later than whoever asks has seen it."""
        return self.founded == catalog.created_at and (
            (self.revision, self.updated_at) == (catalog.revision, catalog.updated_at)
            or self.revision > catalog.revision
        )


_kept: OrderedDict[int, BrowseIndex] = OrderedDict()
_keeping, _reading = Lock(), Lock()


def browse_index_of(catalog: Catalog) -> BrowseIndex:
    """The catalog's index; costs no query while the catalog stays as it is, else up to three."""
    index = _find(catalog)
    if index and index.is_of(catalog):
        return index
    with _reading:
        # Somebody else may have read it meanwhile.
        index = _find(catalog)
        if index is None or not index.is_of(catalog):
            index = _brought_up_to_date(catalog, index) or _read(catalog)
            _keep(catalog, index)
    return index


def _find(catalog: Catalog) -> BrowseIndex | None:
    with _keeping:
        if catalog.pk in _kept:
            _kept.move_to_end(catalog.pk)
        return _kept.get(catalog.pk)


def _keep(catalog: Catalog, index: BrowseIndex) -> None:
    with _keeping:
        _kept[catalog.pk] = index
        _kept.move_to_end(catalog.pk)
        while len(_kept) > 1 and sum(len(i.sets.entries) for i in _kept.values()) > MOST_ENTRIES:
            _kept.popitem(last=False)


# The whole


def _read(catalog: Catalog) -> BrowseIndex:
    tags = read_tags(catalog)
    rows = _published(catalog).order_by("pk").values_list(*_PLACED)
    columns = Columns.of(map(Placed._make, rows.iterator(chunk_size=5000)))
    entries = columns.known.copy()
    # Every tag that is offered has its set, and no other.
    found = dict(_read_tagged(catalog))
    ordered = sorted(tags.by_pk.values(), key=tags.place)
    tagged = {tag.pk: found.get(tag.pk, BitMap()) & entries for tag in ordered}
    sets = EntrySets(entries, tagged, tags_by_entry(entries, tagged), columns)
    return _index(catalog, tags, sets)


def _read_tagged(catalog: Catalog) -> list[tuple[int, BitMap]]:
    """The entries of each public tag, those that are not published as well."""
    rows = EntryTag.objects.filter(tag__facet__catalog=catalog, tag__facet__is_public=True)
    # Joined by the database: a row for each would take ten times as long.
    keys = StringAgg(Cast("content_object_id", TextField()), Value(","))
    return [
        (tag, BitMap(array("I", orjson.loads(f"[{joined}]"))))
        for tag, joined in rows.order_by().values_list("tag").annotate(keys=keys)
    ]


def _published(catalog: Catalog) -> EntryQuerySet:
    return Entry.objects.published().filter(catalog=catalog)


def _index(catalog: Catalog, tags: TagIndex, sets: EntrySets) -> BrowseIndex:
    return BrowseIndex(catalog.created_at, catalog.revision, catalog.updated_at, tags, sets)


# What changed


def _brought_up_to_date(catalog: Catalog, old: BrowseIndex | None) -> BrowseIndex | None:
    """The index after edits of a few entries; None when more than that may have happened."""
    if old is None or old.founded != catalog.created_at or old.revision >= catalog.revision:
        return None
    changed = _changed_since(catalog, old)
    if changed is None:
        return None
    found = _read_changed(catalog, changed)
    if any(tag.facet not in old.tags.facets for tag in found.named.values()):
        # Where it belongs among the others is not known.
        return None
    for own in found.tags.values():
        own.sort(key=lambda tag: old.tags.place(found.named[tag]))
    sets = old.sets.after(changed, found.rows, found.tags)
    if not _fits(found, sets) or len(sets.entries) != catalog.entry_count:
        return None
    touched: dict[int, TagRow] = {}
    before, now = old.sets.tagged, sets.tagged
    for tag in {*found.named, *(t for t in old.tags.by_pk if before[t] is not now[t])}:
        row = found.named.get(tag) or old.tags.by_pk[tag]
        touched[tag] = row._replace(entry_count=len(sets.tagged[tag]))
        if tag in found.named and touched[tag] != row:
            return None
    tags = old.tags.with_tags(touched)
    return _index(catalog, tags, sets) if tags else None


def _changed_since(catalog: Catalog, old: BrowseIndex) -> BitMap | None:
    """The entries that were edited or tagged since, if nothing but that happened."""
    revisions = catalog.revisions.filter(number__gt=old.revision).order_by("number")
    fields = ("verb", "details", "changes__entry_id", "changes__op")
    changed, placed = BitMap(), BitMap()
    rows = list(revisions.values_list(*fields)[: MOST_CHANGED * 2 + 1])
    for verb, details, entry, op in rows:
        if verb == Revision.Verb.TAGS and details.get("operation") in _TAGGINGS:
            changed.add(details["entry"])
        elif verb not in _EDITS or details:
            # An edit that was written with the whole list says what it came to.
            return None
        elif entry:
            changed.add(entry)
            if op in {Change.Op.INSERT, Change.Op.MOVE}:
                placed.add(entry)
    if len(rows) > MOST_CHANGED * 2 or len(changed) > MOST_CHANGED:
        return None
    # Room may have been made for what is gone by now, and what stands there be numbered anew.
    gone = Entry.objects.filter(pk__in=list(placed)).exclude(state=Entry.State.PUBLISHED)
    return None if placed and gone.exists() else changed


@dataclass(slots=True)
class _Changed:
    rows: list[Placed]
    tags: dict[int, list[int]]
    named: dict[int, TagRow]
    """The tags of these entries."""
    around: list[tuple[int | None, int | None, int | None]]
    """Who stands before and behind each entry, and at which position."""


def _read_changed(catalog: Catalog, changed: BitMap) -> _Changed:
    """What the changed entries are now; those that are gone have no row."""
    others = _published(catalog).order_by()
    before = others.filter(position__lt=OuterRef("position")).order_by("-position")
    behind = others.filter(position__gt=OuterRef("position")).order_by("position")
    around: tuple[Any, ...] = (
        Subquery(before.values("pk")[:1]),
        Subquery(behind.values("pk")[:1]),
        Subquery(behind.values("position")[:1]),
    )
    tag = "entry_tags__tag__"
    of_tag = ("pk", "facet__slug", "slug", "name", "entry_count", "facet__is_public")
    rows = _published(catalog).filter(pk__in=list(changed)).order_by("pk")
    found = _Changed([], {}, {}, [])
    for row in rows.values_list(*_PLACED, *around, *(tag + name for name in of_tag)):
        placed = Placed._make(row[:5])
        if placed.pk not in found.tags:
            found.rows.append(placed)
            found.around.append(row[5:8])
            found.tags[placed.pk] = []
        *values, is_public = row[8:]
        if is_public:
            named = TagRow(*values)
            found.tags[placed.pk].append(named.pk)
            found.named[named.pk] = named
    return found


def _fits(found: _Changed, sets: EntrySets) -> bool:
    """Whether the entries stand beside those in the database, at the positions known here."""
    position, rank = sets.columns.position, sets.columns.known.rank
    for row, (before, behind, at) in zip(found.rows, found.around, strict=True):
        if sets.neighbours(row) != (before, behind):
            return False
        if behind is not None and position[rank(behind) - 1] != at:
            return False
    return True
