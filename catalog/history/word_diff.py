"""Word differences of two texts, so that two changed cells mark two cells.

Blanks that only align a table are no difference, unless nothing else is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

# A run of blanks or of dashes, a word, a character of a script without blanks, or any other one.
_TOKEN = re.compile(r"\s+|-+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u9fff]+|.", re.S)
_MOST_COMPARISONS = 400_000
"""Pairs of words up to which two texts are compared closely."""


class Fragment(tuple[str, ...]):
    """One side of a change in parts, by turns what both sides have and what differs.

    Joined they are the text.
    """

    __slots__ = ()

    def __new__(cls, *parts: str) -> Fragment:
        """Make it of its parts."""
        return super().__new__(cls, parts)

    @property
    def marked(self) -> str:
        """All that differs."""
        return "".join(self[1::2])


def compare(before: str, after: str) -> tuple[Fragment, Fragment]:
    """Both texts with what differs between them."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    old_keys, new_keys = [*map(_key, old)], [*map(_key, new)]
    if old_keys == new_keys:
        old_keys, new_keys = old, new
    parts: tuple[list[str], list[str]] = ([""], [""])
    for is_same, i, i_end, j, j_end in _steps(old_keys, new_keys):
        texts = "".join(old[i:i_end]), "".join(new[j:j_end])
        if is_same and len(parts[0]) > 1 and texts[0] == texts[1] == " ":
            # A single blank between two words that differ reads better as one difference.
            is_same = False
        for side, text in zip(parts, texts, strict=True):
            if (len(side) % 2 == 1) == is_same:
                side[-1] += text
            else:
                side.append(text)
    return _finished(parts[0]), _finished(parts[1])


def _key(token: str) -> str:
    """Return the key by which tokens are compared: padding of any width is the same."""
    if token.isspace() and "\n" not in token and "\r" not in token:
        return " "
    return "---" if token.startswith("---") else token


def _steps(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, int, int, int, int]]:
    """Yield equal and different ranges of both, by turns."""
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    old_end, new_end = len(old) - end, len(new) - end
    yield True, 0, start, 0, start
    if (old_end - start) * (new_end - start) > _MOST_COMPARISONS:
        yield False, start, old_end, start, new_end
    else:
        matcher = SequenceMatcher(None, old[start:old_end], new[start:new_end], autojunk=False)
        for code, i, i_end, j, j_end in matcher.get_opcodes():
            yield code == "equal", start + i, start + i_end, start + j, start + j_end
    yield True, old_end, len(old), new_end, len(new)


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many tokens both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _finished(parts: list[str]) -> Fragment:
    """The parts, ending with one that both have; blanks around a difference are none."""
    if len(parts) % 2 == 0:
        parts.append("")
    for number in range(1, len(parts), 2):
        text = parts[number]
        if stripped := text.strip(" "):
            head = len(text) - len(text.lstrip(" "))
            parts[number - 1] += text[:head]
            parts[number + 1] = text[head + len(stripped) :] + parts[number + 1]
            parts[number] = stripped
    return Fragment(*parts)
