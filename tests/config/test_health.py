"""Probes: answered for every Host and state of the site, each with its reasons."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from background.models import WorkerProcess
from background.queue import clear_sessions
from catalog.errors import DatabaseProblem
from tests.test_database_problems import out_of_reach

WELL = dict.fromkeys(["database", "migrations", "static files", "worker", "queue", "cache"], "ok")


def probe(address: str, **headers: str) -> tuple[int, Any]:
    """Status and body, of a client without a Host that the site knows."""
    client = Client(raise_request_exception=False, headers={"Host": "10.0.0.7:8000"} | headers)
    response = client.get(address)
    text = response.content.decode()
    return response.status_code, json.loads(text) if text.startswith("{") else text


@pytest.fixture
def worker() -> None:
    """A worker that has just given a sign of life."""
    WorkerProcess.objects.create(worker_id="w", seen_at=timezone.now())


@pytest.mark.django_db
def test_probes_of_a_site_that_is_well(worker: None) -> None:
    assert {address: probe(address) for address in ("/livez", "/healthz", "/readyz")} == {
        "/livez": (200, "ok\n"),
        "/healthz": (200, "ok\n"),
        "/readyz": (200, {"status": "ok", "parts": WELL}),
    }


@pytest.mark.parametrize("address", ["/livez", "/healthz", "/readyz"])
def test_probes_are_not_for_writing(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


def test_probes_answer_over_plain_http(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert probe("/livez") == (200, "ok\n")


@pytest.mark.django_db(transaction=True)
def test_database_that_is_away() -> None:
    reason = DatabaseProblem.UNREACHABLE.value
    with out_of_reach():
        answers = [probe(address) for address in ("/livez", "/healthz", "/readyz")]

    parts = dict.fromkeys(WELL, "unknown") | {"database": reason}
    assert answers == [
        (200, "ok\n"),
        (503, f"database: {reason}\n"),
        (503, {"status": "unavailable", "parts": parts}),
    ]


@pytest.mark.django_db
def test_migration_that_is_missing(worker: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'accounts' AND name = '0006_stored_value'"
        )
    reason = "Migrations are missing (accounts.0006_stored_value): run the command migrate."

    assert probe("/healthz") == (503, f"migrations: {reason}\n")
    assert probe("/readyz") == (
        503,
        {"status": "unavailable", "parts": WELL | {"migrations": reason}},
    )


@pytest.mark.django_db
def test_migration_of_a_later_release_does_not_disturb(worker: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('catalog', '9999_later', '2030-01-01 00:00:00+00:00')"
        )

    assert probe("/healthz") == (200, "ok\n")


@pytest.mark.django_db
def test_static_files_that_are_missing(worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise ValueError(f"Missing staticfiles manifest entry for {name!r}")

    monkeypatch.setattr(staticfiles_storage, "url", missing)

    reason = "Static files are missing: run the command collectstatic and start again."
    assert probe("/readyz") == (
        503,
        {"status": "unavailable", "parts": WELL | {"static files": reason}},
    )


@pytest.mark.django_db
def test_what_only_degrades_is_named_and_keeps_the_node(monkeypatch: pytest.MonkeyPatch) -> None:
    WorkerProcess.objects.create(worker_id="w", seen_at=timezone.now() - timedelta(seconds=90))
    clear_sessions.enqueue()
    long_ago = timezone.now() - timedelta(hours=1, seconds=0.5)
    DBTaskResult.objects.update(enqueued_at=long_ago)

    def refuse(*args: Any) -> None:
        raise ConnectionError("no cache")

    monkeypatch.setattr(caches["pages"], "problem", refuse, raising=False)

    status, answer = probe("/readyz")

    assert (status, answer) == (
        200,
        {
            "status": "degraded",
            "parts": WELL
            | {
                "worker": "No worker has given a sign of life for 90 seconds.",
                "queue": "1 tasks wait for a worker, the oldest for 3600 seconds.",
                "cache": "The cache does not answer (ConnectionError); "
                "pages are slower without it.",
            },
        },
    )
    assert probe("/healthz") == (200, "ok\n")
