"""Moderation in a real browser: by keyboard, on a phone, light and dark, and for screen readers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from playwright.sync_api import Page, expect

from accounts.models import User
from catalog.exporting import export_markdown
from catalog.models import Catalog
from submissions import workflow
from submissions.models import BlockRule, Kind, Submission
from submissions.people import Actor
from submissions.policies import add_block_rule, pin_trust
from submissions.proposal import Proposal
from tests.accounts.codes import code_for
from tests.browser.accessibility import overflows, violations
from tests.mailbox import work_off
from tests.submission_factories import edit, entry_called, holder_of, make_tools, submit
from tests.submissions.admin.moderation import contributor, member, page_of, url

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def catalog(transactional_db: None) -> Catalog:
    return make_tools()


@pytest.fixture
def mo(catalog: Catalog, sign_in: Callable[[User], Page]) -> Page:
    """A moderator of the catalog."""
    return sign_in(member(catalog, "mo"))


def current(submission: Submission) -> Submission:
    return Submission.objects.get(pk=submission.pk)


def exported(catalog: Catalog) -> str:
    return export_markdown(Catalog.objects.get(pk=catalog.pk))


def several(catalog: Catalog, count: int) -> list[Submission]:
    """Additions `New 0`, `New 1` …"""
    return [
        submit(catalog, name=f"New {number}", url=f"https://new{number}.example")
        for number in range(count)
    ]


def conflicting(catalog: Catalog) -> Submission:
    """An edit of what was changed meanwhile."""
    one = edit("Alpha", description="Proposed.")
    al = Actor(user=member(catalog, "al"))
    workflow.approve(submission=edit("Alpha", description="Meanwhile."), actor=al)
    return one


def every_state(catalog: Catalog) -> dict[str, str]:
    """Every kind of page there is, with texts that are too long for a phone."""
    ma, hope = Actor(user=User.objects.get(username="ma")), contributor("hope")
    assert hope.user
    long = submit(
        catalog,
        hope,
        name="长名字" * 50,
        url="https://example.org/" + "l" * 300,
        description="很长的描述。" * 60 + " " + "x" * 300,
        note="Please " + "n" * 200,
    )
    Submission.objects.filter(pk=long.pk).update(
        is_held=True,
        findings=[
            {"rule": str(level), "severity": level, "field": "", "message": "Odd " + "y" * 150}
            for level in ("block", "warn", "note")
        ],
    )
    requests = submit(catalog, Actor(name="Ann"), name="Psi", url="https://psi.example")
    workflow.request_changes(submission=requests, actor=ma, note="Which?", internal_note="Odd.")
    proposal = Proposal(kind=Kind.ADD, name="Psi", url="https://psi.example", description="It.")
    workflow.resubmit(submission=requests, actor=holder_of(requests), proposal=proposal)
    published = submit(catalog, hope, name="Rho", url="https://rho.example")
    workflow.approve(submission=published, actor=ma)
    rejected = submit(catalog, hope, name="Tau", url="https://tau.example")
    workflow.reject(submission=rejected, actor=ma, reason="quality", note="Not yet.")
    report = submit(
        catalog,
        kind=Kind.REPORT,
        entry=entry_called("Gamma"),
        report="dead-link",
        evidence="404",
        action="remove",
    )
    kind = BlockRule.Kind.PHRASE
    add_block_rule(catalog=catalog, actor=ma, kind=kind, value="v" * 200, reason="r" * 100)
    pin_trust(catalog=catalog, user=hope.user, actor=ma, is_trusted=True, reason="Known.")
    rollback = f"{url('submission_rollback')}?catalog={catalog.pk}&person={hope.user.pk}"
    return {
        "front": "/admin/",
        "queue": url("submission_changelist"),
        "all": url("submission_changelist") + "?status=all",
        "nothing": url("submission_changelist") + "?q=nothing",
        "long": page_of(long),
        "conflict": page_of(conflicting(catalog)),
        "resubmitted": page_of(requests),
        "published": page_of(published),
        "rejected": page_of(rejected),
        "report": page_of(report),
        "search": page_of(long) + "?find=a",
        "revert": url("submission_revert", published.pk),
        "numbers": url("submission_numbers"),
        "rollback": rollback + "&since=2020-01-01T00:00",
        "settings": url("contributionpolicy_settings", catalog.pk),
        "reasons": url("contributionpolicy_reasons", catalog.pk),
        "blocks": url("contributionpolicy_blocks", catalog.pk),
        "trust": url("contributionpolicy_trust", catalog.pk),
        "events": url("submissionevent_changelist"),
    }


# Journeys


def test_queue_is_worked_through_with_the_keyboard(mo: Page, catalog: Catalog) -> None:
    first, second, third = several(catalog, 3)
    mo.goto(url("submission_changelist"))

    mo.keyboard.press("j")
    mo.keyboard.press("j")
    mo.keyboard.press("Enter")
    expect(mo.get_by_role("heading", level=1)).to_contain_text("New 1")
    mo.keyboard.press("a")
    expect(mo.get_by_role("heading", level=1)).to_contain_text("New 2")
    expect(mo.get_by_role("status")).to_contain_text("“New 1” was published.")
    assert current(second).status == "applied"

    mo.keyboard.press("u")
    expect(mo.get_by_role("heading", level=1)).to_contain_text("New 1")
    assert current(second).status == "pending"

    mo.keyboard.press("r")
    reason = mo.locator("#way-reject").get_by_label("Reason")
    expect(reason).to_be_focused()
    reason.select_option("quality")
    mo.locator("#way-reject").get_by_label("Note to the submitter").fill("Not yet.")
    mo.locator("#way-reject").get_by_role("button", name="Reject").press("Enter")
    expect(mo.get_by_role("heading", level=1)).to_contain_text("New 2")
    assert (current(second).status, current(second).reason) == ("rejected", "quality")
    assert [current(one).status for one in (first, third)] == ["pending", "pending"]


def test_keys_do_nothing_while_somebody_types(mo: Page, catalog: Catalog) -> None:
    [one] = several(catalog, 1)
    mo.goto(page_of(one))

    mo.keyboard.press("c")
    mo.get_by_label("Question to the submitter").press_sequentially("aruxj?")
    expect(mo.get_by_label("Question to the submitter")).to_have_value("aruxj?")

    assert current(one).status == "pending"


def test_keys_are_explained(mo: Page, catalog: Catalog) -> None:
    several(catalog, 1)
    mo.goto(url("submission_changelist"))

    mo.keyboard.press("?")
    expect(mo.get_by_role("dialog", name="Keys")).to_be_visible()
    mo.keyboard.press("Escape")
    expect(mo.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_several_are_selected_and_approved_at_once(mo: Page, catalog: Catalog) -> None:
    several(catalog, 3)
    mo.goto(url("submission_changelist"))

    mo.keyboard.press("j")
    mo.keyboard.press("x")
    mo.keyboard.press("j")
    mo.keyboard.press("x")
    expect(mo.locator(".picked b")).to_have_text("2")
    mo.keyboard.press("a")

    expect(mo.get_by_role("status")).to_contain_text("2 submissions were published.")
    expect(mo.locator(".case")).to_have_count(1)
    mo.keyboard.press("u")
    expect(mo.locator(".case")).to_have_count(3)


def test_enter_in_the_note_of_the_queue_decides_nothing(mo: Page, catalog: Catalog) -> None:
    [one] = several(catalog, 1)
    mo.goto(url("submission_changelist"))
    mo.get_by_role("checkbox", name="Select New 0").check()
    mo.get_by_label("Note to the submitters").fill("Hm")
    mo.get_by_label("Note to the submitters").press("Enter")

    expect(mo.locator(".case")).to_have_count(1)
    assert current(one).status == "pending"


def test_question_is_put_in_ready_made_words(mo: Page, catalog: Catalog) -> None:
    [one] = several(catalog, 1)
    mo.goto(page_of(one))
    mo.keyboard.press("c")
    mo.get_by_label("Canned reply").select_option("link")
    note = mo.get_by_label("Question to the submitter")
    expect(note).to_have_value(
        "The link does not open for me. Could you check it or give another one?"
    )
    note.press("End")
    note.press_sequentially(" Thanks!")
    mo.get_by_role("button", name="Ask for changes").click()

    expect(mo.locator(".undo")).to_contain_text("was asked for changes")
    event = current(one).events.last()
    assert event is not None
    assert event.note.endswith("give another one? Thanks!")


def test_conflict_is_decided_in_words_of_ones_own(mo: Page, catalog: Catalog) -> None:
    one = conflicting(catalog)
    mo.goto(page_of(one))
    expect(mo.locator(".versions pre")).to_have_text(["Edits text.", "Meanwhile.", "Proposed."])

    mo.get_by_label("Description in your own words").fill("Both at once.")
    expect(mo.get_by_label("Write it myself")).to_be_checked()
    mo.keyboard.press("Escape")
    mo.keyboard.press("a")

    expect(mo.get_by_role("status")).to_contain_text("“Alpha” was published.")
    assert "- [Alpha](https://alpha.example) - Both at once.\n" in exported(catalog)


def test_entry_is_amended_in_place(mo: Page, catalog: Catalog) -> None:
    one = submit(catalog, description="The best editor ever.")
    mo.goto(page_of(one))
    mo.keyboard.press("e")
    mo.locator("#way-amend").get_by_label("Description").fill("Edits long texts.")
    line = "- [Omega](https://omega.example) - Edits long texts."
    expect(mo.get_by_role("region", name="Preview").last).to_contain_text(line)
    mo.locator("#way-amend").get_by_role("button", name="Amend and approve").click()

    expect(mo.get_by_role("status")).to_contain_text("“Omega” was amended and published.")
    assert "- [Omega](https://omega.example) - Edits long texts.\n" in exported(catalog)


def test_decisions_are_made_with_the_thumb(mo: Page, catalog: Catalog) -> None:
    several(catalog, 2)
    mo.set_viewport_size(PHONE)  # type: ignore[arg-type]
    mo.goto(url("submission_changelist"))
    mo.get_by_role("link", name="New 0").click()
    bar = mo.get_by_role("navigation", name="Decide")
    box = bar.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"] + 1
    assert min(item.bounding_box()["height"] for item in bar.locator(".button").all()) >= 44  # type: ignore[index]
    bar.get_by_role("button", name="Approve").click()
    expect(mo.get_by_role("status")).to_contain_text("“New 0” was published.")
    mo.get_by_role("link", name="Reject").click()
    expect(mo.locator("#way-reject").get_by_label("Reason")).to_be_focused()
    expect(mo.locator("#way-reject")).to_be_in_viewport()


def test_everything_works_without_scripts(catalog: Catalog, mo: Page, browser: Any) -> None:
    [one] = several(catalog, 1)
    state = mo.context.storage_state()
    base = mo.url.removesuffix("/healthz")
    with browser.new_context(
        base_url=base, storage_state=state, java_script_enabled=False
    ) as context:
        page = context.new_page()
        page.goto(url("submission_changelist"))
        page.get_by_role("link", name="New 0").click()
        page.get_by_text("Ask for changes").first.click()
        page.get_by_label("Canned reply").select_option("link")
        page.get_by_role("button", name="Ask for changes").click()
        expect(page.locator(".undo")).to_contain_text("was asked for changes")

    assert current(one).status == "changes-requested"


# Every page


@pytest.mark.parametrize("half", [0, 1])
def test_pages_have_no_accessibility_violation(
    catalog: Catalog, sign_in: Callable[[User], Page], half: int
) -> None:
    page = sign_in(member(catalog, "ma", "maintainer"))
    matches = {}
    for name, address in [*every_state(catalog).items()][half::2]:
        page.goto(address)
        # The frame around it is Django's.
        inside = "#result_list" if name == "events" else "#content-main"
        if report := violations(page, within=".own-lists" if name == "front" else inside):
            matches[name] = report

    assert matches == {}


def test_pages_fit_the_window(catalog: Catalog, sign_in: Callable[[User], Page]) -> None:
    page = sign_in(member(catalog, "ma", "maintainer"))
    too_wide = {}
    for name, address in every_state(catalog).items():
        page.goto(address)
        if widths := overflows(page, (320, 390, 768, 1440)):
            too_wide[name] = widths

    assert too_wide == {}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_maintainer_gets_a_colleague_to_the_first_decision(
    catalog: Catalog,
    sign_in: Callable[[User], Page],
    settings: LazySettings,
    mailoutbox: list[EmailMessage],
    language: str,
) -> None:
    settings.REQUIRE_STAFF_MFA = False
    is_english = language == "en"
    ada = member(catalog, "ada", role="maintainer")
    submitted = submit(catalog, name="Omega", url="https://omega.example")
    page = sign_in(ada)
    domain = page.evaluate("location.hostname")
    cookie = {"name": "django_language", "value": language, "domain": domain, "path": "/"}

    # The maintainer, from the list's page.
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"/admin/catalog/catalog/{catalog.pk}/change/")
    page.locator("ul.ways").get_by_role("link", name="People" if is_english else "人员").click()
    page.locator("#id_who").fill("bob@people.example")
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("bob@people.example")
    work_off()

    # The colleague, from the letter: an account, a second factor, the list, a decision.
    page.context.clear_cookies()
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    settings.REQUIRE_STAFF_MFA = True
    line = next(line for line in str(mailoutbox[0].body).splitlines() if "/invitation/" in line)
    page.goto("/" + line.strip().split("/", 3)[3])
    page.locator("main .actions a.button").click()
    expect(page.locator("#id_email")).to_have_value("bob@people.example")
    page.locator("#id_password1").fill("correct horse battery")
    page.keyboard.press("Enter")
    page.locator("main form button.button").click()
    page.locator('a[href="/accounts/2fa/totp/activate/"]').click()
    page.locator("#id_password").fill("correct horse battery")
    page.keyboard.press("Enter")
    code = code_for(page.locator(".secret").inner_text())
    page.locator("#id_code").fill(code)
    page.keyboard.press("Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    page.locator(".aside-note a.button").click()
    expect(page.locator("#content h1")).to_have_text("Tools")
    page.locator(".tiles .waiting a").first.click()
    page.locator(".case .open").click()
    expect(page.locator("#form-approve")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("a")
    expect(page.locator(".undo")).to_contain_text("Omega")

    assert current(submitted).status == "applied"
