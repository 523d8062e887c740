"""Two lists with something for every kind of page, and where those pages are."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Route

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.live_server_helper import LiveServer

    from accounts.models import User

PAGES = {
    "home": "/",
    "catalog": "/tools/",
    "table": "/tools/editors/",
    "wide table": "/tools/wide/",
    "list": "/tools/编辑器/",
    "entry": "",
    "removed entry": "",
    "browse": "/tools/browse/",
    "browse chosen": "/tools/browse/?tag=language:zh&sort=name",
    "browse nothing": "/tools/browse/?tag=language:zh&section=编辑器&tag=no:such",
    "tags": "/tools/tags/",
    "facet": "/tools/tags/language/",
    "tag": "/tools/tags/language/zh/",
    "search": "/search/?q=tool",
    "search in a list": "/tools/search/?q=一个",
    "nothing found": "/tools/search/?q=nothinglikeit",
    "changes": "/tools/changes/",
    "change": "/tools/changes/2/",
    "not found": "/tools/nothing/",
}
ERRORS = ("400", "403", "403_csrf", "500")
"""Templates of pages that no address leads to."""


@pytest.fixture
def addresses(live_server: "LiveServer") -> dict[str, str]:
    """Two lists with tables, lists, Chinese, tags and history; the addresses of their pages."""
    # Here, because this file is read before Django knows its settings.
    from tests import factories

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
    nested = factories.make_list(catalog, below, ["[Vim](https://vim.org/) - Everywhere."])
    factories.make_item(nested, "[Neovim](https://neovim.io/)", parent=nested.blocks.get())
    chinese = factories.make_section(catalog, "编辑器")
    factories.make_list(
        catalog, chinese, ["[通义](https://example.org/zh) - 一个模型。", "[B](https://b.example/)"]
    )
    wide = factories.make_section(catalog, "Wide")
    columns = factories.make_table(catalog, wide, ["name", *[f"column {n}" for n in range(11)]])
    factories.make_row(columns, ["[Wide one](https://w.example/)", *["words and more"] * 11])
    entry, removed = table.entries.in_reading_order()[:2]
    factories.make_tag(catalog, "Language", "zh", [entry])
    factories.make_tag(catalog, "C", "No", [entry])
    factories.change_entry(entry, "| Somebody | [Tool](https://example.org/0) | MIT | |\n")
    factories.remove_entry(removed, credit="Ada", note="Gone.")
    return PAGES | {
        "entry": entry.get_absolute_url(),
        "removed entry": removed.get_absolute_url(),
    }


@pytest.fixture
def error_pages(browser_page: Page) -> dict[str, str]:
    """The addresses at which the browser is shown what people see when something fails."""
    from django.contrib.auth.models import AnonymousUser
    from django.template.loader import render_to_string
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    bodies = {name: render_to_string(f"{name}.html", {}, request) for name in ERRORS}

    def answer(route: Route) -> None:
        name = route.request.url.rpartition("/error-")[2]
        route.fulfill(body=bodies[name], content_type="text/html; charset=utf-8")

    browser_page.route("**/error-*", answer)
    return {name: f"/error-{name}" for name in ERRORS}


@pytest.fixture
def sign_in(browser_page: Page) -> "Callable[[User], Page]":
    """Open the browser as somebody who has signed in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    def opened(user: "User") -> Page:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        browser_page.goto("/healthz")
        browser_page.context.add_cookies(
            [{"name": "sessionid", "value": str(session.session_key), "url": browser_page.url}]
        )
        return browser_page

    return opened
