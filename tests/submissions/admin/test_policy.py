"""What maintainers decide about contributions, and reverting what one account did."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.editing.entries import change_entry
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.models import Catalog, Revision
from submissions import workflow
from submissions.models import BlockRule, ContributionPolicy, DecisionReason, Submission, TrustPin
from submissions.people import Actor
from tests.submission_factories import TEXT, edit, entry_called, make_tools, submit
from tests.submissions.admin.moderation import contributor, member, signed_in, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog() -> Catalog:
    return make_tools()


@pytest.fixture
def ma(catalog: Catalog) -> Client:
    return signed_in(member(catalog, "ma", "maintainer"))


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def errors(response: Any) -> dict[str, list[str]]:
    return {name: list(results) for name, results in response.context["form"].errors.items()}


# Settings


def test_settings_are_saved_and_shown_again(ma: Client, catalog: Catalog) -> None:
    address = url("contributionpolicy_settings", catalog.pk)
    typed = {
        "who_may_submit": "signed-in",
        "challenge": "always",
        "may_decide_own": "on",
        "required_columns": ["size"],
        "rule-capital": "off",
        "rule-promotional": "block",
    }

    response = ma.post(address, typed, follow=True)

    policy = ContributionPolicy.objects.get(catalog=catalog)
    assert messages(response) == ["The settings were saved."]
    assert (policy.who_may_submit, policy.challenge, policy.may_decide_own) == (
        "signed-in",
        "always",
        True,
    )
    assert policy.required_columns == ["size"]
    assert policy.profile == {"capital": "off", "promotional": "block"}
    assert response.context["form"]["rule-capital"].value() == "off"


@pytest.mark.parametrize(
    ("name", "value"),
    [("who_may_submit", "x"), ("challenge", ""), ("required_columns", "x"), ("rule-capital", "x")],
)
def test_settings_that_do_not_exist_are_refused(
    ma: Client, catalog: Catalog, name: str, value: str
) -> None:
    typed = {"who_may_submit": "open", "challenge": "auto", name: value}

    response = ma.post(url("contributionpolicy_settings", catalog.pk), typed)

    assert (response.status_code, list(errors(response))) == (400, [name])
    assert not ContributionPolicy.objects.exists()


def test_rule_that_is_off_is_not_judged_any_more(ma: Client, catalog: Catalog) -> None:
    typed = {"who_may_submit": "open", "challenge": "auto", "rule-promotional": "off"}
    ma.post(url("contributionpolicy_settings", catalog.pk), typed)

    one = submit(catalog, description="The amazing editor.")

    assert [finding for finding in one.findings if finding["rule"] == "promotional"] == []


# Reasons


def test_reasons_are_changed_added_and_put_out_of_use(ma: Client, catalog: Catalog) -> None:
    address = url("contributionpolicy_reasons", catalog.pk)
    assert len(ma.get(address).context["forms"]) == len(DecisionReason.STANDARD)
    changed = {"code": "quality", "text": "Come back at 1.0.", "effect": "none", "rank": "3"}

    ma.post(address, changed)
    ma.post(
        address,
        {
            "code": "paid",
            "text": "No paid tools.",
            "effect": "none",
            "rank": "1",
            "is_active": "on",
        },
    )

    quality = catalog.decision_reasons.get(code="quality")
    assert (quality.text, quality.is_active) == ("Come back at 1.0.", False)
    assert catalog.decision_reasons.get(code="paid").shown_text == "No paid tools."
    one = submit(catalog)
    mo = signed_in(member(catalog, "mo"))
    panels = mo.get(url("submission_change", one.pk)).context["panels"]
    reject = next(panel for panel in panels if panel.button.name == "reject")
    offered = [code for code, _text in reject.fields["reason"].choices]
    assert ("quality" in offered, "paid" in offered) == (False, True)


def test_reason_needs_a_text(ma: Client, catalog: Catalog) -> None:
    typed = {"code": "paid", "text": " ", "effect": "none", "rank": "1"}

    response = ma.post(url("contributionpolicy_reasons", catalog.pk), typed)

    assert errors(response) == {"text": ["Say what it means."]}


# Block rules


def test_block_rule_refuses_and_is_removed(ma: Client, catalog: Catalog) -> None:
    from submissions.errors import FindingsBlock

    address = url("contributionpolicy_blocks", catalog.pk)
    typed = {"kind": "domain", "value": " Spam.example ", "reason": "Only advertisements."}
    ma.post(address, typed)
    rule = BlockRule.objects.get()
    assert (rule.catalog, rule.value, rule.created_by.username) == (  # type: ignore[union-attr]
        catalog,
        "Spam.example",
        "ma",
    )
    with pytest.raises(FindingsBlock):
        submit(catalog, url="https://www.spam.example/x")

    again = ma.post(address, typed)
    assert errors(again) == {"value": ["This rule already exists."]}
    ma.post(address, {"remove": rule.pk})

    assert submit(catalog, url="https://www.spam.example/x").status == "pending"


def test_block_rule_that_is_over_already_is_refused(ma: Client, catalog: Catalog) -> None:
    typed = {"kind": "phrase", "value": "x", "expires_at": "2020-01-01T00:00"}

    response = ma.post(url("contributionpolicy_blocks", catalog.pk), typed)

    assert errors(response) == {"expires_at": ["This time has already passed."]}


# Trust


def test_trust_is_pinned_and_left_to_the_record_again(ma: Client, catalog: Catalog) -> None:
    hope = contributor("hope")
    submit(catalog, hope)
    address = url("contributionpolicy_trust", catalog.pk)
    assert hope.user

    ma.post(address, {"user": hope.user.pk, "is_trusted": "no", "reason": "Two accounts."})
    pin = TrustPin.objects.get()
    assert (pin.user, pin.is_trusted, pin.reason) == (hope.user, False, "Two accounts.")
    ma.post(address, {"unpin": pin.pk})

    assert not TrustPin.objects.exists()


def test_trust_of_people_without_a_submission_is_not_offered(ma: Client, catalog: Catalog) -> None:
    stranger = contributor("stranger")
    assert stranger.user

    response = ma.post(
        url("contributionpolicy_trust", catalog.pk), {"user": stranger.user.pk, "is_trusted": "yes"}
    )

    assert list(errors(response)) == ["user"]


# Reverting what one account did


def test_all_that_an_account_did_is_shown_then_reverted_but_for_conflicts(
    ma: Client, catalog: Catalog
) -> None:
    hope, mo = contributor("hope"), Actor(user=member(catalog, "mo"))
    assert hope.user
    for one in (
        submit(catalog, hope),
        edit("Alpha", hope, description="Buy."),
        edit("Beta", hope, description="Sell."),
    ):
        workflow.approve(submission=one, actor=mo)
    # By hand, and somebody else on top of one of them.
    change_entry(entry=entry_called("Gamma"), by=Author(actor=hope.user), cells={1: "0B"})
    workflow.approve(submission=edit("Beta", description="Edits, sells."), actor=mo)
    revision = Catalog.objects.get(pk=catalog.pk).revision
    address = url("submission_rollback")
    since = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    data: dict[str, Any] = {"catalog": catalog.pk, "person": hope.user.pk, "since": since}

    preview = ma.get(address, data)

    names = [outcome.contribution.name for outcome in preview.context["possible"]]
    assert names == ["changed", "Alpha", "Omega"]
    assert [outcome.contribution.name for outcome in preview.context["refused"]] == ["Beta"]
    lines = preview.context["possible"][1].lines
    assert [(line.change.before, line.change.after) for line in lines] == [
        (
            "- [Alpha](https://alpha.example) - Buy.\n",
            "- [Alpha](https://alpha.example) - Edits text.\n",
        )
    ]
    assert Catalog.objects.get(pk=catalog.pk).revision == revision

    keys = [
        outcome.contribution.key
        for outcome in [*preview.context["possible"], *preview.context["refused"]]
    ]
    done = ma.post(address, {**data, "deed": keys, "note": "Account was taken over."})

    assert len(done.context["possible"]) == 3
    assert [outcome.contribution.name for outcome in done.context["refused"]] == ["Beta"]
    expected = TEXT.replace("Edits more text.", "Edits, sells.")
    assert export_markdown(Catalog.objects.get(pk=catalog.pk)) == expected
    reverts = Revision.objects.filter(catalog=catalog, number__gt=revision)
    assert reverts.count() == 3
    assert {event.note for event in Submission.objects.get(name="Omega").events.all()} >= {
        "Account was taken over."
    }
    again = ma.get(address, data)
    assert again.context["possible"] == []


def test_everything_of_a_sender_without_account_is_reverted(ma: Client, catalog: Catalog) -> None:
    mo = Actor(user=member(catalog, "mo"))
    sender = Actor(name="Grace", browser_hash="b1", network_hash="n1")
    first = edit("Alpha", sender, description="Buy.")
    for one in (
        first,
        edit("Beta", Actor(name="G", email="x@y.example", browser_hash="b1"), description="Sell."),
        edit("Gamma", Actor(name="Other", browser_hash="b2", network_hash="n1"), cells={1: "0B"}),
    ):
        workflow.approve(submission=one, actor=mo)
    submission_page = ma.get(url("submission_change", first.pk)).content.decode()
    [address] = re.findall(r'href="([^"]+)">Revert everything from this sender', submission_page)

    opened = ma.get(unescape(address))
    assert list(opened.context["form"].fields) == ["catalog", "submission", "since"]
    assert "the person who sent “Alpha”" in opened.content.decode()
    data: dict[str, Any] = {
        "catalog": catalog.pk,
        "submission": first.pk,
        "since": "2020-01-01",
    }
    preview = ma.get(url("submission_rollback"), data)
    keys = [outcome.contribution.key for outcome in preview.context["possible"]]
    done = ma.post(url("submission_rollback"), {**data, "deed": keys})

    assert [outcome.contribution.name for outcome in done.context["possible"]] == ["Beta", "Alpha"]
    assert export_markdown(Catalog.objects.get(pk=catalog.pk)) == TEXT.replace("7B", "0B")


def test_what_changed_since_the_preview_is_not_reverted_unseen(
    ma: Client, catalog: Catalog
) -> None:
    hope, mo = contributor("hope"), Actor(user=member(catalog, "mo"))
    one = submit(catalog, hope)
    workflow.approve(submission=one, actor=mo)
    assert hope.user
    data: dict[str, Any] = {
        "catalog": catalog.pk,
        "person": hope.user.pk,
        "since": "2020-01-01",
    }

    done = ma.post(url("submission_rollback"), {**data, "deed": f"submission-{one.pk}-1"})

    assert (done.context["possible"], done.context["refused"]) == ([], [])
    assert Submission.objects.get(pk=one.pk).status == "applied"


# Numbers


def test_numbers_are_drawn_in_a_table(ma: Client, catalog: Catalog) -> None:
    mo = Actor(user=member(catalog, "mo"))
    workflow.approve(submission=submit(catalog), actor=mo)
    workflow.reject(submission=edit("Alpha", description="Buy."), actor=mo, reason="promotion")
    submit(catalog, name="Psi", url="https://psi.example")

    response = ma.get(url("submission_numbers"), {"catalog": catalog.pk})

    text, last = response.content.decode(), response.context["numbers"].weeks[-1]
    assert (last.submitted, last.applied, last.rejected) == (3, 1, 1)
    assert re.findall(r'<rect width="(\d+)"', text) == ["100", "33", "33"]
    [share] = response.context["numbers"].moderators
    assert (share.label, share.applied, share.rejected) == ("Mo", 1, 1)
    assert "It reads like an advertisement." in text
