"""Matching: the entries of a query's terms, and in which way they match, as sets of keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from django.db import connection
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.postings import NOTHING
from catalog.finding.scoring import Part, Way, rarity
from catalog.finding.terms import (
    CATALOG,
    NAME,
    PUBLISHED,
    WORD,
    beginning,
    character,
    key_term,
)
from catalog.finding.text import Term
from catalog.finding.vocabulary import forms_of
from catalog.finding.words import is_cjk
from catalog.models import Catalog, IndexedEntry
from catalog.sql.bulk import among

LEAST_LETTERS = 3
"""Fewest letters of an unfinished word that is looked up outside names."""
MOST_BEGUN = 5000
"""Postings that are read of the words that begin as the last one."""
MOST_LOOKED_AT = 1000
"""Entries with all words of a term that are looked at for whether the words adjoin."""

IN_NAME = 1.15
"""The weight of a match in the name; 1 is the weight elsewhere. These figures are from `make
quality`."""
OTHER_FORM = 0.7
BEGUN = 0.6
APART = 0.75
"""The words of a term that are all there, but not next to each other."""
OF_A_FILLER = 0.05


class Index:
    """The terms of the index that a query needs, read when they are asked for.

    Of one list or of all, among published entries or among removed ones.
    """

    def __init__(self, catalog: Catalog | None, state: str = PUBLISHED) -> None:
        self._scope = key_term(CATALOG, catalog.pk) if catalog else ""
        self._state = state
        self._read: dict[str, BitMap] = {}
        self._forms: dict[str, list[str]] = {}

    def prepare(self, terms: Sequence[Term], others: Iterable[str] = ()) -> None:
        """Read what the parts of some terms need, and other terms of the index, by two queries."""
        inflected = {term.words[0] for term in terms if len(term.words) == 1 and not term.is_quoted}
        if unknown := inflected - self._forms.keys():
            self._forms |= {word: [] for word in unknown} | forms_of(unknown)
        words = {word for term in terms for word in term.words}
        words.update(form for word in inflected for form in self._forms[word])
        wanted = {*others, *(kind + word for word in words for kind in (WORD, NAME))}
        starts: set[str] = set()
        for term in terms:
            if term.is_prefix:
                last = term.words[-1]
                if is_cjk(last):
                    wanted |= {character(last), beginning(last)}
                elif len(last) < LEAST_LETTERS:
                    wanted.add(beginning(last))
                else:
                    starts |= {WORD + last, NAME + last}
        self.read(wanted, starts)

    def read(self, terms: Iterable[str], starts: Iterable[str] = ()) -> None:
        """Read terms, and the union of those that begin so, as `start*`, in one query."""
        missing = {self._state, *terms} - self._read.keys()
        if self._scope and self._scope not in self._read:
            missing.add(self._scope)
        begun = [start for start in starts if f"{start}*" not in self._read]
        if not missing and not begun:
            return
        sql, parameters = postings.reading(sorted(missing) or [self._state], self._scope)
        for n, start in enumerate(begun):
            more, values = postings.reading_begun(start, MOST_BEGUN, self._scope)
            sql += f" UNION ALL SELECT * FROM ({more}) AS begun{n}"  # noqa: S608
            parameters += values
        read: defaultdict[str, BitMap] = defaultdict(BitMap)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            postings.gather(cursor, read)
        self._read |= {term: read[term] for term in missing}
        for start in begun:
            self._read[f"{start}*"] = _union(
                [read[term] for term in read if term.startswith(start)]
            )

    @property
    def within(self) -> BitMap:
        """All entries that may match."""
        self.read(())
        published = self._read[self._state]
        return published & self._read[self._scope] if self._scope else published

    def of(self, term: str) -> BitMap:
        """The entries of a term of the index that was read, those of other lists too."""
        return self._read.get(term, NOTHING)

    def forms(self, term: Term) -> list[Term]:
        """The other forms of a term that was prepared, which match it too."""
        known = self._forms.get(term.words[0], ()) if len(term.words) == 1 else ()
        return [] if term.is_quoted else [Term((form,)) for form in known]

    def part(self, term: Term, *, is_filler: bool = False) -> Part:
        """A term with all ways to match it."""
        worths: list[tuple[BitMap, float]] = []
        for kind, worth in ((NAME, IN_NAME), (WORD, 1.0)):
            worths += [(entries, worth * of_it) for entries, of_it in self._ways(term, kind)]
        within = self.within
        ways = [Way(entries & within, worth) for entries, worth in worths]
        ways = sorted((way for way in ways if way.entries), key=lambda way: -way.worth)
        # A word is as rare as it is itself, however many others begin so.
        whole = [way.entries for way in ways if way.worth >= OTHER_FORM]
        count = len(_union(whole) if whole else _union([way.entries for way in ways]))
        weight = rarity(count, len(within)) * (OF_A_FILLER if is_filler else 1)
        return Part(tuple(ways), weight, not is_filler)

    def in_names(self, terms: Iterable[Term]) -> BitMap:
        """Entries whose names have all of the terms."""
        ways = [[entries for entries, _worth in self._ways(term, NAME)] for term in terms]
        return BitMap.intersection(self.within, *map(_union, ways)) if ways else NOTHING

    def _ways(self, term: Term, kind: str) -> list[tuple[BitMap, float]]:
        if len(term.words) > 1:
            return self._ways_of_many(term, kind)
        (word,) = term.words
        ways = [(self.of(kind + word), 1.0)]
        if not term.is_quoted and (forms := self._forms.get(word)):
            ways.append((_union([self.of(kind + form) for form in forms]), OTHER_FORM))
        if term.is_prefix:
            ways.append((self._begun(word, kind), BEGUN))
        return ways

    def _ways_of_many(self, term: Term, kind: str) -> list[tuple[BitMap, float]]:
        """Words that stand together; then all of them, or as many of a Chinese run as cover it."""
        sets = [self.of(kind + word) for word in term.words]
        if term.is_prefix:
            sets[-1] = sets[-1] | self._begun(term.words[-1], kind)
        together = BitMap.intersection(self.within, *sets)
        # Of a phrase every entry has to be looked at; elsewhere only the order depends on it.
        candidates = together if term.is_quoted else together[:MOST_LOOKED_AT]
        [adjoining_] = adjoining([(kind, term, candidates)]) if together else [NOTHING]
        ways = [(adjoining_, 1.0)]
        if not term.is_quoted:
            if all(map(is_cjk, term.words)):
                # Each character is in a pair that the entry has.
                pairs = [one | other for one, other in pairwise(sets)]
                sets = [sets[0], *pairs, sets[-1]]
                together = BitMap.intersection(self.within, *sets)
            ways.append((together, APART))
        return ways

    def _begun(self, word: str, kind: str) -> BitMap:
        if is_cjk(word):
            return self.of(character(word) if kind == WORD else beginning(word))
        if len(word) < LEAST_LETTERS:
            # A letter or two begin too many words, so they are looked for in names alone.
            return self.of(beginning(word))
        return self.of(f"{kind}{word}*")


def _union(sets: Sequence[BitMap]) -> BitMap:
    if len(sets) < 2:
        return sets[0] if sets else NOTHING
    return BitMap.union(*sets)


def adjoining(asked: Sequence[tuple[str, Term, Iterable[int]]]) -> list[BitMap]:
    """Return the entries in whose names, and in all of which, the words of a term adjoin."""
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
