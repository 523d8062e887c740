"""Findings about facet values: those that the list has already, spelled otherwise or nearly so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz import fuzz, process

from catalog.column_roles import PEOPLE_AND_PRODUCTS
from catalog.markdown.linting import Finding
from catalog.models import Entry, Tag, TagAlias
from catalog.tagging.values import spelling_key, split_values, standard_name, value_key
from submissions.checks.profile import finding
from submissions.checks.subject import NEIGHBOURS, Subject

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


def _known(subject: Subject, facets: set[str]) -> dict[str, dict[str, str]]:
    """Names of the values by facet and folded spelling, the most used first."""
    tags = Tag.objects.used().filter(facet__catalog=subject.catalog, facet__slug__in=facets)
    rows = tags.most_used_first().values_list("facet__slug", "name")[:MOST_TAGS]
    known: dict[str, dict[str, str]] = {}
    for facet, name in rows:
        for key in (spelling_key(name), value_key(facet, name)):
            known.setdefault(facet, {}).setdefault(key, name)
    aliases = TagAlias.objects.filter(
        facet__catalog=subject.catalog, facet__slug__in=facets, is_confirmed=True
    )
    for facet, key, name in aliases.values_list("facet__slug", "key", "tag__name")[:MOST_TAGS]:
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
