"""Rate limits: evenly running out, the same for all processes, cheap for those who are refused."""

import json
import os
import subprocess
import sys
import threading
import time

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext

from accounts import limits
from accounts.limits import (
    Rate,
    TooMany,
    allow,
    allow_often,
    client_address,
    is_used_up,
    network_of,
)
from accounts.models import RateLimit
from background import clock as shared_clock
from background.clock import SECOND
from tests.clocks import Clock

HOURLY = Rate(3, 3600)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def uses(count: int, scope: str = "submit", key: object = "a", rate: Rate = HOURLY) -> list[int]:
    """The waits of so many uses; 0 for one that was allowed."""
    waits = []
    for _ in range(count):
        try:
            allow(scope, key, rate)
        except TooMany as error:
            waits.append(error.retry_after or 0)
        else:
            waits.append(0)
    return waits


@pytest.mark.django_db
def test_allow_is_used_up_at_once_and_runs_out_evenly(clock: Clock) -> None:
    assert uses(5) == [0, 0, 0, 1200, 1200]
    clock.wait(1199)
    assert uses(1) == [1]
    clock.wait(1)
    assert uses(2) == [0, 1200]
    clock.wait(3600)
    assert uses(4) == [0, 0, 0, 1200]


@pytest.mark.django_db
def test_allow_distinguishes_scopes_and_keys(clock: Clock) -> None:
    assert uses(4) == [0, 0, 0, 1200]
    assert uses(1, scope="report") == [0]
    assert uses(1, key="b") == [0]


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 7, 60, 1000])
def test_allow_gives_the_whole_rate_and_no_more(clock: Clock, limit: int) -> None:
    assert uses(limit + 1, rate=Rate(limit, 60)).count(0) == limit


@pytest.mark.django_db
def test_allow_costs_one_statement_and_none_once_refused(clock: Clock) -> None:
    with CaptureQueriesContext(
        connection,
    ) as allowed:
        uses(1)
    uses(2)
    with CaptureQueriesContext(connection) as refused:
        uses(1)
    with CaptureQueriesContext(connection) as again:
        uses(100)

    assert (len(allowed), len(refused), len(again)) == (1, 2, 0)


@pytest.mark.django_db
def test_is_used_up_counts_nothing(clock: Clock) -> None:
    assert not is_used_up("submit", "a", HOURLY)
    uses(2)
    assert [is_used_up("submit", "a", HOURLY) for _ in range(5)] == [False] * 5
    uses(1)
    assert is_used_up("submit", "a", HOURLY)


@pytest.mark.django_db
def test_rows_keep_no_address(clock: Clock) -> None:
    uses(1, key="192.0.2.7")

    [row] = RateLimit.objects.all()
    assert len(row.key) == 64
    assert "192.0.2.7" not in str(vars(row))


@pytest.mark.django_db
def test_expired_rows_go(clock: Clock) -> None:
    uses(1, key="old")
    clock.wait(1201)
    uses(1, key="new")

    assert limits.forget_expired() == 1
    assert RateLimit.objects.count() == 1
    assert limits.forget_expired() == 0


@pytest.mark.django_db
def test_expired_rows_go_by_themselves(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    uses(1, key="old")
    clock.wait(1201)
    monkeypatch.setattr(limits, "_next_sweep", clock.passed)
    uses(1, key="new")
    uses(1, key="newer")

    assert RateLimit.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("seconds", "answers"),
    [(1, "1 second"), (90, "90 seconds"), (121, "3 minutes"), (3600, "60 minutes"),
     (7201, "3 hours")],
)  # fmt: skip
def test_refusal_says_when(clock: Clock, seconds: int, answers: str) -> None:
    allow("submit", "a", Rate(1, seconds))

    with pytest.raises(TooMany, match=f"^Too many requests; try again in {answers}.$"):
        allow("submit", "a", Rate(1, seconds))


# A clock that is set


