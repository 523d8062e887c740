"""Contributing, as people do it: in a browser, by hand, with and without JavaScript."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from catalog.editing.entries import change_entry
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.models import Catalog
from submissions import protection, workflow
from submissions.choices import Challenge
from submissions.models import ContributionPolicy, Kind, Submission
from tests.browser.accessibility import violations
from tests.catalog.importing.imports import new_list
from tests.submission_factories import entry_called, make_moderator, submit

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

TEXT = """# Tools

## Editors

- [Emacs](https://emacs.example/) - Extensible.
- [Vim](https://vim.example/) - Everywhere.

## Models

| Name | Language | Main feature |
| --- | --- | --- |
| [Alpha](https://alpha.example/) | en/zh | Small and fast. |
| [Beta](https://beta.example/) | zh | Large. |
| [一个名字很长的模型](https://gamma.example/) | zh | 一个用中文写的、相当长的说明，没有空格。 |
"""
LINE = "| [Delta](https://delta.example/) | en/zh | Tiny. |"


@pytest.fixture
def catalog(live_server: "LiveServer", monkeypatch: pytest.MonkeyPatch) -> Catalog:
    monkeypatch.setattr(protection, "LEAST_SECONDS", 0)
    catalog = new_list(TEXT)
    Catalog.objects.filter(pk=catalog.pk).update(license="CC0-1.0", guidelines="Be *brief*.")
    catalog.refresh_from_db()
    return catalog


def open_models(page: Page) -> None:
    page.goto("/tools/")
    page.get_by_role("link", name="Suggest an entry").first.click()
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Suggest an entry")
    page.wait_for_load_state()  # Without the script Enter loads the page anew.


def entry_page(catalog: Catalog, name: str, page: str) -> str:
    return f"/contribute/tools/entries/{catalog.entries.get(name=name).pk}/{page}/"


def added(page: Page) -> str:
    """The line that the preview says will come."""
    return page.locator("#preview ins").inner_text().splitlines()[-1].strip()


def test_suggested_line_is_the_line_in_the_readme(browser_page: Page, catalog: Catalog) -> None:
    page = browser_page
    open_models(page)
    page.get_by_label("Address").fill("https://vim.example?utm_source=x")
    remarks = page.locator("[data-field=url] .remark")
    expect(remarks.filter(has_text="elsewhere in this list")).to_be_visible()
    expect(page.get_by_role("link", name="Edit that one instead")).to_be_visible()
    page.get_by_role("button", name="Write “https://vim.example”").click()
    expect(page.get_by_label("Address")).to_have_value("https://vim.example")
    page.get_by_label("Address").fill("https://delta.example/")
    expect(remarks).to_have_count(0)
    page.get_by_label("Name", exact=True).fill("Delta")
    language = page.get_by_role("combobox", name="Language")
    language.press_sequentially("e")
    page.get_by_role("option", name="en").click()
    language.press_sequentially("/z")
    page.get_by_role("option", name="zh").click()
    expect(language).to_have_value("en/zh")
    page.get_by_label("Main feature").fill("Tiny.")
    expect(page.locator("#preview ins")).to_contain_text(LINE)
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("I agree").check()

    page.get_by_role("button", name="Send for review").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a moderator")
    expect(page.locator("ins")).to_contain_text(LINE)
    submission = Submission.objects.get()
    assert not submission.is_held
    workflow.approve(submission=submission, actor=make_moderator(catalog))
    assert export_markdown(catalog) == f"{TEXT}{LINE}\n"
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is now in the list")
    page.goto("/tools/changes/")
    expect(page.locator(".revisions")).to_contain_text("Ada")


def test_draft_survives_a_reload_and_is_gone_once_sent(
    browser_page: Page, catalog: Catalog
) -> None:
    page = browser_page
    open_models(page)
    address = page.url
    page.get_by_label("Name", exact=True).fill("Delta 😀")
    page.get_by_label("Note to the moderator").fill("One\n  two")
    page.reload()

    expect(page.get_by_text("Your draft was restored.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Delta 😀")
    expect(page.get_by_label("Note to the moderator")).to_have_value("One\n  two")
    expect(page.locator("#preview")).to_contain_text("Delta 😀")
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("")
    page.reload()
    expect(page.get_by_text("Your draft was restored.")).to_be_hidden()

    page.get_by_label("Name", exact=True).fill("Delta")
    page.get_by_label("Address").fill("https://delta.example/")
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a moderator")
    page.goto(address)
    expect(page.get_by_label("Name", exact=True)).to_have_value("")
    expect(page.get_by_text("Sent from this browser")).to_be_visible()


def test_draft_of_several_keeps_what_was_mended_on_the_cards(
    browser_page: Page, catalog: Catalog
) -> None:
    page = browser_page
    address = f"/contribute/tools/new/several/?listing={entry_called('Alpha').listing_id}"
    page.goto(address)
    page.get_by_label("One entry per line").fill("https://a.example/One\nhttps://b.example/Two")
    page.get_by_role("button", name="Check the lines").click()
    page.get_by_role("combobox", name="Language").last.fill("zh")
    page.get_by_label("I agree").check()
    page.goto("/tools/")

    page.goto(address)

    expect(page.get_by_label("Name", exact=True).first).to_have_value("One")
    expect(page.get_by_role("combobox", name="Language").last).to_have_value("zh")
    expect(page.get_by_label("I agree")).to_be_checked()
    page.get_by_role("button", name="Send all 2 for review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")
    page.goto(address)
    expect(page.locator("fieldset.card")).to_have_count(0)


def test_draft_of_a_move_keeps_what_becomes_of_a_cell(browser_page: Page, catalog: Catalog) -> None:
    page = browser_page
    page.goto(entry_page(catalog, "Beta", "move"))
    page.get_by_role("radio", name="Editors").press("Space")
    page.get_by_role("combobox", name="Language").select_option("Leave it out")

    page.reload()

    expect(page.get_by_role("combobox", name="Language")).to_have_value("drop")


def test_refused_form_keeps_what_was_typed_and_takes_the_focus(
    browser_page: Page, browser_errors: list[str], catalog: Catalog
) -> None:
    page = browser_page
    open_models(page)
    page.get_by_label("Name", exact=True).fill("  Delta ")
    page.get_by_label("Note to the moderator").fill("Line one\n\n  line three 😀")
    page.get_by_role("button", name="Send for review").click()

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Name", exact=True)).to_have_value("  Delta ")
    expect(page.get_by_label("Note to the moderator")).to_have_value("Line one\n\n  line three 😀")
    assert Submission.objects.count() == 0
    # The browser notes the status of the answer.
    assert len(browser_errors) == 1
    browser_errors.clear()


def test_lost_cookies_give_the_form_back(
    browser_page: Page, browser_errors: list[str], catalog: Catalog
) -> None:
    page = browser_page
    open_models(page)
    page.get_by_label("Name", exact=True).fill("Delta")
    page.get_by_label("Address").fill("https://delta.example/")
    page.get_by_label("I agree").check()
    page.context.clear_cookies()

    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_role("alert")).to_contain_text("Your text is still here")
    page.get_by_role("button", name="Send for review").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a moderator")
    assert Submission.objects.count() == 1
    browser_errors.clear()


def test_edit_shows_what_changes(browser_page: Page, catalog: Catalog) -> None:
    page = browser_page
    page.goto(catalog.entries.get(name="Alpha").get_absolute_url())
    page.get_by_role("link", name="Suggest an edit").click()
    page.get_by_label("Main feature").fill("Small.")
    expect(page.locator("#preview del")).to_contain_text("Small and fast.")
    expect(page.locator("#preview ins")).to_contain_text("| en/zh | Small. |")
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a moderator")

    workflow.approve(submission=Submission.objects.get(), actor=make_moderator(catalog))
    assert export_markdown(catalog) == TEXT.replace("Small and fast.", "Small.")


def test_report_goes_by_keyboard_alone(browser_page: Page, catalog: Catalog) -> None:
    page = browser_page
    page.goto(entry_page(catalog, "Vim", "report"))
    page.get_by_label("The link is dead").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("404 since May")
    for _press in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "send":
            break
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a moderator")
    assert Submission.objects.get().content.evidence == "404 since May"


def test_everything_works_without_javascript(
    browser: Browser, live_server: "LiveServer", catalog: Catalog
) -> None:
    with browser.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/contribute/tools/new/")
        page.get_by_label("Find a section").fill("mod")
        page.get_by_role("main").get_by_role("button", name="Search").click()
        page.get_by_role("link", name="Models").click()
        page.get_by_label("Address").fill("https://delta.example/?utm_source=x")
        page.get_by_label("Name", exact=True).fill("Delta")
        page.get_by_role("button", name="Preview").last.click()
        page.get_by_role("button", name="Write “https://delta.example/”").click()
        expect(page.get_by_label("Address")).to_have_value("https://delta.example/")
        page.locator("[name=cell-1]").fill("en/zh")
        page.get_by_label("Main feature").fill("Tiny.")
        page.get_by_role("button", name="Preview").last.click()
        assert added(page) == LINE
        page.get_by_label("I agree").check()
        page.get_by_role("button", name="Send for review").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a moderator")
        page.get_by_role("button", name="Withdraw").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("You withdrew it")


@pytest.mark.parametrize("script", [True, False])
def test_typo_is_mended_in_chinese_on_a_phone(
    browser: Browser, live_server: "LiveServer", catalog: Catalog, script: bool
) -> None:
    with browser.new_context(
        base_url=live_server.url,
        locale="zh-CN",
        java_script_enabled=script,
        viewport={"width": 390, "height": 800},
    ) as context:
        page = context.new_page()
        page.goto(catalog.entries.get(name="Vim").get_absolute_url())
        page.locator("a[href$='/edit/']").first.click()
        text = page.locator("[name=description]")
        text.fill("Everywhere there is a terminal.")
        page.get_by_label("我同意").check()
        page.get_by_role("button", name="提交审核").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("正在等待审核员处理")
        moderator = make_moderator(catalog)
        workflow.approve(submission=Submission.objects.get(), actor=moderator)
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("修改已写入清单")
        assert export_markdown(catalog) == TEXT.replace(
            "Everywhere.", "Everywhere there is a terminal."
        )


@pytest.mark.parametrize("width", [390, 1200])
def test_move_asks_what_becomes_of_a_cell_once_a_place_is_chosen(
    browser_page: Page, catalog: Catalog, width: int
) -> None:
    page = browser_page
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(entry_page(catalog, "Beta", "move"))
    page.get_by_role("radio", name="Editors").press("Space")
    choice = page.get_by_role("combobox", name="Language")
    expect(choice).to_have_value("")
    expect(page.locator("#preview")).to_contain_text("A list has no columns: leave out “Language”")

    choice.select_option("Leave it out")

    expect(page.locator("#preview ins")).to_contain_text("- [Beta](https://beta.example/) - Large.")
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a moderator")
    assert Submission.objects.get().content.placing == {1: None}


def test_new_section_is_shown_with_its_first_entry(browser_page: Page, catalog: Catalog) -> None:
    page = browser_page
    page.goto("/contribute/tools/new/")
    page.get_by_role("link", name="Suggest it with a new section").click()
    page.get_by_label("New section").fill("Voices")
    page.get_by_label("Address").fill("https://delta.example/")
    page.get_by_label("Name", exact=True).fill("Delta")
    page.get_by_label("Main feature").fill("Tiny.")
    page.get_by_role("combobox", name="Language").fill("zh")
    expect(page.locator("#preview")).to_contain_text("## Voices")
    page.get_by_label("I agree").check()
    page.get_by_label("Main feature").press("Control+Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a moderator")
    workflow.approve(submission=Submission.objects.get(), actor=make_moderator(catalog))
    header = "| Name | Language | Main feature |\n| --- | --- | --- |\n"
    line = "| [Delta](https://delta.example/) | zh | Tiny. |\n"
    assert export_markdown(catalog) == f"{TEXT}\n## Voices\n\n{header}{line}"


def _with_long_remark(route: Route) -> None:
    """Answer with a remark at the name that moves the preview far down."""
    response = route.fetch()
    data = response.json()
    data["remarks"]["name"] = "<br>" * 60
    route.fulfill(response=response, json=data)


@pytest.mark.parametrize("width", [360, 1200])
def test_enter_previews_then_sends(browser_page: Page, catalog: Catalog, width: int) -> None:
    page = browser_page
    page.set_viewport_size({"width": width, "height": 700})
    open_models(page)
    page.get_by_label("I agree").check()
    page.get_by_label("Address").fill("https://delta.example/")
    page.route("**/preview/", _with_long_remark)
    name = page.get_by_label("Name", exact=True)
    name.fill("Delta")
    name.press("Enter")
    expect(page.locator("#preview ins")).to_be_in_viewport()
    assert Submission.objects.count() == 0

    name.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a moderator")


def test_control_and_enter_send_from_everywhere(browser_page: Page, catalog: Catalog) -> None:
    page = browser_page
    open_models(page)
    page.get_by_label("I agree").check()
    page.get_by_label("Address").fill("https://delta.example/")
    page.get_by_label("Name", exact=True).fill("Delta")
    page.get_by_label("Note to the moderator").fill("Please.")
    page.get_by_label("Note to the moderator").press("Control+Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a moderator")


@pytest.mark.parametrize("width", [360, 1200])
def test_reason_is_open_where_it_is_needed_and_errors_go_when_mended(
    browser_page: Page, catalog: Catalog, browser_errors: list[str], width: int
) -> None:
    page = browser_page
    page.set_viewport_size({"width": width, "height": 700})
    open_models(page)
    page.get_by_label("Address").fill("https://alpha.example/")
    page.get_by_label("Name", exact=True).fill("Delta")
    reason = page.get_by_label("Why it is listed twice")
    expect(reason).to_be_visible()
    page.get_by_role("link", name="Say why both belong").click()
    expect(reason).to_be_focused()

    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_role("alert")).to_be_visible()
    browser_errors.clear()  # That it was refused.
    expect(reason).to_be_focused()
    expect(page.get_by_text("Please agree, so that it can be published.")).to_be_visible()
    page.get_by_label("I agree").check()
    expect(page.get_by_text("Please agree, so that it can be published.")).to_have_count(0)
    reason.fill("One is the model, one its trainer.")
    page.get_by_role("button", name="Send for review").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a moderator")


def test_typo_is_mended_in_two_clicks(browser_page: Page, catalog: Catalog) -> None:
    page = browser_page
    submission = submit(catalog, name="Delta", url="https://delta.example", consent=True)
    page.goto(submission.get_absolute_url())
    page.get_by_role("link", name="Correct it").click()
    page.get_by_label("Name", exact=True).fill("Delta 2")
    page.get_by_role("button", name="Send for review").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a moderator")
    submission.refresh_from_db()
    assert (submission.name, submission.revision) == ("Delta 2", 2)


def test_computation_of_the_browser_lets_the_form_go(
    browser_page: Page, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protection, "TRIES", 200)
    ContributionPolicy.objects.create(catalog=catalog, challenge=Challenge.ALWAYS)
    page = browser_page
    open_models(page)
    page.get_by_label("Name", exact=True).fill("Delta")
    page.get_by_label("Address").fill("https://delta.example/")
    page.get_by_label("I agree").check()

    page.get_by_role("button", name="Send for review").dblclick()

    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a moderator")
    assert Submission.objects.count() == 1


def test_draft_keeps_what_the_entry_was_when_it_was_typed(
    browser_page: Page, catalog: Catalog, browser_errors: list[str]
) -> None:
    page = browser_page
    page.goto(entry_page(catalog, "Vim", "edit"))
    page.get_by_label("Description").fill("Modal.")
    change_entry(
        entry=entry_called("Vim"), by=Author(), name="Vim 9", description="Nearly everywhere."
    )

    page.goto(entry_page(catalog, "Vim 9", "edit"))
    expect(page.get_by_text("Your draft was restored.")).to_be_visible()
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Send for review").click()

    expect(page.get_by_text("Current value: Nearly everywhere.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Vim 9")
    expect(page.get_by_label("Description")).to_have_value("Modal.")
    assert Submission.objects.count() == 0
    # The browser notes the status of the answer.
    assert [error for error in browser_errors if "409 (Conflict)" not in error] == []
    browser_errors.clear()


@pytest.mark.parametrize("width", [1280, 320])
def test_pages_fit_and_have_no_accessibility_violation(
    browser_page: Page, catalog: Catalog, width: int
) -> None:
    page = browser_page
    page.set_viewport_size({"width": width, "height": 800})
    submission = submit(catalog, name="Omega", url="https://omega.example", consent=True)
    moderator = make_moderator(catalog)
    workflow.request_changes(submission=submission, actor=moderator, note="一个很长的问题？" * 20)
    overtaken = submit(
        catalog,
        kind=Kind.EDIT,
        entry=entry_called("Vim"),
        description="很长的说明。" * 20,
        consent=True,
    )
    workflow.request_changes(submission=overtaken, actor=moderator, note="?")
    change_entry(entry=entry_called("Vim"), by=Author(), description="Nearly" + "x" * 80)
    listing = catalog.listings.get(kind="list")
    long = catalog.entries.get(url="https://gamma.example/").name
    addresses = [
        "/contribute/tools/new/",
        "/contribute/tools/new/?section=models",
        *(entry_page(catalog, long, name) for name in ("edit", "move", "remove", "report")),
        f"/contribute/tools/new/several/?listing={listing.pk}",
        submission.get_absolute_url(),
        f"{submission.get_absolute_url()}answer/",
        f"{overtaken.get_absolute_url()}answer/",
        "/contribute/mine/",
    ]
    matches = {}
    for address in addresses:
        page.goto(address)
        if page.get_by_label("Name", exact=True).count():
            page.get_by_label("Name", exact=True).fill("vim")
            # What the name brings is replaced by what both bring.
            with page.expect_response(
                lambda answer: "vim.example" in (answer.request.post_data or "")
            ):
                page.get_by_label("Address").fill("http://user:pw@vim.example/?utm_source=x")
            expect(page.locator("#preview")).to_have_attribute("aria-busy", "false")
            expect(page.locator(".remark").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        if report := violations(page):
            matches[address] = report
    assert matches == {}
