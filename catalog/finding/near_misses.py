"""What a query that finds nothing may have meant: words and names that are spelled nearly so.

They are compared here and not by the database, so that they are alike on every one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db.models import QuerySet
from rapidfuzz import fuzz, process

from catalog.finding.terms import PUBLISHED
from catalog.finding.words import fold, stream, terms_of
from catalog.models import Catalog, Entry, IndexedEntry

NEAR_MISSES = 3
LEAST_LIKENESS = 70
"""Of a near-miss, in hundredths."""
VOCABULARY = 50_000
"""Names that near-misses are looked for among."""


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
    rows = (
        IndexedEntry.objects.filter(name_key__in=keys).order_by("-pk").values_list("name_key", "pk")
    )
    pks = dict(rows)
    names = dict(Entry.objects.filter(pk__in=pks.values()).values_list("pk", "name"))
    return [names[pks[key]] for key in keys if pks.get(key) in names]


def _published() -> QuerySet[IndexedEntry]:
    return IndexedEntry.objects.filter(others__startswith=PUBLISHED)


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    keys: list[str]
    words: dict[str, int]
    """With how many names have each."""
    listed: list[str]
    """The words, to be looked through."""


def _vocabulary(catalog: Catalog | None) -> _Vocabulary:
    if catalog:
        # Nothing that happens to another list makes it be read again.
        return _vocabulary_at(((catalog.pk, catalog.revision, catalog.updated_at),), catalog.pk)
    state = Catalog.objects.published().order_by("pk").values_list("pk", "revision", "updated_at")
    return _vocabulary_at(tuple(state), None)


@lru_cache(maxsize=4)
def _vocabulary_at(state: tuple[tuple[Any, ...], ...], catalog: int | None) -> _Vocabulary:
    """Kept in the memory of the process for as long as the lists stay as they are."""
    rows = _published().order_by("pk")
    if catalog is not None:
        rows = rows.filter(catalog=catalog)
    keys = list(dict.fromkeys(rows.values_list("name_key", flat=True)[:VOCABULARY]))
    counts = Counter(chain.from_iterable([set(key.split()) for key in keys]))
    # In an order of its own: that of a set differs from process to process.
    return _Vocabulary(keys, counts, sorted(counts))


def _nearest(word: str, vocabulary: _Vocabulary) -> str | None:
    """The word itself when it is one, else the one most like it; the more frequent of equals."""
    if word in vocabulary.words:
        return word
    found: Iterable[tuple[str, float, int]] = process.extract(
        word, vocabulary.listed, scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS, limit=20
    )
    best = min(found, key=lambda row: (-row[1], -vocabulary.words[row[0]], row[0]), default=None)
    return best[0] if best else None


def canonical_query(query: str) -> str:
    """The query as it is told from others: two of one form have the same results."""
    return " ".join(stream(fold(query)))
