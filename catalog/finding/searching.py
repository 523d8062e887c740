"""Finding entries by what somebody typed, the best first: the order is the same on both databases.

1. what an address leads to
2. what is called exactly that, then names that begin so, the shortest first
3. entries with all words, in any form: the rarer a word, the more it counts, and more in a name
4. the same in the nearest spelling, where nothing has all words
5. entries with the words that say most, where nothing has all of them in any spelling

Entries that are worth the same come in the order of their length: what is short is about nothing
else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection
from pyroaring import BitMap

from catalog.finding.correcting import corrected, in_place, with_known_words
from catalog.finding.fields import narrowings
from catalog.finding.indexing import KEY_LENGTH
from catalog.finding.matching import Index
from catalog.finding.ranking import Name, Ranking, Stage
from catalog.finding.scoring import Part, Way, scored
from catalog.finding.terms import PUBLISHED, address_term
from catalog.finding.text import Meaning, Term, read_query
from catalog.finding.words import is_cjk
from catalog.models import Catalog
from catalog.sql.bulk import among

MOST_RESULTS = 1000
"""Results that are shown."""
MOST_SORTED = 300
"""Entries of one score that are put in the order of their length."""
SORTED_TOGETHER = 100
"""Entries of several scores whose lengths are read by one query."""
MOST_PARTS = 8
"""Terms of which the best ones are looked for where nothing has all of them."""
ENOUGH = 20
"""Entries with fewer words than were typed, before others with still fewer are left out."""
LEAST_SHARE = 0.5
"""Least share of the best such entry's weight that others must have."""


