"""The menu of the administration: in the order of the work, for each only what is theirs."""

import pytest
from django.contrib import admin
from django.test import RequestFactory

from accounts.models import User

pytestmark = pytest.mark.django_db


def menu_of(user: User) -> list[tuple[str, list[str]]]:
    request = RequestFactory().get("/admin/")
    request.user = user
    return [
        (str(group["name"]), [model["object_name"] for model in group["models"]])
        for group in admin.site.get_app_list(request)
    ]


def test_what_waits_comes_first_and_people_are_one_group() -> None:
    menu = menu_of(User.objects.create(username="ada", is_staff=True, is_superuser=True))

    assert [title for title, _models in menu] == [
        "Submissions",
        "Lists",
        "People",
        "Background work",
    ]
    assert "Submission" in menu[0][1]
    assert "Catalog" in menu[1][1]
    assert {"User", "EmailAddress"} <= set(menu[2][1])


def test_others_see_no_group_that_is_empty_for_them() -> None:
    assert menu_of(User.objects.create(username="eve")) == []
