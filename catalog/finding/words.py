"""Cutting text into the words that search knows: one way for both databases.

A text becomes a *stream* of words, in which whoever stands next to each other in the text does so
too, so that a quoted phrase can be found. Chinese, Japanese and Korean have no spaces: a run of
them becomes its overlapping pairs and its last character, so that any part of the run is found by
the pairs it is made of, and a single character by what begins with it. Traditional characters count
as simplified ones, and a mark (🐍, ✅) is a word. After the stream come the *parts* of names that
are also found apart (`HuggingFace`, `C++`, `node.js`); see docs/search.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LONGEST_WORD = 64
"""Characters of a word that count; what is longer is no word that anybody types."""

_LONGEST_NAME = 300

_CJK = (
    "\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = "".join(
    chr(code) for code in range(0x300, 0x1C00) if unicodedata.category(chr(code)) in {"Mn", "Mc"}
)
_LETTER = rf"(?:[^\W_{_CJK}]|[{_MARKS}])"
_EMOJI = "\u2600-\u27bf\u2b50\u2b55\U0001f300-\U0001faff"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_WORD = re.compile(
    # A dot before a name (.NET) and signs behind one (C++, C#) belong to it.
    rf"[{_CJK}]+|(?:(?<![\w.)\]])\.(?=[^\W\d_]))?{_LETTER}+(?:\+\+|[+#](?!\w))?|[{_EMOJI}]|{_FLAG}"
)
_ASCII_WORD = re.compile(r"(?:(?<![\w.)\]])\.(?=[a-z]))?[a-z0-9]+(?:\+\+|[+#](?!\w))?")
_HAS_CJK = re.compile(f"[{_CJK}]")
_TRADITIONAL = str.maketrans(
    {
        pair[0]: pair[1]
        for line in Path(__file__).with_name("traditional.txt").read_text("utf-8").splitlines()
        if not line.startswith("#")
        for pair in line.split(" ")
    }
)
_ACCENTS = re.compile("[\u0300-\u036f]+")
_CHARACTER = re.compile(f".[{_MARKS}]*", re.DOTALL)
_COMPOUND = re.compile(r"[^\W_]+(?:[-_.·][^\W_]+)+")
_NO_LETTER = re.compile(r"[\W_]")
_MIXED = re.compile(r"[^\W_]*(?:[a-z][A-Z]|[^\W\d_]\d|\d[^\W\d_])[^\W_]*")
_TURN = re.compile(r"[a-z][A-Z]|[^\W\d_]\d|\d[^\W\d_]")
_HUMP = re.compile(r"\d+|[A-Z]+(?![a-z])|[A-Z]?[^\WA-Z\d_]+")
_SIGNS = ".+#"


def is_cjk(word: str) -> bool:
    """Whether a word of a stream is a pair of characters, or the last one of a run."""
    return _HAS_CJK.match(word) is not None


class Word(NamedTuple):
    """A word of a stream and where in the text it stands."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """The text without what people leave out when they type: case, accents, width, script.

    Chinese is in simplified characters.
    """
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    folded = unicodedata.normalize("NFKC", bare).casefold()
    return folded.translate(_TRADITIONAL) if _HAS_CJK.search(folded) else folded


def stream(folded: str) -> list[str]:
    """The words of a folded text in their order."""
    if folded.isascii():
        words = _ASCII_WORD.findall(folded)
        return [word[:LONGEST_WORD] for word in words] if len(folded) > LONGEST_WORD else words
    # As _words() does; without the places it takes half the time.
    found: list[str] = []
    for run in _WORD.findall(folded):
        if _HAS_CJK.match(run):
            found += [run[n : n + 2] for n in range(len(run))]
        else:
            found.append(run[:LONGEST_WORD])
    return found


def _words(folded: str) -> Iterator[Word]:
    for match in _WORD.finditer(folded):
        run, start = match[0], match.start()
        if _HAS_CJK.match(run):
            for n in range(len(run)):
                pair = run[n : n + 2]
                yield Word(pair, start + n, start + n + len(pair))
        else:
            yield Word(run[:LONGEST_WORD], start, match.end())


def parts(text: str) -> list[str]:
    """Return further words that match a text: parts of its words, and words that are written as
    one."""
    text = text[:_LONGEST_NAME]
    # node.js as nodejs.
    found = [fold(_NO_LETTER.sub("", match[0])) for match in _COMPOUND.finditer(text)]
    # Most names have none, and looking for where they begin takes longer.
    for match in _MIXED.finditer(text) if _TURN.search(text) else ():
        humps = _HUMP.findall(match[0])
        # LLaMA is no l, la, ma, and 6B no b.
        if len(humps) > 1 and all(len(hump) > 1 or hump.isdigit() for hump in humps):
            found += map(fold, humps)
    if "+" in text or "#" in text or "." in text:
        found += [word.strip(_SIGNS) for word in stream(fold(text)) if word.strip(_SIGNS) != word]
    return [word[:LONGEST_WORD] for word in dict.fromkeys(found) if word]


def words_with_places(text: str) -> list[Word]:
    """The stream of a text that is not folded yet, each word with its place in that text."""
    if text.isascii():
        return list(_words(fold(text)))
    folded: list[str] = []
    places: list[int] = []
    for match in _CHARACTER.finditer(text):
        there = fold(match[0])
        folded.append(there)
        places += [match.start()] * len(there)
    places.append(len(text))
    return [
        Word(word.text, places[word.start], places[word.end]) for word in _words("".join(folded))
    ]
