"""Waiting for SQLite's one write lock, which it hands to whoever asks at the right moment.

Its own wait gives up after a time, however far the others have got in between. That is not the
person's business who decides: what was not begun is begun again.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import OperationalError, connection

TIMES = 15
"""Each waits as long as the database's own timeout, 20 seconds."""


def patiently[T](work: Callable[[], T]) -> T:
    """Do what begins a transaction of its own; begin anew if the lock was not to be had.

    Inside a transaction the lock is there already, and nothing may be done twice.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return work()
    for _time in range(TIMES - 1):
        try:
            return work()
        except OperationalError as error:
            if "locked" not in str(error):
                raise
    return work()
