"""Matching: the entries of a query's terms, and in which way they match, as sets of keys."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache, reduce
from heapq import heappop, heappush
from itertools import batched, pairwise
from math import log
from operator import or_
from typing import Any, NamedTuple

import snowballstemmer
from django.db import connection
from django.db.models import Q
from pyroaring import BitMap
from rapidfuzz.distance import OSA

from catalog.finding.postings import (
    BEGINNING,
    CATALOG,
    CHARACTER,
    NAME,
    NOTHING,
    PUBLISHED,
    WORD,
    gather,
    key_term,
    one_of,
    reading,
)
from catalog.finding.text import Term, fold, is_cjk, parts, stream
from catalog.models import Catalog, IndexedEntry, Word
from catalog.sql.bulk import add_rows, among, fetch, fetch_bytes

# Vocabulary: the words of all entries. None is taken away: one of no posting leads nowhere.


LONGEST = 30
"""Letters of a word that has forms and spellings; longer ones are keys and hashes."""
MOST_FORMS = 12
"""Most other forms of one word that are searched for."""
LEAST_STEMMED = 4
"""Fewest letters of a word that is corrected: shorter ones are like too many others."""
TWO_ERRORS = 8
"""Letters of a word from which on two of them may be wrong."""
TWO_AT_LAST = 6
"""The same where no word has one wrong."""
_MOST_LIKE = 5000
"""Words that are compared with a wrong one, of those that begin so and of those that end so."""
_BATCH = 1000

_ENGLISH, _RUSSIAN = snowballstemmer.stemmer("english"), snowballstemmer.stemmer("russian")
# How each ending begins that the English rules take off; four words in ten have none.
_INFLECTED = re.compile(r"(?:[esy]|[cglt]i|ed|ing|al|ful|ll|er|ator|ion|[ae]nt|ogist|ism|ic)\Z")


_NO_DIGIT = re.compile(r"\D+")


@lru_cache(maxsize=10_000)
def stem_of(word: str) -> str:
    """Return the common stem of a word's forms, in English and Russian; elsewhere the word."""
    if not word.isalpha():
        return word
    if word.isascii():
        return str(_ENGLISH.stemWord(word)) if _INFLECTED.search(word) else word
    return str(_RUSSIAN.stemWord(word)) if "а" <= word[0] <= "я" else word


def learn(words: Iterable[str]) -> None:
    """Add words to the vocabulary; whoever writes holds the lock of the index."""
    worth = sorted({word for word in words if _is_word(word)})
    for batch in batched(worth, _BATCH, strict=False):
        encoded = {word.encode(): word for word in batch}
        chosen, parameters = one_of(batch)
        select = f"SELECT text FROM {Word._meta.db_table} WHERE text {chosen}"  # noqa: S608
        for (word,) in fetch_bytes(select, parameters):
            del encoded[bytes(word)]
        rows = [(key, word[::-1].encode(), stem_of(word).encode()) for key, word in encoded.items()]
        add_rows(Word, ("text", "ending", "stem"), rows)


def _is_word(word: str) -> bool:
    return word.isalnum() and not word.isdigit() and len(word) <= LONGEST and not is_cjk(word)


def forms_of(words: Iterable[str]) -> dict[str, list[str]]:
    """The other words with the stem of each, with one query."""
    stems = {word: stem_of(word) for word in words if word.isalpha() and not is_cjk(word)}
    if not stems:
        return {}
    with_stem: defaultdict[str, list[str]] = defaultdict(list)
    chosen, parameters = one_of(dict.fromkeys(stems.values()))
    # Written out: the ORM takes longer to prepare it than the database to answer.
    select = f"SELECT text, stem FROM {Word._meta.db_table} WHERE stem {chosen}"  # noqa: S608
    for text, stem in fetch_bytes(select, parameters):
        with_stem[bytes(stem).decode()].append(bytes(text).decode())
    return {
        word: [form for form in sorted(with_stem[stem]) if form != word][:MOST_FORMS]
        for word, stem in stems.items()
    }


