"""Which entries have the words of a query, counted whole: sets of keys from the postings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from pyroaring import BitMap

from catalog.finding.words import Term, is_cjk
from catalog.models import Catalog
from catalog.searching.indexing import scope
from catalog.searching.postings import Both, key_of_beginning

LEAST_LETTERS = 3
"""Of a word that is still being typed, before it is looked for outside names."""
MOST_BEGUN = 5000
"""Postings that are read of the words that begin as the last one."""
_MANY = 2000
"""Entries that PostgreSQL looks at one by one rather than through its index."""

_TABLES = {"names": "catalog_search_names", "words": "catalog_search_words"}
_EMPTY = BitMap()


@dataclass(slots=True)
class Matches:
    """The entries that a query finds, by where they have its words.

    `whole` have the last word as it stands, `begun` may have one that only begins so.
    """

    named_whole: BitMap = field(default_factory=BitMap)
    named_begun: BitMap = field(default_factory=BitMap)
    named_partly: BitMap = field(default_factory=BitMap)
    """One of the words in the name."""
    whole: BitMap = field(default_factory=BitMap)
    begun: BitMap = field(default_factory=BitMap)


def match(terms: Sequence[Term], catalog: Catalog | None, *, names_only: bool = False) -> Matches:
    """The entries with all of the terms. One query; another one where words have to adjoin."""
    return _Matching(terms, catalog, names_only=names_only).run()


def is_character(term: Term) -> bool:
    """The term ends with a character that stands for all pairs it begins, or with a pair."""
    return is_cjk(term.words[-1])


def among(pks: Sequence[int]) -> tuple[str, str]:
    """A condition on keys with its parameter, not bounded by how many a statement may have."""
    # As text: to have each key turned into a parameter takes the driver longer.
    keys = ",".join(map(str, pks))
    if connection.vendor == "postgresql":
        return "= ANY(%s::bigint[])", f"{{{keys}}}"
    return "IN (SELECT value FROM json_each(%s))", f"[{keys}]"


class _Matching:
    def __init__(self, terms: Sequence[Term], catalog: Catalog | None, *, names_only: bool) -> None:
        self.terms = terms
        self.catalog = catalog
        self.names_only = names_only
        # A character that stands for pairs is never looked for as a whole.
        self.whole = [t._replace(is_prefix=t.is_prefix and is_character(t)) for t in terms]
        self.is_open = self.whole != list(terms)
        self.postings: dict[str, Both] = {}
        self.begun = Both(_EMPTY, _EMPTY)
        self.adjoining: dict[tuple[str, Term], BitMap] = {}

    def run(self) -> Matches:
        self._read_postings()
        self._read_adjoining()
        found = Matches()
        found.named_whole = self._all("names", self.whole)
        # A letter or two begin too many words, so they are looked for in names alone; what was
        # typed before them has to be enough elsewhere.
        enough = self.terms
        if self.is_open:
            found.named_begun = self._all("names", self.terms)
            if len(self.terms[-1].words[-1]) < LEAST_LETTERS:
                enough = self.terms[:-1]
        if self.names_only:
            return found
        if len(self.terms) > 1:
            found.named_partly = BitMap.union(*(self._having("names", t) for t in self.terms))
        found.whole = self._all("words", self.whole)
        if self.is_open and enough:
            found.begun = self._all("words", enough)
        return found

    def _all(self, column: str, terms: Sequence[Term]) -> BitMap:
        sets = sorted((self._having(column, term) for term in terms), key=len)
        return BitMap.intersection(*sets) if len(sets) > 1 else sets[0]

    def _having(self, column: str, term: Term) -> BitMap:
        """Entries with the term, its words next to each other."""
        found = self.adjoining.get((column, term))
        return self._candidates(column, term) if found is None else found

    def _candidates(self, column: str, term: Term) -> BitMap:
        """Entries with the words of the term, wherever they stand."""
        n = 1 if column == "names" else 0
        *firsts, last = term.words
        sets = [self.postings.get(word, (_EMPTY, _EMPTY))[n] for word in firsts]
        if not term.is_prefix:
            sets.append(self.postings.get(last, (_EMPTY, _EMPTY))[n])
        elif (key := _beginning(term)) is not None:
            sets.append(self.postings.get(key, (_EMPTY, _EMPTY))[n])
        else:
            sets.append(self.begun[n])
        return BitMap.intersection(*sets) if len(sets) > 1 else sets[0]

    # Reading

    def _read_postings(self) -> None:
        words = {word for term in self.terms for word in term.words}
        beginning = None
        last = self.terms[-1]
        if last.is_prefix:
            beginning = _beginning(last)
            words.add(beginning or last.words[-1])
        marks = ", ".join(["%s"] * len(words))
        # SQLite that was not analysed would rather read all words of the list; the sign forbids.
        column = "+catalog_id" if connection.vendor == "sqlite" else "catalog_id"
        where = "" if self.catalog is None else f"{column} = %s AND "
        scope_of: list[Any] = [] if self.catalog is None else [self.catalog.pk]
        select = f"SELECT word, entries, named FROM catalog_posting WHERE {where}"  # noqa: S608
        sql = f"{select}word IN ({marks})"
        parameters = [*scope_of, *(word.encode() for word in words)]
        if last.is_prefix and beginning is None:
            start = last.words[-1].encode()
            more = f"{select}word > %s AND word < %s ORDER BY word, catalog_id, chunk LIMIT %s"
            sql = f"{sql} UNION ALL SELECT * FROM ({more}) AS begun"  # noqa: S608
            # No byte of UTF-8 is as large.
            parameters += [*scope_of, start, start + b"\xff", MOST_BEGUN]
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            rows = [(bytes(word).decode(), entries, named) for word, entries, named in cursor]
        self._gather(rows, words)

    def _gather(self, rows: list[tuple[str, Any, Any]], words: set[str]) -> None:
        parts: dict[str, tuple[list[BitMap], list[BitMap]]] = {}
        begun: tuple[list[BitMap], list[BitMap]] = [], []
        open_word = self.terms[-1].words[-1] if self.terms[-1].is_prefix else None
        for word, entries, named in rows:
            both = [(_decoded(entries)), (_decoded(named))]
            of_word = parts.setdefault(word, ([], [])) if word in words else None
            for n in (0, 1):
                if of_word:
                    of_word[n].append(both[n])
                if open_word and word.startswith(open_word):
                    begun[n].append(both[n])
        self.postings = {w: Both(_union(sets[0]), _union(sets[1])) for w, sets in parts.items()}
        self.begun = Both(_union(begun[0]), _union(begun[1]))

    def _read_adjoining(self) -> None:
        """Of those who have the words of a phrase, those in whom they adjoin."""
        wanted: dict[tuple[str, Term], BitMap] = {}
        for term in {*self.terms, *self.whole}:
            for column in ("names",) if self.names_only else ("names", "words"):
                if len(term.words) > 1:
                    wanted[column, term] = self._candidates(column, term)
        asked = [(key, sets) for key, sets in wanted.items() if sets]
        self.adjoining = dict.fromkeys(wanted, _EMPTY)
        if not asked:
            return
        selects, parameters = [], []
        for n, ((column, term), candidates) in enumerate(asked):
            sql, values = self._adjoin(n, column, term, candidates)
            selects.append(sql)
            parameters += values
        found: list[list[int]] = [[] for _asked in asked]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(selects), parameters)
            for n, pk in cursor:
                found[n].append(pk)
        for (key, candidates), pks in zip(asked, found, strict=True):
            self.adjoining[key] = candidates & BitMap(pks)

    def _adjoin(self, n: int, column: str, term: Term, candidates: BitMap) -> tuple[str, list[Any]]:
        if connection.vendor == "postgresql":
            where = f"{column} @@ %s::tsquery"
            values: list[Any] = [_tsquery(term)]
            if len(candidates) <= _MANY:
                where, values = f"id = ANY(%s) AND {where}", [list(candidates), *values]
            elif self.catalog:
                where, values = f"catalog_id = %s AND {where}", [self.catalog.pk, *values]
            return f"SELECT {n}, id FROM catalog_searchrow WHERE {where}", values  # noqa: S608
        table = _TABLES[column]
        phrase = _fts5(term)
        if self.catalog:
            phrase = f'"{scope(self.catalog.pk)}" AND {phrase}'
        where = f"{table} MATCH %s AND rowid BETWEEN %s AND %s"
        values = [phrase, candidates.min(), candidates.max()]
        return f"SELECT {n}, rowid FROM {table} WHERE {where}", values  # noqa: S608


def _beginning(term: Term) -> str | None:
    """What those are kept under who have a word that begins as the last one of an open term."""
    last = term.words[-1]
    is_kept = is_cjk(last) or len(last) < LEAST_LETTERS
    return key_of_beginning(last) if is_kept else None


def _decoded(stored: Any) -> BitMap:
    return BitMap.deserialize(bytes(stored)) if stored else _EMPTY


def _union(sets: list[BitMap]) -> BitMap:
    if len(sets) < 2:
        return sets[0] if sets else _EMPTY
    return BitMap.union(*sets)


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"{" *" if term.is_prefix else ""}'


def _tsquery(term: Term) -> str:
    return "<->".join([f"'{word}'" for word in term.words]) + (":*" if term.is_prefix else "")


def first_matching(
    column: str, terms: Sequence[Term], catalog: Catalog, most: int
) -> tuple[str, list[Any]]:
    """A statement that gives the first entries of a catalog with all of the terms, by their keys.

    `column` is `names` or `words`. It stops at `most`, so that it costs no more in a long list.
    """
    if connection.vendor == "postgresql":
        where = f"catalog_id = %s AND {column} @@ %s::tsquery"
        values: list[Any] = [catalog.pk, " & ".join(map(_tsquery, terms))]
        order = "catalog_id, id"
        select = f"SELECT id FROM catalog_searchrow WHERE {where}"  # noqa: S608
    else:
        table, order = _TABLES[column], "rowid"
        values = [f'"{scope(catalog.pk)}" AND ({" AND ".join(map(_fts5, terms))})']
        select = f"SELECT rowid AS id FROM {table} WHERE {table} MATCH %s"  # noqa: S608
    return f"{select} ORDER BY {order} LIMIT %s", [*values, most]
