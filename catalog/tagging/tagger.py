"""Facets and tags, derived from the cells and sections of entries.

A `Tagger` serves one write: an import or a single edit. It reads what was decided (columns,
aliases, tombstones), derives the tags of entries, and writes the difference. Everything here is
derived: it changes no decision, and tags given by hand stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from catalog.models import (
    Catalog,
    Column,
    EntryTag,
    Facet,
    Tag,
    TagAlias,
)
from catalog.slugs import unique_segment
from catalog.sql.bulk import insert_rows
from catalog.tagging import entry_tags
from catalog.tagging.attributes import Text
from catalog.tagging.columns import Columns, column_values, guess_column, header_key
from catalog.tagging.dates import Date, date_of, is_person
from catalog.tagging.values import (
    NO,
    YES,
    spelling_key,
    split_values,
    standard_name,
    value_key,
)

__all__ = [
    "Derived",
    "Tagger",
    "Value",
    "guess_column",
    "header_key",
    "spelling_key",
    "split_values",
]

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
    spellings: list[str]
    uses: int = 0


class Tagger:
    """Derives and writes the tags of a catalog's entries.

    Use: `columns_for()` for every table, then `derive()` for every entry; none of it writes. Then,
    in the transaction of the write, `write()` once with all of them inside
    `entry_tags.counting()`, or `refresh_counts()` behind it.
    Creating it costs four queries, one less where the columns are read already. With `facets` it
    knows the tags of these alone, and may derive no others: what a few entries need, where a list
    has thousands of tags.
    """

    def __init__(
        self,
        catalog: Catalog,
        facets: Collection[str] | None = None,
        columns: Columns | None = None,
    ) -> None:
        self.catalog = catalog
        self.columns = columns or Columns(catalog)
        self._facets = {facet.slug: facet for facet in catalog.facets.all()}
        self._cells: dict[tuple[str, str], _Cell] = {}
        self._topics: dict[tuple[str, ...], dict[Value, str]] = {}
        self._values: dict[tuple[str, str], Value] = {}
        self._aliases: dict[tuple[str, str], Value] = {}
        self._slugs: dict[str, set[str]] = {}
        self._load_tags(facets)

    def _load_tags(self, facets: Collection[str] | None) -> None:
        slug_of = {facet.pk: slug for slug, facet in self._facets.items()}
        self._slugs = {slug: set() for slug in self._facets}
        by_pk: dict[int, Value] = {}
        tags = Tag.objects.filter(facet__catalog=self.catalog).order_by("pk")
        aliases = TagAlias.objects.filter(facet__catalog=self.catalog, is_confirmed=True)
        if facets is not None:
            keys = [facet.pk for slug, facet in self._facets.items() if slug in facets]
            tags, aliases = tags.filter(facet__in=keys), aliases.filter(facet__in=keys)
        for pk, facet_id, name, slug in tags.values_list("pk", "facet_id", "name", "slug"):
            facet = slug_of[facet_id]
            self._slugs[facet].add(slug)
            by_pk[pk] = value = Value(facet, value_key(facet, name), name, pk)
            self._values.setdefault((facet, value.key), value)
        # A confirmed alias wins over a tag of that name, which it has taken over; for the other
        # spellings of its value it stands where no tag does.
        for key, tag_id in aliases.values_list("key", "tag_id"):
            value = by_pk[tag_id]
            self._aliases[value.facet, key] = value
            self._values.setdefault((value.facet, value_key(value.facet, key)), value)

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
            self._cells = {}

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
        facet = column.effective_facet
        if not facet:
            return
        cell = self._cells.get((column.key, text)) or self._read_cell(column, facet, text)
        cell.uses += 1
        for value in cell.values:
            derived[value] = EntryTag.Origin.CELL.value

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
            name = f"{date.year}-{date.month:02}" if date.month else date.year
            values.append(self._value(ADDED_IN if date.month else YEAR, name))
        topics = self._topics[path] = dict.fromkeys(values, EntryTag.Origin.SECTION.value)
        return topics

    def _value(self, facet: str, spelling: str) -> Value:
        spelling = spelling[:MAX_NAME_LENGTH]
        if alias := self._aliases.get((facet, spelling_key(spelling))):
            return alias
        key = value_key(facet, spelling)
        value = self._values.get((facet, key))
        if value is None:
            value = Value(facet, key, spelling)
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
        rows = [
            (self._facets[value.facet].pk, value.name, self._address(value), "", 0) for value in new
        ]
        for value, key in zip(new, insert_rows(Tag, _NEW_TAG, rows), strict=True):
            value.tag_id = key

    def _create_facets(self) -> None:
        """Create the facets that have values and no row, in the order in which they were met."""
        met = dict.fromkeys(facet for facet, _key in self._values)
        rank = max((facet.rank for facet in self._facets.values()), default=0)
        facets = [
            Facet(
                catalog=self.catalog,
                slug=slug,
                name=_capitalized(self.columns.header_of(slug) or slug.replace("-", " ")),
                rank=rank + number,
            )
            for number, slug in enumerate((slug for slug in met if slug not in self._facets), 1)
        ]
        for facet in Facet.objects.bulk_create(facets):
            self._facets[facet.slug] = facet
            self._slugs[facet.slug] = set()

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

    def _address(self, value: Value) -> str:
        name = ADDRESSES.get(value.name, value.name)
        taken = self._slugs[value.facet]
        return unique_segment(name, taken, fallback="value", reserved=frozenset())

    def write(self, entries: Mapping[int, Derived], *, are_new: bool = False) -> None:
        """Store what was derived for these entries, by primary key; only differences are written.

        Derived tags they no longer have are taken off. Tags by hand stay, and what somebody has
        taken off by hand stays off. Entries that `are_new` have no tags yet.
        """
        self.flush()
        entry_tags.write_derived(
            {
                entry: {value.stored: origin for value, origin in derived.items()}
                for entry, derived in entries.items()
            },
            are_new=are_new,
        )

    def refresh_counts(self) -> None:
        """Count the published entries of every tag of the catalog, and index all."""
        entry_tags.refresh_counts(self.catalog)


def _capitalized(name: str) -> str:
    return (name[:1].upper() + name[1:])[:MAX_NAME_LENGTH]
