"""Writing the index, in the transaction that writes the entries.

A row is made of what the entry's own rows hold, so that an import, a single edit and a rebuild make
the same; its terms follow from the row. So what an entry was found under is known when it changes,
and only what differs is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import batched, islice
from typing import Any, NamedTuple

import orjson
from django.db import transaction
from django.db.models import F, Max, Min, QuerySet, TextField
from django.db.models.functions import Cast
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.matching import learn
from catalog.finding.postings import (
    NOTHING,
    IndexRow,
    NewRows,
    address_term,
    changed_terms,
    host_term,
    key_term,
    no_keys,
    segment_of,
    terms_of_row,
)
from catalog.finding.results import plain
from catalog.finding.text import fold, parts, stream
from catalog.markdown.links import host_of, link_kind, repository_of
from catalog.models import Catalog, Entry, EntryTag, IndexedEntry, IndexTerm, Link, Section, Tag
from catalog.querysets import SectionQuerySet
from catalog.rendering import lang_of
from catalog.sql.bulk import add_rows, among, delete_rows, fetch
from catalog.sql.prepared import Prepared, keys_of

BATCH = 1000
SLICE = 4000
"""Entries that are indexed in one transaction where nobody waits for all of them."""
GATHERED, TERMS = 20_000, 10_000
"""Entries whose terms are written together, and terms that are written in one transaction."""
MOST_WORDS = 3000
"""Words of an entry that are found; no entry of a list needs more."""
KEY_LENGTH = 200
_FIELDS = ("id", "catalog_id", "name_key", "names", "words", "others", "length")


def index_catalog(catalog: Catalog) -> None:
    """Write what a list's entries are found by; what is right is left alone."""
    _Writing(catalog).run(None)
    note_indexed(catalog)


def index_entries(pks: Sequence[int], catalog: Catalog, *, are_new: bool = False) -> None:
    """The same for these entries of the list; those that are gone are forgotten.

    Those that `are_new` have nothing there yet.
    """
    if pks:
        _Writing(catalog).run(pks, are_new=are_new)


def build_index(catalog: Catalog) -> int:
    """Index a list in slices, each a transaction of its own; returns how many entries there are.

    For lists that another release has written. Whatever is written meanwhile is indexed by whoever
    writes it, and a build that was broken off goes on with what is missing.
    """
    number = 0
    while True:
        catalog.refresh_from_db(fields=["revision"])
        entries = Entry.objects.filter(catalog=catalog).exclude(state=Entry.State.SUGGESTED)
        keys = list(entries.order_by("pk").values_list("pk", flat=True))
        for pks in batched(keys, SLICE, strict=False):
            with transaction.atomic():
                index_entries(pks, catalog)
        number += len(keys)
        standing = Catalog.objects.filter(pk=catalog.pk, revision=catalog.revision)
        if standing.update(indexed_revision=catalog.revision):
            return number


