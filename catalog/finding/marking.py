"""Marking in a text what a query found in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape, unescape
from itertools import pairwise

from django.utils.safestring import SafeString

from catalog.finding.text import Term
from catalog.finding.words import Word, fold, is_cjk, parts, words_with_places

_TAG = re.compile("<[^>]*>")
_TAG_OR_TEXT = re.compile("<[^>]*>|[^<]+")
_BEFORE = 60
"""Characters kept before the first mark of a text that is cut."""


def plain(html: str) -> str:
    """The text of sanitised HTML, in which `<` stands for tags alone."""
    text = _TAG.sub(" ", html) if "<" in html else html
    return unescape(text) if "&" in text else text


def marked(text: str, terms: Sequence[Term], *, length: int = 0) -> SafeString:
    """The plain text as HTML with what the terms found in `<mark>`; nothing else is HTML.

    With a length it is cut, so that the first mark is seen.
    """
    text = " ".join(text.split())
    spans = _spans(text[:10_000], terms)
    start, end = 0, len(text)
    if length and len(text) > length:
        first = spans[0][0] if spans else 0
        if first > length - _BEFORE:
            start = text.find(" ", first - _BEFORE, first) + 1 or first - _BEFORE // 2
        end = start + length
    html = ["…" if start else ""]
    at = start
    for left, right in spans:
        if left >= start and right <= end:
            html += [escape(text[at:left]), "<mark>", escape(text[left:right]), "</mark>"]
            at = right
    html += [escape(text[at:end]), "…" if end < len(text) else ""]
    # Escaped piece by piece.
    return SafeString("".join(html))


def marked_html(html: str, terms: Sequence[Term]) -> SafeString:
    """Sanitised HTML with what the terms found in its text in `<mark>`."""
    pieces = _TAG_OR_TEXT.findall(html)
    out = [piece if piece[0] == "<" else _marked_piece(piece, terms) for piece in pieces]
    # Tags are as they were, and the text between them is escaped again.
    return SafeString("".join(out))


def _marked_piece(html: str, terms: Sequence[Term]) -> str:
    text = unescape(html) if "&" in html else html
    spans = _spans(text[:10_000], terms)
    if not spans:
        return html
    out, at = [], 0
    for left, right in spans:
        out += [escape(text[at:left]), "<mark>", escape(text[left:right]), "</mark>"]
        at = right
    return "".join([*out, escape(text[at:])])


def _spans(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Return the ranges to be marked, in order and without overlap."""
    folded = fold(text)
    if not any(term.words[-1] in folded or not term.words[-1].isalnum() for term in terms):
        # Most texts have none of the words, and to cut one up takes longer than to look.
        return []
    found = _plain_matches(text, folded, terms)
    if found is None:
        words = words_with_places(text)
        found = [span for term in terms for span in _matches(text, words, term)]
    joined: list[tuple[int, int]] = []
    for left, right in sorted(found):
        if joined and left <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(right, joined[-1][1]))
        else:
            joined.append((left, right))
    return joined


def _plain_matches(text: str, folded: str, terms: Sequence[Term]) -> list[tuple[int, int]] | None:
    """Return the matches of `_matches` where looking for the letters is enough to know them; else
    None.

    It is for nearly all texts, and takes a tenth of the time of cutting them into words.
    """
    if folded != text.lower() and not _keeps_places(text, folded):
        return None
    if len(folded) != len(text):
        return None
    found: list[tuple[int, int]] = []
    for term in terms:
        letters = _letters(term)
        if letters is None:
            return None
        at = folded.find(letters)
        while at >= 0:
            end = at + len(letters)
            if not is_cjk(letters):
                before, behind = folded[at - 1 : at], folded[end : end + 1]
                # Inside another word, or beside a sign that may belong to it.
                if not _ends_words(before) or before == ".":
                    return None
                if behind in _SIGNS or (not term.is_prefix and not _ends_words(behind)):
                    return None
            found.append((at, end))
            at = folded.find(letters, at + 1)
    return found


_SIGNS = frozenset("+#")


def _keeps_places(text: str, folded: str) -> bool:
    """Whether each character was folded for itself, to one: ，as a comma, traditional Chinese."""
    characters = [_folded(character) for character in text]
    return all(len(each) == 1 for each in characters) and "".join(characters) == folded


_folded = lru_cache(maxsize=10_000)(fold)


def _letters(term: Term) -> str | None:
    """Return the letters of a term that is one word or one run of characters; else None."""
    first, *others = term.words
    if is_cjk(first):
        return first + "".join([pair[1:] for pair in others]) if _is_run(term.words) else None
    return first if not others and first.isascii() and first.isalnum() else None


def _is_run(words: Sequence[str]) -> bool:
    """Whether the words are the pairs of one run: each begins with what the last ends with."""
    if len(words) > 1 and any(len(pair) != 2 or not is_cjk(pair) for pair in words):
        return False
    return all(last[-1] == pair[0] for last, pair in pairwise(words))


def _ends_words(character: str) -> bool:
    """Whether no word goes on with the character; '' is the end of the text."""
    return not character or (character.isascii() and not character.isalnum()) or is_cjk(character)


def _matches(text: str, words: Sequence[Word], term: Term) -> list[tuple[int, int]]:
    *firsts, last = term.words
    found = []
    for n in range(len(words) - len(firsts)):
        if [word.text for word in words[n : n + len(firsts)]] != firsts:
            continue
        word = words[n + len(firsts)]
        if word.text == last:
            found.append((words[n].start, word.end))
        elif term.is_prefix and word.text.startswith(last):
            found.append((words[n].start, min(word.start + len(last), word.end)))
        elif not firsts and last in word.text and last in parts(text[word.start : word.end]):
            found.append((word.start, word.end))
    return found
