"""Every error of a catalog, and failures of the database that are nobody's mistake.

Each error of a catalog has a stable `code` and one sentence for people; edges (command, admin
message, API) translate it once and add nothing. Failures of the database (disk full, read-only, no
answer) are told apart by the codes of the drivers: SQLite's result codes, PostgreSQL's SQLSTATE.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError


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


class DatabaseProblem(Enum):
    """A state of the database that somebody has to mend; the value says how, to who runs it."""

    FULL = (
        "No space is left, on the disk or in the database: make room, then run this again. "
        "The database is as it was before the step that failed."
    )
    READ_ONLY = (
        "The database can only be read, and this has to write: run it again when DATABASE_URL "
        "leads to one that can be written. The database is as it was."
    )
    UNREACHABLE = (
        "The database cannot be opened: check DATABASE_URL, and that its server runs or its "
        "folder is there."
    )


_BY_CODE = {
    "SQLITE_FULL": DatabaseProblem.FULL,
    # What SQLite shares between processes lies beside its file.
    "SQLITE_IOERR_SHMSIZE": DatabaseProblem.FULL,
    "SQLITE_READONLY": DatabaseProblem.READ_ONLY,
    "SQLITE_CANTOPEN": DatabaseProblem.UNREACHABLE,
    # disk_full
    "53100": DatabaseProblem.FULL,
    # read_only_sql_transaction
    "25006": DatabaseProblem.READ_ONLY,
    # too_many_connections; admin_shutdown, crash_shutdown, cannot_connect_now
    "53300": DatabaseProblem.UNREACHABLE,
    "57P01": DatabaseProblem.UNREACHABLE,
    "57P02": DatabaseProblem.UNREACHABLE,
    "57P03": DatabaseProblem.UNREACHABLE,
}
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def problem_of(error: BaseException | None) -> DatabaseProblem | None:
    """The problem that the error, or one that led to it, comes from; None for other errors."""
    return next(filter(None, map(_problem, _chain(error))), None)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _problem(error: BaseException) -> DatabaseProblem | None:
    if isinstance(error, OSError):
        return DatabaseProblem.FULL if error.errno in _NO_SPACE else None
    driver = error.__cause__
    if isinstance(error, InterfaceError) and hasattr(driver, "sqlstate"):
        # psycopg's word for a connection that was lost before this statement.
        return DatabaseProblem.UNREACHABLE
    if not isinstance(error, DatabaseError):
        return None
    if name := getattr(driver, "sqlite_errorname", None):
        # SQLITE_READONLY_DIRECTORY and the like say why.
        return _BY_CODE.get(name) or _BY_CODE.get("_".join(name.split("_")[:2]))
    state = getattr(driver, "sqlstate", None)
    if state is None:
        # Who cannot connect gets no code from the server.
        is_postgresql = isinstance(error, OperationalError) and hasattr(driver, "sqlstate")
        return DatabaseProblem.UNREACHABLE if is_postgresql else None
    return _BY_CODE.get(state)
