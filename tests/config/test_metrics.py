"""`/metrics` of processes that serve: numbers of all of them, with labels of few values."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from prometheus_client import REGISTRY

from catalog.pages.page_cache import PAGE_CACHE
from config import metrics
from config.replica import RESULT
from tests.catalog.test_commands import database_url
from tests.postgresql import free_port
from tests.submission_factories import make_tools, submit

NAMES = {
    "listwright_requests",
    "listwright_request_seconds",
    "listwright_database_seconds",
    "listwright_page_cache",
    "listwright_part_well",
    "listwright_queue_ready",
    "listwright_queue_age_seconds",
    "listwright_queue_failed",
    "listwright_workers",
    "listwright_submissions",
}


@contextmanager
def served(log: Path, *arguments: str, **variables: str) -> Iterator[int]:
    """The site under gunicorn as an installation runs it, and its port."""
    port = free_port()
    environment = os.environ | {"DEBUG": "0", "HTTPS": "0", "DATABASE_URL": database_url()}
    with log.open("wb") as output:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "tests.config.served", "--no-control-socket"),
                *("--bind", f"127.0.0.1:{port}", *arguments),
            ],
            cwd=settings.BASE_DIR,
            env=environment | variables,
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if ask(port, "/livez")[0] == 200:
                    break
            except OSError:
                assert server.poll() is None, log.read_text()
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def ask(port: int, address: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, address, headers=headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def value_of(text: str, sample: str) -> float:
    [value] = re.findall(rf"^{re.escape(sample)} (\S+)$", text, re.M)
    return float(value)


@pytest.mark.django_db(transaction=True)
def test_numbers_of_all_processes_are_one(tmp_path: Path) -> None:
    submit(make_tools())
    with served(tmp_path / "log", "--workers", "2", METRICS="1") as port:
        for number in range(8):
            ask(port, "/tools/")
            ask(port, f"/tools/entries/{number}-no-such-entry/")
            ask(port, f"/wp-{number}.php")
            ask(port, "/tools/", f"ODD{number}")
        status, text = ask(port, "/metrics", Host="10.0.0.7")

    assert status == 200
    families = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    assert {name.removesuffix("_total") for name in families} == NAMES
    seen = 'listwright_requests_total{method="%s",status="%s",view="%s"}'
    assert value_of(text, seen % ("GET", 200, "catalog:catalog-detail")) == 8
    assert value_of(text, 'listwright_submissions{status="pending"}') == 1
    assert value_of(text, 'listwright_part_well{part="database"}') == 1
    assert value_of(text, 'listwright_part_well{part="worker"}') == 0
    hits = value_of(text, 'listwright_page_cache_total{result="hit"}')
    assert 6 <= hits <= 8
    # Strangers add no label by what they ask for.
    labels = set(re.findall(r"^listwright_requests_total\{(.*?)\}", text, re.M))
    assert not [label for label in labels if "wp-" in label or "ODD" in label]
    assert any('method="other"' in label for label in labels)


@pytest.mark.django_db
def test_numbers_are_not_there_unless_turned_on(client: Any) -> None:
    assert client.get("/metrics", follow=True).status_code == 404


@pytest.mark.parametrize(
    ("method", "notes", "counted"),
    [
        (
            "GET",
            {PAGE_CACHE: "hit", RESULT: "behind"},
            {
                ("listwright_requests_total", ("none", "GET", "200")): 1,
                ("listwright_page_cache_total", ("hit",)): 1,
                ("listwright_replica_reads_total", ("behind",)): 1,
            },
        ),
        ("ODD", {}, {("listwright_requests_total", ("none", "other", "200")): 1}),
    ],
)
@pytest.mark.django_db
def test_request_is_counted(
    method: str, notes: dict[str, str], counted: dict[tuple[str, tuple[str, ...]], int]
) -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        request.META.update(notes)
        return HttpResponse()

    before = samples()
    metrics.MetricsMiddleware(answer)(RequestFactory().generic(method, "/tools/"))
    after = samples()

    changed = {key: after[key] - before.get(key, 0) for key in after}
    assert {key: number for key, number in changed.items() if number} == counted


def samples() -> dict[tuple[str, tuple[str, ...]], float]:
    """The counters of requests that have labels, by name and labels."""
    order = ("view", "method", "status", "result")
    return {
        (sample.name, tuple(sample.labels[name] for name in order if name in sample.labels)): (
            sample.value
        )
        for family in REGISTRY.collect()
        if family.name.startswith("listwright_") and family.type == "counter"
        for sample in family.samples
        if sample.name.endswith("_total")
    }


@pytest.mark.parametrize("is_one_of_many", [False, True])
@pytest.mark.django_db
def test_numbers_of_now_are_read_for_each_look(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_one_of_many: bool
) -> None:
    if is_one_of_many:
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setattr(metrics, "states", lambda: {"database": "ok", "worker": "None runs."})
    submit(make_tools())

    text = metrics.exposition(RequestFactory().get("/metrics")).content.decode()

    of_now = dict(line.split() for line in text.splitlines() if line.startswith("listwright_part"))
    assert of_now == {
        'listwright_part_well{part="database"}': "1.0",
        'listwright_part_well{part="worker"}': "0.0",
    }
    assert value_of(text, 'listwright_submissions{status="pending"}') == 1
    # Where there are several processes, the numbers of this one alone would mislead.
    assert ("python_info" in text) is not is_one_of_many


@pytest.mark.parametrize(
    ("sent", "status"), [("", 401), ("Bearer other", 401), ("Bearer secret", 200)]
)
def test_who_has_the_token_is_answered_before_anything_else(
    monkeypatch: pytest.MonkeyPatch, sent: str, status: int
) -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        raise AssertionError

    monkeypatch.setattr(settings, "METRICS_TOKEN", "secret")
    monkeypatch.setattr(metrics, "states", lambda: {"database": "It does not answer."})
    request = RequestFactory().get("/metrics", headers={"Authorization": sent})

    assert metrics.MetricsMiddleware(fail)(request).status_code == status


@pytest.mark.parametrize("database", ["ok", "It does not answer."])
def test_numbers_without_a_database(monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    def fail() -> Iterator[None]:
        raise OperationalError

    closed: list[bool] = []
    monkeypatch.setattr(metrics, "states", lambda: {"database": database})
    monkeypatch.setattr(metrics, "_numbers", fail)
    monkeypatch.setattr("config.metrics.connection.close", lambda: closed.append(True))

    families = [family.name for family in metrics.OfNow().collect()]

    assert (families, closed) == (["listwright_part_well"], [True] * (database == "ok"))
