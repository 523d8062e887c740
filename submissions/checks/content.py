"""Findings about what fields say: empty, too long, unseen characters, misspelled values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import partial

from rapidfuzz import fuzz, process

from catalog.column_roles import PEOPLE_AND_PRODUCTS
from catalog.markdown.linting import Finding
from catalog.models import Entry, Tag, TagAlias
from catalog.sql.prepared import Prepared
from catalog.tagging.values import spelling_key, split_values, standard_name, value_key
from submissions.checks.subject import NEIGHBOURS, Subject
from submissions.findings import finding

LIMITS = {"name": 300, "url": 2000, "replacement_url": 2000}
"""Characters. Of 70,000 real entries the longest name has 281 and the longest address 545."""
LONGEST_TEXT = 5000
"""Characters of a description or cell; 3 of 70,000 real descriptions have more than 2,000."""

# Controls but tab and line ends, zero-width characters, direction marks, embeddings, overrides.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
# Scripts and pictures that need joiners, and scripts that need marks of direction.
_JOINERS = frozenset("\u200c\u200d")
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
# Letters of one alphabet and those of another that are drawn alike, in order.
_LATIN = "ABCEHIJKMOPSTXYaceijopsxyhdABEHIKMNOPTXYZov"
_OTHERS = "АВСЕНІЈКМОРЅТХҮасеіјорѕхуһԁΑΒΕΗΙΚΜΝΟΡΤΧΥΖον"
_TO_LATIN = dict(zip(_OTHERS, _LATIN, strict=True))
_TO_CYRILLIC = {latin: other for other, latin in _TO_LATIN.items() if "\u0400" <= other <= "\u052f"}
_WORD = re.compile(r"[^\W\d_]+")
_LINE_BREAK = re.compile(r"\s*[\r\n\x0b\x0c\u2028\u2029]+\s*")


def content_findings(subject: Subject) -> Iterator[Finding]:
    """Yield findings about each changed field, whatever else the list holds."""
    yield from _required(subject)
    for field, text in subject.changed.items():
        yield from _line_break(subject, field, text)
        yield from _unseen(subject, field, text)
        yield from _length(subject, field, text)
    if subject.name_field in subject.changed:
        yield from _mixed_alphabets(subject.name_field, subject.changed[subject.name_field])


def _required(subject: Subject) -> Iterator[Finding]:
    if subject.name_field in subject.changed and not subject.name:
        yield finding("required", subject.name_field)
    if not subject.is_table:
        return
    required = set(subject.policy.required_columns)
    for number, column in enumerate(subject.columns if required else ()):
        field = f"cell-{number}"
        if column is None or column.key not in required or field == subject.cell_of_name:
            continue
        is_named = subject.listing is not None and number == subject.listing.name_column
        is_described = field == subject.description_field or (
            subject.listing is not None
            and number == subject.listing.description_column
            and bool((subject.proposal.description or "").strip())
        )
        if is_named or (is_described and subject.description):
            continue
        is_judged = subject.is_addition or field in subject.changed
        if is_judged and not subject.changed.get(field, "").strip():
            yield finding("required", field, variant="column", column=column.header)


def _line_break(subject: Subject, field: str, text: str) -> Iterator[Finding]:
    if _LINE_BREAK.search(text.strip()):
        fixed = _LINE_BREAK.sub(" ", text.strip())
        note = partial(finding, "line-break", field, fix={field: fixed})
        yield note(field=subject.label(field))


def _unseen(subject: Subject, field: str, text: str) -> Iterator[Finding]:
    unseen = [match for match in _UNSEEN.finditer(text) if not _is_needed(text, match.start())]
    if not unseen:
        return
    character = unseen[0][0]
    name = unicodedata.name(character, "control character").lower()
    places = {match.start() for match in unseen}
    fixed = "".join(each for place, each in enumerate(text) if place not in places)
    # In running text it is a blemish; in a name or an address it can deceive.
    deceives = field in {subject.name_field, subject.url_field}
    code = "unseen-character" if deceives else "unseen-in-text"
    note = partial(finding, code, field, fix={field: fixed})
    yield note(code=f"{ord(character):04X}", name=name)


def _is_needed(text: str, place: int) -> bool:
    character = text[place]
    if character in _DIRECTION_MARKS:
        return bool(_RIGHT_TO_LEFT.search(text))
    return character in _JOINERS and place > 0 and not text[place - 1].isascii()


def _mixed_alphabets(field: str, text: str) -> Iterator[Finding]:
    """The first word in which letters of another alphabet stand for those they look like."""
    for match in _WORD.finditer(text):
        word = match[0]
        latin = {letter for letter in word if unicodedata.name(letter, "").startswith("LATIN")}
        others = set(word) - latin
        for strange, right in ((others, _TO_LATIN), (latin, _TO_CYRILLIC)):
            if latin and others and strange <= right.keys():
                fixed = "".join(right[each] if each in strange else each for each in word)
                better = text[: match.start()] + fixed + text[match.end() :]
                letter = next(each for each in word if each in strange)
                note = partial(finding, "mixed-alphabets", field, fix={field: better})
                yield note(word=word, letter=letter, code=f"{ord(letter):04X}")
                return


def _length(subject: Subject, field: str, text: str) -> Iterator[Finding]:
    limit = LIMITS.get(field, LONGEST_TEXT)
    if len(text) > limit:
        note = partial(finding, "too-long", field)
        yield note(field=subject.label(field), length=len(text), limit=limit)


# Values of facets that the list has already, in another spelling or nearly so


MOST_TAGS = 2000
"""The most used values of a facet that a new one is compared with."""
ALIKE = 85
"""Percent of equal characters from which a new value looks like a known one."""
SHORTEST = 5
_DIGITS = re.compile(r"\d+")


def value_findings(subject: Subject) -> Iterator[Finding]:
    """Values of facet columns and tags by hand; two queries where there are any."""
    proposed: list[tuple[str, str, str]] = []
    for number, column in enumerate(subject.columns):
        text = subject.changed.get(f"cell-{number}", "")
        if column is None or not text or not column.effective_facet:
            continue
        facet = column.effective_facet
        values = split_values(text, column.separators, ampersand=facet in PEOPLE_AND_PRODUCTS)
        proposed += [(f"cell-{number}", facet, value) for value in values]
    for tag in subject.proposal.add_tags:
        facet, _colon, value = tag.partition(":")
        proposed.append(("tags", facet.strip(), value.strip()))
    if not proposed:
        return
    known = _known(subject, {facet for _field, facet, _value in proposed})
    for field, facet, value in proposed:
        names = known.get(facet, {})
        code, other = "facet-value", _look_alike(facet, value, names)
        if not other and field != "tags":
            code, other = "facet-spelling", _name_of(facet, value, names)
            if other and _is_written(subject, int(field.removeprefix("cell-")), value):
                continue
        if other:
            text = subject.changed.get(field, "")
            fix = {field: text.replace(value, other)} if text.count(value) == 1 else None
            yield finding(code, field, fix=fix, value=value, other=other)


_USED = Prepared(
    lambda catalog, *facets: (
        Tag.objects.used()
        .filter(facet__catalog=catalog, facet__slug__in=facets)
        .most_used_first()
        .values_list("facet__slug", "name")[:MOST_TAGS]
    )
)
_ALIASES = Prepared(
    lambda catalog, *facets: TagAlias.objects.filter(
        facet__catalog=catalog, facet__slug__in=facets, is_confirmed=True
    ).values_list("facet__slug", "key", "tag__name")[:MOST_TAGS]
)


def _known(subject: Subject, facets: set[str]) -> dict[str, dict[str, str]]:
    """Names of the values by facet and folded spelling, the most used first."""
    known: dict[str, dict[str, str]] = {}
    for facet, name in _USED.rows(subject.catalog.pk, *facets):
        for key in (spelling_key(name), value_key(facet, name)):
            known.setdefault(facet, {}).setdefault(key, name)
    for facet, key, name in _ALIASES.rows(subject.catalog.pk, *facets):
        known.setdefault(facet, {}).setdefault(key, name)
    return known


def _name_of(facet: str, value: str, known: dict[str, str]) -> str:
    """Return the list's name for a value that is spelled otherwise, more than in case and signs; or
    ''."""
    name = known.get(value_key(facet, value), "")
    if spelling_key(value) == spelling_key(name) and not standard_name(facet, spelling_key(name)):
        return ""
    return "" if value == name else name


def _is_written(subject: Subject, number: int, value: str) -> bool:
    """Whether an entry around has the value in this column in this very spelling."""
    rows = Entry.objects.published().filter(listing=subject.listing)
    cells = rows.in_reading_order().values_list("cells", flat=True)[:NEIGHBOURS]
    return any(number < len(row) and value in row[number]["text"] for row in cells)


def _look_alike(facet: str, value: str, known: dict[str, str]) -> str:
    """The known value that a new one looks like; '' for one that is known, or like none."""
    key = spelling_key(value)
    if key in known or value_key(facet, value) in known or len(key) < SHORTEST:
        return ""
    for other in (f"{key}s", key.removesuffix("s")):
        if other in known:
            return known[other]
    matches = process.extract(key, known.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE, limit=3)
    digits = _DIGITS.findall(key)
    return next(
        (known[similar] for similar, _score, _n in matches if _DIGITS.findall(similar) == digits),
        "",
    )
