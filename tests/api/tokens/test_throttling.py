"""How often one may call, and when to come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from accounts import api
from accounts.limits import Rate
from accounts.models import RateLimit, User
from accounts.tokens import Scope, make_token
from tests.api.tokens.calls import call
from tests.clocks import Clock

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.tokens.addresses")]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture(autouse=True)
def small_rates(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_READS_ANONYMOUS, settings.API_READS_SIGNED_IN = 3, 4
    rates = {
        Scope.SUBMIT: (Rate(1, 60), Rate(2, 60)),
        Scope.MODERATE: (Rate(1, 60), Rate(3, 60)),
    }
    monkeypatch.setattr(api, "WRITING", rates)


def waits(count: int, send: Callable[[], HttpResponse]) -> list[str | None]:
    """What so many calls are told to wait; None for one that was answered."""
    return [send().headers.get("Retry-After") for _ in range(count)]


def test_reading_is_counted_by_network_and_by_account(
    secret_for: Callable[..., str], clock: Clock
) -> None:
    first, second = f"Bearer {secret_for()}", f"Bearer {secret_for()}"

    assert waits(4, lambda: call("anybody")) == [None, None, None, "20"]
    assert waits(1, lambda: call("anybody", REMOTE_ADDR="192.0.2.9")) == [None]
    assert waits(2, lambda: call("anybody", first)) == [None, None]
    assert waits(3, lambda: call("own", second, "head")) == [None, None, "15"]
    clock.wait(19)
    assert waits(1, lambda: call("anybody")) == ["1"]
    clock.wait(1)
    assert waits(2, lambda: call("anybody")) == [None, "20"]


def test_refusal_says_when() -> None:
    waits(3, lambda: call("anybody"))

    answer = call("anybody")

    assert (answer.status_code, answer.json()) == (
        429,
        {
            "code": "too_many",
            "detail": "Too many requests; try again in 20 seconds.",
            "errors": {},
        },
    )


def test_limit_of_zero_is_none(settings: LazySettings) -> None:
    settings.API_READS_ANONYMOUS = 0

    assert waits(9, lambda: call("anybody")) == [None] * 9


def test_counting_reads_asks_no_database() -> None:
    with CaptureQueriesContext(connection) as queries:
        waits(4, lambda: call("anybody"))

    assert len(queries) == 0


def test_what_is_used_up_is_forgotten_when_it_has_run_out(clock: Clock) -> None:
    waits(4, lambda: call("anybody"))
    # Not even a long pause saves anything up.
    clock.wait(600)
    assert waits(4, lambda: call("anybody")) == [None, None, None, "20"]


@pytest.mark.parametrize(
    ("path", "signed_in", "expected"),
    [
        ("anybody", False, [None, "60", "60", "60"]),
        ("submitting", False, [None, "60", "60", "60"]),
        ("submitting", True, [None, None, "30", "30"]),
        ("moderating", True, [None, None, None, "20"]),
    ],
)
def test_writing_is_counted_in_the_database(
    secret_for: Callable[..., str],
    path: str,
    signed_in: bool,
    expected: list[str | None],
) -> None:
    header = f"Bearer {secret_for()}" if signed_in else ""

    assert waits(4, lambda: call(path, header, "post")) == expected
    assert RateLimit.objects.count() == 1


def test_people_and_scopes_are_counted_apart(secret_for: Callable[..., str]) -> None:
    ada = f"Bearer {secret_for()}"
    grace = User.objects.create_user("grace")
    hers = f"Bearer {make_token(user=grace, name='a', scopes=Scope.values)[1]}"

    assert waits(3, lambda: call("submitting", ada, "post")) == [None, None, "30"]
    assert waits(1, lambda: call("submitting", hers, "post")) == [None]
    assert waits(1, lambda: call("moderating", ada, "post")) == [None]
    assert waits(1, lambda: call("submitting", ada)) == [None]