@pytest.mark.django_db
@pytest.mark.parametrize("jump", [365 * 24 * 3600, 300, -300, -365 * 24 * 3600])
def test_clock_that_is_set_locks_nobody_out(clock: Clock, jump: float) -> None:
    minutely = Rate(3, 60)
    assert uses(4, rate=minutely) == [0, 0, 0, 20]
    clock.jump(jump)
    # It is known of this process, not of the others.
    assert uses(1, rate=minutely) == [20]
    limits.forget_refusals()
    assert uses(4, rate=minutely) == [0, 0, 0, 20]
    clock.jump(-jump)
    limits.forget_refusals()

    assert not is_used_up("submit", "a", minutely)
    assert uses(4, rate=minutely) == [0, 0, 0, 20]


@pytest.mark.django_db
def test_clock_that_is_set_a_little_forgets_nothing(clock: Clock) -> None:
    """Another process may have read the clock before, and waited for the row since."""
    assert uses(3) == [0, 0, 0]
    clock.jump(-50)

    assert is_used_up("submit", "a", HOURLY)
    assert uses(1) == [1250]


@pytest.mark.django_db
@pytest.mark.parametrize("jump", [365 * 24 * 3600, 300])
def test_clock_that_is_set_does_not_stop_reading(clock: Clock, jump: float) -> None:
    clock.jump(jump)
    allow_often("read", "a", Rate(1, 60))
    clock.jump(-jump)

    allow_often("read", "a", Rate(1, 60))
    with pytest.raises(TooMany):
        allow_often("read", "a", Rate(1, 60))


@pytest.mark.django_db
@pytest.mark.parametrize("jump", [365 * 24 * 3600, 300, -300, -365 * 24 * 3600])
def test_postgresql_counts_by_its_own_clock(monkeypatch: pytest.MonkeyPatch, jump: float) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no clock but the machine's")
    assert uses(4) == [0, 0, 0, 1200]
    limits.forget_refusals()
    ahead = time.time_ns() // 1000 + int(jump * SECOND)
    monkeypatch.setattr(shared_clock, "now", lambda: ahead)

    [wait] = uses(1)
    assert 1100 < wait <= 1200


# All processes together


@pytest.mark.django_db(transaction=True)
def test_threads_together_get_what_one_would() -> None:
    allowed: list[int] = []

    def work() -> None:
        try:
            allowed.append(uses(20, rate=Rate(30, 3600)).count(0))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(allowed), sum(allowed)) == (8, 30)


PROGRAM = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.conf import settings
from django.db import connection
connection.close()
connection.settings_dict["NAME"] = sys.argv[1]
from accounts.limits import Rate, TooMany, allow
allowed = 0
for _ in range(20):
    try:
        allow("submit", "a", Rate(30, 3600))
        allowed += 1
    except TooMany:
        pass
print(json.dumps(allowed))
connection.close()
if connection.vendor == "postgresql":
    connection.close_pool()
"""


@pytest.mark.django_db(transaction=True)
def test_processes_together_get_what_one_would() -> None:
    from django.conf import settings

    environment = os.environ | {"SECRET_KEY": settings.SECRET_KEY}
    command = [sys.executable, "-c", PROGRAM, str(connection.settings_dict["NAME"])]
    programs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(2)
    ]
    outputs = [program.communicate(timeout=60)[0] for program in programs]

    assert sum(json.loads(output) for output in outputs) == 30


# Where a request comes from


def request_from(address: str, forwarded: str = "") -> HttpRequest:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return RequestFactory().get("/", headers=headers, REMOTE_ADDR=address)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "10.0.0.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "198.51.100.1", "198.51.100.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_client_address_believes_own_proxies_only(
    proxies: int, forwarded: str, address: str
) -> None:
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=proxies):
        assert client_address(request_from("10.0.0.1", forwarded)) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", ""),
        ("", ""),
    ],
)
def test_network_is_what_one_person_has(address: str, network: str) -> None:
    assert network_of(address) == network
