"""What only a real browser can tell: looks, keyboard, themes, weight."""

import gzip
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.accessibility import overflows
from tests.catalog.importing.imports import new_list

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

WIDTHS = [320, 768, 1440, 3840]
MOST_STYLES_AND_SCRIPTS = 30_000
MOST_OF_A_SECTION = 60_000
"""Bytes, compressed."""

LOADS = 5
LAYOUT_SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 100);
})"""


def test_pages_fit_the_window(
    browser_page: Page, addresses: dict[str, str], browser_errors: list[str]
) -> None:
    too_wide = {}
    for page, address in addresses.items():
        browser_page.goto(address)
        if widths := overflows(browser_page, WIDTHS):
            too_wide[page] = widths
    browser_errors.clear()

    assert too_wide == {}


def test_pages_ask_nobody_else(
    browser_page: Page, addresses: dict[str, str], browser_errors: list[str]
) -> None:
    hosts = set()

    def note(request: Request) -> None:
        hosts.add(request.url.split("/")[2])

    browser_page.on("request", note)
    for address in addresses.values():
        browser_page.goto(address)
    browser_errors.clear()

    assert len(hosts) == 1


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_moves_while_a_page_loads(
    browser_page: Page, addresses: dict[str, str], browser_errors: list[str], width: int
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 800})
    moved = {}
    for page, address in addresses.items():
        # What the page does to itself comes each time; half a page that a busy machine paints
        # before the other half is read does not.
        shifts: list[float] = []
        while 0 not in shifts and len(shifts) < LOADS:
            browser_page.goto(address)
            shifts.append(browser_page.evaluate(LAYOUT_SHIFT))
        if 0 not in shifts:
            moved[page] = shifts
    browser_errors.clear()

    assert moved == {}


def test_styles_and_scripts_weigh_little(
    browser_page: Page, addresses: dict[str, str], browser_errors: list[str]
) -> None:
    weights = {}
    for page, address in addresses.items():
        browser_page.goto(address)
        files = browser_page.eval_on_selector_all(
            "script[src], link[rel=stylesheet]", "all => all.map((one) => one.src || one.href)"
        )
        weights[page] = sum(compressed(browser_page, file) for file in files)
    browser_errors.clear()

    assert max(weights.values()) <= MOST_STYLES_AND_SCRIPTS, weights


def test_wide_table_of_a_list_has_nothing_beside_it(
    browser_page: Page, live_server: "LiveServer"
) -> None:
    columns = "".join(f"| what it has {n} " for n in range(7))
    rows = "".join(
        f"| [Tool {n}](https://example.org/{n}) {'| words and words and more words ' * 6}|\n"
        for n in range(5)
    )
    new_list(
        f"# Tools\n\n{columns}|\n{'|---' * 7}|\n{rows}\n## Editors\n\n- [Vim](https://v.io/)\n"
    )
    browser_page.set_viewport_size({"width": 1440, "height": 900})
    browser_page.goto(f"{live_server.url}/tools/")

    table = browser_page.get_by_role("table").bounding_box()
    aside = browser_page.locator(".columns > .narrow").bounding_box()

    assert table is not None
    assert aside is not None
    assert table["x"] + table["width"] <= 1440
    assert table["y"] + table["height"] <= aside["y"]


def test_sections_of_every_depth_are_large_enough_to_be_hit(
    browser_page: Page, live_server: "LiveServer"
) -> None:
    headings = "\n\n".join(f"{'#' * n} Part {n}\n\n- [{n}](https://{n}.io/)" for n in range(2, 7))
    new_list(f"# Tools\n\n{headings}\n")
    browser_page.goto(f"{live_server.url}/tools/")

    links = browser_page.locator(".contents a")
    heights = links.evaluate_all("links => links.map((a) => a.getBoundingClientRect().height)")

    assert len(heights) > 2
    assert min(heights) >= 24


def test_section_page_weighs_little(browser_page: Page, live_server: "LiveServer") -> None:
    words = "".join(f"{n:x} " for n in range(7_000, 30_000)).split()
    items = [
        f"- [{' '.join(words[n : n + 3])}](https://github.com/{words[n]}/{words[n + 1]}) -"
        f" {' '.join(words[n + 3 : n + 20])}.\n"
        for n in range(0, 20 * 1_000, 20)
    ]
    catalog = new_list(f"# Tools\n\n## Editors\n\n{''.join(items)}")
    section = catalog.sections.get(title="Editors")
    weights = []
    browser_page.on("response", lambda answer: weights.append(len(gzip.compress(answer.body()))))
    browser_page.goto(section.get_absolute_url(), wait_until="networkidle")

    assert len(weights) > 3
    assert sum(weights) <= MOST_OF_A_SECTION


def compressed(page: Page, address: str) -> int:
    """How many bytes the file is on its way."""
    return len(gzip.compress(page.request.get(address).body()))


def test_keyboard_skips_to_the_content(browser_page: Page, addresses: dict[str, str]) -> None:
    browser_page.goto(addresses["table"])

    browser_page.keyboard.press("Tab")
    expect(browser_page.get_by_role("link", name="Skip to content")).to_be_focused()
    browser_page.keyboard.press("Enter")

    expect(browser_page.get_by_role("main")).to_be_focused()


def test_theme_switch_is_remembered_until_the_system_agrees(
    browser_page: Page, addresses: dict[str, str]
) -> None:
    def background() -> str:
        return str(browser_page.evaluate("getComputedStyle(document.body).backgroundColor"))

    browser_page.emulate_media(color_scheme="light")
    browser_page.goto(addresses["catalog"])
    light = background()
    switch = browser_page.get_by_role("button", name="Dark theme")
    expect(switch).to_have_attribute("aria-pressed", "false")

    switch.focus()
    browser_page.keyboard.press("Enter")
    dark = background()
    expect(switch).to_have_attribute("aria-pressed", "true")
    browser_page.goto(addresses["table"])
    assert background() == dark != light

    browser_page.get_by_role("button", name="Dark theme").click()
    assert background() == light
    assert browser_page.evaluate("localStorage.theme") is None


def test_page_is_complete_without_javascript(
    browser: Browser, live_server: "LiveServer", addresses: dict[str, str]
) -> None:
    with browser.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(addresses["catalog"])
        expect(page.get_by_role("button", name="Dark theme")).to_have_count(0)
        page.get_by_role("main").get_by_role("link", name="Editors").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Editors")
        page.get_by_role("link", name="Tool 2", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Tool 2")


def test_table_names_its_columns_on_a_phone(browser_page: Page, addresses: dict[str, str]) -> None:
    browser_page.set_viewport_size({"width": 390, "height": 800})
    browser_page.goto(addresses["table"])
    row = browser_page.get_by_role("row").filter(has_text="Tool 2")
    cell = row.get_by_role("cell").filter(has_text="Apache-2.0")

    name = row.get_by_role("rowheader").bounding_box()
    licence = cell.bounding_box()
    assert name is not None
    assert licence is not None
    assert name["y"] < licence["y"]
    assert (
        browser_page.evaluate(
            "cell => getComputedStyle(cell, '::before').content", cell.element_handle()
        )
        == '"licence"'
    )
