"""Narrowing a list down in a real browser: looks, keyboard, back button, no JavaScript."""

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from catalog.finding.indexing import index_catalog
from catalog.models import Entry
from tests import factories
from tests.browser.accessibility import violations

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

STATES = {
    "all": "/tools/browse/",
    "narrowed": "/tools/browse/?tag=language:zh&tag=license:mit&section=编辑器",
    "nothing": "/tools/browse/?section=shells&tag=license:mit",
    "unknown": "/tools/browse/?tag=no:such&sort=name",
    "all values": "/tools/browse/?all=language&tag=license:-",
    "dates": "/tools/browse/?from=year:2020",
}


@pytest.fixture
def entries(live_server: "LiveServer") -> list[Entry]:
    """Sections, tags, Chinese, and names that are too long."""
    factories.make_catalog("books", "Books")
    catalog = factories.make_catalog()
    results = []
    for title, names in [("编辑器", ["通义", "Vim", "x" * 500]), ("Shells", ["fish"])]:
        section = factories.make_section(catalog, title)
        for name in names:
            listing = factories.make_list(catalog, section)
            block = factories.make_item(
                listing, f"[{name}](https://{'h' * 60}.example/)", description_html="Good. " * 30
            )
            results.append(block.entry)
    factories.make_tag(catalog, "Language", "zh", results[:2])
    factories.make_tag(catalog, "Language", "<script>alert(1)</script>" * 5, results[2:])
    factories.make_tag(catalog, "License", "MIT", results[1:3])
    for year, entry in zip(("2019", "2021"), results, strict=False):
        factories.make_tag(catalog, "Year", year, [entry])
    index_catalog(catalog)
    return results


def test_browse_has_no_accessibility_violation(browser_page: Page, entries: list[Entry]) -> None:
    matches = {}
    for state, address in STATES.items():
        browser_page.goto(address)
        if report := violations(browser_page):
            matches[state] = report

    assert matches == {}


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_browse_fits_the_window(browser_page: Page, entries: list[Entry], width: int) -> None:
    browser_page.set_viewport_size({"width": width, "height": 800})
    too_wide = []
    for state, address in STATES.items():
        browser_page.goto(address)
        if browser_page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(state)

    assert too_wide == []


def test_browse_narrows_with_the_keyboard_and_goes_back(
    browser_page: Page, entries: list[Entry]
) -> None:
    browser_page.goto(STATES["all"])
    filters = browser_page.get_by_role("navigation", name="Filters")
    count = browser_page.locator("#count")

    filters.get_by_role("link", name="Chinese", exact=True).focus()
    browser_page.keyboard.press("Enter")
    expect(count).to_have_text("2 entries")
    filters.get_by_role("link", name="MIT", exact=True).click()
    expect(count).to_have_text("1 entry")
    expect(filters.get_by_role("link", name="MIT", exact=True)).to_have_attribute(
        "aria-current", "true"
    )
    browser_page.go_back()
    expect(count).to_have_text("2 entries")
    browser_page.get_by_role("list", name="Chosen").get_by_role("link").first.click()
    expect(count).to_have_text("4 entries")


def test_browse_swaps_its_part_and_says_so(browser_page: Page, entries: list[Entry]) -> None:
    browser_page.set_viewport_size({"width": 1280, "height": 400})
    browser_page.goto(STATES["all"])
    browser_page.evaluate("window.stayed = true")
    filters = browser_page.get_by_role("navigation", name="Filters")
    chinese = filters.get_by_role("link", name="Chinese", exact=True)
    browser_page.mouse.wheel(0, 300)

    chinese.focus()
    browser_page.keyboard.press("Enter")

    expect(browser_page.get_by_role("status")).to_have_text("2 entries")
    expect(chinese).to_be_focused()
    # The page scrolls smoothly.
    browser_page.wait_for_function("scrollY < 60")
    assert browser_page.url.endswith("/tools/browse/?tag=language:zh")
    language = browser_page.locator(".languages [name=next]")
    expect(language).to_have_value("/tools/browse/?tag=language:zh")
    browser_page.get_by_role("list", name="Chosen").get_by_role("link").click()
    expect(browser_page.get_by_role("status")).to_have_text("4 entries")
    expect(browser_page.locator("#count")).to_be_focused()
    browser_page.go_back()
    expect(browser_page.get_by_role("status")).to_have_text("2 entries")
    assert browser_page.evaluate("window.stayed")


