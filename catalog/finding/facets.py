"""Facets with their values, and how many of some entries have each.

Of few entries the tags are counted row by row. Of many the sets of a facet's biggest values are cut
with theirs. Of all of a list the counts are stored with the tags.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection
from pyroaring import BitMap

from catalog.finding import postings
from catalog.finding.postings import NOTHING
from catalog.finding.terms import TAG, key_term
from catalog.models import Catalog, EntryTag, Facet, Tag
from catalog.published.conditional import per_revision
from catalog.sql.keys import among, joined_keys, split

BIGGEST = 50
"""Values of a facet among which those are chosen that most of many entries have."""
FEW = 300
"""Entries whose tags are counted row by row."""


class TagRow(NamedTuple):
    """A tag that published entries have."""

    pk: int
    facet: str
    slug: str
    name: str
    entry_count: int

    @property
    def key(self) -> str:
        """What addresses call it: `language:zh`."""
        return f"{self.facet}:{self.slug}"


class FacetRow(NamedTuple):
    """A public facet: its biggest values, the most used first, and how many are used."""

    pk: int
    slug: str
    name: str
    tags: list[TagRow]
    total: int


class FacetCounts(NamedTuple):
    """The values of a facet that most entries have, each with how many have it.

    `total` is how many values any has; where not all were counted, how many the facet has.
    """

    facet: FacetRow
    values: list[tuple[TagRow, int]]
    total: int


# Equal ones follow by their addresses, byte by byte on every database.
_BIGGEST = f"""
SELECT * FROM (
    SELECT id, facet_id, slug, name, entry_count FROM {Tag._meta.db_table}
    WHERE facet_id = %s AND entry_count > 0
    ORDER BY entry_count DESC, {{slug}}, id LIMIT %s
) AS facet_{{number}}"""  # noqa: S608

_FACETS = f"""
SELECT id, slug, name, (
    SELECT count(*) FROM {Tag._meta.db_table} AS tag
    WHERE tag.facet_id = facet.id AND tag.entry_count > 0
) FROM {Facet._meta.db_table} AS facet
WHERE catalog_id = %s AND is_public ORDER BY rank, slug"""  # noqa: S608

_TAGGED = f"""
SELECT tag.id, tag.facet_id, tag.slug, tag.name, tag.entry_count, tagging.keys
FROM (
    SELECT tag_id, {{joined}} AS keys FROM {EntryTag._meta.db_table}
    WHERE content_object_id {{chosen}} GROUP BY tag_id
) AS tagging
JOIN {Tag._meta.db_table} AS tag ON tag.id = tagging.tag_id
WHERE tag.facet_id {{facets}}"""  # noqa: S608


class Request(NamedTuple):
    """A facet, the entries among which its values are counted, and how many values are needed."""

    facet: FacetRow
    entries: BitMap | None
    """None: all of the list."""
    most: int

    @property
    def is_few(self) -> bool:
        """Whether their tags are counted row by row."""
        return self.entries is not None and len(self.entries) <= FEW


@per_revision
def facets_of(catalog: Catalog) -> dict[str, FacetRow]:
    """The public facets with used values, in their order, by address; two queries."""
    rows = [row for row in _rows(_FACETS, [catalog.pk]) if row[3]]
    slugs = {pk: slug for pk, slug, _name, _total in rows}
    tags = _biggest(slugs, BIGGEST)
    return {slug: FacetRow(pk, slug, name, tags[pk], total) for pk, slug, name, total in rows}


def tags_called(catalog: Catalog, keys: Sequence[str]) -> dict[str, TagRow]:
    """Used public tags of the list by what addresses call them, those that it has; one query.

    None for those that are among the biggest of their facets.
    """
    facets = facets_of(catalog)
    known = {tag.key: tag for facet in facets.values() for tag in facet.tags}
    missing = [tuple(key.split(":", 1)) for key in keys if key not in known and ":" in key]
    small = [(facet, slug) for facet, slug in missing if facet in facets and "\0" not in slug]
    if small:
        rows = Tag.objects.used().filter(
            facet__in={facets[facet].pk for facet, _slug in small},
            slug__in={slug for _facet, slug in small},
        )
        fields = ("pk", "facet__slug", "slug", "name", "entry_count")
        for tag in map(TagRow._make, rows.order_by().values_list(*fields)):
            known[tag.key] = tag
    return {key: known[key] for key in keys if key in known}


def count(requests: Sequence[Request], scope: str) -> list[FacetCounts]:
    """For each facet the values that most of the entries have.

    `scope` is the term of the list. Costs no query, or one for few entries and one for many; one
    more for each facet of which more than the biggest values are needed.
    """
    few = [request for request in requests if request.entries is not None and request.is_few]
    counted = iter(_count_rows(few) if few else ())
    many = [request for request in requests if request.entries is not None and not request.is_few]
    biggest = [key_term(TAG, tag.pk) for request in many for tag in request.facet.tags]
    read = postings.read(biggest, scope) if biggest else {}
    counts = []
    for facet, entries, most in requests:
        if entries is None:
            counts.append(FacetCounts(facet, _stored(facet, most), facet.total))
        elif len(entries) <= FEW:
            counts.append(next(counted))
        else:
            counts.append(_count_sets(facet, entries, read, scope, most))
    return counts


def _stored(facet: FacetRow, most: int) -> list[tuple[TagRow, int]]:
    tags = facet.tags
    if most > len(tags) < facet.total:
        tags = _biggest({facet.pk: facet.slug}, most)[facet.pk]
    return [(tag, tag.entry_count) for tag in tags[:most]]


def _count_rows(requests: Sequence[Request]) -> list[FacetCounts]:
    chosen, keys = among(BitMap.union(*[request.entries or NOTHING for request in requests]))
    of_facets, facet_keys = among({request.facet.pk for request in requests})
    slugs = {request.facet.pk: request.facet.slug for request in requests}
    sql = _TAGGED.format(chosen=chosen, facets=of_facets, joined=joined_keys("content_object_id"))
    tagged: dict[int, list[tuple[TagRow, BitMap]]] = {pk: [] for pk in slugs}
    for pk, facet, slug, name, entry_count, tagged_keys in _rows(sql, [keys, facet_keys]):
        tag = TagRow(pk, slugs[facet], slug, name, entry_count)
        tagged[facet].append((tag, BitMap(split(tagged_keys))))
    counts = []
    for facet, entries, most in requests:
        numbers = [
            (tag, own.intersection_cardinality(entries or NOTHING)) for tag, own in tagged[facet.pk]
        ]
        values = [value for value in numbers if value[1]]
        counts.append(FacetCounts(facet, _most_frequent(values, most), len(values)))
    return counts


def _count_sets(
    facet: FacetRow, entries: BitMap, read: dict[str, BitMap], scope: str, most: int
) -> FacetCounts:
    tags = facet.tags
    if most > len(tags) < facet.total:
        tags = _biggest({facet.pk: facet.slug}, most)[facet.pk]
        read = postings.read([key_term(TAG, tag.pk) for tag in tags], scope)
    numbers = [entries.intersection_cardinality(read[key_term(TAG, tag.pk)]) for tag in tags]
    values = [value for value in zip(tags, numbers, strict=True) if value[1]]
    total = len(values) if len(tags) == facet.total else facet.total
    return FacetCounts(facet, _most_frequent(values, most), total)


def _most_frequent(values: list[tuple[TagRow, int]], most: int) -> list[tuple[TagRow, int]]:
    return sorted(values, key=lambda value: (-value[1], value[0].slug, value[0].pk))[:most]


def _biggest(facets: dict[int, str], most: int) -> dict[int, list[TagRow]]:
    """Used values of facets, given with their addresses, the most used first; one query."""
    tags: dict[int, list[TagRow]] = {pk: [] for pk in facets}
    if not facets:
        return tags
    slug = 'slug COLLATE "C"' if connection.vendor == "postgresql" else "slug"
    selects = [_BIGGEST.format(number=number, slug=slug) for number in range(len(facets))]
    parameters = [value for pk in facets for value in (pk, most)]
    for pk, facet, *values in _rows(" UNION ALL ".join(selects), parameters):
        tags[facet].append(TagRow(pk, facets[facet], *values))
    for own in tags.values():
        own.sort(key=lambda tag: (-tag.entry_count, tag.slug, tag.pk))
    return tags


def _rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
