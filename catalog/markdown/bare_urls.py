"""Addresses in running text that GitHub turns into links.

The rule is section 6.9 of the GitHub Flavored Markdown specification as cmark-gfm applies it:
what GitHub shows as a link is what a list's readers can follow, so no general linkifier decides.
Mail addresses are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_CANDIDATE = re.compile(r"://|www\.")
_TAIL = re.compile(r"[^ \t\n\f\r<]*")
# cmark-gfm reads the domain byte by byte and stops inside the first character that is not ASCII;
# control characters count as letters.
_DOMAIN = re.compile(r"(?:\\?[A-Za-z0-9._\-\x00-\x08\v\x0e-\x1f\x7f])*")
_BRACKET = re.compile(r"\\[!-/:-@\[-`{-~]|[\[\]]")
_BEFORE_WWW = frozenset(" \t\n\f\r*_~(")
_TRAILING = frozenset("?!.,:*_~'\"")
_SCHEMES = ("https", "http", "ftp")
_MANY_LABELS = 10
"""An underscore is allowed in hosts with more dots than this, as in cmark-gfm."""


def find_bare_urls(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield `(start, end, url)` of every extended autolink, in order, without overlap.

    `text` is a run of inline source with no code span, link, image or raw HTML in it. Offsets
    are code points; `url` is the text as written, with ``http://`` put before ``www.``. As on
    GitHub nothing links behind a `[` that is still open. Linear in the length of the text.
    """
    done = 0  # everything before is judged
    depth = 0  # brackets open at `done`
    position = 0
    while candidate := _CANDIDATE.search(text, position):
        position = candidate.end()
        start = _start(text, candidate.start(), done)
        if start < 0:
            continue
        depth = _open_brackets(text, done, start, depth)
        done = start
        if depth:
            continue
        end = _end(text, start, position if text[start] != "w" else start)
        if end < 0:
            continue
        url = text[start:end]
        yield start, end, url if url[0] != "w" else "http://" + url
        position = done = end


def _start(text: str, at: int, floor: int) -> int:
    """Return where the address begins whose ``://`` or ``www.`` stands at `at`, or -1."""
    if text[at] == "w":
        return at if at == 0 or text[at - 1] in _BEFORE_WWW else -1
    word = text[max(floor, at - 6) : at]
    folded = word.lower()
    for scheme in _SCHEMES:
        if folded.endswith(scheme):
            before = word[-len(scheme) - 1 : -len(scheme)]
            return -1 if before.isascii() and before.isalpha() else at - len(scheme)
    return -1


def _open_brackets(text: str, start: int, end: int, depth: int) -> int:
    """Return how many brackets are open at `end` when `depth` were at `start`."""
    if text.find("[", start, end) < 0 and not depth:
        return 0
    for bracket in _BRACKET.finditer(text, start, end):
        if bracket[0] == "[":
            depth += 1
        elif bracket[0] == "]" and depth:
            depth -= 1
    return depth


def _end(text: str, start: int, host: int) -> int:
    """Return where the address ends that begins at `start` with its host at `host`, or -1."""
    if host != start and (host == len(text) or not _is_host_character(text[host])):
        return -1
    # The first character is not looked at again, and the very last one never is.
    last = host + 1
    if text[host].isascii() and (domain := _DOMAIN.match(text, last, max(last, len(text) - 1))):
        last = domain.end()
    dots = text.count(".", host + 1, last)
    if host == start and not dots:
        return -1
    if dots <= _MANY_LABELS:
        label = text.rfind(".", host + 1, last)
        label = text.rfind(".", host + 1, label) if label >= 0 else label
        if text.find("_", max(label, host + 1), last) >= 0:
            return -1
    tail = _TAIL.match(text, last)
    return _without_trailing(text, start, tail.end() if tail else last)


def _is_host_character(character: str) -> bool:
    if character.isascii():
        return _DOMAIN.fullmatch(character) is not None and character not in "-._"
    category = unicodedata.category(character)
    return category != "Zs" and category[0] != "P"


def _without_trailing(text: str, start: int, end: int) -> int:
    """Move `end` before punctuation that ends the sentence, not the address."""
    surplus: int | None = None  # closing parentheses without an opening one
    while end > start:
        character = text[end - 1]
        if character in _TRAILING:
            end -= 1
        elif character == ")":
            if surplus is None:
                surplus = text.count(")", start, end) - text.count("(", start, end)
            if surplus <= 0:
                break
            surplus -= 1
            end -= 1
        elif character == ";":
            name = end - 1
            while name > start and text[name - 1].isascii() and text[name - 1].isalpha():
                name -= 1
            end = name - 1 if name < end - 1 and text[name - 1] == "&" else end - 1
        else:
            break
    return end if end > start else -1
