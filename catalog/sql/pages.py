"""The rows that the page of an entry is made of, a statement for each kind.

Written out: putting them together takes the ORM longer than the databases take to answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from catalog.sql.bulk import among, fetch, moment

HISTORY_LENGTH = 50
LARGEST_KEY = 2**63 - 1

_ENTRY = """
SELECT entry.id, entry.state, entry.name, entry.slug, entry.url, entry.canonical_url,
    entry.description_html, entry.html, CAST(entry.cells AS text), entry.created_revision,
    entry.created_at, entry.removed_at, section.path, section.title, section.is_title,
    CAST(listing.columns AS text), indexed.names, indexed.words, successor.id IS NOT NULL,
    EXISTS (
        SELECT 1 FROM catalog_block AS block WHERE block.catalog_id = entry.catalog_id
        AND block.position >= section.position AND block.position < entry.position
        LIMIT 1 OFFSET %s
    )
FROM catalog_entry AS entry
LEFT JOIN catalog_section AS section ON section.id = entry.section_id
LEFT JOIN catalog_listing AS listing ON listing.id = entry.listing_id
LEFT JOIN catalog_indexedentry AS indexed ON indexed.id = entry.id
LEFT JOIN catalog_successor AS successor ON successor.entry_id = entry.id
WHERE entry.id = %s AND entry.catalog_id = %s AND entry.state <> 'suggested'"""
_LINKS = """
SELECT text, url, host, kind FROM catalog_link WHERE entry_id = %s ORDER BY ordinal"""
_TAGS = """
SELECT facet.slug, facet.name, tag.slug, tag.name, tag.id
FROM catalog_entrytag AS tagging
JOIN catalog_tag AS tag ON tag.id = tagging.tag_id
JOIN catalog_facet AS facet ON facet.id = tag.facet_id
WHERE tagging.content_object_id = %s AND facet.is_public
ORDER BY facet.rank, facet.slug, tag.name"""
# What was done to the entry and to what is part of it now; see `ChangeQuerySet.of_entry`.
_CHANGES = """
SELECT change.op, change.before, change.after, revision.number, revision.verb,
    revision.credit, revision.actor_name, revision.note, revision.created_at
FROM catalog_change AS change
JOIN catalog_revision AS revision ON revision.id = change.revision_id
WHERE change.entry_id IN (
    SELECT CAST(%s AS bigint)
    UNION ALL SELECT part.entry_id FROM catalog_successor AS part WHERE part.into_id = %s
) AND revision.catalog_id = %s AND {is_news}
ORDER BY revision.number DESC, change.ordinal LIMIT %s"""
_IS_NEWS = {
    "sqlite": "json_type(revision.details, '$.taken_back') IS NULL"
    " AND json_type(revision.details, '$.rebuilt') IS NULL",
    "postgresql": "NOT jsonb_exists_any(revision.details, ARRAY['taken_back', 'rebuilt'])",
}
_SECTIONS = """
SELECT path, title FROM catalog_section
WHERE catalog_id = %s AND path IN ({marks}) AND NOT is_title ORDER BY position"""
_COLUMNS = "SELECT key, header FROM catalog_column WHERE catalog_id = %s AND key IN ({marks})"
# What an entry stands in is looked up for each: joined, PostgreSQL reads all lists, and SQLite all
# entries of the list.
_NEIGHBOURS = """
SELECT entry.id, entry.name, entry.slug, entry.catalog_id,
    (SELECT slug FROM catalog_catalog WHERE id = entry.catalog_id AND revision > 0),
    (SELECT title FROM catalog_catalog WHERE id = entry.catalog_id),
    (SELECT title FROM catalog_section WHERE id = entry.section_id)
