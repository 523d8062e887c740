"""Spelling correction for a query that matches nothing, by near words of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import NamedTuple

from pyroaring import BitMap

from catalog.finding.matching import Index
from catalog.finding.terms import WORD
from catalog.finding.text import Meaning, Term
from catalog.finding.vocabulary import near
from catalog.finding.words import is_cjk, words_with_places

MOST_SPELLINGS = 5
"""Most alternative spellings of one word that are tried."""
MOST_TRIED = 2000
"""Combinations of spellings that are put in order."""
MOST_READ = 100
"""Combinations that are tried."""
MOST_ERRORS = 3
"""Wrong letters of a query."""
LEAST_PART = 2
"""Letters of each of two words that were written as one."""
LEAST_DOUBTED = 6
"""Letters of a word that entries have and that may be a mistake all the same: short ones are like
many others."""


class _Spelling(NamedTuple):
    """An alternative spelling of a term; the least one is the likeliest."""

    errors: int
    """Wrong letters."""
    known: int
    """Words that some entries have, and were changed nevertheless."""
    rank: int
    """The negative number of entries that have the other word."""
    term: Term


def corrected(meaning: Meaning, index: Index) -> Meaning | None:
    """The query in the nearest spelling whose words are all in one entry; None if there is none."""
    spellings = _doubted([_spellings(group, index) for group in meaning.groups], meaning, index)
    tried = [
        combination
        for combination in islice(product(*spellings), MOST_TRIED)
        if 0 < sum(spelling.errors for spelling in combination) <= MOST_ERRORS
    ]
    tried.sort(key=_likeliness)
    for combination in tried[:MOST_READ]:
        terms = [spelling.term for spelling in combination]
        words = [index.of(WORD + word) for term in terms for word in term.words]
        if BitMap.intersection(index.within, *words):
            return _with(meaning, terms)
    return None


def _doubted(
    spellings: Sequence[list[_Spelling]], meaning: Meaning, index: Index
) -> list[list[_Spelling]]:
    """The spellings without those of words that are right: of known ones beside unknown ones."""
    known = [bool(index.part(group[0]).ways) for group in meaning.groups]
    return [
        own[:1]
        if is_known and (not all(known) or len("".join(group[0].words)) < LEAST_DOUBTED)
        else own
        for own, group, is_known in zip(spellings, meaning.groups, known, strict=True)
    ]


def _likeliness(combination: Sequence[_Spelling]) -> list[int]:
    return [sum(figures) for figures in zip(*(each[:3] for each in combination), strict=True)]


def with_known_words(meaning: Meaning, index: Index) -> Meaning:
    """The query with the words that no entry has in the nearest spelling that some have."""
    terms: list[Term] = []
    for group in meaning.groups:
        spellings = _spellings(group, index)
        is_known = len(spellings) < 2 or bool(index.part(group[0]).ways)
        terms.append(spellings[0 if is_known else 1].term)
    return _with(meaning, terms)


def _with(meaning: Meaning, terms: Sequence[Term]) -> Meaning:
    if all(term.words == group[0].words for term, group in zip(terms, meaning.groups, strict=True)):
        return meaning
    return replace(
        meaning,
        groups=tuple((term, *group[1:]) for term, group in zip(terms, meaning.groups, strict=True)),
        name_key=" ".join(word for term in terms for word in term.words),
        is_open=False,
    )


def _spellings(group: Sequence[Term], index: Index) -> list[_Spelling]:
    """The first term of a group as it is, then as it may be meant, the likeliest first."""
    term = group[0]
    spellings = []
    if not term.is_quoted and len(group) == 1:
        others = [(n, near(word)) for n, word in enumerate(term.words)]
        pairs = _apart(term.words, index)
        words = {other for _n, known in others for _errors, other in known}
        index.read({WORD + word for word in words.union(*pairs)})
        for n, known in others:
            for errors, other in known:
                if count := len(index.of(WORD + other) & index.within):
                    changed = (*term.words[:n], other, *term.words[n + 1 :])
                    is_known = int(bool(index.of(WORD + term.words[n])))
                    spellings.append(_Spelling(errors, is_known, -count, Term(changed)))
        for pair in pairs:
            sets = [index.of(WORD + word) for word in pair]
            if count := len(BitMap.intersection(index.within, *sets)):
                spellings.append(_Spelling(1, 0, -count, Term(pair)))
    return [_Spelling(0, 0, 0, term), *sorted(spellings)[:MOST_SPELLINGS]]


def _apart(words: Sequence[str], index: Index) -> list[tuple[str, str]]:
    """All ways in which a word that no entry has may be two that were written as one."""
    word = words[0]
    if len(words) > 1 or not word.isalpha() or is_cjk(word) or index.of(WORD + word):
        return []
    ends = range(LEAST_PART, len(word) - LEAST_PART + 1)
    return [(word[:end], word[end:]) for end in ends]


def in_place(meaning: Meaning, better: Meaning) -> tuple[str, str]:
    """The query in the other spelling, and as it was typed with what was changed in quotes."""
    changes = dict(_changes(meaning, better))
    query = meaning.query
    corrected_, quoted, at = [], [], 0
    for word, start, end in words_with_places(query):
        if word in changes:
            corrected_ += [query[at:start], changes[word]]
            quoted += [query[at:start], f'"{query[start:end]}"']
            at = end
    rest = query[at:]
    return "".join([*corrected_, rest]), "".join([*quoted, rest])


def _changes(meaning: Meaning, better: Meaning) -> Iterator[tuple[str, str]]:
    for group, other in zip(meaning.groups, better.groups, strict=True):
        words, others = group[0].words, other[0].words
        if len(words) != len(others):
            # Two words were written as one.
            others = (" ".join(others),)
        for word, instead in zip(words, others, strict=True):
            if word != instead:
                yield word, instead