def near(word: str) -> list[tuple[int, str]]:
    """Words that are spelled nearly so with the number of wrong letters; the nearest first.

    One wrong, missing, added or swapped letter leaves what stands before it, or behind it, as it
    is: so only words are compared that begin, or end, as this one does. Two leave a few letters at
    one end; of a short word they are looked for where it has no neighbour with one.
    """
    length = len(word)
    if length < LEAST_STEMMED or not _is_word(word):
        return []
    half = (length - 1) // 2
    if length >= TWO_ERRORS:
        return _near(word, word[:3], word[-3:], 2)
    nearest = _near(word, word[:half], word[half + 1 :], 1)
    return nearest if nearest or length < TWO_AT_LAST else _near(word, word[:2], word[-2:], 2)


def _near(word: str, start: str, end: str, most: int) -> list[tuple[int, str]]:
    # Another number is another thing.
    digits = _NO_DIGIT.sub("", word)
    return sorted(
        {
            (distance, other)
            for other in _like(start, end, len(word), most)
            if 0 < (distance := OSA.distance(word, other, score_cutoff=most)) <= most
            and (not digits or _NO_DIGIT.sub("", other) == digits)
        }
    )


def _like(start: str, end: str, length: int, most: int) -> list[str]:
    """Words of about the length that begin with the one or end with the other."""
    statements, parameters = [], list[Any]()
    # Letters outside ASCII take up to three bytes.
    shortest, longest = length - most, (length + most) * (1 if (start + end).isascii() else 3)
    for column, text in (("text", start), ("ending", end[::-1])):
        like = (
            f"SELECT text FROM {Word._meta.db_table} WHERE {column} >= %s AND {column} < %s"  # noqa: S608
            f" AND length(text) BETWEEN %s AND %s ORDER BY {column} LIMIT {_MOST_LIKE}"
        )
        statements.append(f"SELECT text FROM ({like}) AS by_{column}")  # noqa: S608
        # No byte of UTF-8 is as large.
        parameters += [text.encode(), text.encode() + b"\xff", shortest, longest]
    rows = fetch_bytes(" UNION ALL ".join(statements), parameters)
    return [bytes(text).decode() for (text,) in rows]


# Scoring by the algebra of sets
#
# In which way each term matches an entry decides its score, so entries of one score are a set that
# is cut out of larger ones: the best sets first, and the rest is never looked at.


class Way(NamedTuple):
    """A way to match a term: who does, and what of the term's weight it is worth."""

    entries: BitMap
    worth: float


class Part(NamedTuple):
    """A term as it is scored: ways to match it, the best first."""

    ways: tuple[Way, ...]
    weight: float
    is_needed: bool = True

    @property
    def is_begun(self) -> bool:
        """Return whether entries have but words that begin so, not the word itself."""
        return BEGUN <= self.ways[0].worth < OTHER_FORM

    @property
    def entries(self) -> BitMap:
        """Return the entries that match in some way."""
        return BitMap.union(*[way.entries for way in self.ways]) if self.ways else BitMap()


def rarity(count: int, total: int) -> float:
    """Return the weight of a term that so many of all entries have."""
    return log(1 + total / count) ** 2 if count else 0.0


def scored(parts: Sequence[Part], within: BitMap) -> Iterator[tuple[float, BitMap]]:
    """Sets of entries with their score, the highest first; no entry is in two.

    Only entries that match all parts which are needed; the order of `parts` does not matter.
    """
    parts = sorted(parts, key=lambda part: -part.weight)
    best = [0.0]
    for part in reversed(parts):
        best.append(best[-1] + part.weight * (part.ways[0].worth if part.ways else 0))
    best.reverse()
    queue: list[tuple[float, int, int, float, BitMap]] = [(-best[0], 0, 0, 0.0, within)]
    number = 0
    while queue:
        _bound, _number, depth, score, entries = heappop(queue)
        if depth == len(parts):
            yield score, entries
            continue
        part = parts[depth]
        rest = entries
        ways = [(way.entries, score + part.weight * way.worth) for way in part.ways]
        for matching, reached in [*ways, (None, score)]:
            if matching is None:
                own = rest if not part.is_needed else None
            else:
                own = rest & matching
                rest = rest - own if own else rest
            if own:
                number += 1
                heappush(queue, (-reached - best[depth + 1], number, depth + 1, reached, own))


