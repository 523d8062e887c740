import io

import pytest
from django.core.management import call_command

from accounts.models import User

pytestmark = pytest.mark.django_db


def ensure_moderator() -> str:
    output = io.StringIO()
    call_command("ensure_moderator", stdout=output)
    return output.getvalue()


def test_ensure_moderator_prints_a_password_that_works() -> None:
    printed = ensure_moderator()

    moderator = User.objects.get()
    password = printed.split("password ")[1].split(" ")[0]
    assert moderator.username == "moderator"
    assert moderator.is_staff
    assert moderator.check_password(password)


def test_ensure_moderator_keeps_the_account_it_finds() -> None:
    ensure_moderator()
    password = User.objects.get().password

    assert ensure_moderator() == ""
    assert User.objects.get().password == password
