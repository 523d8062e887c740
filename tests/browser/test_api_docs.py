"""The page of the API: from our own files alone, as whoever is signed in, in the site's theme."""

import json
from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from catalog.models import Catalog
from config.views import operations
from submissions.models import Submission
from tests.browser.accessibility import violations
from tests.browser.test_public_pages import LAYOUT_SHIFT
from tests.submission_factories import list_of, make_tools, make_user

DOCS = "/api/v1/docs/"


@pytest.fixture
def requested(browser_page: Page) -> list[str]:
    """The addresses that the page asks for."""
    results: list[str] = []
    browser_page.on("request", lambda request: results.append(request.url))
    return results


def operation(page: Page, summary: str) -> Locator:
    """The part of the page about one operation, opened.

    Swagger resolves the whole description when its first operation opens: more than a second of
    a free processor, many of a shared one, and a click waits for it.
    """
    results = page.locator(".opblock", has_text=summary)
    results.locator(".opblock-summary-control").click(timeout=60_000)
    return results


def test_docs_list_every_operation_from_our_own_host(
    browser_page: Page, requested: list[str], transactional_db: None
) -> None:
    browser_page.goto(DOCS)
    expect(browser_page.locator(".opblock").first).to_be_visible()

    shown = browser_page.locator(".opblock-summary-description").all_text_contents()
    host = browser_page.url.removesuffix(DOCS)
    assert sorted(shown) == sorted(results.summary for results in operations())
    assert [url for url in requested if not url.startswith((host, "data:"))] == []


def test_operation_can_be_tried_out(browser_page: Page, transactional_db: None) -> None:
    browser_page.goto(DOCS)
    root = operation(browser_page, "Where everything is")
    root.get_by_role("button", name="Execute").click()

    answer = root.locator(".live-responses-table")
    expect(answer.locator(".response-col_status")).to_have_text(["Code", "200"])
    expect(answer).to_contain_text('"version"')


def test_docs_follow_the_theme(browser_page: Page, transactional_db: None) -> None:
    browser_page.goto(DOCS)
    tag = browser_page.locator(".opblock-tag").first
    light = tag.evaluate("tag => getComputedStyle(tag).color")
    browser_page.get_by_role("button", name="Dark theme").click()

    expect(browser_page.locator("html")).to_have_class("dark-mode")
    expect(tag).not_to_have_css("color", light)


@pytest.mark.parametrize("width", [1280, 320])
def test_docs_have_no_accessibility_violation_and_nothing_moves(
    browser_page: Page, transactional_db: None, width: int
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 800})
    browser_page.goto(DOCS)
    expect(browser_page.locator(".opblock").first).to_be_visible()
    shift = browser_page.evaluate(LAYOUT_SHIFT)
    operation(browser_page, "Where everything is").get_by_text("Responses").first.wait_for()

    # A thousandth is the width of a scroll bar that comes late on a busy machine.
    assert (violations(browser_page), round(shift, 2)) == ("", 0)


@pytest.mark.django_db
def test_docs_are_a_list_without_scripts(client: Client) -> None:
    text = client.get(DOCS).text

    assert [one for one in operations() if f"{one.method} {one.path}" not in text] == []


def test_docs_know_who_is_signed_in(
    sign_in: Callable[[User], Page], transactional_db: None
) -> None:
    page = sign_in(make_user())
    page.goto(DOCS)

    expect(page.locator(".api-page")).to_contain_text("You are signed in")


def test_whoever_is_signed_in_tries_out_as_themselves(
    sign_in: Callable[[User], Page], transactional_db: None
) -> None:
    make_tools()
    page = sign_in(make_user())
    page.goto(DOCS)
    submit = operation(page, "Propose something")
    body = {
        "kind": "add",
        "catalog": "tools",
        "listing": list_of(Catalog.objects.get()).pk,
        "name": "Omega",
        "url": "https://omega.example",
    }
    submit.locator("textarea.body-param__text").fill(json.dumps(body))
    submit.get_by_role("button", name="Execute").click()

    answer = submit.locator(".live-responses-table .response-col_status")
    expect(answer.last).to_contain_text("201")
    assert [row.name for row in Submission.objects.filter(submitter__username="ada")] == ["Omega"]