class FirstIndex:
    """Indexes a list that is new while its rows are written, from what is written.

    What all lists are asked for has to be published, and the entries of an unfinished list are
    not among those that are before `show_first`. Outside of a transaction each step is one of its
    own. To be made when the sections and tags have rows.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._source = _Source(catalog)
        self._new, self._count = NewRows(), 0

    def add(self, entries: Iterable[EntryContent]) -> None:
        """Write the rows of some entries, and now and then the terms of many."""
        rows = [_row(self._source, entry) for entry in entries]
        for row in rows:
            self._new.add(row)
        # Before their terms: what is broken off is cleared away by these rows.
        add_rows(IndexedEntry, _FIELDS, rows)
        self._count += len(rows)
        if self._count >= GATHERED:
            self.finish()

    def finish(self) -> None:
        """Write the terms of what was added."""
        self._count, come = 0, self._new.take()
        if self._source.catalog.is_unfinished:
            come.pop(postings.PUBLISHED, None)
        for words in batched(sorted(come), TERMS, strict=False):
            with transaction.atomic(savepoint=False):
                postings.lock()
                postings.write({}, {term: come[term] for term in words})
                _learn(words)


def show_first(catalog: Catalog) -> None:
    """Add the entries of an indexed list to the published ones."""
    postings.lock()
    keys = Entry.objects.published().filter(catalog=catalog).values_list("pk", flat=True)
    postings.write({}, {postings.PUBLISHED: list(keys)} if keys else {})
    note_indexed(catalog)


def note_indexed(catalog: Catalog) -> None:
    """Note that the index is what the list says as it stands."""
    Catalog.objects.filter(pk=catalog.pk).update(indexed_revision=F("revision"))


def unindex_slice(catalog: Catalog) -> bool:
    """Forget some entries of a list that is about to be deleted; False where none is left."""
    rows = list(islice(_stored(IndexedEntry.objects.filter(catalog=catalog)), SLICE))
    with transaction.atomic():
        writing = _Writing(catalog)
        writing.change({row.pk: row for row in rows}, {})
        writing.finish()
    return bool(rows)


def unindex_catalog(catalog: Catalog) -> None:
    """Forget the entries of a list that is about to be deleted."""
    writing = _Writing(catalog)
    for rows in batched(_stored(IndexedEntry.objects.filter(catalog=catalog)), BATCH, strict=False):
        writing.change({row.pk: row for row in rows}, {})
    writing.finish()


def repair_postings(catalog: Catalog) -> int:
    """Make the terms of a list's entries those of their rows; returns how many differed.

    Reads the whole index, which no edit has to: the rows are taken to say what it holds.
    """
    postings.lock()
    right = no_keys()
    own = BitMap()
    for row in _stored(IndexedEntry.objects.filter(catalog=catalog)):
        own.add(row.pk)
        for term in terms_of_row(row):
            right[term].append(row.pk)
    ends = Entry.objects.filter(catalog=catalog).aggregate(low=Min("pk"), high=Max("pk"))
    # Also those that lost their row.
    own |= BitMap(Entry.objects.filter(catalog=catalog).values_list("pk", flat=True))
    gone, come = no_keys(), {term: BitMap(keys) for term, keys in right.items()}
    segments = range(segment_of(ends["low"] or 0), segment_of(ends["high"] or 0) + 1)
    rows = IndexTerm.objects.filter(segment__in=segments).values_list("term", "entries")
    for encoded, entries in rows.iterator(chunk_size=5000):
        term = bytes(encoded).decode()
        stored = BitMap.deserialize(bytes(entries)) & own
        due = come.get(term, NOTHING)
        if surplus := stored - due:
            gone[term].extend(surplus)
        if term in come:
            come[term] = due - stored
    missing = {term: list(keys) for term, keys in come.items() if keys}
    postings.write(gone, missing)
    _learn(come)
    return len(gone.keys() | missing.keys())


def name_key(name: str) -> str:
    """Return the key by which names are compared: `llama.cpp`, `Llama cpp` and `LLAMA-CPP` are
    one."""
    return " ".join(stream(fold(name)))[:KEY_LENGTH]


def language_of(name: str, description: str) -> str:
    """BCP 47 tag of an entry's text; `und` where the script does not tell."""
    return lang_of(f"{name} {description}") or "und"


