from typing import Any

import pytest
from django.conf import global_settings
from django.test import Client

from accounts.models import User
from config import settings as installed


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({"display_name": "Ada L.", "first_name": "Ada", "last_name": "Lovelace"}, "Ada L."),
        ({"first_name": "Ada", "last_name": "Lovelace"}, "Ada Lovelace"),
        ({}, "ada"),
    ],
)
def test_full_name_is_the_best_name_known(names: dict[str, str], shown: str) -> None:
    assert User(username="ada", **names).get_full_name() == shown


@pytest.mark.django_db
def test_passwords_are_hashed_as_django_does(client: Client, settings: Any) -> None:
    """The tests have a faster hasher; an installation has none of its own."""
    assert not hasattr(installed, "PASSWORD_HASHERS")
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS

    user = User.objects.create_user("ada", "ada@people.example", "correct horse battery")

    assert user.password.startswith("pbkdf2_sha256$")
    login = {"login": "ada", "password": "correct horse battery"}
    assert client.post("/accounts/login/", login).status_code == 302
