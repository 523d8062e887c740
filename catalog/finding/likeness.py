"""Entries that may be what somebody is about to propose: candidates to look at closely.

A few by each of several questions to the search index, so that the cost does not depend on the
length of the list. What of them is really alike is for the caller to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.matching import MOST_BEGUN, adjoining
from catalog.finding.terms import CATALOG, NAME, PUBLISHED, WORD, key_term
from catalog.finding.text import Term
from catalog.finding.words import fold, stream
from catalog.models import Catalog, Entry

CANDIDATES = 40
"""Most candidates of each query."""
MOST_LOOKED_AT = 1000
"""Entries that are looked at for whether an address stands in them as a whole."""
MOST_WORDS = 4
_LEAST_LETTERS = 3


class Candidate(NamedTuple):
    """An entry to compare with."""

    pk: int
    name: str
    slug: str
    url: str
    canonical_url: str


def candidates(catalog: Catalog, *, name: str, addresses: Sequence[str] = ()) -> list[Candidate]:
    """Published entries that are called like `name`, or lead to below one of the addresses.

    Addresses are canonical ones, or hosts. Costs three queries.
    """
    words = list(dict.fromkeys(stream(fold(name))))[:12]
    # The longest words tell most; their beginnings are right where a slip of the pen is behind.
    longest = [word for word in sorted(words, key=len, reverse=True) if len(word) >= _LEAST_LETTERS]
    starts = [word[: max(_LEAST_LETTERS, 2 * len(word) // 3)] for word in longest[:MOST_WORDS]]
    phrases = [stream(fold(each.partition("://")[2] or each)) for each in addresses]
    found = _ask(words, starts, [tuple(phrase) for phrase in phrases if phrase], catalog)
    fields = Candidate._fields
    rows = Entry.objects.published().filter(pk__in=found).order_by("pk").values_list(*fields)
    return [Candidate(*row) for row in rows] if found else []


def _ask(
    names: Sequence[str],
    starts: Sequence[str],
    phrases: Sequence[tuple[str, ...]],
    catalog: Catalog,
) -> BitMap:
    """The first entries by each name's word, by each start of one, and by each phrase."""
    scope = key_term(CATALOG, catalog.pk)
    wanted = [NAME + word for word in names]
    wanted += [WORD + word for phrase in phrases for word in phrase]
    sql, parameters = postings.reading([PUBLISHED, scope, *dict.fromkeys(wanted)], scope)
    for n, start in enumerate(starts):
        more, values = postings.reading_begun(NAME + start, MOST_BEGUN, scope)
        sql += f" UNION ALL SELECT * FROM ({more}) AS begun{n}"  # noqa: S608
        parameters += values
    read: defaultdict[str, BitMap] = defaultdict(BitMap)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        postings.gather(cursor, read)
    within = read[PUBLISHED] & read[scope]
    found = [read[NAME + word] & within for word in names]
    for start in starts:
        begun = [own for term, own in read.items() if term.startswith(NAME + start)]
        found.append(BitMap.union(postings.NOTHING, *begun) & within)
    having = [BitMap.intersection(within, *[read[WORD + w] for w in words]) for words in phrases]
    found += adjoining(
        [
            (WORD, Term(phrase, False), entries[:MOST_LOOKED_AT])
            for phrase, entries in zip(phrases, having, strict=True)
        ]
    )
    return BitMap.union(postings.NOTHING, *[entries[:CANDIDATES] for entries in found])
