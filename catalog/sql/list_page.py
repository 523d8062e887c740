"""Fixed statements for a list's page, one for each part."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from catalog.sql.reading import fetch, moment

# What came after the first import, which is no news. The index `entry_newest` has this order.
_NEWEST = """
SELECT id, name, slug, created_at FROM catalog_entry
WHERE catalog_id = %s AND state = 'published' AND created_revision > 1 AND created_at > (
    SELECT created_at FROM catalog_revision WHERE catalog_id = %s AND number = 1
)
ORDER BY created_at DESC, position, id LIMIT %s"""
_FACETS = """
SELECT facet.id, facet.slug, facet.name, (
    SELECT count(*) FROM catalog_tag AS tag WHERE tag.facet_id = facet.id AND tag.entry_count > 0
)
FROM catalog_facet AS facet
WHERE facet.catalog_id = %s AND facet.is_public AND EXISTS (
    SELECT 1 FROM catalog_tag AS tag WHERE tag.facet_id = facet.id AND tag.entry_count > 0
)
ORDER BY facet.rank, facet.slug LIMIT %s"""
_TOP = """
SELECT * FROM (
    SELECT facet_id, slug, name, entry_count FROM catalog_tag
    WHERE facet_id = %s AND entry_count > 0 ORDER BY entry_count DESC, slug, id LIMIT %s
) AS facet_{number}"""


class NewRow(NamedTuple):
    """An entry that came after the first import."""

    pk: int
    name: str
    slug: str
    created_at: datetime


class TopTags(NamedTuple):
    """A facet with its most used tags: slug, name and number of entries of each."""

    slug: str
    name: str
    total: int
    """Number of its tags in use."""
    tags: list[tuple[str, str, int]]


def newest_rows(catalog: int, most: int) -> list[NewRow]:
    """Return the newest published entries of the list; those of one moment in its order."""
    rows = fetch(_NEWEST, [catalog, catalog, most])
    return [NewRow(pk, name, slug, moment(created_at)) for pk, name, slug, created_at in rows]


def top_tags(catalog: int, facets: int, tags: int) -> list[TopTags]:
    """Return the first public facets of the list that are used, each with its most used tags."""
    rows = fetch(_FACETS, [catalog, facets])
    chosen = {pk: TopTags(slug, name, total, []) for pk, slug, name, total in rows}
    if chosen:
        statement = " UNION ALL ".join(_TOP.format(number=n) for n in range(len(chosen)))
        parameters = [value for pk in chosen for value in (pk, tags)]
        for facet, slug, name, number in fetch(statement, parameters):
            chosen[facet].tags.append((slug, name, number))
    return list(chosen.values())