LEAST_LETTERS = 3
"""Fewest letters of an unfinished word that is looked up outside names."""
MOST_BEGUN = 5000
"""Postings that are read of the words that begin as the last one."""
MOST_TITLES = 50
"""Lists whose titles are read, those with most entries first."""
MOST_LOOKED_AT = 1000
"""Entries with all words of a term that are looked at for whether the words adjoin."""

IN_NAME = 1.15
"""The weight of a match in the name; 1 is the weight elsewhere. These figures are from `make
quality`."""
OTHER_FORM = 0.7
BEGUN = 0.6
APART = 0.75
"""The words of a term that are all there, but not next to each other."""
IN_TITLE = 0.3
"""A word that only the title of its list has: where nothing has all words otherwise."""
OF_A_FILLER = 0.05


class Index:
    """The terms of the index that a query needs, read when they are asked for.

    Of one list or of all, among published entries or among removed ones.
    """

    def __init__(self, catalog: int | None, state: str = PUBLISHED) -> None:
        self.catalog = catalog
        self._scope = key_term(CATALOG, catalog) if catalog is not None else ""
        self._state = state
        self._read: dict[str, BitMap] = {}
        self._forms: dict[str, list[str]] = {}
        self._titled: defaultdict[tuple[str, ...], BitMap] = defaultdict(BitMap)

    def prepare(self, terms: Sequence[Term], others: Iterable[str] = ()) -> None:
        """Read what the parts of some terms need, and other terms of the index, by two queries."""
        inflected = {term.words[0] for term in terms if len(term.words) == 1 and not term.is_quoted}
        if unknown := inflected - self._forms.keys():
            self._forms |= {word: [] for word in unknown} | forms_of(unknown)
        words = {word for term in terms for word in term.words}
        words.update(form for word in inflected for form in self._forms[word])
        needed = {*others, *(kind + word for word in words for kind in (WORD, NAME))}
        starts: set[str] = set()
        for term in terms:
            if term.is_prefix:
                last = term.words[-1]
                if is_cjk(last):
                    needed |= {CHARACTER + last, BEGINNING + last}
                elif len(last) < LEAST_LETTERS:
                    needed.add(BEGINNING + last)
                else:
                    starts |= {WORD + last, NAME + last}
        self.read(needed, starts)

    def read(self, terms: Iterable[str], starts: Iterable[str] = ()) -> None:
        """Read terms, and the union of those that begin so, as `start*`, in one query."""
        missing = {self._state, *terms} - self._read.keys()
        if self._scope and self._scope not in self._read:
            missing.add(self._scope)
        begun = [start for start in starts if f"{start}*" not in self._read]
        if not missing and not begun:
            return
        own = sorted(missing) or [self._state]
        read = gather(*reading(own, self._scope, begun, MOST_BEGUN))
        self._read |= {term: read[term] for term in missing}
        for start in begun:
            self._read[f"{start}*"] = _union(
                [read[term] for term in read if term.startswith(start)]
            )

    def read_titles(self, terms: Sequence[Term]) -> bool:
        """Let terms match all of a list whose title has them, two that adjoin also as one word
        (`self hosted`); whether any does. Two queries."""
        own: list[tuple[tuple[Term, ...], tuple[str, ...]]]
        own = [((term,), term.words) for term in terms if not term.is_quoted]
        own += [(pair, ("".join(w for t in pair for w in t.words),)) for pair in pairwise(terms)]
        has = [Q(title__icontains=words[0]) for _terms, words in own]
        lists = Catalog.objects.published().filter(reduce(or_, has, Q())).order_by("-entry_count")
        titles = [
            (key_term(CATALOG, pk), {*stream(fold(title)), *parts(title)})
            for pk, title in (lists.values_list("pk", "title")[:MOST_TITLES] if has else ())
        ]
        self.read([key for key, _words in titles])
        for some_, words in own:
            for key, title in titles:
                if title.issuperset(words):
                    for term in some_:
                        self._titled[term.words] |= self.of(key)
        return bool(self._titled)

    @cached_property
    def within(self) -> BitMap:
        """All entries that may match."""
        self.read(())
        published = self._read[self._state]
        return published & self._read[self._scope] if self._scope else published

    def of(self, term: str) -> BitMap:
        """The entries of a term of the index that was read, those of other lists too."""
        return self._read.get(term, NOTHING)

    def with_any(self, terms: Iterable[str]) -> BitMap:
        """The entries of any of some terms that were read."""
        return BitMap.union(NOTHING, *map(self.of, terms))

    def forms(self, term: Term) -> list[Term]:
        """The other forms of a term that was prepared, which match it too."""
        known = self._forms.get(term.words[0], ()) if len(term.words) == 1 else ()
        return [] if term.is_quoted else [Term((form,)) for form in known]

    def part(self, term: Term, *, is_filler: bool = False) -> Part:
        """A term with all ways to match it."""
        worths: list[tuple[BitMap, float]] = []
        for kind, worth in ((NAME, IN_NAME), (WORD, 1.0)):
            worths += [(entries, worth * of_it) for entries, of_it in self._ways(term, kind)]
        if titled := self._titled.get(term.words):
            worths.append((titled, IN_TITLE))
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
            return self.of((CHARACTER if kind == WORD else BEGINNING) + word)
        if len(word) < LEAST_LETTERS:
            # A letter or two begin too many words, so they are looked for in names alone.
            return self.of(BEGINNING + word)
        return self.of(f"{kind}{word}*")


