"""Results to be shown: entries with what matched marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from itertools import pairwise
from urllib.parse import quote

import orjson
from django.utils.safestring import SafeString
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.postings import CATALOG, PUBLISHED, address_term, key_term
from catalog.finding.text import Term, Word, fold, is_cjk, parts, words_with_places
from catalog.rendering import without_separator
from catalog.sql.bulk import among, fetch

# Marking what matched in a text


_TAG = re.compile("<[^>]*>")
_INLINE = re.compile(
    r"</?(?:a|abbr|b|code|del|em|i|kbd|mark|s|span|strong|sub|sup|u)(?=[ >])[^>]*>"
)
_TAG_OR_TEXT = re.compile("<[^>]*>|[^<]+")
_BEFORE = 60
"""Characters kept before the first mark of a text that is cut."""


def plain(html: str) -> str:
    """The text of sanitised HTML, in which `<` stands for tags alone."""
    text = _TAG.sub(" ", html) if "<" in html else html
    return unescape(text) if "&" in text else text


def shown_text(html: str) -> str:
    """The text of sanitised HTML as it is read: what only marks a word does not end it."""
    return plain(_INLINE.sub("", html) if "<" in html else html)


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
        # Not inside a word, where one ends near enough; in Chinese no blank tells.
        least = max(end - _BEFORE // 2, spans[0][1] if spans else 0)
        if end < len(text) and (blank := text.rfind(" ", least, end + 1)) > 0:
            end = blank
    spans = [(left, right) for left, right in spans if left >= start and right <= end]
    html = _with_marks(text, spans, start, end)
    return SafeString(f"{'…' if start else ''}{html}{'…' if end < len(text) else ''}")


def marked_html(html: str, terms: Sequence[Term]) -> SafeString:
    """Sanitised HTML with what the terms found in its text in `<mark>`."""
    parts = _TAG_OR_TEXT.findall(html)
    out = [part if part[0] == "<" else _marked_text(part, terms) for part in parts]
    # Tags are as they were, and the text between them is escaped again.
    return SafeString("".join(out))


def _marked_text(html: str, terms: Sequence[Term]) -> str:
    text = unescape(html) if "&" in html else html
    spans = _spans(text[:10_000], terms)
    if not spans:
        return html
    return _with_marks(text, spans, 0, len(text))


def _with_marks(text: str, spans: Sequence[tuple[int, int]], at: int, end: int) -> str:
    """A part of a text as HTML, escaped bit by bit."""
    html = []
    for left, right in spans:
        html += [escape(text[at:left]), "<mark>", escape(text[left:right]), "</mark>"]
        at = right
    return "".join([*html, escape(text[at:end])])


def _spans(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Return the ranges to be marked, in order and without overlap."""
    folded = fold(text)
    if not any(term.words[-1] in folded or not term.words[-1].isalnum() for term in terms):
        # Most texts have none of the words, and to cut one up takes longer than to look.
        return []
    spans = _plain_matches(text, folded, terms)
    if spans is None:
        words = words_with_places(text)
        spans = [span for term in terms for span in _matches(text, words, term)]
    joined: list[tuple[int, int]] = []
    for left, right in sorted(spans):
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
    spans: list[tuple[int, int]] = []
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
            spans.append((at, end))
            at = folded.find(letters, at + 1)
    return spans


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
    spans = []
    for n in range(len(words) - len(firsts)):
        if [word.text for word in words[n : n + len(firsts)]] != firsts:
            continue
        word = words[n + len(firsts)]
        if word.text == last:
            spans.append((words[n].start, word.end))
        elif term.is_prefix and word.text.startswith(last):
            spans.append((words[n].start, min(word.start + len(last), word.end)))
        elif not firsts and last in word.text and last in parts(text[word.start : word.end]):
            spans.append((word.start, word.end))
    return spans


DESCRIPTION_LENGTH = 280
SUGGESTION_LENGTH = 100
LOOKED_AT = 120
"""Entries that are looked at for which lists most of them are in."""
MOST_PLACES = 50
"""Entries that are looked at for whether they are the same thing."""


@dataclass(frozen=True, slots=True)
class Result:
    """An entry that matches, with the matches marked."""

    pk: int
    title: str
    slug: str
    catalog: int
    catalog_slug: str
    catalog_title: str
    section_path: str
    """'' where it stands in no section; so the title."""
    section_title: str
    canonical_url: str
    name: SafeString
    description: SafeString

    @property
    def path(self) -> str:
        """The address below that of the site."""
        return f"{self.catalog_slug}/entries/{self.pk}-{quote(self.slug)}/"


type _Row = tuple[int, str, str, int, str, str, str, str, str, str, str, str]
"""What a result begins with, then the texts that describe it."""

# Written out: to put it together takes the ORM longer than the database to answer. What an entry
# stands in is looked up for each: joined, PostgreSQL reads all of it, and SQLite all entries.
_LIST = "SELECT catalog.{0} FROM catalog_catalog catalog WHERE catalog.id = entry.catalog_id"
_SECTION = """
    SELECT section.{0} FROM catalog_section section
    WHERE section.id = entry.section_id AND NOT section.is_title"""
