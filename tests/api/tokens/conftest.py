"""Ada, and her tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from accounts.models import User


@pytest.fixture
def ada() -> User:
    from accounts.models import User

    return User.objects.create_user("ada", "ada@people.example")


@pytest.fixture
def secret_for(ada: User) -> Callable[..., str]:
    """Make a token of Ada's with these scopes, and give its secret; with all without any."""
    from accounts.tokens import Scope, make_token

    def make(*scopes: str) -> str:
        return make_token(user=ada, name="program", scopes=scopes or Scope.values)[1]

    return make
