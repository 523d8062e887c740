"""What every answer carries, and security.txt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from config import environment
from config.middleware import PERMISSIONS_POLICY
from tests.config.test_settings import PRODUCTION, manage

pytestmark = pytest.mark.django_db


def test_browsers_give_pages_no_more_than_they_need(client: Client) -> None:
    assert client.get("/").headers["Permissions-Policy"] == PERMISSIONS_POLICY
    assert "camera=()" in PERMISSIONS_POLICY


def test_pages_of_accounts_are_not_for_search_engines(client: Client) -> None:
    marked = {
        address: client.get(address).headers.get("X-Robots-Tag")
        for address in ("/", "/accounts/login/", "/admin/", "/contribute/mine/")
    }

    assert marked == {
        "/": None,
        "/accounts/login/": "noindex",
        "/admin/": "noindex",
        "/contribute/mine/": "noindex, nofollow",
    }


def test_security_txt_names_the_contact(client: Client, settings: Any) -> None:
    settings.SECURITY_CONTACT = "mailto:security@lists.example.org"
    settings.SITE_URL = "https://lists.example.org"

    lines = client.get("/.well-known/security.txt").content.decode().splitlines()

    assert [line for line in lines if not line.startswith("Expires: ")] == [
        "Contact: mailto:security@lists.example.org",
        "Preferred-Languages: en, zh-hans",
        "Canonical: https://lists.example.org/.well-known/security.txt",
    ]
    expires = datetime.fromisoformat(lines[1].removeprefix("Expires: "))
    assert 170 < (expires - datetime.now(UTC)).days < 365


def test_security_txt_without_a_contact_is_not_there(client: Client) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize(
    ("value", "contact"),
    [
        ("", ""),
        ("security@example.org", "mailto:security@example.org"),
        ("https://example.org/report", "https://example.org/report"),
    ],
)
def test_security_contact(monkeypatch: pytest.MonkeyPatch, value: str, contact: str) -> None:
    monkeypatch.setenv("X", value)

    assert environment.contact("X") == contact


def test_security_contact_that_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "ask around")

    with pytest.raises(ImproperlyConfigured, match="X='ask around' is nowhere to write to"):
        environment.contact("X")


def test_reports_of_the_content_policy_go_where_they_are_sent() -> None:
    code = "from django.conf import settings as s; print(s.SECURE_CSP.get('report-uri'))"
    ask = ("shell", "--no-imports", "--command", code)

    outputs = [
        manage(*ask, **PRODUCTION | more).stdout
        for more in ({}, {"CSP_REPORT_URL": "https://reports.example/csp"})
    ]

    assert outputs == ["None\n", "['https://reports.example/csp']\n"]