FROM catalog_entry AS entry WHERE entry.state = 'published' AND entry.id {among}"""


class EntryRow(NamedTuple):
    """An entry, published or removed, with its section, listing and words."""

    pk: int
    state: str
    name: str
    slug: str
    url: str
    canonical_url: str
    description_html: str
    html: str
    cells: str
    """The cells as JSON, like `columns`."""
    created_revision: int
    created_at: datetime
    removed_at: datetime | None
    section_path: str | None
    section_title: str | None
    section_is_title: bool | None
    columns: str | None
    """Keys of its table's columns."""
    names: str | None
    """The indexed words of the name; `words` are those outside of it."""
    words: str | None
    has_successor: bool
    is_far: bool
    """Whether more blocks stand before it in its section than a page has."""


class LinkRow(NamedTuple):
    """A link of an entry."""

    text: str
    url: str
    host: str
    kind: str


class TagRow(NamedTuple):
    """A tag of an entry with its facet."""

    facet_slug: str
    facet_name: str
    slug: str
    name: str
    pk: int


class ChangeRow(NamedTuple):
    """A line operation with its revision."""

    op: str
    before: str
    after: str
    number: int
    verb: str
    credit: str
    actor_name: str
    note: str
    created_at: datetime


class NeighbourRow(NamedTuple):
    """A published entry that another one's page leads to."""

    pk: int
    name: str
    slug: str
    catalog: int
    catalog_slug: str
    catalog_title: str
    section_title: str | None


def entry_row(catalog: int, pk: int, per_page: int) -> EntryRow | None:
    """Return the entry, None where the list has none; a page of its section has so many blocks."""
    rows = fetch(_ENTRY, [per_page - 1, pk, catalog]) if pk <= LARGEST_KEY else []
    if not rows:
        return None
    row = EntryRow._make(rows[0])
    return row._replace(
        created_at=moment(row.created_at),
        removed_at=row.removed_at and moment(row.removed_at),
    )


def link_rows(entry: int) -> list[LinkRow]:
    """Return the entry's links in the order of the line."""
    return [LinkRow._make(row) for row in fetch(_LINKS, [entry])]


def tag_rows(entry: int) -> list[TagRow]:
    """Return the entry's public tags, by facet."""
    return [TagRow._make(row) for row in fetch(_TAGS, [entry])]


def change_rows(catalog: int, entry: int) -> list[ChangeRow]:
    """Return what was done to the entry, the newest first; what was taken back at once is none."""
    statement = _CHANGES.format(is_news=_IS_NEWS[connection.vendor])
    rows = fetch(statement, [entry, entry, catalog, HISTORY_LENGTH])
    return [ChangeRow._make((*row[:-1], moment(row[-1]))) for row in rows]


def section_titles(catalog: int, paths: Sequence[str]) -> list[tuple[str, str]]:
    """Return path and title of the sections at these paths, in the list's order."""
    return _of(_SECTIONS, catalog, paths)


def column_headers(catalog: int, keys: Sequence[str]) -> dict[str, str]:
    """Return the headers of columns by their keys."""
    return dict(_of(_COLUMNS, catalog, keys))


def neighbour_rows(pks: Sequence[int]) -> dict[int, NeighbourRow]:
    """Return those of the entries that are published, by key."""
    condition, keys = among(pks)
    rows = fetch(_NEIGHBOURS.format(among=condition), [keys]) if pks else []
    neighbours = map(NeighbourRow._make, rows)
    return {row.pk: row for row in neighbours if row.catalog_slug}


def _of(statement: str, catalog: int, names: Sequence[str]) -> list[Any]:
    if not names:
        return []
    marks = ", ".join(["%s"] * len(names))
    return fetch(statement.format(marks=marks), [catalog, *names])


# What came after the first import, which is no news. The index `entry_of_list_newest` has
# this order, and with the sign PostgreSQL takes it, however few it expects to be news.
_NEWEST = """
SELECT id, name, slug, created_at FROM catalog_entry
WHERE catalog_id = %s AND state = 'published' AND +created_revision > 1 AND created_at > (
    SELECT created_at FROM catalog_revision WHERE catalog_id = %s AND number = 1
)
ORDER BY created_at DESC, id LIMIT %s"""
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
    """Return the newest published entries of the list; those of one moment as they came."""
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
