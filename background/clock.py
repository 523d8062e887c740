"""The clock by which processes that share a database count time.

PostgreSQL's own, since its clients may stand on several machines; beside SQLite this machine's.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.db import connection

SECOND = 1_000_000
"""Times are whole microseconds since 1970."""
TOLERANCE = 60 * SECOND
"""Microseconds by which a stamp just written by another process may be ahead.

A statement may have to wait for a lock after it has looked at the clock. What is further ahead was
written before somebody set the clock back.
"""


def now_sql() -> str:
    """Return an SQL expression for the time, the same throughout a statement."""
    if connection.vendor == "postgresql":
        return "(EXTRACT(EPOCH FROM STATEMENT_TIMESTAMP()) * 1000000)::bigint"
    return str(now())


def now() -> int:
    """Return this machine's time."""
    return time.time_ns() // 1000


def shared_time() -> datetime:
    """Return the time by the clock that is shared; one query where that is PostgreSQL's."""
    microseconds = now()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {now_sql()}")
            [microseconds] = cursor.fetchone()
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
