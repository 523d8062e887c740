"""Presentation of facets and tags: names, descriptions, order; not their meaning.

Each function is one transaction and one revision, as in `catalog.editing.tags`.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.editing.tag_decisions import commit, standing
from catalog.errors import InvalidField
from catalog.history.revisions import Author
from catalog.models import Facet, Revision, Tag
from catalog.tagging.tagger import MAX_NAME_LENGTH

MAX_DESCRIPTION_LENGTH = 1000
MAX_RANK = 10_000


def describe_facet(
    *,
    facet: Facet,
    name: str,
    description: str,
    rank: int,
    is_public: bool,
    by: Author,
    expected_revision: int | None = None,
) -> Revision | None:
    """Set the name, description, rank and visibility of a facet.

    Its address and tags stay. None when nothing differs. Raises `InvalidField`,
    `RevisionConflict`.
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME_LENGTH:
        raise InvalidField("name", _("A name has 1 to 200 characters."))
    if not 0 <= rank <= MAX_RANK:
        raise InvalidField("rank", _("A rank is a number from 0 to %(most)d.") % {"most": MAX_RANK})
    values = {
        "name": name,
        "description": _checked_description(description),
        "rank": rank,
        "is_public": is_public,
    }
    return _describe(
        facet, facet, values, "describe-facet", by=by, expected_revision=expected_revision
    )


def describe_tag(
    *, tag: Tag, description: str, by: Author, expected_revision: int | None = None
) -> Revision | None:
    """Set a tag's description, plain text for its page; return None when nothing differs.

    Raises `InvalidField`, `RevisionConflict`.
    """
    values = {"description": _checked_description(description)}
    return _describe(
        tag,
        tag.facet,
        values,
        "describe-tag",
        by=by,
        expected_revision=expected_revision,
        tag=tag.name,
    )


def _checked_description(description: str) -> str:
    description = description.strip()
    if len(description) > MAX_DESCRIPTION_LENGTH or "\x00" in description:
        raise InvalidField(
            "description",
            _("A description has at most %(most)d characters.") % {"most": MAX_DESCRIPTION_LENGTH},
        )
    return description


def _describe(
    row: Facet | Tag,
    facet: Facet,
    values: dict[str, Any],
    operation: str,
    *,
    by: Author,
    expected_revision: int | None,
    **details: str,
) -> Revision | None:
    """Set the fields that differ."""
    after = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not after:
        return None
    before = {name: getattr(row, name) for name in after}
    with transaction.atomic():
        catalog = standing(facet.catalog_id, expected_revision)
        revision = commit(
            catalog, by, operation, facet=facet.slug, **details, before=before, after=after
        )
        for name, value in after.items():
            setattr(row, name, value)
        row.save(update_fields=list(after))
    return revision
