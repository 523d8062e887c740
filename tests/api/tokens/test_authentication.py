"""Who is let in by which header, and what all others are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiToken, User
from tests.api.tokens.calls import call

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.tokens.addresses")]

UNKNOWN = "lw_" + "A" * 43
SEND_IT_SO = "Send the token as “Authorization: Bearer lw_…”"
NOT_OURS = "This is not a token of this site: tokens begin with “lw_”."
CHALLENGE = 'Bearer realm="Listwright"'


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  ", "  Bearer "])
def test_token_lets_its_person_in(secret_for: Callable[..., str], scheme: str) -> None:
    answer = call("anybody", f"{scheme}{secret_for()}")

    assert (answer.status_code, answer.json()) == (200, {"user": "ada", "token": "program"})


def test_nobody_is_nobody() -> None:
    assert call("anybody").json() == {"user": "", "token": None}
    assert call("anybody", "   ").json() == {"user": "", "token": None}


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("Bearer", "The header “Authorization: Bearer” contains no token."),
        ("bearer  ", "The header “Authorization: Bearer” contains no token."),
        (f"Token {UNKNOWN}", f"{SEND_IT_SO}, not with the scheme “Token”."),
        ("Basic YTpi", f"{SEND_IT_SO}, not with the scheme “Basic”."),
        (UNKNOWN, f"{SEND_IT_SO}."),
        ("<b>x</b> y", f"{SEND_IT_SO}."),
        (f"Bearer {UNKNOWN}", "This token is unknown or has been revoked."),
        (f"Bearer {UNKNOWN} {UNKNOWN}", NOT_OURS),
        (f"Bearer {UNKNOWN},", NOT_OURS),
        (f'Bearer "{UNKNOWN}"', NOT_OURS),
        ("Bearer lw_é\x00\udcff", NOT_OURS),
        ("Bearer " + "lw_" + "A" * 10_240, NOT_OURS),
    ],
)
def test_wrong_header_is_401_wherever_it_goes(header: str, detail: str) -> None:
    for path in ("anybody", "own", "submitting", "moderating"):
        answer = call(path, header)

        assert answer.status_code == 401
        assert answer.json() == {"code": "invalid_token", "detail": detail, "errors": {}}
        assert answer.headers["WWW-Authenticate"] == f'{CHALLENGE}, error="invalid_token"'


def test_revoked_expired_and_closed_are_401(secret_for: Callable[..., str], ada: User) -> None:
    header = f"Bearer {secret_for()}"
    yesterday = timezone.now() - timedelta(days=1)
    seen = [call("anybody", header).status_code]
    for change in (
        lambda: ApiToken.objects.update(created_at=yesterday, expires_at=timezone.now()),
        lambda: ApiToken.objects.update(expires_at=None),
        lambda: User.objects.update(is_active=False),
        lambda: User.objects.update(is_active=True),
        lambda: ApiToken.objects.all().delete(),
    ):
        change()
        seen.append(call("anybody", header).status_code)

    assert seen == [200, 401, 200, 401, 200, 401]


def test_wrong_token_is_401_though_a_session_would_do(ada: User) -> None:
    browser = Client()
    browser.force_login(ada)

    assert browser.get("/api/own/").json() == {"user": "ada", "token": None}
    assert browser.get("/api/own/", headers={"Authorization": "Bearer x"}).status_code == 401


def test_session_writes_with_the_token_against_forgery_only(ada: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)

    answer = browser.post("/api/submitting/", content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    browser.cookies["csrftoken"] = "a" * 32
    answer = browser.post(
        "/api/submitting/", content_type="application/json", headers={"X-CSRFToken": "a" * 32}
    )
    assert answer.json() == {"user": "ada", "token": None}


def test_token_needs_no_token_against_forgery(secret_for: Callable[..., str]) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret_for()}"})

    assert browser.post("/api/submitting/").json() == {"user": "ada", "token": "program"}


def test_token_costs_one_query_and_now_and_then_one_write(secret_for: Callable[..., str]) -> None:
    header = f"Bearer {secret_for()}"
    for _ in range(2):
        secret_for()
    call("anybody", header)

    with CaptureQueriesContext(connection) as queries:
        call("anybody", header)

    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]
    assert ApiToken.objects.exclude(last_used_at=None).count() == 1
