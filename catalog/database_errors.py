"""Database failures that are nobody's mistake: disk full, read-only, no answer.

Told apart by the codes of the drivers: SQLite's result codes and PostgreSQL's SQLSTATE.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from enum import Enum

from django.db import DatabaseError, InterfaceError, OperationalError


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
