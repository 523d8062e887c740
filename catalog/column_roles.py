"""The table of column roles: what a column of a table says about an entry, and what follows.

The guesses, the edits, the forms, the administration, the API with its schema and the tests read
it; CONTRIBUTING.md says how a role is added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from catalog import column_words


class ColumnRole(TextChoices):
    """The role of a table column: which property of an entry it holds."""

    NAME = "name", _("name and link")
    DESCRIPTION = "description", _("description")
    FACET = "facet", _("facet values")
    TEXT = "text", _("other text")


@dataclass(frozen=True, slots=True)
class RoleRow:
    """Consequences of one role."""

    role: ColumnRole
    words: Mapping[str, str]
    """Words of headers, by the facet that they stand for; '' where the role has no facets."""
    is_of_table: bool = False
    """Whether the codec says of each table which column it is, and fills a field of the entry from
    it; under the same header in another table there may be other text."""
    has_tags: bool = False
    """Whether its cells are read as tags, and its field in forms offers them."""
    is_long: bool = False
    """Whether its field in forms has several lines."""


_ROWS = (
    RoleRow(ColumnRole.NAME, {"": column_words.NAME}, is_of_table=True),
    RoleRow(ColumnRole.DESCRIPTION, {"": column_words.DESCRIPTION}, is_of_table=True, is_long=True),
    RoleRow(ColumnRole.FACET, column_words.FACETS, has_tags=True),
    RoleRow(ColumnRole.TEXT, {"": column_words.TEXT}),
)
ROLES = {row.role: row for row in _ROWS}
"""The consequences of each role."""

OF_TABLE = frozenset(row.role for row in _ROWS if row.is_of_table)
WITH_TAGS = frozenset(row.role for row in _ROWS if row.has_tags)
LONG = frozenset(row.role for row in _ROWS if row.is_long)

MEANINGS = {
    # A plus stands for a space.
    word.replace("+", " "): (row.role.value, facet)
    for row in _ROWS
    for facet, words in row.words.items()
    for word in words.split()
}
"""Role and facet by the words of headers."""


def role_in_table(
    number: int, role: str, *, name_column: int | None, description_column: int | None
) -> str:
    """The role of a column in one table, where `role` is what its header means in the catalog."""
    if number == name_column:
        return ColumnRole.NAME
    if number == description_column:
        return ColumnRole.DESCRIPTION
    return ColumnRole.TEXT if role in OF_TABLE else role
