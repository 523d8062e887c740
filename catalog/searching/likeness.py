"""Entries that may be what somebody is about to propose: candidates to look at closely.

A few by each of several questions to the search index, so that the cost does not depend on the
length of the list. What of them is really alike is for the caller to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from catalog.finding.words import Term, fold, stream
from catalog.models import Catalog, Entry
from catalog.searching.matching import first_matching

CANDIDATES = 40
"""Of each question."""
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

    Addresses are canonical ones, or hosts. Costs two queries.
    """
    words = stream(fold(name))
    questions = [("names", [Term((word,), False) for word in words[:12]])] if words else []
    # The longest words tell most; their beginnings are right where a slip of the pen is behind.
    for word in sorted(set(words), key=len, reverse=True)[:MOST_WORDS]:
        if len(word) >= _LEAST_LETTERS:
            start = word[: max(_LEAST_LETTERS, 2 * len(word) // 3)]
            questions.append(("names", [Term((start,), True)]))
    for address in addresses:
        parts = stream(fold(address.partition("://")[2] or address))
        if parts:
            questions.append(("words", [Term(tuple(parts), False)]))
    found = _ask(questions, catalog)
    fields = Candidate._fields
    rows = Entry.objects.published().filter(pk__in=found).order_by("pk").values_list(*fields)
    return [Candidate(*row) for row in rows] if found else []


def _ask(questions: Sequence[tuple[str, list[Term]]], catalog: Catalog) -> set[int]:
    if not questions:
        return set()
    asked = [first_matching(column, terms, catalog, CANDIDATES) for column, terms in questions]
    statement = " UNION ".join(
        # Databases do not allow ORDER BY in a part of a union unless it is in a query of its own.
        f"SELECT id FROM ({sql}) AS question{number}"  # noqa: S608
        for number, (sql, _parameters) in enumerate(asked)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for _sql, values in asked for value in values])
        return {row[0] for row in cursor.fetchall()}