def _union(sets: Sequence[BitMap]) -> BitMap:
    if len(sets) < 2:
        return sets[0] if sets else NOTHING
    return BitMap.union(*sets)


def adjoining(phrases: Sequence[tuple[str, Term, Iterable[int]]]) -> list[BitMap]:
    """Return the entries in whose names, and in all of which, the words of a term adjoin."""
    if not phrases:
        return []
    position = "strpos" if connection.vendor == "postgresql" else "instr"
    selects, parameters = [], list[Any]()
    for n, (kind, term, entries) in enumerate(phrases):
        chosen, keys = among(entries)
        phrase = f" {' '.join(term.words)}{'' if term.is_prefix else ' '}"
        texts = ("names",) if kind == NAME else ("names", "words")
        has = " OR ".join([f"{position}(' ' || {text} || ' ', %s) > 0" for text in texts])
        selects.append(
            f"SELECT {n}, id FROM {IndexedEntry._meta.db_table} WHERE id {chosen} AND ({has})"  # noqa: S608
        )
        parameters += [keys, *[phrase] * len(texts)]
    sets = [BitMap() for _phrase in phrases]
    for n, pk in fetch(" UNION ALL ".join(selects), parameters):
        sets[n].add(pk)
    return sets


# Stages, the best first, each in an order of its own


type Stage = list[int] | BitMap
"""Keys of entries in the order of the list, or in their own."""


def some(stages: Iterable[Stage], start: int, stop: int) -> list[int]:
    """Keys of entries from one place to another; an entry counts in the first stage that has it.

    No stage is made before a place in it is needed.
    """
    keys: list[int] = []
    seen = BitMap()
    passed = 0
    for stage in stages:
        own = stage - seen if isinstance(stage, BitMap) else [pk for pk in stage if pk not in seen]
        keys += own[max(start - passed, 0) : max(stop - passed, 0)]
        passed += len(own)
        if passed >= stop:
            break
        seen.update(own)
    return keys
