"""Facets and tags, derived from the cells and sections of entries.

A `Tagger` serves one write: an import or a single edit. It reads what was decided (columns,
aliases, tombstones), derives the tags of entries, and writes the difference. Everything here is
derived: it changes no decision, and tags given by hand or taken off by hand stay so. The rows of
tags are written as a difference, and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import batched
from typing import Any

from django.db.models import Count, QuerySet

from catalog.finding.indexing import index_catalog, index_entries
from catalog.models import (
    Catalog,
    Column,
    DismissedTag,
    Entry,
    EntryTag,
    Facet,
    Listing,
    Section,
    Tag,
    TagAlias,
)
from catalog.querysets import EntryQuerySet
from catalog.slugs import slugify, unique_segment
from catalog.sql.bulk import add_rows, add_to_counts, among, fetch, insert_rows, update_rows
from catalog.sql.prepared import Prepared, keys_of
from catalog.tagging.columns import (
    INFERRED_FACETS,
    Columns,
    Text,
    column_values,
    entry_texts,
)
from catalog.tagging.titles import Date, date_of, is_person, section_titles, titles_below
from catalog.tagging.values import NO, YES, is_known, spelling_key, standard_name, value_key

# The tag rows of entries


ENTRIES = 2000
"""Entries a query asks for; bounds what it has to carry on any database."""


def write_derived(derived: Mapping[int, Mapping[int, str]], *, spared: str = "") -> None:
    """Make the derived tags of these entries, by key, those wanted: origins by tag's key.

    Only differences are written. Tags by hand stay, and those of the origin `spared`; what was
    taken off by hand stays off.
    """
    surplus: list[int] = []
    missing: list[tuple[int, int, str]] = []
    for batch in batched(derived, ENTRIES, strict=False):
        present = _by_entry(row for row in _TAGS_OF.rows(*batch) if row[3] != spared)
        dismissed = _taken_off(_DISMISSED_OF.rows(*batch))
        for entry in batch:
            own, origins = difference(
                derived[entry], present.get(entry, ()), dismissed.get(entry, ())
            )
            surplus += own
            missing += [(entry, tag, origin) for tag, origin in origins.items()]
    for rows in batched(surplus, ENTRIES, strict=False):
        EntryTag.objects.filter(pk__in=rows).delete()
    add_rows(EntryTag, _NEW, missing)


def difference(
    derived: Mapping[int, str], present: Sequence[tuple[int, int, str]], dismissed: Sequence[int]
) -> tuple[list[int], dict[int, str]]:
    """The rows that an entry has to lose, by key, and the tags it has to get, by origin.

    `present` are key, tag and origin of the rows it has, `dismissed` the tags taken off by hand.
    """
    missing = dict(derived)
    for tag in dismissed:
        missing.pop(tag, None)
    surplus = []
    for row, tag, origin in present:
        if origin in {missing.get(tag), EntryTag.Origin.HAND}:
            missing.pop(tag, None)
        else:
            surplus.append(row)
    return surplus, missing


def stored(
    catalog: Catalog,
) -> tuple[dict[int, list[tuple[int, int, str]]], dict[int, list[int]]]:
    """Return the stored tags for `difference` of all entries of a list, by key."""
    return (
        _by_entry(EntryTag.objects.filter(tag__facet__catalog=catalog).values_list(*_TAGGED)),
        _taken_off(DismissedTag.objects.filter(entry__catalog=catalog).values_list(*_DISMISSED)),
    )


_NEW = ("content_object_id", "tag_id", "origin")
_TAGGED, _DISMISSED = ("content_object_id", "pk", "tag_id", "origin"), ("entry_id", "tag_id")
_TAGS_OF = Prepared(
    lambda *entries: EntryTag.objects.filter(content_object__in=entries).values_list(*_TAGGED)
)
_DISMISSED_OF = Prepared(
    lambda *entries: DismissedTag.objects.filter(entry__in=entries).values_list(*_DISMISSED)
)


def _by_entry(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[int, int, str]]]:
    """Key, tag and origin of the tag rows of each entry."""
    present: dict[int, list[tuple[int, int, str]]] = {}
    for entry, key, tag, origin in rows:
        present.setdefault(entry, []).append((key, tag, origin))
    return present


def _taken_off(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[int]]:
    dismissed: dict[int, list[int]] = {}
    for entry, tag in rows:
        dismissed.setdefault(entry, []).append(tag)
    return dismissed


def refresh_counts(catalog: Catalog) -> None:
    """Count the published entries of every tag of the catalog; what is right is not written.

    Tags are among what entries are found by, so that is written here, too.
    """
    counts = _counts_of_all(catalog)
    tags = Tag.objects.filter(facet__catalog=catalog).order_by()
    known = tags.values_list("pk", "entry_count")
    wrong = [(tag, counts[tag]) for tag, count in known if counts[tag] != count]
    update_rows(Tag, ("entry_count",), wrong)
    index_catalog(catalog)


def _counts_of_all(catalog: Catalog) -> Counter[int]:
    """Count the catalog's published entries of each tag.

    Not joined, but asked for by keys: inside an import PostgreSQL has no statistics of the new
    rows yet, or those of rows that are gone, and then may read one table again for each row of
    another, which takes minutes.
    """
    entries = Entry.objects.filter(catalog=catalog, state=Entry.State.PUBLISHED).order_by()
    counts: Counter[int] = Counter()
    for batch in batched(entries.values_list("pk", flat=True), ENTRIES, strict=False):
        rows = EntryTag.objects.filter(content_object__in=batch).order_by()
        counts.update(dict(rows.values_list("tag").annotate(Count("pk"))))
    return counts


@contextmanager
def counting(entries: Collection[int], catalog: Catalog) -> Iterator[list[int]]:
    """Keep the counts of tags right while the tags or states of a few entries change.

    For edits, which would wait for `refresh_counts()` as long as the list is. An entry that is
    added has to have its row and no tags yet. What the entries are found by follows, and what
    those are that are put into the list that this gives.
    """
    before = _counts(entries)
    reworded: list[int] = []
    yield reworded
    after = _counts(entries)
    _add_counts({tag: after[tag] - before[tag] for tag in before.keys() | after.keys()})
    index_entries(list({*entries, *reworded}), catalog)


def _add_counts(differences: Mapping[int, int]) -> None:
    tags_by: dict[int, list[int]] = {}
    for tag, difference in differences.items():
        tags_by.setdefault(difference, []).append(tag)
    tags_by.pop(0, None)
    for difference, tags in tags_by.items():
        chosen, keys = among(tags)
        add_to_counts(Tag, difference, chosen, [keys])


_COUNTED = Prepared(
    lambda *entries: EntryTag.objects.filter(
        content_object__in=keys_of(entries), content_object__state=Entry.State.PUBLISHED
    ).values_list("tag_id", flat=True)
)


def _counts(entries: Collection[int]) -> Counter[int]:
    """Count for each tag those of these entries that have it."""
    counts: Counter[int] = Counter()
    for batch in batched(entries, ENTRIES, strict=False):
        counts.update(_COUNTED.rows(*batch))
    return counts


TOPIC = "topic"
ADDED_IN = "added-in"
YEAR = "year"
OF_SECTIONS = frozenset({TOPIC, ADDED_IN, YEAR})
"""The facets that headings give to what stands below them: titles, months and years."""
MAX_NAME_LENGTH = 200
BATCH = 2000
"""Entries or rows of one query or statement."""
_BEFORE_A_TITLE, _AFTER_A_TITLE = " ↑↓←→▲▼-–—*·•|:#", " ↑↓←→▲▼:：|"
"""Arrows back to the top and other signs around a heading's words. `.NET` and `C#` are words."""
_FROM_CELL = EntryTag.Origin.CELL.value
_NEW_TAG = ("facet_id", "name", "slug", "description", "entry_count")
ADDRESSES = {YES: "yes", NO: "no"}


