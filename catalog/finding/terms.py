"""Terms of the index: words, lists, tags, sections, addresses, languages, states.

A term is a text whose first letter says of which kind it is, so that no word is ever taken for
anything else. The terms of an entry follow from its row in the index alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from catalog.finding.words import is_cjk

WORD, NAME, BEGINNING, CHARACTER = "w", "n", "b", "c"
"""A word anywhere; one of the name; how a word of the name begins; a Chinese character anywhere."""
STATE, CATALOG, SECTION, TAG, FACET = "x", "l", "s", "t", "f"
"""Prefixes of terms: state, list, section or one above, tag, any tag of a facet."""
ADDRESS, HOST, KIND, LANGUAGE = "u", "h", "k", "g"
"""Prefixes of terms: canonical address or repository; host and kind of the first link; language."""

PUBLISHED, REMOVED = f"{STATE}published", f"{STATE}removed"

_BEGINNINGS = (1, 2)
"""Letters of a beginning that is a term; longer ones are looked up among the words."""


class IndexRow(NamedTuple):
    """A row of the index for one entry: `names`, `words` and `others` are separated by spaces."""

    pk: int
    catalog: int
    name_key: str
    """The words of the name in their order, of which the first 200 characters."""
    names: str
    """All words of the name, and what else it is found by."""
    words: str
    """The words of everything else, in the order of the text."""
    others: str
    """Terms that are no words."""
    length: int
    """The number of words."""


def terms_of_row(row: IndexRow) -> frozenset[str]:
    """All terms of an entry."""
    names, words = _split(row.names), _split(row.words)
    found = {f"{CATALOG}{row.catalog}", *_split(row.others)}
    found.update([NAME + word for word in names])
    found.update([WORD + word for word in names])
    found.update([WORD + word for word in words])
    for word in names:
        found.update(_beginnings(word))
    if not (row.names.isascii() and row.words.isascii()):
        found.update(_characters(names))
        found.update(_characters(words))
    return frozenset(found)


def beginning(letters: str) -> str:
    """The term of names with a word that begins so; of at most two letters."""
    return BEGINNING + letters


def character(letter: str) -> str:
    """The term of entries with a Chinese character anywhere."""
    return CHARACTER + letter


def key_term(kind: str, pk: int) -> str:
    """The term of what is known by its key: a list, a section, a tag."""
    return f"{kind}{pk}"


def key_terms(kind: str, pks: Iterable[int]) -> list[str]:
    """The terms of several of a kind."""
    return [key_term(kind, pk) for pk in pks]


def address_term(address: str) -> str:
    """The term of a canonical address, or of a repository as `repository_of` calls it."""
    return ADDRESS + _without_spaces(address)


def host_term(host: str) -> str:
    """The term of the host of an entry's first link."""
    return HOST + _without_spaces(host)


def _without_spaces(text: str) -> str:
    # They are what stands between terms.
    return text.replace(" ", "%20")


def _split(text: str) -> list[str]:
    return text.split(" ") if text else []


@lru_cache(maxsize=50_000)
def _beginnings(word: str) -> tuple[str, ...]:
    return tuple([beginning(word[:length]) for length in _BEGINNINGS])


def _characters(words: Iterable[str]) -> Iterator[str]:
    # Far fewer than words.
    letters = {word[0] for word in words if not word.isascii()}
    return (character(letter) for letter in letters if is_cjk(letter))
