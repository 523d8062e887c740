"""Finding entries: what has the words of a query, the best first.

What comes first is decided by stages, the same on both databases: the thing called exactly that,
then names that begin so, the shortest first, then names with all the words, then entries with a
word of it in the name and the others elsewhere, then the rest, in the order of the lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from pyroaring import BitMap

from catalog.finding.indexing import KEY_LENGTH
from catalog.finding.matching import is_character, match
from catalog.finding.ranking import Name, Ranking, Stage
from catalog.finding.results import Result, results_of, suggestions_of
from catalog.finding.words import Term, terms_of
from catalog.models import Catalog
from catalog.sql.keys import among

MOST_RESULTS = 1000
"""Results that are shown, and names of a stage that are put in the order of their length."""
MOST_NAMES = 100
"""Names of a stage that suggestions are chosen among."""


@dataclass(frozen=True, slots=True)
class Results:
    """A stretch of the results, and how many there are."""

    results: list[Result]
    total: int


def search(
    query: str, catalog: Catalog | None = None, *, limit: int = 20, offset: int = 0
) -> Results:
    """Published entries that have all words and quoted phrases of the query, the best first.

    The last word may be the beginning of one. Costs up to five queries.
    """
    terms = terms_of(query)
    if not terms:
        return Results([], 0)
    found = Found(terms, catalog)
    pks = found.best(None, offset, offset + limit)
    return Results(results_of(pks, terms), len(found.entries))


def suggest(prefix: str, catalog: Catalog | None = None, limit: int = 8) -> list[Result]:
    """Entries whose names have the words typed so far, the best first. Costs up to four queries."""
    terms = terms_of(prefix)
    if not terms:
        return []
    named = match(terms, catalog, names_only=True)
    within = named.named_whole | named.named_begun
    names = [name for name in _named_so(terms, catalog, MOST_NAMES) if name[-1] in within]
    if len(names) < limit:
        stages = _shortest_first(
            [named.named_whole, named.named_begun - named.named_whole], MOST_NAMES, limit
        )
        names += [*stages[0], *stages[1]]
    pks = list(dict.fromkeys(pk for *_name, pk in names))
    return suggestions_of(pks[:limit], terms)


class Found:
    """All entries with the words of a query, and their order by how well they fit."""

    def __init__(self, terms: Sequence[Term], catalog: Catalog | None) -> None:
        self._terms = terms
        self._catalog = catalog
        self._matches = match(terms, catalog)
        m = self._matches
        self.entries: BitMap = m.named_whole | m.named_begun | m.whole | m.begun

    def best(self, wanted: BitMap | None, start: int, stop: int) -> list[int]:
        """Keys of the wanted entries, or of all, from one place in the order to another."""
        return self.ranking(wanted, stop).some(start, stop)

    def ranking(self, wanted: BitMap | None, stop: int) -> Ranking:
        """The order of the wanted entries, or of all; up to a place it is the same for any `stop`.

        Only marks of rankings with the same `stop` can be compared.
        """
        return Ranking(self._stages(wanted, stop))

    def _stages(self, wanted: BitMap | None, stop: int) -> Iterator[Stage]:
        within = self.entries if wanted is None else self.entries & wanted
        m = self._matches
        # The first of all names are enough, unless some are left out.
        most = min(stop, MOST_RESULTS) if wanted is None else MOST_RESULTS
        named = _named_so(self._terms, self._catalog, most)
        # Removed ones are among them.
        yield [name for name in named if name[-1] in within]
        whole = m.named_whole & within
        yield from _shortest_first([whole, (m.named_begun & within) - whole], MOST_RESULTS, stop)
        yield m.named_partly & m.whole & within
        yield m.named_partly & m.begun & within
        yield m.whole & within
        yield within


def _named_so(terms: Sequence[Term], catalog: Catalog | None, most: int) -> list[Name]:
    """Entries whose names begin with the query, the shortest first: called exactly that.

    Of very many the first of the alphabet, so that it takes no longer among more.
    """
    key = " ".join([word for term in terms for word in term.words])[:KEY_LENGTH]
    collated = 'name_key COLLATE "C"' if connection.vendor == "postgresql" else "name_key"
    where = f"{collated} >= %s AND {collated} < %s"
    parameters: list[Any] = [key, key + "\U0010ffff"]
    if not terms[-1].is_prefix and not is_character(terms[-1]):
        where, parameters = f"({collated} = %s OR {where})", [key, f"{key} ", f"{key}!"]
    if catalog:
        where, parameters = f"catalog_id = %s AND {where}", [catalog.pk, *parameters]
    first = (
        f"SELECT id, {collated} AS name_key FROM catalog_indexedentry"  # noqa: S608
        f" WHERE {where} ORDER BY {collated}, id LIMIT %s"
    )
    fields = "length(name_key), name_key, id"
    shortest = f"SELECT {fields} FROM ({first}) AS named ORDER BY length(name_key), {collated}, id"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"{shortest} LIMIT %s", [*parameters, MOST_RESULTS, most])
        names: list[Name] = cursor.fetchall()
    return names


def _shortest_first(stages: Sequence[BitMap], most: int, stop: int) -> list[list[Name]]:
    """Of names with the words the shortest say least else: some of the first of each stage.

    As many as a page needs that ends at `stop`, half of which may have been met before.
    """
    sorted_: list[list[Name]] = [[] for _stage in stages]
    selects: list[str] = []
    parameters: list[Any] = []
    for n, named in enumerate(stages):
        if pks := list(named[:most]):
            chosen, keys = among(pks)
            selects.append(
                f"SELECT * FROM (SELECT {n}, length(name_key), id FROM catalog_indexedentry"  # noqa: S608
                f" WHERE id {chosen} ORDER BY length(name_key), id LIMIT %s) AS stage{n}"
            )
            parameters += [keys, 2 * stop]
    if selects:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(selects), parameters)
            for n, length, pk in cursor:
                sorted_[n].append((length, "", pk))
    return sorted_
