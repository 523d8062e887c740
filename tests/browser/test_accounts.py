"""An account in a real browser: made, confirmed, protected, used; by keyboard, in both themes."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from playwright.sync_api import Page, expect

from accounts.mail import Subscription, Topic
from accounts.models import User
from tests.accounts.codes import code_for
from tests.browser.accessibility import overflows, violations
from tests.mailbox import work_off

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

PASSWORD = "correct horse battery"

PUBLIC = {
    "sign in": "/accounts/login/",
    "sign up": "/accounts/signup/",
    "reset": "/accounts/password/reset/",
    "reset sent": "/accounts/password/reset/done/",
    "stale link": "/accounts/confirm-email/x:y:z/",
}
OWN = {
    "profile": "/accounts/",
    "addresses": "/accounts/email/",
    "password": "/accounts/password/change/",
    "second factor": "/accounts/2fa/",
    "app": "/accounts/2fa/totp/activate/",
    "key": "/accounts/2fa/webauthn/add/",
    "tokens": "/accounts/tokens/",
    "leave": "/accounts/delete/",
    "sign out": "/accounts/logout/",
}


@pytest.fixture
def ada(live_server: "LiveServer") -> User:
    """Somebody of the staff, with a confirmed address and without a second factor."""
    return User.objects.create_superuser(
        "ada", "ada@people.example", PASSWORD, display_name="Ada Lovelace"
    )


def sign_in(page: Page, login: str = "ada") -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail or user name").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def show_again_who_one_is(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def link_in(message: EmailMessage, part: str) -> str:
    line = next(line for line in str(message.body).splitlines() if part in line)
    return "/" + line.split("/", 3)[3]


def test_journey_from_sign_up_to_the_administration(
    browser_page: Page,
    live_server: "LiveServer",
    settings: LazySettings,
    mailoutbox: list[EmailMessage],
) -> None:
    settings.REQUIRE_STAFF_MFA = True
    page = browser_page
    page.goto("/accounts/signup/")
    page.get_by_label("E-mail").fill("ada@people.example")
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Check your inbox")).to_be_visible()

    work_off()
    page.goto(link_in(mailoutbox[0], "/confirm-email/"))
    page.get_by_role("button", name="Yes, it is mine").click()
    expect(page.get_by_role("button", name="Ada Lovelace")).to_be_visible()

    page.get_by_role("button", name="Ada Lovelace").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()

    User.objects.update(is_staff=True, is_superuser=True)
    page.goto("/admin/")
    page.get_by_label("E-mail or user name").fill("ada@people.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("status", name="Messages")).to_contain_text("open the administration")

    page.get_by_role("link", name="Set up authenticator app").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    secret = page.locator(".secret").inner_text()
    page.get_by_label("Authenticator code").fill(code_for(secret))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert page.locator(".codes li").count() == 10
    page.get_by_role("link", name="Go to the administration").click()

    expect(page.get_by_role("heading", name="Your lists")).to_be_visible()


def test_security_key_is_added_and_required(browser_page: Page, ada: User) -> None:
    page = browser_page
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    sign_in(page)
    show_again_who_one_is(page, "/accounts/2fa/webauthn/add/")
    page.get_by_label("Name").fill("The blue one")
    page.get_by_role("button", name="Add the key").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    page.context.clear_cookies()
    sign_in(page)
    page.get_by_role("button", name="Use a security key").click()

    expect(page.get_by_role("button", name="Ada Lovelace")).to_be_visible()


def test_sign_in_and_out_by_keyboard(browser_page: Page, ada: User) -> None:
    page = browser_page
    page.goto("/accounts/login/")
    page.get_by_label("E-mail or user name").focus()
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Ada Lovelace")).to_be_visible()

    page.get_by_role("button", name="Ada Lovelace").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Your account")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Your account")).to_be_hidden()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()


def test_token_is_made_copied_used_and_revoked(
    browser_page: Page, ada: User, live_server: "LiveServer"
) -> None:
    page = browser_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page)
    show_again_who_one_is(page, "/accounts/tokens/")
    page.get_by_label("What is it for?").fill("laptop")
    page.get_by_label("Submit: suggest").check()
    page.get_by_role("button", name="Create token").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    secret = page.evaluate("navigator.clipboard.readText()")
    assert page.get_by_label("The token").input_value() == secret
    assert secret in page.locator("pre").inner_text()
    assert violations(page) == ""

    def status() -> int:
        headers = {"Authorization": f"Bearer {secret}"}
        return httpx.get(f"{live_server.url}/api/v1/", headers=headers).status_code

    assert status() == 200
    page.get_by_role("link", name="I have saved it").click()
    expect(page.get_by_role("heading", name="laptop")).to_be_visible()
    page.get_by_role("link", name="Revoke… laptop").click()
    assert violations(page) == ""
    page.get_by_role("button", name="Revoke token").click()

    expect(page.get_by_role("heading", name="laptop")).to_be_hidden()
    assert status() == 401


def test_error_stands_at_its_field(browser_page: Page, live_server: "LiveServer") -> None:
    browser_page.goto("/accounts/signup/")
    browser_page.get_by_label("E-mail").fill("ada@people.example")
    browser_page.get_by_label("Password").fill("12345678")
    browser_page.get_by_role("button", name="Create account").click()

    field = browser_page.get_by_label("Password")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        "At least 8 characters, and not easy to guess. "
        "This password is too common. This password is entirely numeric."
    )
    expect(browser_page.get_by_label("E-mail")).to_have_value("ada@people.example")


def test_unsubscribing_works_without_an_account(
    browser_page: Page, live_server: "LiveServer"
) -> None:
    subscription = Subscription(Topic.SUBMISSIONS, email="grace@people.example")
    browser_page.goto("/" + subscription.address.split("/", 3)[3])

    browser_page.get_by_role("button", name="Unsubscribe").click()
    expect(browser_page.get_by_role("heading", name="Unsubscribed", exact=True)).to_be_visible()

    assert not subscription.is_on


# All of them


@pytest.fixture
def every_page(browser_page: Page, ada: User) -> Callable[[], Iterator[str]]:
    """Open one page after the other and give its name."""

    def pages() -> Iterator[str]:
        for name, address in PUBLIC.items():
            browser_page.goto(address)
            yield name
        sign_in(browser_page)
        show_again_who_one_is(browser_page, OWN["app"])
        for name, address in OWN.items():
            browser_page.goto(address)
            yield name
        browser_page.goto("/accounts/")
        browser_page.get_by_role("button", name="Ada Lovelace").click()
        yield "menu"

    return pages


def test_pages_have_no_accessibility_violation(
    browser_page: Page, every_page: Callable[[], Iterator[str]]
) -> None:
    matches = {name: report for name in every_page() if (report := violations(browser_page))}

    assert matches == {}


def test_pages_fit_the_window(browser_page: Page, every_page: Callable[[], Iterator[str]]) -> None:
    too_wide = {name: overflows(browser_page, (320, 390, 1440)) for name in every_page()}

    assert [name for name, widths in too_wide.items() if widths] == []