@dataclass(slots=True, eq=False)
class Value:
    """A tag that may not have a row yet. Each is itself only: two are never equal.

    `name` is the spelling that was met most often once the row is there.
    """

    facet: str
    key: str
    name: str
    tag_id: int | None = None

    @property
    def stored(self) -> int:
        """The key of its row; it has one after `Tagger.flush()`."""
        if self.tag_id is None:
            raise RuntimeError("a derived tag has no row before Tagger.flush()")
        return self.tag_id


type Derived = Mapping[Value, str]
"""What one entry's source says: values, and the `EntryTag.Origin` each comes from."""


@dataclass(slots=True)
class _Cell:
    """A cell's text, read once, and on how many entries it was met as which spelling."""

    values: list[Value]
    spellings: Sequence[str]
    uses: int = 0


type _TagRow = tuple[int, str, str, str]
"""A stored tag: key, facet, name and address."""

_FACETS = Prepared(
    lambda catalog: (
        Facet.objects.filter(catalog=catalog).order_by().values_list("slug", "pk", "rank")
    )
)
FEW_TAGS = 100
"""Up to so many tags of a few facets all are read; of more those that are met, one by one."""


def _tag_rows(**chosen: Any) -> QuerySet[Tag, tuple[Any, ...]]:
    return Tag.objects.filter(**chosen).order_by().values_list("pk", "facet_id", "name", "slug")


