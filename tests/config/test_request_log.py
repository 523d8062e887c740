"""Logs as an operator reads them: a line for a request, with the number that its answer carries."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from config.middleware import RequestLogMiddleware
from config.telemetry import JsonFormatter, logging_of
from tests.config.test_settings import PRODUCTION, manage
from tests.test_database_problems import out_of_reach

pytestmark = pytest.mark.django_db

REPEATED = {"time", "milliseconds", "message"}

type Lines = Callable[[], list[dict[str, Any]]]


def missing(name: str) -> str:
    """As the storage of static files without its manifest."""
    raise ValueError("no such file")


@contextmanager
def logged(form: str) -> Iterator[io.StringIO]:
    """What is logged meanwhile in a form, as it is written."""
    logging.config.dictConfig(logging_of(form=form, level="INFO"))
    written = io.StringIO()
    console = logging.getHandlerByName("console")
    assert isinstance(console, logging.StreamHandler)
    console.setStream(written)
    try:
        yield written
    finally:
        logging.config.dictConfig(settings.LOGGING)


@pytest.fixture
def lines(settings: Any) -> Iterator[Lines]:
    """The log as JSON so far; times, and messages, which repeat the fields, are left out."""
    settings.ACCESS_LOG = True
    with logged("json") as written:
        yield lambda: [
            {name: value for name, value in json.loads(line).items() if name not in REPEATED}
            for line in written.getvalue().splitlines()
        ]


def test_request_is_one_line_with_the_number_of_its_answer(lines: Lines) -> None:
    response = Client().get("/search/?q=private")

    number = response.headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{16}", number)
    assert lines() == [
        {
            "level": "INFO",
            "logger": "listwright.access",
            "request_id": number,
            "method": "GET",
            "path": "/search/",
            "status": 200,
            "view": "catalog:search",
        }
    ]


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [("/", "elsewhere.example", 400), ("/wp-login.php", "testserver", 404)],
)
def test_stranger_makes_one_line(lines: Lines, path: str, host: str, status: int) -> None:
    Client(headers={"Host": host}).get(path)

    [line] = lines()
    assert (line["path"], line["status"], line.get("host")) == (
        path,
        status,
        host if status == 400 else None,
    )


def test_probes_make_none(lines: Lines) -> None:
    for address in ("/livez", "/readyz", "/healthz"):
        Client().get(address)

    assert [line for line in lines() if line["logger"] == "listwright.access"] == []


@pytest.mark.parametrize("address", ["/readyz", "/healthz"])
def test_probe_that_fails_makes_one_with_the_reason(
    lines: Lines, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(staticfiles_storage, "url", missing)

    response = Client().get(address)

    assert lines() == [
        {
            "level": "WARNING",
            "logger": "config.health",
            "request_id": response.headers["X-Request-ID"],
        }
    ]


def test_links_that_are_followed_make_none(lines: Lines) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET https://one.example")

    assert lines() == []


@pytest.mark.parametrize("path", ["/", "/no-such-list/"])
def test_failure_has_its_traceback_and_the_page_its_number(
    lines: Lines, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The page for 404, too, which fails after the address was not found."""
    monkeypatch.setattr(staticfiles_storage, "url", missing)

    response = Client(raise_request_exception=False).get(path)

    number = response.headers["X-Request-ID"]
    error, access = lines()
    assert f"<code>{number}</code>" in response.content.decode()
    assert (error["request_id"], access["request_id"]) == (number, number)
    assert (error["level"], access["status"]) == ("ERROR", 500)
    assert error["error"].endswith("ValueError: no such file")


def test_answer_to_head_has_headers_alone(rf: RequestFactory) -> None:
    rows = iter(["a", "b"])
    page = RequestLogMiddleware(lambda request: HttpResponse("page"))(rf.head("/"))
    download = RequestLogMiddleware(lambda request: StreamingHttpResponse(rows))(rf.head("/"))

    assert (b"".join(page), page.headers["Content-Length"]) == (b"", "4")
    # What is not sent is not made either.
    assert (b"".join(download), list(rows)) == (b"", ["a", "b"])


@pytest.mark.django_db(transaction=True)
def test_database_that_is_away_is_a_line_a_request(lines: Lines) -> None:
    with out_of_reach():
        response = Client(raise_request_exception=False).get("/")

    error, access = lines()
    number = {"request_id": response.headers["X-Request-ID"]}
    assert error == {"level": "ERROR", "logger": "django.request"} | number
    assert access["status"] == 503


@pytest.mark.parametrize(
    ("proxies", "sent", "is_taken"),
    [(1, "from-the-proxy-1", True), (0, "from-nobody-1", False), (1, "bad\x01id-bad\x01", False)],
)
def test_number_of_a_trusted_proxy_is_taken(
    settings: Any, proxies: int, sent: str, is_taken: bool
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies

    response = Client(headers={"X-Request-ID": sent}).get("/livez")

    assert (response.headers["X-Request-ID"] == sent) is is_taken


def test_line_cannot_be_forged_by_a_path(settings: Any) -> None:
    settings.ACCESS_LOG = True

    with logged("plain") as written:
        Client().get("/a%0A2026-01-01 ERROR forged")

    assert len(written.getvalue().splitlines()) == 1


def test_json_line_is_whole() -> None:
    record = logging.LogRecord("a.b", logging.WARNING, "", 1, "%s 列表", ("one",), None)

    values = json.loads(JsonFormatter().format(record))

    assert values.pop("time").endswith("+00:00")
    assert values == {"level": "WARNING", "logger": "a.b", "message": "one 列表"}


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("LOG_FORMAT", "xml", "LOG_FORMAT='xml' is unknown: use plain or json."),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL='LOUD' is unknown: use INFO or DEBUG or"),
    ],
)
def test_unknown_word_stops_the_start(variable: str, value: str, sentence: str) -> None:
    result = manage("check", **PRODUCTION, **{variable: value})

    assert result.returncode != 0
    assert sentence in result.stderr
