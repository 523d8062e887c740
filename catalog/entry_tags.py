"""Reading the tags of entries: for exports, and for entries over the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from django.db import connection

from catalog.models import EntryTag, Facet, Tag
from catalog.sql.bulk import among

# Written out: the ORM takes longer to prepare a thousand keys than the database to find them.
_TAGS = f"""
SELECT tagging.content_object_id, facet.slug, tag.slug, tag.name
FROM {EntryTag._meta.db_table} AS tagging
JOIN {Tag._meta.db_table} AS tag ON tag.id = tagging.tag_id
JOIN {Facet._meta.db_table} AS facet ON facet.id = tag.facet_id
WHERE tagging.content_object_id %s AND (facet.is_public OR %s)
ORDER BY facet.rank, facet.slug, tag.%s"""  # noqa: S608


type TagRow = tuple[int, str, str, str]
"""Key of an entry, slug of a facet, slug and name of a tag."""


def tag_rows(
    entries: Sequence[int], *, public_only: bool, order: Literal["name", "slug"]
) -> list[TagRow]:
    """The tags of entries, a row each, in the order of the facets; one query.

    With `public_only` those of facets that are not offered to readers are left out.
    """
    condition, values = among(entries)
    with connection.cursor() as cursor:
        cursor.execute(_TAGS % (condition, "%s", order), [values, not public_only])
        rows: list[TagRow] = cursor.fetchall()
    return rows