class _Writing:
    """Follows rows with terms; the terms are written once, after all rows."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.gone, self.come = no_keys(), no_keys()
        self.new = NewRows()
        postings.lock()

    def run(self, pks: Sequence[int] | None, *, are_new: bool = False) -> None:
        """Make the rows of these entries, or of all, what they should be."""
        chosen = {} if pks is None else {"pk__in": list(pks)}
        stored: Iterable[IndexRow] = ()
        if pks is None:
            stored = _stored(IndexedEntry.objects.filter(catalog=self.catalog))
        elif not are_new:
            stored = map(IndexRow._make, _in_slices(_STORED_OF, self.catalog.pk, pks))
        before = {row.pk: row for row in stored}
        source = _Source(self.catalog, is_whole=pks is None)
        for rows in batched(_rows(source, **chosen), BATCH, strict=False):
            self.change(
                {row.pk: old for row in rows if (old := before.pop(row.pk, None))},
                {row.pk: row for row in rows},
            )
        self.change(before, {})
        self.finish()

    def change(self, before: Mapping[int, IndexRow], after: Mapping[int, IndexRow]) -> None:
        """Replace rows by others."""
        changed = [pk for pk, row in after.items() if row != before.get(pk)]
        stale = [pk for pk in before if pk not in after or after[pk] != before[pk]]
        for pk in changed:
            if pk not in before:
                self.new.add(after[pk])
        for pk in stale:
            gone, come = changed_terms(before[pk], after.get(pk))
            for term in gone:
                self.gone[term].append(pk)
            for term in come:
                self.come[term].append(pk)
        if stale:
            delete_rows(IndexedEntry, "id", stale)
        add_rows(IndexedEntry, _FIELDS, [after[pk] for pk in changed])

    def finish(self) -> None:
        """Write the terms."""
        come = self.new.take()
        for term, keys in self.come.items():
            come[term].extend(keys)
        postings.write(self.gone, come)
        _learn(come)


def _learn(written: Iterable[str]) -> None:
    learn(term[len(postings.WORD) :] for term in written if term.startswith(postings.WORD))


def _stored(rows: QuerySet[IndexedEntry]) -> Iterator[IndexRow]:
    return map(IndexRow._make, rows.order_by("pk").values_list(*_FIELDS).iterator(chunk_size=BATCH))


# What the entries say


class EntryContent(NamedTuple):
    """What an entry is found by, as its own rows have it."""

    pk: int
    state: str
    name: str
    url: str
    canonical_url: str
    html: str
    description: str
    description_html: str
    section: int | None
    cells: Sequence[str]
    """HTML of each."""
    tags: Iterable[tuple[int, str]]
    """Key and origin of each, in the order of the keys."""
    links: Sequence[tuple[str, str]]
    """The canonical address of each, and the written one, where there is a canonical one."""


_ENTRY = (
    "pk", "state", "name", "url", "canonical_url", "html", "description", "description_html",
    "section_id",
)  # fmt: skip


def _entries(**chosen: Any) -> QuerySet[Entry, tuple[Any, ...]]:
    states = (Entry.State.PUBLISHED, Entry.State.REMOVED)
    entries = Entry.objects.filter(state__in=states, **chosen).order_by("pk")
    # Cells as text: the field's own reader takes longer than everything else here.
    return entries.values_list(*_ENTRY, Cast("cells", TextField()))


_ENTRIES_OF = Prepared(lambda catalog, *pks: _entries(catalog=catalog, pk__in=keys_of(pks)))
_STORED_OF = Prepared(
    lambda catalog, *pks: (
        IndexedEntry.objects.filter(catalog=catalog, pk__in=keys_of(pks))
        .order_by("pk")
        .values_list(*_FIELDS)
    )
)


def _in_slices(statement: Prepared[Any, Any], catalog: int, pks: Iterable[int]) -> Iterator[Any]:
    """The rows of these keys, some thousands at a time."""
    for some in batched(pks, SLICE, strict=False):
        yield from statement.rows(catalog, *some)


class _Source:
    """Data shared by the rows of several entries: read for the whole list, or when needed."""

    def __init__(self, catalog: Catalog, *, is_whole: bool = True) -> None:
        self.catalog, self.pk = catalog, catalog.pk
        self._is_whole = is_whole
        self.tags: Mapping[int, _Tag] = {}
        self.sections = _Sections()
        if is_whole:
            self.tags = _tags(_named(Tag.objects.filter(facet__catalog=catalog)))
            self.sections = _Sections(_titled(Section.objects.filter(catalog=catalog)))

    def read(self, entries: Iterable[Sequence[Any]]) -> None:
        """Read the sections of these rows of `_ENTRY`, unless all are known."""
        if not self._is_whole:
            keys = {row[8] for row in entries if row[8]}
            self.sections = _Sections(_ABOVE.rows(*keys) if keys else ())

    def tags_of(self, entries: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
        """The key and origin of the tags of these entries, which are read unless all are known."""
        if self._is_whole:
            return _by_entry(_TAGS, entries)
        named = _by_entry(_NAMED_TAGS, entries)
        self.tags = _tags({(tag, *row) for rows in named.values() for tag, _origin, *row in rows})
        return {pk: [(tag, origin) for tag, origin, *_row in rows] for pk, rows in named.items()}


def _rows(source: _Source, **chosen: Any) -> Iterator[IndexRow]:
    """The rows that the published and removed entries of a list should have, or some of them, as
    filters choose."""
    values = (
        _in_slices(_ENTRIES_OF, source.pk, chosen["pk__in"])
        if chosen.keys() == {"pk__in"}
        else _entries(catalog=source.catalog, **chosen).iterator(chunk_size=BATCH)
    )
    for batch in batched(values, BATCH, strict=False):
        living = [row[0] for row in batch if row[1] == Entry.State.PUBLISHED]
        tagged, links = source.tags_of(living), _by_entry(_LINKS, living)
        source.read(batch)
        for *values_of, cells in batch:
            pk = values_of[0]
            html = [cell["html"] for cell in orjson.loads(cells)]
            own = (*values_of, html, tagged.get(pk, ()), links.get(pk, ()))
            yield _row(source, EntryContent._make(own))


def _row(source: _Source, entry: EntryContent) -> IndexRow:
    own = stream(fold(entry.name))
    names = [*own, *parts(entry.name)]
    if entry.state == Entry.State.REMOVED:
        addresses = _addresses([(entry.canonical_url, entry.url)])
        others, words = [postings.REMOVED, *addresses], []
    else:
        texts = entry.cells or [entry.html]
        words = stream(fold(plain(" \n ".join(texts))))
        if not any(entry.description_html in text for text in texts):
            # It is most often a part of these; that of a card or heading stands in other lines.
            described = stream(fold(plain(entry.description_html)))
            words += [] if set(words).issuperset(described) else described
        known = source.tags
        tags = [(known[key], origin) for key, origin in entry.tags if key in known]
        words += _labels(tags, words)
        words += source.sections.words.get(entry.section, ())
        words += stream(_host_and_path(entry.canonical_url))
        others = [
            postings.PUBLISHED,
            postings.LANGUAGE + language_of(entry.name, entry.description),
            *source.sections.terms.get(entry.section, ()),
            *[tag.term for tag, _origin in tags],
            *dict.fromkeys([tag.facet_term for tag, _origin in tags]),
            *_addresses(entry.links),
            *_kind_and_host(entry.url),
        ]
    return IndexRow(
        entry.pk,
        source.pk,
        " ".join(own)[:KEY_LENGTH],
        " ".join(names[:MOST_WORDS]),
        " ".join(words[: max(MOST_WORDS - len(names), 0)]),
        " ".join(others),
        len(names) + len(words),
    )


def _labels(tags: Iterable[tuple[_Tag, str]], words: Sequence[str]) -> list[str]:
    """The words of an entry's tags; most stand in its cells already, and those that a section's
    title gave are words of the row anyhow."""
    there = set(words)
    labels = [
        tag.words
        for tag, origin in tags
        if origin != _FROM_SECTION and not there.issuperset(tag.words)
    ]
    return [word for label in sorted(labels) for word in label]


# Written out: the ORM takes longer to prepare a thousand keys than the database to find them.
_TAGS = f"""
SELECT content_object_id, tag_id, origin FROM {EntryTag._meta.db_table}
WHERE content_object_id %s ORDER BY content_object_id, tag_id"""  # noqa: S608
_NAMED_TAGS = f"""
SELECT given.content_object_id, given.tag_id, given.origin, tag.facet_id, tag.name
FROM {EntryTag._meta.db_table} AS given JOIN {Tag._meta.db_table} AS tag ON tag.id = given.tag_id
WHERE given.content_object_id %s ORDER BY given.content_object_id, given.tag_id"""  # noqa: S608
_LINKS = f"""
SELECT entry_id, canonical_url, url FROM {Link._meta.db_table}
WHERE entry_id %s AND canonical_url <> '' ORDER BY entry_id, ordinal"""  # noqa: S608


_FROM_SECTION = EntryTag.Origin.SECTION.value


class _Tag(NamedTuple):
    """A tag as the index needs it: its terms, and the words of its name."""

    term: str
    facet_term: str
    words: list[str]


def _named(tags: QuerySet[Tag]) -> QuerySet[Tag, tuple[Any, ...]]:
    return tags.order_by().values_list("pk", "facet_id", "name")


def _tags(rows: Iterable[tuple[Any, ...]]) -> dict[int, _Tag]:
    return {
        pk: _Tag(key_term(postings.TAG, pk), key_term(postings.FACET, facet), stream(fold(name)))
        for pk, facet, name in rows
    }


def _by_entry(sql: str, pks: Sequence[int]) -> dict[int, list[Any]]:
    """The rows of entries by the entry's key, without it."""
    rows: dict[int, list[Any]] = {}
    if pks:
        chosen, keys = among(pks)
        for pk, *row in fetch(sql % chosen, [keys]):
            rows.setdefault(pk, []).append(tuple(row))
    return rows


