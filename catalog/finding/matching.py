"""Which entries have the words of a query, counted whole: sets of keys from the postings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.postings import NOTHING
from catalog.finding.terms import (
    CATALOG,
    NAME,
    PUBLISHED,
    WORD,
    beginning,
    character,
    key_term,
)
from catalog.finding.words import Term, is_cjk
from catalog.models import Catalog, IndexedEntry
from catalog.sql.keys import among

LEAST_LETTERS = 3
"""Of a word that is still being typed, before it is looked for outside names."""
MOST_BEGUN = 5000
"""Postings that are read of the words that begin as the last one."""


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


class _Matching:
    def __init__(self, terms: Sequence[Term], catalog: Catalog | None, *, names_only: bool) -> None:
        self.terms = terms
        self.catalog = catalog
        self.names_only = names_only
        # A character that stands for pairs is never looked for as a whole.
        self.whole = [t._replace(is_prefix=t.is_prefix and is_character(t)) for t in terms]
        self.is_open = self.whole != list(terms)
        self.read: defaultdict[str, BitMap] = defaultdict(BitMap)
        self.within = NOTHING
        """Published entries of the list, or of all."""
        self.begun = {WORD: NOTHING, NAME: NOTHING}
        self.adjoining: dict[tuple[str, Term], BitMap] = {}

    def run(self) -> Matches:
        self._read_postings()
        self._read_adjoining()
        found = Matches()
        found.named_whole = self._all(NAME, self.whole)
        # A letter or two begin too many words, so they are looked for in names alone; what was
        # typed before them has to be enough elsewhere.
        enough = self.terms
        if self.is_open:
            found.named_begun = self._all(NAME, self.terms)
            if len(self.terms[-1].words[-1]) < LEAST_LETTERS:
                enough = self.terms[:-1]
        if self.names_only:
            return found
        if len(self.terms) > 1:
            parts = [self._having(NAME, term) for term in self.terms]
            found.named_partly = BitMap.union(*parts) & self.within
        found.whole = self._all(WORD, self.whole)
        if self.is_open and enough:
            found.begun = self._all(WORD, enough)
        return found

    def _all(self, kind: str, terms: Sequence[Term]) -> BitMap:
        sets = sorted([self.within, *(self._having(kind, term) for term in terms)], key=len)
        return BitMap.intersection(*sets)

    def _having(self, kind: str, term: Term) -> BitMap:
        """Entries with the term, its words next to each other."""
        found = self.adjoining.get((kind, term))
        return self._candidates(kind, term) if found is None else found

    def _candidates(self, kind: str, term: Term) -> BitMap:
        """Entries with the words of the term, wherever they stand."""
        *firsts, last = term.words
        sets = [self.read[kind + word] for word in firsts]
        if not term.is_prefix:
            sets.append(self.read[kind + last])
        elif is_cjk(last):
            sets.append(self.read[character(last) if kind == WORD else beginning(last)])
        elif len(last) < LEAST_LETTERS:
            sets.append(self.read[beginning(last)])
        else:
            sets.append(self.begun[kind])
        if len(sets) == 1:
            return sets[0]
        # Only of phrases, whose candidates are looked at one by one.
        return BitMap.intersection(*sorted([self.within, *sets], key=len))

    # Reading

    def _read_postings(self) -> None:
        scope = key_term(CATALOG, self.catalog.pk) if self.catalog else ""
        words = {word for term in self.terms for word in term.words}
        wanted = {PUBLISHED, *(kind + word for word in words for kind in (WORD, NAME))}
        if scope:
            wanted.add(scope)
        last, begins = self.terms[-1], self.terms[-1].words[-1]
        starts: list[str] = []
        if last.is_prefix:
            if is_cjk(begins):
                wanted |= {character(begins), beginning(begins)}
            elif len(begins) < LEAST_LETTERS:
                wanted.add(beginning(begins))
            else:
                starts = [WORD + begins, NAME + begins]
        sql, parameters = postings.reading(wanted, scope)
        for start in starts:
            more, values = postings.reading_begun(start, MOST_BEGUN, scope)
            sql = f"{sql} UNION ALL SELECT * FROM ({more}) AS begun_{start[0]}"  # noqa: S608
            parameters += values
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            postings.gather(cursor, self.read)
        self.within = self.read[PUBLISHED] & self.read[scope] if scope else self.read[PUBLISHED]
        for n, kind in enumerate((WORD, NAME)):
            found = [self.read[t] for t in list(self.read) if starts and t.startswith(starts[n])]
            self.begun[kind] = BitMap.union(*found) if len(found) > 1 else (*found, NOTHING)[0]

    def _read_adjoining(self) -> None:
        """Of those who have the words of a phrase, those in whom they adjoin."""
        wanted: dict[tuple[str, Term], BitMap] = {}
        for term in {*self.terms, *self.whole}:
            for kind in (NAME,) if self.names_only else (NAME, WORD):
                if len(term.words) > 1:
                    wanted[kind, term] = self._candidates(kind, term)
        self.adjoining = dict.fromkeys(wanted, NOTHING)
        asked = [(key, entries) for key, entries in wanted.items() if entries]
        found = adjoining([(*key, entries) for key, entries in asked])
        self.adjoining |= {key: own for (key, _entries), own in zip(asked, found, strict=True)}


def adjoining(asked: Sequence[tuple[str, Term, Iterable[int]]]) -> list[BitMap]:
    """Of some entries those in whose names, or in all of which, the words of a term adjoin."""
    if not asked:
        return []
    position = "strpos" if connection.vendor == "postgresql" else "instr"
    selects, parameters = [], list[Any]()
    for n, (kind, term, entries) in enumerate(asked):
        chosen, keys = among(entries)
        phrase = f" {' '.join(term.words)}{'' if term.is_prefix else ' '}"
        texts = ("names",) if kind == NAME else ("names", "words")
        has = " OR ".join([f"{position}(' ' || {text} || ' ', %s) > 0" for text in texts])
        selects.append(
            f"SELECT {n}, id FROM {IndexedEntry._meta.db_table} WHERE id {chosen} AND ({has})"  # noqa: S608
        )
        parameters += [keys, *[phrase] * len(texts)]
    found: list[list[int]] = [[] for _asked in asked]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects), parameters)
        for n, pk in cursor:
            found[n].append(pk)
    return list(map(BitMap, found))
