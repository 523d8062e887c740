"""Rows that tests share: made once, in a transaction around those of the tests that want them.

On SQLite alone: PostgreSQL's clock stands still in a transaction, however many tests are in it.
"""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

TRANSACTIONAL = {"transactional_db", "live_server"}

_rows: dict[Callable[[], Any], Any] = {}
"""What each function has made in the transaction that is open."""


def once[T](make: Callable[[], T]) -> Callable[[], T]:
    """Make a fixture that the next test finds as it was made, without making it again.

    A test that commits has it made for itself.
    """

    def given(db: None) -> T:
        return copy.deepcopy(_rows[make]) if make in _rows else make()

    given.make = make  # type: ignore[attr-defined]
    given.__name__, given.__doc__ = make.__name__, make.__doc__
    fixture: Callable[[], T] = pytest.fixture(given)
    return fixture


class Sharing:
    """The transaction around those of tests, while they want the same."""

    def __init__(self) -> None:
        self._around: transaction.Atomic | None = None

    def prepare(self, item: pytest.Item) -> None:
        """Make what the test wants, unless the one before has makers the same; forget others."""
        marker = item.get_closest_marker("django_db")
        definitions: Any = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
        fixtures = [definitions[name][-1].func for name in sorted(definitions)]
        commits = (marker and marker.kwargs.get("transaction")) or TRANSACTIONAL & {*definitions}
        is_shared = connection.vendor == "sqlite" and not commits
        makers = [it.make for it in fixtures if is_shared and hasattr(it, "make")]
        if makers != list(_rows):
            self.end()
            for make in makers:
                self._begin()
                _rows[make] = make()

    def _begin(self) -> None:
        if self._around is None:
            self._around = transaction.atomic()
            # As Django's TestCase does: what has to be outermost may be inside of this one.
            self._around._from_testcase = True  # type: ignore[attr-defined]
            self._around.__enter__()

    def end(self) -> None:
        """Take back what was made."""
        _rows.clear()
        if self._around is not None:
            transaction.set_rollback(True)
            self._around.__exit__(None, None, None)
            self._around = None
