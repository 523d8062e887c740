"""Finding entries: the only place that knows how each database is asked.

What comes first is decided by stages, the same on both databases: the thing called exactly that,
then names that begin so, then names with all the words, then entries with a word of it in the name
and the others elsewhere, then the rest, in the order of the lists. Each stage reads a bounded
number of rows, so that a common word costs no more than a rare one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils.safestring import SafeString
from rapidfuzz import fuzz, process

from catalog.models import Catalog, Entry, SearchRow
from catalog.searching.indexing import KEY_LENGTH, scope
from catalog.searching.marking import marked, plain
from catalog.searching.segmenting import Term, fold, query_terms, stream

MOST_RESULTS = 1000
"""Candidates of a stage, and results that are counted."""
LONGEST_QUERY = 200
DESCRIPTION_LENGTH = 280
LEAST_LETTERS = 3
"""Of a word that is still being typed, before it is looked for outside names."""
NEAR_MISSES = 3
LEAST_LIKENESS = 70
"""Of a near-miss, in hundredths."""
VOCABULARY = 50_000
"""Names that near-misses are looked for among."""

_TABLES = {"names": "catalog_search_names", "words": "catalog_search_words"}


@dataclass(frozen=True, slots=True)
class Result:
    """An entry that was found, with what found it marked."""

    entry: Entry
    name: SafeString
    description: SafeString


@dataclass(frozen=True, slots=True)
class Results:
    """A stretch of the results, and how many there are."""

    results: list[Result]
    total: int
    is_bounded: bool
    """There are more than are counted."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entry offered while somebody types."""

    entry: Entry
    name: SafeString


def search(
    query: str, catalog: Catalog | None = None, *, limit: int = 20, offset: int = 0
) -> Results:
    """Published entries that have all words and quoted phrases of the query, the best first.

    The last word may be the beginning of one. Costs two queries.
    """
    terms = terms_of(query)
    found = _ranked(terms, catalog, MOST_RESULTS) if terms else []
    entries = _entries(found[offset : offset + limit])
    results = [
        Result(
            entry,
            marked(entry.name, terms, length=DESCRIPTION_LENGTH),
            marked(description_of(entry), terms, length=DESCRIPTION_LENGTH),
        )
        for entry in entries
    ]
    total = min(len(found), MOST_RESULTS)
    return Results(results, total, len(found) > MOST_RESULTS)


def suggest(prefix: str, catalog: Catalog | None = None, limit: int = 8) -> list[Suggestion]:
    """Entries whose names have the words typed so far, the best first. Costs two queries."""
    terms = terms_of(prefix)
    if not terms:
        return []
    found = _ranked(terms, catalog, max(100, limit), names_only=True)
    return [
        Suggestion(entry, marked(entry.name, terms, length=100))
        for entry in _entries(found[:limit])
    ]


def terms_of(query: str) -> list[Term]:
    """What a query asks for; [] when there is no word in it."""
    return query_terms(query.replace("\0", " ")[:LONGEST_QUERY])


def description_of(entry: Entry) -> str:
    """What is shown of an entry below its name, as plain text."""
    if entry.description_html:
        return plain(entry.description_html)
    others = [plain(cell["html"]).strip() for cell in entry.cells]
    if others:
        return " · ".join([text for text in others if text and text != entry.name])
    text = plain(entry.html).strip()
    return "" if text == entry.name else text


def _entries(pks: Sequence[int]) -> list[Entry]:
    fields = ("name", "slug", "description_html", "html", "cells", "catalog__slug",
              "catalog__title", "section__title", "section__path", "section__is_title",
              "section__catalog_id")  # fmt: skip
    entries = Entry.objects.select_related("catalog", "section").only(*fields).in_bulk(list(pks))
    return [entries[pk] for pk in pks if pk in entries]


# Asking


