"""Spellings that may mean the same, offered to a maintainer: pure functions on names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process

from catalog.tagging.values import spelling_key

MOST_TAGS = 3000
"""The most used tags of a facet that are compared with each other; bounds the time."""
SIMILAR = 90
"""Percent of equal characters from which a difference may be a slip of the pen."""
SHORTEST = 6
"""Characters from which it may; `UIUC` and `UIC` are two universities."""

_WORD = re.compile(r"[^\W_]+(?:\.\d+)*[+#]*")
_DIGITS = re.compile(r"\d+")
_SIZE = re.compile(r"-?\d+(?:\.\d+)?[bmk]")
_COMMON = """
a an and by company corp corporation gmbh inc lab labs language licence license ltd of programming
public research team the university version
"""
_WORDS_THAT_SAY_NOTHING = frozenset(_COMMON.split())


class Suggestion(NamedTuple):
    """A suggestion that tag number `alias` may be another spelling of tag number `tag`, counted
    from 0."""

    alias: int
    tag: int


def suggest(names: Sequence[str]) -> list[Suggestion]:
    """Pairs of names that may mean the same; the one that comes first is kept.

    `names` are in order of use, the most used first. A name is offered once, for the name its
    own counterpart is offered for, if that is one.
    """
    keys = [spelling_key(name) for name in names[:MOST_TAGS]]
    known = {key: number for number, key in reversed([*enumerate(keys)])}
    cores = [_core(name) for name in names[:MOST_TAGS]]
    by_core = {core: number for number, core in reversed([*enumerate(cores)]) if core}
    meant: dict[int, int] = {}
    for number, key in enumerate(keys):
        match = _without_size(key, known)
        if match is None:
            match = by_core.get(cores[number], number)
            match = match if match < number else _slip(keys, known, number)
        if match is not None and meant.get(match, match) != number:
            meant[number] = meant.get(match, match)
    return [Suggestion(alias, meant.get(tag, tag)) for alias, tag in meant.items()]


def _without_size(key: str, known: dict[str, int]) -> int | None:
    """`llama7b` and `llama-7b` are sizes of `llama`, whichever is used more."""
    for end in range(len(key) - 2, 1, -1):
        if key[:end] in known and _SIZE.fullmatch(key, end):
            return known[key[:end]]
    return None


def _core(name: str) -> frozenset[str]:
    """The words that tell; `MIT License` and `MIT` have the same."""
    words = [word.casefold() for word in _WORD.findall(name)]
    return frozenset(word for word in words if word not in _WORDS_THAT_SAY_NOTHING)


def _slip(keys: Sequence[str], known: dict[str, int], number: int) -> int | None:
    """An earlier name that differs by a letter or two, or by a plural, not by a digit."""
    key = keys[number]
    if len(key) > 3:
        for other in (f"{key}s", key.removesuffix("s")):
            if known.get(other, number) < number:
                return known[other]
    if len(key) < SHORTEST:
        return None
    digits = _DIGITS.findall(key)
    matches = process.extract(key, keys[:number], scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=3)
    return next((match for text, _score, match in matches if _DIGITS.findall(text) == digits), None)
