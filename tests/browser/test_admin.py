import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.catalog.importing.imports import new_list


@pytest.fixture
def moderator_page(browser_page: Page) -> Page:
    get_user_model().objects.create_superuser(username="ada", password="correct horse")
    browser_page.goto("/admin/")
    browser_page.get_by_label("E-mail or user name").fill("ada")
    browser_page.get_by_label("Password").fill("correct horse")
    browser_page.get_by_role("button", name="Sign in", exact=True).click()
    return browser_page


def test_admin_works_under_the_content_security_policy(moderator_page: Page) -> None:
    moderator_page.get_by_role("link", name="Users").first.click()
    moderator_page.locator("#result_list").get_by_role("link", name="ada").click()
    # Added by the admin's own script.
    moderator_page.locator(".add-row a").first.wait_for()
    moderator_page.get_by_label("Display name").fill("Ada L.")
    moderator_page.get_by_role("button", name="Save", exact=True).click()

    expect(moderator_page.get_by_text("was changed successfully")).to_be_visible()


def test_control_k_finds_entries_from_the_administration(moderator_page: Page) -> None:
    new_list("# T\n\n- [Neovim](https://neovim.example/) - Edits.\n")
    moderator_page.get_by_role("link", name="Users").first.click()
    moderator_page.wait_for_url("**/user/")
    moderator_page.keyboard.press("Control+k")
    dialog = moderator_page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    moderator_page.keyboard.type("neo")
    expect(dialog.get_by_role("option")).to_have_text("Neovim Tools")
    assert violations(moderator_page) == ""
    moderator_page.keyboard.press("ArrowDown")
    moderator_page.keyboard.press("Enter")

    expect(moderator_page.get_by_role("heading", level=1)).to_have_text("Neovim")
