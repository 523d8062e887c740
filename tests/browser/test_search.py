"""The search box: suggestions, keyboard, no JavaScript, looks."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.models import Catalog
from tests.browser.accessibility import violations
from tests.catalog.importing.imports import new_list

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

TEXT = """# Tools

## Editors

- [Vim](https://vim.example/) - Everywhere.
- [Neovim](https://neovim.example/) - A fork of Vim.
- [Vim <b>script</b> "x"](https://script.example/) - 一个模型。
"""


@pytest.fixture
def catalog(live_server: "LiveServer") -> Catalog:
    return new_list(TEXT)


def test_keyboard_goes_from_the_slash_to_the_entry(browser_page: Page, catalog: Catalog) -> None:
    browser_page.goto("/tools/")
    browser_page.keyboard.press("/")
    box = browser_page.get_by_role("combobox")
    expect(box).to_be_focused()

    browser_page.keyboard.type("vim")
    options = browser_page.get_by_role("option")
    expect(options).to_have_count(3)
    expect(options.first.locator("mark")).to_have_text("Vim")
    expect(box).to_have_attribute("aria-expanded", "true")

    browser_page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    browser_page.keyboard.press("ArrowDown")
    browser_page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "find-suggestion-0")
    browser_page.keyboard.press("Enter")

    expect(browser_page.get_by_role("heading", level=1)).to_have_text("Vim")


def test_control_k_opens_a_box_anywhere(browser_page: Page, catalog: Catalog) -> None:
    browser_page.goto("/tools/changes/")
    browser_page.keyboard.press("Control+k")
    dialog = browser_page.get_by_role("dialog")
    box = dialog.get_by_role("combobox")
    expect(box).to_be_focused()
    assert violations(browser_page) == ""

    browser_page.keyboard.type("editors")
    options = dialog.get_by_role("option")
    expect(options.last).to_have_text("Editors Section")
    browser_page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    browser_page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    browser_page.keyboard.press("Control+k")
    expect(box).to_be_focused()
    browser_page.keyboard.type("neovim")
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("heading", level=1)).to_have_text("Results for “neovim”")


def test_escape_closes_and_enter_searches(browser_page: Page, catalog: Catalog) -> None:
    browser_page.goto("/tools/")
    box = browser_page.get_by_role("combobox")
    box.press_sequentially("neo")
    expect(browser_page.get_by_role("option")).to_have_count(1)
    box.press("Escape")
    expect(browser_page.get_by_role("option")).to_have_count(0)
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press("Enter")

    expect(browser_page.get_by_role("heading", level=1)).to_have_text("Results for “neo”")
    expect(browser_page.get_by_role("main").locator("mark")).to_have_text("Neo")


def test_search_works_without_javascript(
    browser: Browser, live_server: "LiveServer", catalog: Catalog
) -> None:
    with browser.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/tools/")
        page.get_by_role("searchbox").fill("neovim")
        page.get_by_role("searchbox").press("Enter")
        page.get_by_role("main").get_by_role("link", name="Neovim").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Neovim")


def test_suggestions_fit_a_phone_and_have_no_accessibility_violation(
    browser_page: Page, catalog: Catalog
) -> None:
    browser_page.set_viewport_size({"width": 320, "height": 640})
    browser_page.goto("/tools/search/?q=vim")
    box = browser_page.get_by_role("combobox")
    box.fill("vi")
    expect(browser_page.get_by_role("option")).to_have_count(2)
    box.press("ArrowDown")

    assert browser_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(browser_page) == ""