_SELECT = f"""
    SELECT entry.id, entry.name, entry.slug, entry.catalog_id,
        ({_LIST.format("slug")}), ({_LIST.format("title")}),
        COALESCE(({_SECTION.format("path")}), ''), COALESCE(({_SECTION.format("title")}), ''),
        entry.canonical_url, {{texts}}
    FROM catalog_entry entry WHERE entry.id {{chosen}}
"""  # noqa: S608
_TEXTS = """entry.description_html,
    CASE WHEN entry.description_html = '' THEN entry.html ELSE '' END,
    CASE WHEN entry.description_html = '' THEN CAST(entry.cells AS text) ELSE '[]' END"""


def results_of(pks: Sequence[int], terms: Sequence[Term]) -> list[Result]:
    """The entries in this order; those that are gone are left out.

    One query.
    """
    return [
        Result(
            *row[:9],
            marked(row[1], terms, length=DESCRIPTION_LENGTH),
            marked(description_of(row[1], *row[9:]), terms, length=DESCRIPTION_LENGTH),
        )
        for row in _rows(pks, _TEXTS)
    ]


MARK = "<mark>"


def matched_elsewhere(result: Result, terms: Sequence[Term]) -> tuple[str, str]:
    """The field, and its text as HTML with marks, that an entry was found by where no other text
    of it has a mark; ('', '') for none."""
    address = result.canonical_url.partition("://")[2]
    for field, text in (("section", result.section_title), ("address", address)):
        if MARK in (html := marked(text, terms, length=SUGGESTION_LENGTH)):
            return field, html
    return "", ""


def same_things(results: Sequence[Result]) -> dict[int, list[Result]]:
    """Return other published entries with the name and address of each, by its key; two queries."""
    addresses = {
        each.pk: address_term(each.canonical_url) for each in results if each.canonical_url
    }
    if not addresses:
        return {}
    read = postings.read([PUBLISHED, *addresses.values()])
    having = {pk: read[term] & read[PUBLISHED] for pk, term in addresses.items()}
    others = {pk for own in having.values() if len(own) > 1 for pk in own[:MOST_PLACES]}
    rows = {row.pk: row for row in suggestions_of(sorted(others))}
    places: dict[int, list[Result]] = {}
    for each in results:
        key = each.canonical_url, fold(each.title)
        places[each.pk] = [
            row
            for pk in having.get(each.pk, ())
            if pk != each.pk
            and (row := rows.get(pk))
            and (row.canonical_url, fold(row.title)) == key
        ]
    return places


_LISTS = """
SELECT catalog.id, catalog.slug, catalog.title, own.number
FROM (
    SELECT catalog_id, count(*) AS number FROM catalog_indexedentry
    WHERE id {chosen} GROUP BY catalog_id
) AS own
JOIN catalog_catalog AS catalog ON catalog.id = own.catalog_id
ORDER BY own.number DESC, catalog.id LIMIT %s"""


def lists_of(entries: BitMap, most: int) -> list[tuple[str, str, int]]:
    """Address, title and number of the lists that most of the entries are in; two queries.

    Of very many entries some are looked at, evenly spread, for which lists these are.
    """
    chosen, keys = among(entries[:: len(entries) // LOOKED_AT + 1])
    rows = fetch(_LISTS.format(chosen=chosen), [keys, 2 * most])
    read = postings.read([key_term(CATALOG, row[0]) for row in rows])
    counted = [
        (entries.intersection_cardinality(read[key_term(CATALOG, pk)]), -pk, slug, title)
        for pk, slug, title, _some in rows
    ]
    counted.sort(reverse=True)
    return [(slug, title, number) for number, _pk, slug, title in counted[:most]]


def suggestions_of(pks: Sequence[int], terms: Sequence[Term] = ()) -> list[Result]:
    """The same without descriptions."""
    return [
        Result(*row[:9], marked(row[1], terms, length=SUGGESTION_LENGTH), SafeString())
        for row in _rows(pks, "'', '', '[]'")
    ]


def description_of(name: str, description_html: str, html: str, cells: str) -> str:
    """Return the text shown below an entry's name, as plain text; `cells` are JSON."""
    if description_html:
        return shown_text(without_separator(description_html))
    others = [shown_text(cell["html"]).strip() for cell in orjson.loads(cells)]
    if others:
        return " · ".join([text for text in others if text and text != name])
    return " ".join(shown_text(html).split()).removeprefix(name).strip()


def _rows(pks: Sequence[int], texts: str) -> list[_Row]:
    if not pks:
        return []
    chosen, keys = among(pks)
    rows = {row[0]: row for row in fetch(_SELECT.format(texts=texts, chosen=chosen), [keys])}
    return [rows[pk] for pk in pks if pk in rows]
