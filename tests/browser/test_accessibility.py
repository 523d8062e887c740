"""WCAG 2.2 AA on every kind of page, as far as a program can tell."""

from itertools import pairwise

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import LOOKS, violations


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_no_page_has_an_accessibility_violation(
    browser_page: Page,
    addresses: dict[str, str],
    error_pages: dict[str, str],
    browser_errors: list[str],
    language: str,
    width: int,
    half: int,
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 800})
    browser_page.goto("/")
    cookie = {"name": "django_language", "value": language, "url": browser_page.url}
    browser_page.context.add_cookies([cookie])  # type: ignore[list-item]
    matches = {}
    for page, address in [*(addresses | error_pages).items()][half::2]:
        browser_page.goto(address)
        if report := violations(browser_page):
            matches[page] = report
    browser_errors[:] = [error for error in browser_errors if "Failed to load" not in error]

    assert matches == {}, "\n".join(matches.values())


def test_headings_are_in_order(
    browser_page: Page, addresses: dict[str, str], browser_errors: list[str]
) -> None:
    jumps = {}
    for page, address in addresses.items():
        browser_page.goto(address)
        levels = browser_page.evaluate(
            "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]"
            ".filter((heading) => heading.checkVisibility())"
            ".map((heading) => Number(heading.tagName[1]))"
        )
        jumped = any(below > above + 1 for above, below in pairwise(levels))
        if levels[:1] != [1] or levels.count(1) != 1 or jumped:
            jumps[page] = levels
    browser_errors.clear()

    assert jumps == {}