type _Tags = Prepared[Tag, tuple[Any, ...]]

_TAGS_IN = Prepared(lambda *facets: _tag_rows(facet__in=facets))
_FEW_TAGS = Prepared(lambda *facets: _tag_rows(facet__in=facets)[: FEW_TAGS + 1])
_TAG_AT = Prepared(lambda facet, slug: _tag_rows(facet=facet, slug=slug))
_ALIASES_IN = Prepared(
    lambda *facets: TagAlias.objects.filter(facet__in=facets, is_confirmed=True).values_list(
        "key", "tag_id", "tag__facet_id", "tag__name", "tag__slug"
    )
)


class Tagger:
    """Derives and writes the tags of a catalog's entries.

    Use: `columns_for()` for every table, then `derive()` for every entry; none of it writes. Then,
    in the transaction of the write, `write()` once with all of them inside `counting()`, or
    `refresh_counts()` behind it.
    Creating it costs four queries, one less where the columns are read already. With `facets` it
    may derive tags of these alone, and reads those that it meets where they have many: what a few
    entries need, where a list has thousands of tags.
    """

    def __init__(
        self,
        catalog: Catalog,
        facets: Collection[str] | None = None,
        columns: Columns | None = None,
    ) -> None:
        self.catalog = catalog
        self.columns = columns or Columns(catalog)
        stored = list(_FACETS.rows(catalog.pk))
        self._facets = {slug: pk for slug, pk, _rank in stored}
        self._rank = max((rank for _slug, _pk, rank in stored), default=0)
        self._cells: dict[tuple[str, str], _Cell] = {}
        self._facet_of: dict[str, str] = {}
        """The facet of each column by its key, '' for none."""
        self._topics: dict[tuple[str, ...], dict[Value, str]] = {}
        self._values: dict[tuple[str, str], Value] = {}
        """Those that were met."""
        self._tags: list[_TagRow] = []
        self._stored: dict[tuple[str, str], _TagRow] = {}
        self._of_tags: dict[int, Value] = {}
        """The rows there are, the first of them for each value, and those of the values met."""
        self._slug_of = {pk: slug for slug, pk in self._facets.items()}
        self._unread = {slug for slug in self._facets if facets is None or slug in facets}
        """Facets whose tags are not all read."""
        self._aliases: dict[tuple[str, str], Value] = {}
        self._others: list[tuple[str, str, _TagRow]] = []
        """Facet and key of the aliases, with their tags."""
        self._load_aliases()
        self._load_tags(self._unread, _TAGS_IN if facets is None else _FEW_TAGS)

    def _load_aliases(self) -> None:
        # A confirmed alias wins over a tag of that name, which it has taken over.
        keys = [self._facets[slug] for slug in self._unread]
        for key, *tag in _ALIASES_IN.rows(*keys) if keys else ():
            row = self._row(tag)
            self._aliases[row[1], key] = self._value_of(row)
            self._others.append((row[1], key, row))

    def _load_tags(self, facets: Collection[str], chosen: _Tags = _TAGS_IN) -> None:
        keys = [self._facets[slug] for slug in facets]
        stored = list(chosen.rows(*keys)) if keys else []
        if chosen is _FEW_TAGS and len(stored) > FEW_TAGS:
            return
        for row in map(self._row, sorted(stored)):
            self._tags.append(row)
            self._stored.setdefault((row[1], value_key(row[1], row[2])), row)
        for facet, key, row in self._others:
            # For the other spellings of its value an alias stands where no tag does.
            if facet in facets:
                self._stored.setdefault((facet, value_key(facet, key)), row)
        self._unread = self._unread.difference(facets)

    def _row(self, stored: Sequence[Any]) -> _TagRow:
        pk, facet, name, slug = stored
        return pk, self._slug_of[facet], name, slug

    def _find(self, facet: str, key: str, spelling: str) -> _TagRow | None:
        """Return the row of a value, by its usual address where no other spelling means it."""
        if facet in self._unread:
            slug = "" if is_known(facet, spelling) else slugify(spelling)
            stored = _TAG_AT.first(self._facets[facet], slug) if slug else None
            if stored and stored[2] == spelling:
                return self._row(stored)
            self._load_tags([facet])
        return self._stored.get((facet, key))

    def _value_of(self, row: _TagRow) -> Value:
        """Return the value of a stored tag, the same each time."""
        pk, facet, name, _slug = row
        if pk not in self._of_tags:
            self._of_tags[pk] = Value(facet, value_key(facet, name), name, pk)
        return self._of_tags[pk]

    def columns_for(
        self,
        header: Sequence[str],
        name_column: int,
        values: Sequence[Sequence[str]] | None = None,
        description_column: int | None = None,
    ) -> list[Column]:
        """The columns of a table, in order, created where the header is new.

        `header` is inline markdown; `name_column` and `description_column` are the codec's.
        `values` are cell texts of each column, all or a sample: imports give them for every
        table, and the guesses are made from all of them together, so roles are final after the
        first `derive()` or `settle_columns()`. A single edit gives None and changes no guess.
        """
        return self.columns.of_table(header, name_column, values, description_column)

    def settle_columns(self) -> None:
        """Guess the roles of the columns met; `flush()` stores what is new about them."""
        if not self.columns.are_settled:
            self.columns.settle()
            self._cells, self._facet_of = {}, {}

    def derive(
        self,
        cells: Sequence[str],
        columns: Sequence[Column],
        section_titles: Sequence[str],
        texts: Sequence[Text] = (),
    ) -> Derived:
        """The tags that an entry's own source and place give it.

        `cells` are inline markdown, as many as the row has, `texts` what is known beside them.
        `section_titles` are those of `titles.section_titles`, outermost first: each
        is a topic, but for dates, which are their own facet, and people.
        """
        self.settle_columns()
        derived: dict[Value, str] = {}
        for column, text in zip(columns, cells, strict=False):
            self._add_values(derived, column, text)
        for key, text in texts:
            if column_of := self.columns.known.get(key):
                self._add_values(derived, column_of, text)
        path = tuple(section_titles)
        of_path = self._topics.get(path)
        if of_path is None:
            of_path = self._read_path(path)
        return of_path | derived if derived else of_path

    def _add_values(self, derived: dict[Value, str], column: Column, text: str) -> None:
        facet = self._facet_of.get(column.key)
        if facet is None:
            facet = self._facet_of[column.key] = column.effective_facet
        if not facet:
            return
        cell = self._cells.get((column.key, text)) or self._read_cell(column, facet, text)
        cell.uses += 1
        for value in cell.values:
            derived[value] = _FROM_CELL

    def _read_cell(self, column: Column, facet: str, text: str) -> _Cell:
        spellings = column_values(column, facet, text)
        values = [self._value(facet, spelling) for spelling in spellings]
        cell = self._cells[column.key, text] = _Cell(values, spellings)
        return cell

    def _read_path(self, path: tuple[str, ...]) -> dict[Value, str]:
        values = []
        date: Date | None = None
        for title in path:
            title = title.lstrip(_BEFORE_A_TITLE).rstrip(_AFTER_A_TITLE)
            if own := date_of(title):
                date = Date(own.year or (date.year if date else ""), own.month)
            elif spelling_key(title) and not is_person(title, is_below_date=bool(date)):
                values.append(self._value(TOPIC, title))
        if date and date.year:
            is_month = date.month and date.year.isdigit()
            name = f"{date.year}-{date.month:02}" if is_month else date.year
            values.append(self._value(ADDED_IN if is_month else YEAR, name))
        topics = self._topics[path] = dict.fromkeys(values, EntryTag.Origin.SECTION.value)
        return topics

    def _value(self, facet: str, spelling: str) -> Value:
        spelling = spelling[:MAX_NAME_LENGTH]
        if alias := self._aliases.get((facet, spelling_key(spelling))):
            return alias
        key = value_key(facet, spelling)
        value = self._values.get((facet, key))
        if value is None:
            row = self._find(facet, key, spelling)
            value = self._value_of(row) if row else Value(facet, key, spelling)
            self._values[facet, key] = value
        return value

    def flush(self) -> None:
        """Create the rows of new columns, facets and tags."""
        self.settle_columns()
        self.columns.store()
        new = [value for value in self._values.values() if value.tag_id is None]
        if not new:
            return
        self._create_facets()
        self._choose_names()
        taken: dict[str, set[str]] = {slug: set() for slug in self._facets}
        for _pk, facet, _name, slug in self._tags:
            taken[facet].add(slug)
        slugs = [
            unique_segment(
                ADDRESSES.get(value.name, value.name),
                taken[value.facet],
                fallback="value",
                reserved=frozenset(),
            )
            for value in new
        ]
        rows = [
            (self._facets[value.facet], value.name, slug, "", 0)
            for value, slug in zip(new, slugs, strict=True)
        ]
        for value, slug, key in zip(new, slugs, insert_rows(Tag, _NEW_TAG, rows), strict=True):
            self._tags.append((key, value.facet, value.name, slug))
            value.tag_id = key

    def _create_facets(self) -> None:
        """Create the facets that have values and no row: as they were met, the inferred last."""
        met = sorted(
            dict.fromkeys(facet for facet, _key in self._values), key=INFERRED_FACETS.count
        )
        facets = [
            Facet(
                catalog=self.catalog,
                slug=slug,
                name=_capitalized(self.columns.header_of(slug) or slug.replace("-", " ")),
                rank=self._rank + number,
            )
            for number, slug in enumerate((slug for slug in met if slug not in self._facets), 1)
        ]
        for facet in Facet.objects.bulk_create(facets):
            self._facets[facet.slug] = facet.pk

    def _choose_names(self) -> None:
        """Call each new tag by its standard name, else by its most frequent spelling.

        Of equals the first counts.
        """
        uses: dict[Value, dict[str, int]] = {}
        for cell in self._cells.values():
            for value, spelling in zip(cell.values, cell.spellings, strict=True):
                if value.tag_id is None:
                    counts = uses.setdefault(value, {})
                    counts[spelling] = counts.get(spelling, 0) + cell.uses
        for value, counts in uses.items():
            name = standard_name(value.facet, value.key) or max(counts, key=counts.__getitem__)
            value.name = name[:MAX_NAME_LENGTH]

    def write(
        self, entries: Mapping[int, Derived], *, are_new: bool = False, spared: str = ""
    ) -> dict[int, dict[int, str]]:
        """Store what was derived for these entries, by primary key, as `write_derived` does.

        Returns origins by tag's key for each.
        """
        self.flush()
        due = {
            entry: {value.stored: origin for value, origin in derived.items()}
            for entry, derived in entries.items()
        }
        if are_new:
            rows = ((entry, *tag) for entry, tags in due.items() for tag in tags.items())
            add_rows(EntryTag, _NEW, rows)
        else:
            write_derived(due, spared=spared)
        return due

    def refresh_counts(self) -> None:
        """Count the published entries of every tag of the catalog, and index all."""
        refresh_counts(self.catalog)


