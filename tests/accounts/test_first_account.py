"""The first account of a site without mail, and back in after a loss, both from the shell."""

from __future__ import annotations

import io
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def lands_on(name: str, password: str) -> str:
    """Where signing in leads on the way to the administration."""
    client = Client()
    response = client.post(
        "/accounts/login/?next=/admin/", {"login": name, "password": password}, follow=True
    )
    return str(response.request["PATH_INFO"])


@pytest.mark.parametrize("name", ["ada", "ada@lists.example"])
def test_superuser_of_django_can_sign_in_at_once(
    monkeypatch: pytest.MonkeyPatch, settings: Any, name: str
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a good long one")
    run("createsuperuser", "--no-input", "--username=ada", "--email=Ada@Lists.example")

    assert lands_on(name, "a good long one") == "/admin/"
    settings.REQUIRE_STAFF_MFA = True
    assert lands_on(name, "a good long one") == "/accounts/2fa/"
    assert [*EmailAddress.objects.values_list("email", "verified", "primary")] == [
        ("ada@lists.example", True, True)
    ]


def test_moderator_with_an_address_can_sign_in_at_once() -> None:
    printed = run("ensure_moderator", "--email=mo@lists.example")

    assert lands_on("moderator", printed.split("password ")[1].split(" ")[0]) == "/admin/"


def test_others_confirm_their_address_first() -> None:
    User.objects.create_user("eve", "eve@lists.example", "a good long one")

    assert lands_on("eve", "a good long one") == "/accounts/confirm-email/"


def test_password_and_second_factor_are_reset() -> None:
    user = User.objects.create_user("ada", "ada@lists.example", "lost", is_staff=True)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})
    other = User.objects.create_superuser("eve", password="hers")
    Authenticator.objects.create(user=other, type=Authenticator.Type.TOTP, data={"secret": "x"})

    printed = run("reset_sign_in", "ada", "--password", "--second-factor")

    first, second = printed.splitlines()
    assert first == "Second factors of ada that were forgotten: 2."
    password = second.removeprefix("User name ada, password ").removesuffix(" (shown only now).")
    assert lands_on("ada", password) != "/accounts/confirm-email/"
    assert [*Authenticator.objects.values_list("user__username")] == [("eve",)]
    assert other.check_password("hers")
    assert [*LogEntry.objects.values_list("object_id", "change_message")] == [
        (str(user.pk), "Reset from the shell: password, second factor.")
    ]


def test_account_is_looked_up_by_address_and_keeps_the_rest() -> None:
    user = User.objects.create_superuser("ada", "ada@lists.example", "kept")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})

    assert run("reset_sign_in", "ADA@lists.example", "--second-factor") == (
        "Second factors of ada that were forgotten: 1.\n"
    )
    user.refresh_from_db()
    assert user.check_password("kept")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ada"], "Say what to reset: --password, --second-factor, or both."),
        (["nobody", "--password"], "There is no account nobody: give its user name."),
    ],
)
def test_reset_is_refused(arguments: list[str], sentence: str) -> None:
    User.objects.create_user("ada", password="kept")

    with pytest.raises(CommandError) as refusal:
        run("reset_sign_in", *arguments)

    assert str(refusal.value) == sentence
