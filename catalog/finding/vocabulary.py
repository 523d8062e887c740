"""The words of all entries, to look up other forms and other spellings of a word.

Words are never taken away: one that no entry has any more is in no posting, so it leads nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import batched
from typing import Any

import snowballstemmer
from django.db import connection
from rapidfuzz.distance import OSA

from catalog.finding.words import is_cjk
from catalog.models import Word
from catalog.sql.bulk import add_rows

LONGEST = 30
"""Letters of a word that has forms and spellings; longer ones are keys and hashes."""
MOST_FORMS = 12
"""Most other forms of one word that are searched for."""
LEAST_LETTERS = 4
"""Fewest letters of a word that is corrected: shorter ones are like too many others."""
TWO_ERRORS = 8
"""Letters of a word from which on two of them may be wrong."""
_MOST_LIKE = 5000
"""Words that are compared with a wrong one, of those that begin so and of those that end so."""
_BATCH = 1000

_ENGLISH, _RUSSIAN = snowballstemmer.stemmer("english"), snowballstemmer.stemmer("russian")


@lru_cache(maxsize=10_000)
def stem_of(word: str) -> str:
    """Return the common stem of a word's forms, in English and Russian; elsewhere the word."""
    if not word.isalpha():
        return word
    if word.isascii():
        return str(_ENGLISH.stemWord(word))
    return str(_RUSSIAN.stemWord(word)) if "а" <= word[0] <= "я" else word


def learn(words: Iterable[str]) -> None:
    """Add words to the vocabulary; whoever writes holds the lock of the index."""
    worth = sorted({word for word in words if _is_word(word)})
    for batch in batched(worth, _BATCH, strict=False):
        encoded = {word.encode(): word for word in batch}
        known = Word.objects.filter(pk__in=list(encoded)).values_list("pk", flat=True)
        for word in map(bytes, known):
            del encoded[word]
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
    wanted = [stem.encode() for stem in dict.fromkeys(stems.values())]
    for text, stem in Word.objects.filter(stem__in=wanted).values_list("text", "stem"):
        with_stem[bytes(stem).decode()].append(bytes(text).decode())
    return {
        word: [form for form in sorted(with_stem[stem]) if form != word][:MOST_FORMS]
        for word, stem in stems.items()
    }


def near(word: str) -> list[tuple[int, str]]:
    """Words that are spelled nearly so with the number of wrong letters; the nearest first.

    A wrong, missing, added or swapped letter leaves what stands before it, or behind it, as it
    is: so only words are compared that begin, or end, as this one does.
    """
    length = len(word)
    if length < LEAST_LETTERS or not word.isalpha() or is_cjk(word):
        return []
    most = 2 if length >= TWO_ERRORS else 1
    before = (length - 1) // 2
    behind = length - 1 - before
    found = {
        (distance, other)
        for other in _like(word[:before], word[length - behind :], length, most)
        if 0 < (distance := OSA.distance(word, other, score_cutoff=most)) <= most
    }
    return sorted(found)


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
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements), parameters)
        return [bytes(text).decode() for (text,) in cursor]
