"""Guessing is limited over HTTP, by all processes together, however much is read meanwhile.

The long run reads eighty times as many pages.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from accounts.models import StoredValue, User
from tests import factories
from tests.accounts.guessing import Guesser, two_processes
from tests.effort import IS_LONG

JUNK_REQUESTS = 20_000 if IS_LONG else 240
ATTEMPTS = 8
PASSWORD = "correct horse battery"
JUDGED = ["wrong"] * 5 + ["refused"] * 3


def make_person(name: str) -> User:
    user = User.objects.create_user(name, f"{name}@people.example", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.mark.django_db(transaction=True)
def test_guesses_are_limited_whatever_is_read_meanwhile() -> None:
    factories.make_catalog()
    make_person("ada")
    TOTP.activate(make_person("grace"), generate_totp_secret())

    with two_processes() as host, Guesser(host) as guesser:

        def attempts(attempt: Callable[[], str]) -> list[str]:
            outcomes = []
            for _ in range(ATTEMPTS):
                outcomes.append(attempt())
                guesser.read(JUNK_REQUESTS // (3 * ATTEMPTS))
            return outcomes

        assert attempts(lambda: guesser.password("ada", "wrong")) == JUDGED
        assert guesser.password("ada", PASSWORD) == "refused"
        assert attempts(lambda: guesser.reset("ada@people.example")) == [
            outcome.replace("wrong", "accepted") for outcome in JUDGED
        ]
        assert guesser.password("grace", PASSWORD) == "accepted"
        assert attempts(lambda: guesser.code("000000")) == JUDGED

    assert Authenticator.objects.count() == 1
    assert "people.example" not in str(StoredValue.objects.values_list())
