"""A list to propose to, and everybody who does something to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from catalog.models import Catalog
    from tests.api.submissions.callers import Caller


@pytest.fixture
def catalog() -> Catalog:
    """A list and a table."""
    from tests.submission_factories import make_tools

    return make_tools()


@pytest.fixture
def nobody() -> Caller:
    """A program without a token."""
    from tests.api.submissions.callers import Caller

    return Caller()


@pytest.fixture
def ada() -> Caller:
    """Somebody with an account."""
    from tests.api.submissions.callers import caller
    from tests.submission_factories import make_user

    return caller(make_user())


@pytest.fixture
def mo(catalog: Catalog) -> Caller:
    """A moderator of the list."""
    from tests.api.submissions.callers import caller
    from tests.submission_factories import make_moderator

    user = make_moderator(catalog).user
    assert user
    return caller(user)


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody send as much as they like."""
    from accounts.api import ScopeThrottle
    from submissions.api import operations
    from submissions.protection import Admission

    monkeypatch.setattr(ScopeThrottle, "allow_request", lambda *_: True)
    monkeypatch.setattr(operations, "admit", lambda *_, **__: Admission())