def _addresses(links: Iterable[tuple[str, str]]) -> Collection[str]:
    """Terms of links: their canonical addresses, and the repositories that they lead into."""
    both = [address for canonical, url in links for address in (canonical, repository_of(url))]
    return dict.fromkeys([address_term(address) for address in both if address])


def _kind_and_host(url: str) -> Iterator[str]:
    if url:
        yield postings.KIND + link_kind(url)
        if host := host_of(url):
            yield host_term(host)


def _host_and_path(url: str) -> str:
    return fold(url.partition("://")[2] or url)


def _titled(sections: SectionQuerySet) -> QuerySet[Section, tuple[Any, ...]]:
    return sections.in_reading_order().values_list("pk", "parent_id", "title", "is_title")


_ABOVE = Prepared(lambda *sections: _titled(Section.objects.above(sections)))


class _Sections:
    """The words of each section's title and of those above it, and their terms."""

    def __init__(self, rows: Iterable[tuple[Any, ...]] = ()) -> None:
        self.words: dict[int | None, list[str]] = {}
        self.terms: dict[int | None, list[str]] = {}
        titles: set[int | None] = set()
        for pk, parent, title, is_title in rows:
            self.terms[pk] = [key_term(postings.SECTION, pk)]
            if is_title:
                # The list's own title is above nothing.
                titles.add(pk)
                self.words[pk] = []
                continue
            self.words[pk] = [*self.words.get(parent, ()), *stream(fold(title))]
            if parent not in titles:
                self.terms[pk] += self.terms.get(parent, ())
