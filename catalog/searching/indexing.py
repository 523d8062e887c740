"""Writing what entries are found by, in the transaction that writes the entries.

A row is made of what the entry's row holds, so that an import, a single edit and a rebuild make
the same. The indexes themselves follow the rows by triggers, or are part of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from catalog.finding.words import fold, parts, stream
from catalog.models import Catalog, Entry, EntryTag, SearchRow, Section, Tag
from catalog.querysets import SectionQuerySet
from catalog.searching import postings
from catalog.searching.marking import plain
from catalog.searching.postings import Words
from catalog.sql.bulk import add_rows

BATCH = 1000
MOST_WORDS = 3000
"""Words of an entry that are found; no entry of a list needs more."""
KEY_LENGTH = 200
_FIELDS = ("id", "catalog_id", "name_key", "names", "words")

type Row = tuple[int, int, str, str, str]


def index_catalog(catalog: Catalog) -> None:
    """Write the search rows of a catalog; those that are right are left alone."""
    words: list[tuple[int, Words]] = []
    stored = SearchRow.objects.filter(catalog=catalog)
    before = {row[0]: row for row in stored.values_list(*_FIELDS).iterator(chunk_size=BATCH)}
    if before:
        wanted = {own.pk: own.row() for own in _found_by(catalog, None, words)}
        _write_unlike(before, wanted)
    else:
        # Most often a new list.
        rows = (own.row() for own in _found_by(catalog, None, words))
        add_rows(SearchRow, _FIELDS, rows)
    postings.write_all(catalog, words)


def index_entries(pks: Sequence[int], catalog: Catalog) -> None:
    """Write the search rows of these entries; those that are not published lose theirs."""
    if not pks:
        return
    stored = SearchRow.objects.filter(pk__in=pks).values_list(*_FIELDS)
    before = {row[0]: row for row in stored.order_by()}
    words: list[tuple[int, Words]] = []
    wanted = {own.pk: own.row() for own in _found_by(catalog, pks, words)}
    _write_unlike(before, wanted)
    postings.write_difference(catalog, _stored_words(before), dict(words))


def unindex_entries(pks: Sequence[int]) -> None:
    """Let search forget these entries."""
    for catalog in Catalog.objects.filter(search_rows__in=pks).distinct():
        stored = SearchRow.objects.filter(catalog=catalog, pk__in=pks)
        before = {row[0]: row for row in stored.values_list(*_FIELDS)}
        _delete(list(before))
        postings.write_difference(catalog, _stored_words(before), {})


def name_key(name: str) -> str:
    """What names are compared by: `llama.cpp`, `Llama cpp` and `LLAMA-CPP` are one."""
    return " ".join(stream(fold(name)))[:KEY_LENGTH]


def scope(catalog_pk: int) -> str:
    """The word that all rows of a catalog have and no text can."""
    return f"={catalog_pk}"


def _write_unlike(before: Mapping[int, Row], wanted: Mapping[int, Row]) -> None:
    """Have the wanted rows instead of those before; what is alike is left alone."""
    written = dict(before)
    if connection.vendor == "postgresql":
        # It gives words back in an order of its own.
        written = {}
        for batch in batched(wanted.values(), BATCH, strict=False):
            written |= _as_stored(batch)
        changed = {pk for pk in wanted if written[pk] != before.get(pk)}
    else:
        changed = {pk for pk in wanted if wanted[pk] != before.get(pk)}
    _delete([pk for pk in before if pk not in wanted or pk in changed])
    add_rows(SearchRow, _FIELDS, [wanted[pk] for pk in wanted if pk in changed])


def _delete(pks: Sequence[int]) -> None:
    for batch in batched(pks, BATCH, strict=False):
        SearchRow.objects.filter(pk__in=batch).delete()


def _stored_words(rows: Mapping[int, Row]) -> dict[int, Words]:
    """The words of stored rows."""
    return {pk: Words(_words_in(row[3]), _words_in(row[4])) for pk, row in rows.items()}


def _words_in(stored: str) -> list[str]:
    """The words of a text as the database gives it back, without the one of the list."""
    words = stored.split(" ") if stored else []
    if connection.vendor == "postgresql":
        # 'word':1,7
        words = [word.rpartition(":")[0].strip("'") for word in words]
    return [word for word in words if not word.startswith("=")]


def _as_stored(rows: Sequence[Row]) -> dict[int, Row]:
    """The rows as PostgreSQL would give them back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, names, words FROM unnest(%s::bigint[], %s::tsvector[], %s::tsvector[])"
            " AS row(id, names, words)",
            [[row[0] for row in rows], [row[3] for row in rows], [row[4] for row in rows]],
        )
        texts = {pk: (names, words) for pk, names, words in cursor.fetchall()}
    return {row[0]: (*row[:3], *texts[row[0]]) for row in rows}