def _ranked(
    terms: Sequence[Term], catalog: Catalog | None, most: int, *, names_only: bool = False
) -> list[int]:
    """Keys of entries, the best first; at most one more than `most` that match anywhere."""
    whole = [term._replace(is_prefix=term.is_prefix and _is_cjk(term)) for term in terms]
    is_open = whole != list(terms)
    # A letter or two begin too many words, so they are looked for in names alone; what was typed
    # before them has to be enough elsewhere.
    begun = terms if len(terms[-1].words[-1]) >= LEAST_LETTERS else terms[:-1]
    stages = [_named_so(terms, catalog, most)]
    stages.append(matching("names", whole, catalog, most))
    if is_open:
        stages.append(matching("names", terms, catalog, most))
    if not names_only:
        if len(terms) > 1:
            stages.append(matching("names", terms, catalog, most, any_of=True))
        stages.append(matching("words", whole, catalog, most + 1))
        if is_open and begun:
            stages.append(matching("words", begun, catalog, most + 1))
    statement = " UNION ALL ".join(
        # Databases do not allow ORDER BY in a part of a union unless it is in a query of its own.
        f"SELECT {n}, id, length FROM ({sql}) AS stage{n}"  # noqa: S608
        for n, (sql, _parameters) in enumerate(stages)
    )
    parameters = [value for _sql, values in stages for value in values]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
    found: list[list[tuple[int, int]]] = [[] for _stage in stages]
    for stage, pk, length in rows:
        found[stage].append((length, pk))
    return _in_order(found, 2 + is_open, has_any=not names_only and len(terms) > 1, most=most)


def _in_order(
    found: list[list[tuple[int, int]]], names: int, *, has_any: bool, most: int
) -> list[int]:
    """The stages one after the other, each entry at its first place."""
    ranked: dict[int, None] = {}
    for n, rows in enumerate(found[:names]):
        # Of names with the words the shortest say least else; names that begin so are sorted.
        ranked |= dict.fromkeys([pk for _length, pk in (sorted(rows) if n else rows)])
    rest = found[names:]
    elsewhere = [pk for rows in rest[has_any:] for _length, pk in rows]
    if has_any:
        in_name = {pk for _length, pk in rest[0]}
        ranked |= dict.fromkeys([pk for pk in elsewhere if pk in in_name])
    ranked |= dict.fromkeys(elsewhere)
    return list(ranked)[: most + 1]


def _named_so(terms: Sequence[Term], catalog: Catalog | None, most: int) -> tuple[str, list[Any]]:
    """Entries whose names begin with the query, the one called exactly that first."""
    key = " ".join([word for term in terms for word in term.words])[:KEY_LENGTH]
    collated = 'name_key COLLATE "C"' if connection.vendor == "postgresql" else "name_key"
    where = f"{collated} >= %s AND {collated} < %s"
    parameters: list[Any] = [key, key + "\U0010ffff"]
    if not terms[-1].is_prefix and not _is_cjk(terms[-1]):
        where, parameters = f"({collated} = %s OR {where})", [key, f"{key} ", f"{key}!"]
    if catalog:
        where, parameters = f"catalog_id = %s AND {where}", [catalog.pk, *parameters]
    select = f"SELECT id, 0 AS length FROM catalog_searchrow WHERE {where}"  # noqa: S608
    return f"{select} ORDER BY {collated}, id LIMIT %s", [*parameters, most]


