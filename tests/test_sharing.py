"""Rows that tests share: each finds them as they were made, and who wants none finds none."""

import pytest
from django.db import connection

from accounts.models import User
from tests.sharing import once
from tests.submission_factories import make_user

pytestmark = pytest.mark.django_db

MADE: list[str] = []


@once
def ada() -> User:
    MADE.append("ada")
    return make_user("ada", display_name="Ada")


@pytest.mark.parametrize("turn", [1, 2])
def test_row_is_as_it_was_made(ada: User, turn: int) -> None:
    assert (ada.display_name, [*User.objects.all()]) == ("Ada", [ada])
    assert len(MADE) == (1 if connection.vendor == "sqlite" else turn)

    ada.display_name = "Somebody else"
    ada.save()
    make_user("grace")


def test_row_is_not_there_for_others() -> None:
    assert [*User.objects.all()] == []


@pytest.mark.django_db(transaction=True)
def test_who_commits_has_it_made(ada: User) -> None:
    assert [*User.objects.all()] == [ada]
