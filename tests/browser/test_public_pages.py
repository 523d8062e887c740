"""What only a real browser can tell: looks, keyboard, themes, accessibility, hostile text."""

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect

from catalog.models import Catalog, Entry
from tests import factories

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

WIDTHS = [320, 768, 1440]

# What was written by somebody with bad intent, or by somebody with a long name.
HOSTILE = [
    "<script>document.title = 'taken over'</script>",
    "</td></table></main></body>",
    "<title>taken over",
    "\u202egnp.exe",
    "x" * 10_000,
    "长" * 3_000,
    "' onmouseover='alert(1)",
    "{{ catalog.title }}{% now 'Y' %}",
]

PAGES = {
    "home": "/",
    "catalog": "/tools/",
    "table": "/tools/editors/",
    "list": "/tools/编辑器/",
    "entry": "",
    "removed entry": "",
    "tags": "/tools/tags/",
    "facet": "/tools/tags/language/",
    "tag": "/tools/tags/language/zh/",
    "changes": "/tools/changes/",
    "change": "/tools/changes/2/",
    "not found": "/tools/nothing/",
}


@pytest.fixture
def addresses(live_server: "LiveServer") -> dict[str, str]:
    """Two lists with a table, a list, Chinese, tags and history; the addresses of their pages."""
    factories.make_catalog("books", "Books")
    catalog = factories.make_catalog(description="Good ones.", guidelines="Be brief.")
    factories.make_prose(catalog, "What this is about, with a [link](https://example.org/).")
    section = factories.make_section(catalog, "Editors")
    factories.make_prose(catalog, "Some words first.", section)
    table = factories.make_table(catalog, section, ["maker", "name", "licence", "note"])
    for n in range(3):
        row = ["Somebody", f"[Tool {n}](https://example.org/{n})", "Apache-2.0", "Good. " * 20]
        factories.make_row(table, row)
    below = factories.make_section(catalog, "Modal", parent=section)
    factories.make_list(catalog, below, ["[Vim](https://vim.org/) - Everywhere."])
    chinese = factories.make_section(catalog, "编辑器")
    factories.make_list(
        catalog, chinese, ["[通义](https://example.org/zh) - 一个模型。", "[B](https://b.example/)"]
    )
    entry, removed = table.entries.in_reading_order()[:2]
    factories.make_tag(catalog, "Language", "zh", [entry])
    factories.change_entry(entry, "| Somebody | [Tool](https://example.org/0) | MIT | |\n")
    factories.remove_entry(removed, credit="Ada", note="Gone.")
    return PAGES | {
        "entry": entry.get_absolute_url(),
        "removed entry": removed.get_absolute_url(),
    }


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_has_no_accessibility_violation(
    browser_page: Page, addresses: dict[str, str], browser_errors: list[str], page: str, theme: str
) -> None:
    browser_page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    browser_page.goto(addresses[page])
    browser_errors[:] = [error for error in browser_errors if "Failed to load" not in error]

    results = Axe().run(browser_page)

    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_the_window(
    browser_page: Page, addresses: dict[str, str], browser_errors: list[str], width: int
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 800})
    too_wide = []
    for page, address in addresses.items():
        browser_page.goto(address)
        if browser_page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            too_wide.append(page)
    browser_errors.clear()

    assert too_wide == []


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
        page.get_by_role("link", name="Details: Tool 2").click()
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


@pytest.mark.parametrize("width", WIDTHS)
def test_hostile_text_stays_text(
    browser_page: Page, live_server: "LiveServer", browser_errors: list[str], width: int
) -> None:
    browser_page.set_viewport_size({"width": width, "height": 800})
    addresses = fill_with_hostile_text()
    dialogs: list[str] = []
    browser_page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    for address in addresses:
        browser_page.goto(address)
        assert browser_page.title() != "taken over"
        expect(browser_page.get_by_role("contentinfo")).to_contain_text("CC0-1.0")
        assert browser_page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    browser_errors[:] = [error for error in browser_errors if "410" not in error]

    assert dialogs == []


def fill_with_hostile_text() -> list[str]:
    """The pages of a catalog where everything a person can write is hostile."""
    catalog = factories.make_catalog(description=HOSTILE[0], guidelines=HOSTILE[1])
    Catalog.objects.filter(pk=catalog.pk).update(source_url="javascript:alert(1)", language='"><b>')
    section = factories.make_section(catalog, HOSTILE[0])
    table = factories.make_table(catalog, section, ["name", *HOSTILE[:3]])
    listing = factories.make_list(catalog, section)
    entries = []
    for n, text in enumerate(HOSTILE):
        row = factories.make_row(table, [f"[{text}](https://example.org/{n})", text])
        row.description_html = factories.inline_html(text)
        row.save()
        factories.make_item(listing, f"[{text}](https://example.org/{n}) {text}")
        entries.append(row)
    for text in HOSTILE[:4]:
        factories.make_tag(catalog, "Kind", text[:150], entries)
    factories.change_entry(entries[0], f"{HOSTILE[0]}\n", credit=HOSTILE[0][:90])
    factories.remove_entry(entries[1], credit="x" * 200, note=HOSTILE[4])
    pages = ["/tools/", section.get_absolute_url(), "/tools/tags/", "/tools/changes/"]
    tags = [tag.get_absolute_url() for tag in table.catalog.facets.get().tags.all()]
    return [*pages, *tags, *[entry.get_absolute_url() for entry in Entry.objects.all()[:10]]]