def _capitalized(name: str) -> str:
    return (name[:1].upper() + name[1:])[:MAX_NAME_LENGTH]


# Tags of entries that are stored already, derived after an edit or a decision


FEW = 20
"""Up to so many entries it pays to read less than all tags and sections of a catalog."""


def rederive(catalog: Catalog, entries: EntryQuerySet | None = None) -> None:
    """Derive the tags of living entries again, all by default, from what is stored of them.

    Has to run inside a transaction. Costs about as much as writing them did; what a single edit
    concerns is written without reading what it does not need.
    """
    chosen = (catalog.entries.all() if entries is None else entries).living()
    few = [] if entries is None else list(chosen.values_list("pk", flat=True)[: FEW + 1])
    if entries is not None and len(few) <= FEW:
        with counting(few, catalog):
            derive_few(catalog, few)
        return
    rows = chosen.order_by("pk").values_list(*_ROW)
    tagger = Tagger(catalog)
    keys = dict(catalog.listings.values_list("pk", "columns"))
    columns = {pk: tagger.columns.of_listing(names) for pk, names in keys.items()}
    titles = section_titles(catalog.sections.in_reading_order())
    derived = _derived(tagger, rows.iterator(chunk_size=BATCH), columns, titles)
    if entries is not None and len(derived) <= BATCH:
        with counting(list(derived), catalog):
            tagger.write(derived)
    else:
        tagger.write(derived)
        tagger.refresh_counts()


