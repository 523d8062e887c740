"""Related entries: the same thing in other places, and similar things."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from math import log
from typing import NamedTuple

from django.db import connection
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.terms import CATALOG, TAG, WORD, address_term, key_term
from catalog.sql.pages import EntryRow, NeighbourRow, neighbour_rows

SAME, LIKE = 10, 6
COMMON, FEW = 0.25, 10
"""The share of a list from which on a word or tag tells nothing, unless few entries have it."""
RARE = 300
"""Entries that a term may have to find candidates by; bounds the work in lists of any size."""
TELLING = 16
"""So many of the rarest terms find candidates."""
CANDIDATES = 40
"""The best of them, which are then compared by all terms."""
MOST_WORDS = 80


class Related(NamedTuple):
    """Entries that list the same thing, in any list, and entries of the list that are like it."""

    same: list[NeighbourRow]
    like: list[NeighbourRow]


def related_to(entry: EntryRow, catalog: int, tags: Iterable[int]) -> Related:
    """Return what goes with an entry of the list that has these tags, with two queries.

    Words and tags that are shared count the more the rarer they are, so that what two entries with
    the same tags are like differs by what is said of them.
    """
    words = f"{entry.names or ''} {entry.words or ''}".split()
    scope = key_term(CATALOG, catalog)
    terms = [WORD + word for word in dict.fromkeys(words) if len(word) > 1][:MOST_WORDS]
    terms += [key_term(TAG, tag) for tag in tags]
    address = address_term(entry.canonical_url) if entry.canonical_url else ""
    read = _read(terms, scope, address)
    same = list(islice((pk for pk in read.get(address, ()) if pk != entry.pk), SAME))
    within = read[scope] - BitMap([entry.pk, *same])
    like = _alike(entry.pk, {term: read[term] & within for term in terms}, len(within))
    rows = neighbour_rows([*same, *like])
    return Related(
        [rows[pk] for pk in same if pk in rows],
        [row for pk in like if (row := rows.get(pk)) and row.catalog == catalog][:LIKE],
    )


def _read(terms: Iterable[str], scope: str, address: str) -> defaultdict[str, BitMap]:
    """Read the entries of the terms in the list, and of the address in all lists; one query."""
    read: defaultdict[str, BitMap] = defaultdict(BitMap)
    sql, parameters = postings.reading([*terms, scope], scope)
    if address:
        everywhere, more = postings.reading([address])
        sql, parameters = f"{sql} UNION ALL {everywhere}", [*parameters, *more]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        postings.gather(cursor, read)
    return read


def _alike(pk: int, shared: Mapping[str, BitMap], number: int) -> list[int]:
    """Return the entries that share most, the nearest of equals first; a few more than needed.

    `shared` are the others with each term, `number` is how many others there are.
    """
    most = max(COMMON * number, FEW)
    counts = {term: len(entries) for term, entries in shared.items()}
    weights = {term: log(number / count) for term, count in counts.items() if 0 < count <= most}
    telling = sorted(weights, key=lambda term: (-weights[term], term))
    rough: defaultdict[int, float] = defaultdict(float)
    for term in [term for term in telling if counts[term] <= RARE][:TELLING]:
        weight = weights[term]
        for other in shared[term]:
            rough[other] += weight
    best = sorted(rough, key=lambda other: (-rough[other], abs(other - pk), other))[:CANDIDATES]
    chosen, exact = BitMap(best), dict.fromkeys(best, 0.0)
    for term, weight in weights.items():
        for other in shared[term] & chosen:
            exact[other] += weight
    return sorted(best, key=lambda other: (-exact[other], abs(other - pk), other))[: 2 * LIKE]
