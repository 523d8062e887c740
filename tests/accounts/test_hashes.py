"""Nobody learns by its time whether an address has an account: the work is the same, in hashes."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from accounts.models import User
from tests.accounts.test_pages import NEW, make_ada

pytestmark = pytest.mark.django_db


class CountingHasher(MD5PasswordHasher):
    """Counts what takes the time: passwords that are hashed."""

    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).hashed += 1
        return super().encode(password, salt)


@pytest.fixture(autouse=True)
def counting(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]


def hashes(path: str, **data: str) -> tuple[int, int, str | None]:
    """How many passwords are hashed for a POST, and how it is answered."""
    CountingHasher.hashed = 0
    answer = Client().post(path, data)
    return CountingHasher.hashed, answer.status_code, answer.headers.get("Location")


@pytest.mark.parametrize("login", ["ada", "ada@people.example", "bob", "bob@people.example"])
@pytest.mark.parametrize("is_active", [True, False])
def test_signing_in_takes_the_same_work_for_a_known_and_an_unknown_name(
    login: str, is_active: bool
) -> None:
    make_ada(is_active=is_active)

    assert hashes("/accounts/login/", login=login, password="wrong") == (1, 200, None)


def test_signing_up_takes_the_same_work_for_a_known_and_a_new_address() -> None:
    make_ada()
    new, known, spelled = (
        hashes("/accounts/signup/", **NEW | {"email": email})
        for email in ("grace@people.example", "ada@people.example", "ADA@People.example")
    )

    assert new == known == spelled == (1, 302, "/accounts/confirm-email/")
    assert User.objects.count() == 2
