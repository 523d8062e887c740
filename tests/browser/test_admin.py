import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect


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
