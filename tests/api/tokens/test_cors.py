"""Pages elsewhere may read, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.api.tokens.calls import call

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.tokens.addresses")]

ELSEWHERE = {"Origin": "https://elsewhere.example"}


def test_page_elsewhere_may_read_the_answer(secret_for: Callable[..., str]) -> None:
    answers = [
        call("anybody", headers={**ELSEWHERE}),
        call("anybody", f"Bearer {secret_for()}", headers={**ELSEWHERE}),
        call("anybody", "Bearer wrong", headers={**ELSEWHERE}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 401]
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Expose-Headers"] == (
            "Content-Disposition, ETag, Last-Modified, Link, Retry-After, X-Request-ID"
        )
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_browser_is_reported_before_that_it_may_read_only() -> None:
    answer = call(
        "own",
        method="options",
        headers={
            **ELSEWHERE,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
        },
    )

    answers = {name: value for name, value in answer.items() if name.startswith("access-control")}
    assert (answer.status_code, answers) == (
        200,
        {
            "access-control-allow-origin": "*",
            "access-control-allow-methods": "GET, HEAD, OPTIONS",
            "access-control-allow-headers": "authorization, if-modified-since, if-none-match",
            "access-control-expose-headers": (
                "Content-Disposition, ETag, Last-Modified, Link, Retry-After, X-Request-ID"
            ),
            "access-control-max-age": "86400",
        },
    )


@pytest.mark.urls("config.urls")
def test_pages_for_people_are_for_this_site_only() -> None:
    answer = Client().get("/", headers=ELSEWHERE)

    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]
