"""Suggestions while somebody types: the first results, then lists, sections and tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from catalog.finding.results import Result, suggestions_of
from catalog.finding.searching import Found
from catalog.finding.text import Term, read_query
from catalog.finding.words import fold
from catalog.models import Catalog
from catalog.sql.bulk import among

MOST_ENTRIES, MOST_OTHERS = 8, 2
LEAST_LETTERS = 2
"""Fewest letters before anything but entries is suggested."""
AROUND = 50
"""Number of first results whose sections and tags are suggested in a search of all lists."""
LIST, SECTION, TAG = "list", "section", "tag"
"""Kinds of places."""


class Place(NamedTuple):
    """A list, section or tag that is called so."""

    kind: str
    title: str
    path: str
    """The address below that of its list, not quoted; '' for the list itself."""
    catalog_slug: str
    catalog_title: str
    facet: str
    """The name of a tag's facet, '' for the others."""


class Suggestions(NamedTuple):
    """Entries as a search would show them first, and what else is called so."""

    entries: list[Result]
    places: list[Place]
    terms: Sequence[Term]
    """Terms that may be marked in names and titles."""


# Written out: to put them together takes the ORM longer than the database to answer.
_LISTS = """
SELECT 'list', title, '' AS path, slug, title AS list, '' AS facet
FROM catalog_catalog WHERE revision > 0 AND {called} ORDER BY title, id LIMIT %s"""
_SECTIONS = """
SELECT 'section', section.title, section.path, catalog.slug, catalog.title, ''
FROM catalog_section AS section JOIN catalog_catalog AS catalog ON catalog.id = section.catalog_id
WHERE NOT section.is_title AND section.entry_count > 0 AND {within} AND {called}
ORDER BY section.entry_count DESC, section.id LIMIT %s"""
_TAGS = """
SELECT 'tag', tag.name, 'tags/' || facet.slug || '/' || tag.slug, catalog.slug, catalog.title,
    facet.name
FROM catalog_tag AS tag JOIN catalog_facet AS facet ON facet.id = tag.facet_id
JOIN catalog_catalog AS catalog ON catalog.id = facet.catalog_id
WHERE facet.is_public AND tag.entry_count > 0 AND {within} AND {called}
ORDER BY tag.entry_count DESC, tag.id LIMIT %s"""
_OF_ENTRIES = "section.id IN (SELECT section_id FROM catalog_entry WHERE id {chosen})"
_TAGGING = "tag.id IN (SELECT tag_id FROM catalog_entrytag WHERE content_object_id {chosen})"


def suggest(typed: str, catalog: Catalog | None) -> Suggestions:
    """The suggestions in one list, or in all."""
    matches = Found(read_query(typed), catalog)
    keys = matches.best(None, 0, MOST_ENTRIES if catalog else AROUND)
    entries = suggestions_of(keys[:MOST_ENTRIES], matches.terms)
    if len(typed.strip()) < LEAST_LETTERS:
        return Suggestions(entries, [], matches.terms)
    places = _places(typed.split(), catalog, keys)
    titles = {place.title for place in places if place.kind == SECTION}
    # Sections are tags of their entries, too.
    places = [place for place in places if place.kind != TAG or place.title not in titles]
    return Suggestions(entries, places, matches.terms)


def _places(words: Sequence[str], catalog: Catalog | None, keys: Sequence[int]) -> list[Place]:
    """Lists, sections and tags whose names have all words, in this order; one query."""
    within: list[tuple[str, Any]]
    if catalog:
        within = [
            ("section.catalog_id = %s", catalog.pk),
            ("facet.catalog_id = %s", catalog.pk),
        ]
    else:
        chosen, own = among(keys)
        within = [(where.format(chosen=chosen), own) for where in (_OF_ENTRIES, _TAGGING)]
    texts = [text for word in words for text in (word, fold(word))]
    like = [f"%{connection.ops.prep_for_like_query(text)}%" for text in texts]
    selects, parameters = [], list[Any]()
    if not catalog:
        selects.append(_LISTS.format(called=_called("title", words)))
        parameters += [*like, MOST_OTHERS]
    for select, column, (where, value) in zip(
        (_SECTIONS, _TAGS), ("section.title", "tag.name"), within, strict=True
    ):
        selects.append(select.format(within=where, called=_called(column, words)))
        parameters += [value, *like, MOST_OTHERS]
    parts = [f"SELECT * FROM ({each}) AS called{n}" for n, each in enumerate(selects)]  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        return [Place(*row) for row in cursor.fetchall()]


def _called(column: str, words: Sequence[str]) -> str:
    """A condition that a text has all words as they are typed, or folded."""
    has = f"{column} {'ILIKE' if connection.vendor == 'postgresql' else 'LIKE'} %s ESCAPE '\\'"
    return " AND ".join([f"({has} OR {has})"] * len(words))
