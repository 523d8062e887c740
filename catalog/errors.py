"""Every error of a catalog.

Each error has a stable `code` and one sentence for people; edges (command, admin message, API)
translate it once and add nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any


class CatalogError(Exception):
    """Base of all refusals. `str(error)` is the sentence shown to the person."""

    code = "invalid"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def details(self) -> dict[str, Any]:
        """Return the plain data that an API answer has besides code and sentence."""
        return {}


class UnreadableText(CatalogError):
    """The bytes are not a text the catalog can hold (encoding, NUL, size)."""

    code = "unreadable"


class InvalidField(CatalogError):
    """A field's value cannot be written. `field` is its name, or a column's header."""

    code = "invalid_field"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field

    def details(self) -> dict[str, Any]:
        """The sentence by its field, unless it is about the whole."""
        return {"errors": {self.field: [self.message]}} if self.field else {}


class EditRefused(CatalogError):
    """The edit would change more than its own lines, or cannot be written exactly."""

    code = "edit_refused"


class RevisionConflict(CatalogError):
    """The list has changed since the state that a change was based on."""

    code = "conflict"


class MergeConflict(CatalogError):
    """Both sides changed the same lines since the last common text.

    `conflicts` are `merging.Conflict`s.
    """

    code = "merge_conflict"

    def __init__(self, message: str, conflicts: Sequence[Any]) -> None:
        super().__init__(message)
        self.conflicts = list(conflicts)


class NotFound(CatalogError):
    """There is no such catalog, section, entry or revision."""

    code = "not_found"


class EntryGone(NotFound):
    """The entry was on its list, and was removed; `removed_at` says when.

    `part_of` is the id of the entry that it is a part of now, if any.
    """

    code = "gone"

    def __init__(self, message: str, removed_at: datetime, part_of: int | None = None) -> None:
        super().__init__(message)
        self.removed_at = removed_at
        self.part_of = part_of

    def details(self) -> dict[str, Any]:
        """Return when the entry was removed, and what it is a part of."""
        return {"removed_at": self.removed_at, "part_of": self.part_of}


class AddressTaken(CatalogError):
    """A slug that is taken, reserved or not well-formed."""

    code = "address_taken"
