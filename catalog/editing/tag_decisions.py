"""The common start of every decision on tags: load the catalog, then commit on it."""

from __future__ import annotations

from typing import Any

from catalog.history.revisions import Author, commit_revision
from catalog.models import Catalog, Facet, Revision
from catalog.slugs import unique_segment


def standing(catalog: int, expected_revision: int | None) -> Catalog:
    """The catalog as it stands, to be read before what is decided; see `commit`."""
    row = Catalog.objects.get(pk=catalog)
    if expected_revision is not None:
        row.revision = expected_revision
    return row


def commit(catalog: Catalog, by: Author, operation: str, **details: Any) -> Revision:
    """Commit a revision; the catalog must not have moved since `standing`."""
    return commit_revision(
        catalog=catalog,
        verb=Revision.Verb.TAGS,
        by=by,
        details={"operation": operation, **details},
    )


def free_slug(facet: Facet, name: str) -> str:
    """An address for a new tag of the facet."""
    taken = set(facet.tags.values_list("slug", flat=True))
    return unique_segment(name, taken, fallback="value", reserved=frozenset())