_ROW = (
    "pk", "cells", "listing_id", "section_id", "block__source", "name", "url", "description",
)  # fmt: skip
type Row = tuple[int, list[dict[str, str]], int | None, int | None, str, str, str, str]
"""An entry as its tags are read from it: see `_ROW`."""

_ROWS = Prepared(
    lambda catalog, *entries: (
        Entry.objects.filter(catalog=catalog, pk__in=entries)
        .living()
        .order_by("pk")
        .values_list(*_ROW)
    )
)
_COLUMNS_OF = Prepared(
    lambda *listings: (
        Listing.objects.filter(pk__in=listings).order_by().values_list("pk", "columns")
    )
)
_ABOVE = Prepared(lambda *sections: Section.objects.above(sections).in_reading_order())


def derive_few(
    catalog: Catalog,
    entries: Sequence[int],
    columns: Columns | None = None,
    *,
    known: tuple[Sequence[Row], Mapping[int, Sequence[str]]] | None = None,
    are_new: bool = False,
    stay: bool = False,
) -> None:
    """Derive the tags of a few entries by key, those that live, inside `counting()`.

    Those that `are_new` are published, have none yet, and are counted and indexed here, without
    `counting()`; those that `stay` in their section keep what it gives them.
    Reads the facets and the sections that these can have, the columns, and unless `known` their
    rows and the keys of the columns by listing.
    """
    if not entries:
        return
    columns = columns or Columns(catalog)
    rows, names_of = known or _stored_rows(catalog, entries)
    texts = {row[0]: _texts_of(row) for row in rows}
    columns_of = {pk: columns.of_listing(names) for pk, names in names_of.items()}
    of_entries = [
        columns.known[key]
        for of_entry in texts.values()
        for key, _text in of_entry
        if key in columns.known
    ]
    facets = {
        column.effective_facet for each in (*columns_of.values(), of_entries) for column in each
    }
    # Where a column gives the same facets, what a cell says no longer may come from the section.
    spared = EntryTag.Origin.SECTION.value if stay and facets.isdisjoint(OF_SECTIONS) else ""
    if not spared:
        facets |= OF_SECTIONS
    titles = {} if spared else _titles_of(catalog, {row[3] for row in rows if row[3]})
    tagger = Tagger(catalog, facets, columns)
    derived = _derived(tagger, rows, columns_of, titles)
    written = tagger.write(derived, are_new=are_new, spared=spared)
    if are_new:
        _add_counts(Counter(tag for tags in written.values() for tag in tags))
        index_entries(entries, catalog, are_new=True)