class _FoundBy(NamedTuple):
    """What an entry is found by, before the database takes it."""

    pk: int
    catalog: int
    name: list[str]
    names: list[str]
    words: list[str]

    def row(self) -> Row:
        """As the database takes it."""
        first = scope(self.catalog)
        return (
            self.pk,
            self.catalog,
            " ".join(self.name)[:KEY_LENGTH],
            _stored([first, *self.names]),
            _stored([first, *self.words]),
        )


def _found_by(
    catalog: Catalog, pks: Sequence[int] | None, into: list[tuple[int, Words]]
) -> Iterator[_FoundBy]:
    """The published entries of a catalog, or of these keys; their words go into the list, too."""
    entries = Entry.objects.published().filter(catalog=catalog).order_by("pk")
    if pks is None:
        tags = EntryTag.objects.filter(content_object__catalog=catalog)
        names: QuerySet[Tag] | None = Tag.objects.filter(facet__catalog=catalog)
        titles = _section_words(Section.objects.filter(catalog=catalog))
    else:
        tags = EntryTag.objects.filter(content_object__in=pks)
        names = None
    labels = _labels(tags, names)
    fields = ("name", "canonical_url", "html", "description_html", "section_id")
    # As text: the field's own reader takes longer than everything else here.
    found = entries.values_list("pk", *fields, Cast("cells", TextField()))
    rows: Iterable[tuple[Any, ...]] = found.iterator(chunk_size=BATCH)
    if pks is not None:
        rows = list(found.filter(pk__in=pks))
        around = {row[5] for row in rows if row[5]}
        titles = _section_words(Section.objects.above(around)) if around else {}
    for pk, name, url, html, description, section, cells in rows:
        own = stream(fold(name))
        others = parts(name)
        texts = [cell["html"] for cell in orjson.loads(cells)] or [description or html]
        rest = stream(fold(plain(" \n ".join(texts))))
        if pk in labels:
            # Most tags stand in the cells already.
            there = set(rest)
            for label in sorted(labels[pk]):
                if not there.issuperset(label):
                    rest += label
        named_by = [*own, *others]
        words = [
            *own,
            *rest,
            *titles.get(section, ()),
            *stream(_host_and_path(url)),
            *others,
        ]
        # As many as the row holds: the first word is the list's.
        kept = Words(named_by[: MOST_WORDS - 1], words[: MOST_WORDS - 1])
        into.append((pk, Words(tuple(set(kept.names)), tuple(set(kept.all)))))
        yield _FoundBy(pk, catalog.pk, own, named_by, words)


def _labels(tags: QuerySet[EntryTag], names: QuerySet[Tag] | None) -> dict[int, list[list[str]]]:
    """The words of each entry's tags; `names` are all that are met, None: with each tagging."""
    # Section titles are words of the row anyhow.
    tags = tags.exclude(origin=EntryTag.Origin.SECTION).order_by()
    found: dict[int, list[list[str]]] = {}
    if names is None:
        for entry, name in tags.values_list("content_object_id", "tag__name"):
            found.setdefault(entry, []).append(stream(fold(name)))
        return found
    named = {pk: stream(fold(name)) for pk, name in names.order_by().values_list("pk", "name")}
    for entry, tag in tags.values_list("content_object_id", "tag_id").iterator(chunk_size=BATCH):
        found.setdefault(entry, []).append(named[tag])
    return found


def _host_and_path(url: str) -> str:
    return fold(url.partition("://")[2] or url)


def _section_words(sections: SectionQuerySet) -> dict[int | None, list[str]]:
    """The words of each section's title and of those above it."""
    found: dict[int | None, list[str]] = {}
    rows = sections.in_reading_order().values_list("pk", "parent_id", "title", "is_title")
    for pk, parent, title, is_title in rows:
        found[pk] = [] if is_title else [*found.get(parent, ()), *stream(fold(title))]
    return found


def _stored(words: list[str]) -> str:
    """The words as the database takes them."""
    words = words[:MOST_WORDS]
    if connection.vendor == "postgresql":
        return " ".join([f"{word}:{place}" for place, word in enumerate(words, 1)])
    return " ".join(words)