class Found:
    """All entries that a query finds, and their order by how well they fit.

    `state` is the term of published entries or of removed ones. `corrected` is the query in the
    spelling that was searched for, where nothing fits it as it was typed; `as_typed` finds that
    alone. `left_out` are words that the first entries lack, where none has all of them.
    """

    def __init__(self, meaning: Meaning, catalog: Catalog | None, state: str = PUBLISHED) -> None:
        self._catalog = catalog
        self._index = Index(catalog, state)
        self._meaning = meaning
        self.corrected = self.as_typed = ""
        self.left_out: tuple[str, ...] = ()
        self.entries = BitMap()
        self._parts: list[Part] = []
        self._addressed: list[BitMap] = []
        self._named: list[Name] = []
        if self._meaning:
            self._find()

    @property
    def terms(self) -> Sequence[Term]:
        """Return the terms that may be marked in the entries' texts, with their other forms."""
        terms = self._meaning.terms
        return [*terms, *[form for term in terms for form in self._index.forms(term)]]

    def best(self, wanted: BitMap | None, start: int, stop: int) -> list[int]:
        """Keys of the wanted entries, or of all, from one place in the order to another."""
        return self.ranking(wanted).some(start, stop)

    def ranking(self, wanted: BitMap | None) -> Ranking:
        """The order of the wanted entries, or of all."""
        return Ranking(self._stages(self.entries if wanted is None else self.entries & wanted))

    # What matches

    def _find(self) -> None:
        self._prepare(self._meaning)
        self._within = self._narrowed()
        meaning = self._meaning
        self._addressed = self._at_addresses()
        self.entries = BitMap.union(BitMap(), *self._addressed)
        self._match(meaning)
        if self.entries or not meaning.groups:
            return
        if "://" in meaning.query:
            # The words of an address that leads nowhere say nothing.
            return
        better = corrected(meaning, self._index)
        if better:
            self._match(better)
        if self.entries:
            self._correct(better or meaning)
            return
        better = with_known_words(meaning, self._index)
        self._correct(better)
        self._match_some(better)

    def _prepare(self, meaning: Meaning) -> None:
        """Read what a query needs, as far as it was not read for another spelling of it."""
        addresses = map(address_term, meaning.addresses)
        self._index.prepare([*meaning.terms, *meaning.excluded], addresses)

    def _correct(self, better: Meaning) -> None:
        if better != self._meaning:
            self.corrected, self.as_typed = in_place(self._meaning, better)
            self._meaning = better

    def _narrowed(self) -> BitMap:
        """The entries that fields and excluded words leave."""
        meaning = self._meaning
        within = self._index.within
        if meaning.filters:
            narrowed, others = narrowings(meaning.filters, self._catalog)
            # What is no field was meant as words.
            words = [(Term(tuple(each.words)),) for each in others if not each.is_excluded]
            meaning = replace(meaning, groups=(*meaning.groups, *[w for w in words if w[0].words]))
            self._meaning = meaning
            self._index.read({term for each in narrowed for term in each.terms})
            for each in narrowed:
                having = BitMap.union(BitMap(), *map(self._index.of, each.terms))
                within = within - having if each.is_excluded else within & having
        if meaning.excluded:
            excluded = [self._index.part(term).entries for term in meaning.excluded]
            within = within.difference(*excluded)
        return within

    def _at_addresses(self) -> list[BitMap]:
        """Return the entries at an address, else those of what it is a part of; then the others."""
        terms = map(address_term, self._meaning.addresses)
        sets = [self._index.of(term) & self._within for term in terms]
        nearest = next(filter(None, sets), None)
        return [nearest, sets[-1]] if nearest else []

    def _match(self, meaning: Meaning) -> None:
        """Entries with all words of a query, or any that a field leaves where there are none."""
        self._prepare(meaning)
        needed = [_either([self._index.part(term) for term in group]) for group in meaning.groups]
        optional = [self._index.part(term, is_filler=True) for term in meaning.fillers]
        self._parts = [*needed, *optional]
        matching = BitMap.intersection(self._within, *[part.entries for part in needed])
        self._named = self._named_so(meaning)
        named = BitMap([pk for *_name, pk in self._named]) & self._within
        if needed or not meaning.addresses:
            self.entries |= matching | named

    def _match_some(self, meaning: Meaning) -> None:
        """Entries with the words that say most."""
        parts = [part for group in meaning.groups for part in self._apart(group)]
        known = sorted((p for p in parts if p.ways), key=lambda p: -p.weight)[:MOST_PARTS]
        if not known:
            return
        known = [part._replace(is_needed=False) for part in known]
        plain = [part._replace(ways=(Way(part.entries, 1.0),)) for part in known]
        first: BitMap | None = None
        least = 0.0
        for score, entries in scored(
            plain, self._within & BitMap.union(*[p.entries for p in plain])
        ):
            if first is None:
                first, least = entries, score * LEAST_SHARE
            if score < least or len(self.entries) >= ENOUGH:
                break
            self.entries |= entries
        self._parts = [*known, *[part for part in self._parts if not part.is_needed]]
        self.left_out = tuple(
            " ".join(group[0].words)
            for group in meaning.groups
            if first is not None and not any(first & part.entries for part in self._apart(group))
        )

    def _apart(self, group: Sequence[Term]) -> list[Part]:
        """The words of a group, each for itself where they are not met together."""
        whole = _either([self._index.part(term) for term in group])
        words = group[0].words
        if whole.ways or len(words) == 1 or group[0].is_quoted:
            return [whole]
        terms = [Term((word,)) for word in words]
        self._index.prepare(terms)
        parts = [self._index.part(term) for term in terms]
        # Each character of a run is in two pairs.
        share = 0.5 if is_cjk(words[0]) else 1.0
        return [part._replace(weight=part.weight * share) for part in parts]

    # What comes first

    def _stages(self, within: BitMap) -> Iterator[Stage]:
        for addressed in self._addressed:
            yield addressed & within
        yield [name for name in self._named if name[-1] in within]
        sets: list[BitMap] = []
        number = 0
        for _score, entries in scored(self._parts, within):
            sets.append(entries)
            number += len(entries)
            if number >= SORTED_TOGETHER:
                for named, others in _shortest_first(sets):
                    yield from (named, others)
                sets, number = [], 0
        for named, others in _shortest_first(sets):
            yield from (named, others)
        yield within

    def _named_so(self, meaning: Meaning) -> list[Name]:
        """Entries whose names begin with the query, the shortest first: called exactly that.

        Of very many the first of the alphabet, so that it takes no longer among more.
        """
        key = meaning.name_key[:KEY_LENGTH]
        if not key:
            return []
        collated = 'name_key COLLATE "C"' if connection.vendor == "postgresql" else "name_key"
        where = f"{collated} >= %s AND {collated} < %s"
        parameters: list[Any] = [key, key + "\U0010ffff"]
        if not meaning.is_open and not is_cjk(key[-1]):
            where, parameters = f"({collated} = %s OR {where})", [key, f"{key} ", f"{key}!"]
        if self._catalog:
            where, parameters = f"catalog_id = %s AND {where}", [self._catalog.pk, *parameters]
        first = (
            f"SELECT id, {collated} AS name_key FROM catalog_indexedentry"  # noqa: S608
            f" WHERE {where} ORDER BY {collated}, id LIMIT %s"
        )
        fields = "length(name_key), name_key, id"
        shortest = (
            f"SELECT {fields} FROM ({first}) AS named ORDER BY length(name_key), {collated}, id"  # noqa: S608
        )
        with connection.cursor() as cursor:
            cursor.execute(shortest, [*parameters, MOST_RESULTS])
            names: list[Name] = cursor.fetchall()
        return names


def _either(parts: Sequence[Part]) -> Part:
    """Alternatives as one part, which is worth what the best of them is."""
    if len(parts) == 1:
        return parts[0]
    ways = [way for part in parts for way in part.ways]
    return Part(
        tuple(sorted(ways, key=lambda way: -way.worth)),
        max(part.weight for part in parts),
    )


def called(query: str, catalog: Catalog | None, limit: int, state: str = PUBLISHED) -> list[int]:
    """Keys of entries whose names have all words of a query, the shortest first."""
    meaning = read_query(query)
    index = Index(catalog, state)
    index.prepare(meaning.terms)
    [(named, _rest)] = _shortest_first([index.in_names(meaning.terms)])
    return [pk for *_name, pk in named[:limit]]


def _shortest_first(sets: Sequence[BitMap]) -> list[tuple[list[Name], BitMap]]:
    """Entries of each set in the order of the length of their texts, of very many the first.

    And the others in the order of their keys. One query.
    """
    firsts = [entries[:MOST_SORTED] for entries in sets]
    chosen, keys = among(BitMap.union(BitMap(), *firsts))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, length(words) FROM catalog_indexedentry WHERE id {chosen}",  # noqa: S608
            [keys],
        )
        lengths = dict(cursor.fetchall())
    return [
        (sorted((lengths[pk], "", pk) for pk in first if pk in lengths), entries - first)
        for entries, first in zip(sets, firsts, strict=True)
    ]