def test_browse_chooses_in_a_drawer_on_a_phone(browser_page: Page, entries: list[Entry]) -> None:
    browser_page.set_viewport_size({"width": 390, "height": 600})
    browser_page.goto(STATES["all"])
    filters = browser_page.get_by_role("navigation", name="Filters")
    chosen = filters.get_by_role("link", name="MIT", exact=True)
    expect(filters).to_be_hidden()

    browser_page.get_by_role("link", name="Filters").click()
    expect(filters).to_be_focused()
    chosen.scroll_into_view_if_needed()
    before = chosen.bounding_box()
    chosen.click()

    # It stays open, what was chosen under the finger, and says how many there are.
    close = filters.get_by_role("link", name="Show 2 entries")
    expect(close).to_be_in_viewport()
    expect(chosen).to_have_attribute("aria-current", "true")
    after = chosen.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 3
    close.click()
    expect(filters).to_be_hidden()
    expect(browser_page.locator("#count")).to_be_in_viewport()
    assert browser_page.url.endswith("/tools/browse/?tag=license:mit")


def test_browse_drawer_opens_and_closes_without_javascript(
    browser: Browser, live_server: "LiveServer", entries: list[Entry]
) -> None:
    with browser.new_context(
        base_url=live_server.url,
        java_script_enabled=False,
        viewport={"width": 390, "height": 600},
    ) as context:
        page = context.new_page()
        page.goto(STATES["all"])
        filters = page.get_by_role("navigation", name="Filters")
        page.get_by_role("link", name="Filters").click()
        expect(filters).to_be_visible()
        # No word of a text that somebody was led to.
        expect(filters).to_have_css("background-color", "rgba(0, 0, 0, 0)")
        filters.get_by_role("link", name="Show 4 entries").click()
        expect(filters).to_be_hidden()


def test_browse_filters_all_values_by_letters(browser_page: Page, entries: list[Entry]) -> None:
    browser_page.goto(STATES["all"])
    filters = browser_page.get_by_role("navigation", name="Filters")
    expect(filters.get_by_role("searchbox")).to_have_count(0)
    browser_page.goto(STATES["all values"])
    filters.get_by_role("searchbox", name="Values with").fill("CHIN")

    expect(filters.get_by_role("link", name="Chinese", exact=True)).to_be_visible()
    expect(filters.get_by_role("link", name="alert")).to_be_hidden()


def test_browse_chooses_dates_and_takes_the_view_along(
    browser_page: Page, entries: list[Entry]
) -> None:
    browser_page.goto(STATES["all"])
    browser_page.get_by_label("from").select_option("2021")
    browser_page.get_by_role("button", name="Show").click()

    expect(browser_page.locator("#count")).to_have_text("1 entry")
    browser_page.get_by_text("Export this view").click()
    with browser_page.expect_download() as download:
        browser_page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "tools-selection.csv"


def test_browse_has_one_search_box(browser_page: Page, entries: list[Entry]) -> None:
    browser_page.goto(STATES["all"])

    expect(browser_page.get_by_role("searchbox")).to_have_count(1)
    browser_page.keyboard.press("/")
    expect(browser_page.get_by_role("searchbox")).to_be_focused()


def test_browse_loads_the_page_when_swapping_fails(
    browser_page: Page, entries: list[Entry], browser_errors: list[str]
) -> None:
    browser_page.goto(STATES["all"])
    filters = browser_page.get_by_role("navigation", name="Filters")

    def refuse(route: Route) -> None:
        if "hx-request" in route.request.headers:
            route.abort()
        else:
            route.continue_()

    browser_page.route("**/browse/?*", refuse)
    filters.get_by_role("link", name="Chinese", exact=True).click()

    expect(browser_page.locator("#count")).to_have_text("2 entries")
    browser_errors[:] = [e for e in browser_errors if "ERR_FAILED" not in e and "htmx:" not in e]


def test_browse_is_complete_without_javascript(
    browser: Browser, live_server: "LiveServer", entries: list[Entry]
) -> None:
    with browser.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/tools/")
        page.get_by_role("navigation", name="List").get_by_role("link", name="Browse").click()
        page.get_by_role("navigation", name="Order").get_by_role("link", name="Name").click()
        filters = page.get_by_role("navigation", name="Filters")
        filters.get_by_role("link", name="Shells").click()
        expect(page.locator("#count")).to_have_text("1 entry")
        assert page.url.endswith("/tools/browse/?section=shells&sort=name")


def test_data_for_machines_passes_the_content_security_policy(
    browser_page: Page, entries: list[Entry]
) -> None:
    # A refusal would be an error on the console, which fails the test by itself.
    for address in ("/tools/", "/tools/shells/", entries[0].get_absolute_url()):
        browser_page.goto(address)
        data = browser_page.locator('script[type="application/ld+json"]').text_content()
        assert data is not None
        assert json.loads(data)["@context"] == "https://schema.org"