def _stored_rows(
    catalog: Catalog, entries: Sequence[int]
) -> tuple[Sequence[Row], Mapping[int, Sequence[str]]]:
    rows: list[Row] = list(_ROWS.rows(catalog.pk, *entries))
    listings = {row[2] for row in rows if row[2]}
    return rows, dict(_COLUMNS_OF.rows(*listings)) if listings else {}


def _texts_of(row: Row) -> Sequence[Text]:
    """Return the texts of an entry beside its cells."""
    _pk, cells, _listing, _section, source, name, url, description = row
    texts = [cell["text"] for cell in cells]
    return entry_texts(source, texts, name=name, url=url, description=description)


def _titles_of(catalog: Catalog, sections: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return the titles of a few sections like `section_titles`, without reading the others."""
    rows = list(_ABOVE.rows(*sections)) if sections else []
    parents = {row.parent_id for row in rows if not row.is_title}
    holding = [row for row in rows if row.pk in parents and not row.is_title]
    most: set[int] = set()
    for row in holding:
        within = f"{row.path}/"
        ((own,),) = fetch(_WITHIN, [catalog.pk, len(within), within])
        ((count,),) = fetch(_UP_TO, [catalog.pk, 2 * own])
        if count < 2 * own:
            most.add(row.pk)
    return titles_below(rows, most)


_WITHIN = "SELECT count(*) FROM catalog_section WHERE catalog_id = %s AND substr(path, 1, %s) = %s"
_UP_TO = """
SELECT count(*) FROM (
    SELECT 1 FROM catalog_section WHERE catalog_id = %s AND NOT is_title LIMIT %s
) AS counted"""


def _derived(
    tagger: Tagger,
    rows: Iterable[Row],
    columns: Mapping[int, Sequence[Column]],
    titles: Mapping[int, tuple[str, ...]],
) -> dict[int, Derived]:
    derived: dict[int, Derived] = {}
    for row in rows:
        pk, cells, listing, section, *_fields = row
        derived[pk] = tagger.derive(
            [cell["text"] for cell in cells],
            columns.get(listing or 0, []),
            titles.get(section or 0, ()),
            _texts_of(row),
        )
    return derived