def matching(
    column: str,
    terms: Sequence[Term],
    catalog: Catalog | None,
    most: int,
    *,
    any_of: bool = False,
) -> tuple[str, list[Any]]:
    """The first entries with all of the terms, or any of them, among their names or words."""
    if connection.vendor == "postgresql":
        match = (" | " if any_of else " & ").join(map(_tsquery, terms))
        where = f"{column} @@ %s::tsquery"
        parameters: list[Any] = [match]
        if catalog:
            where, parameters = f"catalog_id = %s AND {where}", [catalog.pk, match]
        order = "catalog_id, id" if catalog else "id"
        select = f"SELECT id, length(name_key) AS length FROM catalog_searchrow WHERE {where}"  # noqa: S608
        return f"{select} ORDER BY {order} LIMIT %s", [*parameters, most]
    table = _TABLES[column]
    # Only names are sorted by their length, which is in another table.
    row = ("length(row.name_key)", "CROSS JOIN catalog_searchrow AS row ON row.id = found.rowid")
    length, join = row if column == "names" else ("0", "")
    match = (" OR " if any_of else " AND ").join(map(_fts5, terms))
    if catalog:
        match = f'"{scope(catalog.pk)}" AND ({match})'
    select = (
        f"SELECT found.rowid AS id, {length} AS length FROM {table} AS found {join} "  # noqa: S608
        f"WHERE {table} MATCH %s"
    )
    return f"{select} ORDER BY found.rowid LIMIT %s", [match, most]


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"{" *" if term.is_prefix else ""}'


def _tsquery(term: Term) -> str:
    return "<->".join([f"'{word}'" for word in term.words]) + (":*" if term.is_prefix else "")


def _is_cjk(term: Term) -> bool:
    """The term ends with a character that stands for all pairs it begins."""
    return len(term.words[-1]) <= 2 and ord(term.words[-1][0]) >= 0x3005


# Near-misses


def did_you_mean(query: str, catalog: Catalog | None = None) -> list[str]:
    """Other queries for one that finds nothing, by the words and names there are."""
    words = [word for term in terms_of(query) for word in term.words]
    if not words:
        return []
    vocabulary = _vocabulary(catalog)
    corrected = [_nearest(word, vocabulary) for word in words]
    offered = [] if None in corrected else [" ".join(filter(None, corrected))]
    asked = canonical_query(query)
    keys = process.extract(
        asked,
        vocabulary.keys,
        scorer=fuzz.ratio,
        score_cutoff=LEAST_LIKENESS,
        limit=NEAR_MISSES,
    )
    offered += _names([key for key, _score, _index in keys])
    different = {canonical_query(text): text for text in reversed(offered)}
    return [text for key, text in reversed(different.items()) if key != asked][:NEAR_MISSES]


def _names(keys: Sequence[str]) -> list[str]:
    """What is called so, as it is written."""
    rows = SearchRow.objects.filter(name_key__in=keys).order_by("-pk").values_list("name_key", "pk")
    pks = dict(rows)
    names = dict(Entry.objects.filter(pk__in=pks.values()).values_list("pk", "name"))
    return [names[pks[key]] for key in keys if pks.get(key) in names]


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    keys: list[str]
    words: dict[str, int]
    """With how many names have each."""


def _vocabulary(catalog: Catalog | None) -> _Vocabulary:
    state = Catalog.objects.published().order_by("pk").values_list("pk", "revision", "updated_at")
    return _vocabulary_at(tuple(state), catalog.pk if catalog else None)


@lru_cache(maxsize=4)
def _vocabulary_at(state: tuple[tuple[Any, ...], ...], catalog: int | None) -> _Vocabulary:
    """Kept in the memory of the process for as long as the lists stay as they are."""
    rows = SearchRow.objects.order_by("pk")
    if catalog is not None:
        rows = rows.filter(catalog=catalog)
    keys = list(dict.fromkeys(rows.values_list("name_key", flat=True)[:VOCABULARY]))
    counts: dict[str, int] = {}
    for key in keys:
        for word in set(key.split()):
            counts[word] = counts.get(word, 0) + 1
    return _Vocabulary(keys, counts)


def _nearest(word: str, vocabulary: _Vocabulary) -> str | None:
    """The word itself when it is one, else the one most like it; the more frequent of equals."""
    if word in vocabulary.words:
        return word
    found: Iterable[tuple[str, float, int]] = process.extract(
        word, list(vocabulary.words), scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS, limit=20
    )
    best = min(found, key=lambda row: (-row[1], -vocabulary.words[row[0]], row[0]), default=None)
    return best[0] if best else None


def canonical_query(query: str) -> str:
    """The query as it is told from others: two of one form have the same results."""
    return " ".join(stream(fold(query)))
