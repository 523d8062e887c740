"""The API in a real browser: read, followed, sent to; by keyboard, in both themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.accessibility import LOOKS, violations

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.urls("tests.api.browsable.addresses")

PAGES = {
    "root": "/api/v1/",
    "things": "/api/v1/things/?page=2",
    "nothing": "/api/v1/nothing/",
    "verb": "/api/v1/things/verb/",
}


@pytest.fixture
def signed_in(browser_page: Page, live_server: LiveServer) -> Page:
    """Ada's browser."""
    from django.test import Client

    client = Client()
    client.force_login(User.objects.create_user("ada"))
    value = client.cookies["sessionid"].value
    browser_page.context.add_cookies(
        [{"name": "sessionid", "value": value, "url": live_server.url}]
    )
    return browser_page


def only_refusals(errors: list[str]) -> None:
    """Forget that the browser tells of a 404 or 405, which is what was asked for."""
    errors[:] = [error for error in errors if "Failed to load resource" not in error]


def test_json_is_sent_and_the_answer_shown(signed_in: Page) -> None:
    page = signed_in
    page.goto("/api/v1/things/")
    page.get_by_label("JSON").fill('{"name": "新"}')
    page.get_by_role("button", name="POST").focus()
    page.keyboard.press("Enter")

    answer = page.get_by_role("region", name="Answer")
    expect(answer).to_contain_text("POST /api/v1/things/")
    expect(answer).to_contain_text("201 Created")
    expect(answer).to_contain_text('"name": "新"')
    expect(answer).to_contain_text('"by": "ada"')
    expect(answer).to_be_focused()
    # What was sent is still there to be sent once more.
    expect(page.get_by_label("JSON")).to_have_value('{"name": "新"}')


def test_what_is_no_json_is_reported(signed_in: Page, browser_errors: list[str]) -> None:
    signed_in.goto("/api/v1/things/")
    signed_in.get_by_label("JSON").fill("{")
    signed_in.get_by_role("button", name="POST").click()

    answer = signed_in.get_by_role("region", name="Answer")
    expect(answer).to_contain_text("400 Bad Request")
    expect(answer).to_contain_text("The body is not JSON")
    only_refusals(browser_errors)


def test_options_are_required(browser_page: Page, live_server: LiveServer) -> None:
    browser_page.goto("/api/v1/things/")
    browser_page.get_by_role("button", name="OPTIONS").click()

    answer = browser_page.get_by_role("region", name="Answer")
    expect(answer).to_contain_text("OPTIONS /api/v1/things/")
    expect(answer).to_contain_text("200 OK")


def test_pages_and_formats_are_followed(
    browser_page: Page, live_server: LiveServer, browser_errors: list[str]
) -> None:
    browser_page.goto("/api/v1/things/verb/")
    browser_page.get_by_role("link", name="things").click()
    expect(browser_page.get_by_role("heading", level=1)).to_have_text("/api/v1/things/")
    link = browser_page.get_by_role("link", name="json", exact=True)

    assert link.get_attribute("href") == "/api/v1/things/?format=json"
    assert browser_page.get_by_role("link", name="Next page").get_attribute("rel") == "next"
    only_refusals(browser_errors)


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_pages_have_no_accessibility_violation_and_fit(
    signed_in: Page, browser_errors: list[str], language: str, width: int
) -> None:
    page = signed_in
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/api/v1/")
    cookie = {"name": "django_language", "value": language, "url": page.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    matches, too_wide = {}, []
    for name, address in PAGES.items():
        page.goto(address)
        if report := violations(page):
            matches[name] = report
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(name)
    only_refusals(browser_errors)

    assert (matches, too_wide) == ({}, []), "\n".join(matches.values())
