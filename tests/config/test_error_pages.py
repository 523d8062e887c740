"""Pages for when the site fails: they need neither static files nor a database."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import caches
from django.http import HttpRequest
from django.test import Client

from catalog.pages import page_cache
from tests.api.schema.site import TEXT
from tests.catalog.importing.imports import new_list
from tests.test_database_problems import out_of_reach


@pytest.fixture(autouse=True)
def without_static_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """As before `collectstatic`."""

    def missing(name: str) -> str:
        raise ValueError(f"Missing staticfiles manifest entry for {name!r}")

    monkeypatch.setattr(staticfiles_storage, "url", missing)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Something went wrong on this site"), ("zh-hans", "网站出了问题")],
)
def test_failure_is_answered_without_static_files(language: str, sentence: str) -> None:
    client = Client(raise_request_exception=False, headers={"Accept-Language": language})

    response = client.get("/")

    page = response.content.decode()
    assert response.status_code == 500
    assert f"<h1>{sentence}</h1>" in page
    [nonce] = re.findall(r'<style nonce="([^"]+)">', page)
    assert f"'nonce-{nonce}'" in response.headers["Content-Security-Policy"]


def test_foreign_host_is_answered_without_static_files() -> None:
    response = Client(headers={"Host": "elsewhere.example"}).get("/")

    assert response.status_code == 400
    assert "<h1>The request is invalid</h1>" in response.content.decode()


@pytest.fixture
def many_visitors(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are cached, as they are without DEBUG."""
    settings.DEBUG = False
    monkeypatch.undo()
    caches["pages"].clear()


@pytest.mark.django_db(transaction=True)
def test_cached_page_goes_on_while_the_database_is_away(
    many_visitors: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_list(TEXT)
    client = Client(raise_request_exception=False)
    fresh = client.get("/tools/")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 90)

    with out_of_reach():
        stale, other = client.get("/tools/"), client.get("/tools/editors/")
        held = client.get("/tools/", headers={"If-None-Match": fresh.headers["ETag"]})
    again = client.get("/tools/")

    assert (stale.status_code, stale.content) == (200, fresh.content)
    assert {name: stale.headers[name] for name in ("Age", "Cache-Status", "Warning")} == {
        "Age": "90",
        "Cache-Status": 'Listwright; hit; ttl=-90; detail="database away"',
        "Warning": '111 Listwright "Revalidation Failed"',
    }
    assert (held.status_code, held.headers["Age"]) == (304, "90")
    assert (other.status_code, other.headers["Retry-After"]) == (503, "120")
    assert "<h1>This is not possible right now</h1>" in other.content.decode()
    assert (again.status_code, "Warning" in again.headers) == (200, False)


@pytest.mark.django_db
def test_other_errors_of_the_database_show_no_stale_page(
    many_visitors: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_list(TEXT)
    client = Client(raise_request_exception=False)
    client.get("/tools/")

    def broken(request: HttpRequest, slug: str, language: str | None) -> str:
        from django.db import ProgrammingError

        raise ProgrammingError("no such table")

    monkeypatch.setattr(page_cache, "page_state", broken)

    assert client.get("/tools/").status_code == 500
