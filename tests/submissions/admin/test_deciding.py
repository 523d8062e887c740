"""The page of a submission, and every decision that is made on it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Membership, User
from catalog.checking import check_catalog
from catalog.editing.entries import change_entry
from catalog.exporting import export_markdown
from catalog.history.revisions import Author
from catalog.models import Catalog, Listing, Revision
from catalog.sentences import finding_sentence
from submissions import workflow
from submissions.models import ContributionPolicy, Kind, Submission
from submissions.people import Actor, let_go
from submissions.proposal import Proposal
from tests.submission_factories import (
    TEXT,
    edit,
    entry_called,
    holder_of,
    list_of,
    make_tools,
    submit,
)
from tests.submissions.admin.moderation import (
    answers,
    contributor,
    decide,
    events_of,
    member,
    opened,
    page_of,
    refusals,
    signed_in,
    url,
)

pytestmark = pytest.mark.django_db

NEW_LINE = "- [Omega](https://omega.example)\n"


@pytest.fixture
def catalog() -> Catalog:
    return make_tools()


@pytest.fixture
def moderator(catalog: Catalog) -> User:
    return member(catalog, "mo")


@pytest.fixture
def mo(moderator: User) -> Client:
    return signed_in(moderator)


@pytest.fixture
def al(catalog: Catalog) -> Actor:
    """Another moderator."""
    return Actor(user=member(catalog, "al"))


def current(submission: Submission) -> Submission:
    return Submission.objects.get(pk=submission.pk)


def exported(catalog: Catalog) -> str:
    return export_markdown(Catalog.objects.get(pk=catalog.pk))


def ways(client: Client, submission: Submission) -> list[str]:
    """The ways to decide that the page offers."""
    return [panel.button.name for panel in client.get(page_of(submission)).context["panels"]]


# What is shown


def test_page_shows_lines_findings_thread_and_what_changed(
    mo: Client, catalog: Catalog, moderator: User
) -> None:
    one = submit(catalog, note="I use it daily.", description="Edits the last text.")
    workflow.request_changes(
        submission=one, actor=Actor(user=moderator), note="Which?", internal_note="Odd"
    )
    proposal = Proposal(kind=Kind.ADD, name="Omega", url="https://omega.example", description="Z.")
    workflow.resubmit(submission=one, actor=holder_of(one), proposal=proposal, note="This.")
    finding = {"rule": "x", "severity": "warn", "field": "", "message": "Is <b>odd</b>."}
    Submission.objects.filter(pk=one.pk).update(findings=[finding])

    response = mo.get(page_of(one))
    review, text = response.context["review"], response.content.decode()

    assert review.preview.added == ["- [Omega](https://omega.example) - Z."]
    assert [(shown.label, shown.text) for shown in review.remarks] == [
        ("note to the moderator", "I use it daily.")
    ]
    assert [(item.label, "".join(item.before), "".join(item.after)) for item in review.changed] == [
        ("description", "Edits the last text.", "Z.")
    ]
    assert [finding_sentence(finding) for finding in review.findings] == ["Is <b>odd</b>."]
    assert "Is &lt;b&gt;odd&lt;/b&gt;." in text
    assert [item.event.verb for item in review.thread] == ["submit", "request-changes", "resubmit"]
    assert "Odd" in text
    assert one.token not in text


def test_page_says_first_which_fields_change(mo: Client, catalog: Catalog) -> None:
    one = edit("Gamma", cells={1: "8B", 2: "GPL"})
    moved = submit(
        catalog,
        kind=Kind.MOVE,
        entry=entry_called("Alpha"),
        target=list_of(catalog, Listing.Kind.TABLE).pk,
        placing={},
    )
    change_entry(entry=entry_called("Gamma"), by=Author(), cells={1: "7B+"})

    def fields(submission: Submission) -> list[tuple[str, str, str]]:
        review = mo.get(page_of(submission)).context["review"]
        return [(item.label, "".join(item.before), "".join(item.after)) for item in review.fields]

    assert fields(one) == [("Size", "7B+", "8B"), ("Licence", "MIT", "GPL")]
    assert fields(moved) == [("list or table", "Editors", "Models")]
    text = mo.get(page_of(one)).content.decode()
    assert text.index("What changes") < text.index("Lines of the README")
    assert "<mark>8B</mark>" in text.partition("Lines of the README")[2]


def test_page_never_shows_an_address_or_a_network(mo: Client, catalog: Catalog) -> None:
    secret = Actor(name="Al", email="al@secret.example", network_hash="f00dfeed")
    one = submit(catalog, secret)
    other = submit(catalog, secret, name="Psi", url="https://psi.example")

    response = mo.get(page_of(one))

    text = response.content.decode()
    assert [row.pk for row in response.context["review"].others] == [other.pk]
    assert [word for word in ("secret.example", "f00dfeed", one.token) if word in text] == []
    queue = mo.get(url("submission_changelist"), {"q": "secret.example"})
    assert queue.context["rows"] == []


@pytest.mark.parametrize("count", [1, 3])
def test_page_takes_a_fixed_number_of_queries(
    mo: Client, catalog: Catalog, count: int, django_assert_num_queries: Any
) -> None:
    hope = contributor("hope")
    for number in range(count):
        one = submit(catalog, hope, name=f"N{number}", url=f"https://n{number}.example")
        asker = Actor(user=member(catalog, f"m{number}"))
        workflow.request_changes(submission=one, actor=asker, note="?")
        workflow.resubmit(submission=one, actor=hope, proposal=one.content)

    with django_assert_num_queries(PAGE_QUERIES):
        mo.get(page_of(one))


PAGE_QUERIES = 24


@pytest.mark.parametrize("key", ["0", "999999", "x", "-1", "9" * 40, "1%00"])
def test_page_of_nothing_is_not_found(mo: Client, catalog: Catalog, key: str) -> None:
    submit(catalog)
    addresses = ("change", "decide/", "claim/", "next/", "revert/")

    base = url("submission_changelist")
    results = {name: mo.get(f"{base}{key}/{name}").status_code for name in addresses}

    assert set(results.values()) <= {301, 302, 404}
    assert mo.get(f"{base}{key}/change/").status_code == 404


# Approving


def test_approval_publishes_says_so_and_goes_on_to_the_next(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog)
    two = submit(catalog, name="Psi", url="https://psi.example")

    response = mo.post(
        url("submission_decide", one.pk) + f"?catalog={catalog.pk}",
        {
            **opened(mo, one, "approve"),
            "do": "approve",
            "note": "Thanks!",
            "internal_note": "Good find.",
        },
    )

    assert response["Location"] == page_of(two) + f"?catalog={catalog.pk}"
    assert answers(mo.get(response["Location"])) == ["“Omega” was published."]
    assert current(one).status == "applied"
    assert events_of(one) == [("submit", "Grace", ""), ("approve", "Mo", "Thanks!")]
    assert current(one).events.last().internal_note == "Good find."  # type: ignore[union-attr]
    assert exported(catalog).count(NEW_LINE) == 1
    assert check_catalog(Catalog.objects.get(pk=catalog.pk)) == []


def test_last_approval_leads_back_to_the_queue(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog)

    response = decide(mo, one, "approve")

    assert response.redirect_chain[-1][0] == url("submission_changelist")
    assert "Nothing is waiting." in response.content.decode()


def test_nothing_is_decided_by_a_link(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog)

    data: dict[str, Any] = {"do": "approve", "revision": one.revision}
    mo.get(url("submission_decide", one.pk), data)
    mo.get(url("submission_undo"))
    mo.get(url("submission_claim", one.pk), {"claim": 1})

    assert (current(one).status, current(one).claimed_by) == ("pending", None)


@pytest.mark.parametrize("revision", ["", "0", "x", "-3", "9" * 30])
def test_decision_names_the_revision_that_was_read(
    mo: Client, catalog: Catalog, revision: str
) -> None:
    one = submit(catalog)

    response = mo.post(url("submission_decide", one.pk), {"do": "approve", "revision": revision})

    assert response.status_code in {400, 409}
    assert current(one).status == "pending"


@pytest.mark.parametrize("do", ["", "x", "undo", "withdraw", "approve\x00"])
def test_unknown_decisions_are_not_found(mo: Client, catalog: Catalog, do: str) -> None:
    one = submit(catalog)

    assert mo.post(url("submission_decide", one.pk), {"do": do}).status_code == 404


def test_confirming_a_report_does_what_the_moderator_chooses(mo: Client, catalog: Catalog) -> None:
    fields: dict[str, Any] = {"report": "dead-link", "evidence": "404", "action": "remove"}
    one = submit(catalog, kind=Kind.REPORT, entry=entry_called("Alpha"), **fields)
    assert opened(mo, one, "approve")["action"] == "remove"

    decide(mo, one, "approve", action="replace-url", replacement_url="https://alpha2.example")

    assert entry_called("Alpha").url == "https://alpha2.example"


# Undoing


def test_own_decision_is_taken_back_within_a_minute(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog)
    decide(mo, one, "approve")

    response = mo.post(url("submission_undo"), follow=True)

    assert response.redirect_chain[-1][0] == page_of(one)
    assert answers(response) == ["“Omega” is waiting again."]
    assert current(one).status == "pending"
    assert exported(catalog) == TEXT


def test_decision_is_not_taken_back_later_or_by_others(
    mo: Client, catalog: Catalog, al: Actor
) -> None:
    one = submit(catalog)
    decide(mo, one, "reject", reason="quality")
    assert al.user
    other = signed_in(al.user)
    value = f"{one.pk}.{current(one).revision}"

    response = other.post(url("submission_undo"), {"selected": value}, follow=True)
    assert answers(response) == ["Omega: Only the person who decided can undo the decision."]

    Submission.objects.filter(pk=one.pk).update(decided_at=timezone.now() - timedelta(minutes=2))
    response = mo.post(url("submission_undo"), {"selected": value}, follow=True)
    assert answers(response) == ["Omega: A decision can be undone within a minute."]
    assert answers(mo.post(url("submission_undo"), follow=True)) == [
        "A decision can be undone within a minute."
    ]
    assert current(one).status == "rejected"


def test_undo_is_never_of_anything_but_the_newest_action(mo: Client, catalog: Catalog) -> None:
    approved, rejected = submit(catalog), edit("Alpha", description="Edits.")
    workflow.reject(submission=rejected, actor=Actor(user=member(catalog, "li")), reason="quality")
    decide(mo, approved, "approve")

    response = decide(mo, current(rejected), "reopen")

    assert answers(response) == ["“Alpha” is waiting again."]
    assert 'data-key="u"' not in response.content.decode()
    assert 'data-key="u"' not in mo.get(url("submission_changelist")).content.decode()
    assert answers(mo.post(url("submission_undo"), follow=True)) == [
        "A decision can be undone within a minute."
    ]
    assert current(approved).status == "applied"


def test_question_is_taken_back_within_a_minute(mo: Client, catalog: Catalog) -> None:
    one = edit("Alpha", description="Edits.")

    page = decide(mo, one, "ask", note="Which?")
    assert page.context["undo"].what == "The submitter of “Alpha” was asked for changes."
    assert current(one).status == "changes-requested"
    answers(mo.post(url("submission_undo"), follow=True))

    row = current(one)
    assert (row.status, row.proposal) == ("pending", one.proposal)
    assert [event.verb for event in row.events.oldest_first()] == [
        "submit",
        "request-changes",
        "undo",
    ]


def test_earlier_page_undoes_what_it_says(mo: Client, catalog: Catalog) -> None:
    first, second = edit("Alpha", description="Edits."), edit("Beta", description="Edits.")
    shown = decide(mo, first, "approve").context["undo"]
    decide(mo, second, "approve")

    selected = [f"{key}.{revision}" for key, revision in shown.decided]
    response = mo.post(url("submission_undo"), {"selected": selected}, follow=True)

    assert answers(response) == ["“Beta” was published.", "“Alpha” is waiting again."]
    assert (current(first).status, current(second).status) == ("pending", "applied")


# Amending


def test_amendment_keeps_both_versions_and_credits_both(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog, description="The best editor ever.")
    typed = opened(mo, one, "amend") | {"description": "Edits long texts.", "note": "Shorter."}

    decide(mo, one, "amend", **typed)

    row = current(one)
    assert exported(catalog).count("- [Omega](https://omega.example) - Edits long texts.\n") == 1
    snapshots = [event.snapshot["description"] for event in row.events.oldest_first()]
    assert snapshots == ["The best editor ever.", "Edits long texts."]
    assert Revision.objects.latest("pk").credit == "Grace, Mo"
    changed = mo.get(page_of(one)).context["review"].changed
    assert [("".join(item.before), "".join(item.after)) for item in changed] == [
        ("The best editor ever.", "Edits long texts.")
    ]


def test_amendment_is_previewed_and_published_as_it_was_shown(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog, description="The best editor ever.")
    typed = opened(mo, one, "amend") | {"description": "Edits long texts."}
    url = reverse("admin:submissions_submission_preview", args=[one.pk])
    text = exported(catalog)

    part = mo.post(url, typed | {"part": "1"})
    whole = mo.post(url, typed)

    [shown] = part.context["amended"].lines.added
    [panel] = [panel for panel in whole.context["panels"] if panel.button.name == "amend"]
    assert (part.status_code, whole.status_code, panel.is_open) == (200, 200, True)
    assert "<html" not in part.content.decode()
    assert panel["description"].value() == "Edits long texts."
    assert (exported(catalog), current(one).revision) == (text, one.revision)
    decide(mo, one, "amend", **typed)
    assert [line for line in exported(catalog).splitlines() if line not in text] == [shown]


def test_amended_addition_goes_to_the_listing_that_was_chosen(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog)
    table = list_of(catalog, Listing.Kind.TABLE)

    decide(mo, one, "amend", **opened(mo, one, "amend") | {"place": str(table.pk)})

    assert entry_called("Omega").listing_id == table.pk


def test_amended_edit_proposes_what_differs_from_the_entry_alone(
    mo: Client, catalog: Catalog
) -> None:
    one = edit("Gamma", cells={1: "8B"})
    typed = opened(mo, one, "amend") | {"cell-1": "9B"}

    decide(mo, one, "amend", **typed)

    assert current(one).content.cells == {1: "9B"}
    assert "| [Gamma](https://gamma.example) | 9B | MIT |" in exported(catalog)


def test_amendment_of_an_entry_that_changed_meanwhile_is_shown_again(
    mo: Client, catalog: Catalog, al: Actor
) -> None:
    one = edit("Gamma", cells={1: "8B"})
    typed = opened(mo, one, "amend") | {"cell-1": "9B"}
    workflow.approve(submission=edit("Gamma", cells={2: "Apache"}), actor=al)

    response = decide(mo, one, "amend", **typed)

    assert response.status_code == 409
    assert refusals(response) == [
        "The entry was changed while you were typing; check the current version."
    ]
    panel = next(panel for panel in response.context["panels"] if panel.button.name == "amend")
    assert panel["cell-1"].value() == "9B"
    assert current(one).status == "pending"

    again = {bound.html_name: str(bound.value() or "") for bound in panel}
    decide(mo, one, "amend", **again | {"cell-2": "Apache"})
    assert "| [Gamma](https://gamma.example) | 9B | Apache |" in exported(catalog)


def test_finding_that_blocks_an_amendment_comes_back_with_what_was_typed(
    mo: Client, catalog: Catalog
) -> None:
    one = submit(catalog)
    typed = opened(mo, one, "amend") | {"url": "javascript:alert(1)", "note": "Mine."}

    response = decide(mo, one, "amend", **typed)

    panel = next(panel for panel in response.context["panels"] if panel.button.name == "amend")
    assert (response.status_code, panel.is_open) == (409, True)
    assert len(refusals(response)) == 1
    assert (panel["url"].value(), panel["note"].value()) == (
        "javascript:alert(1)",
        "Mine.",
    )


# Asking


def test_question_is_ready_made_or_typed_or_both(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog)

    assert refusals(decide(mo, one, "ask")) == ["Say what should be changed."]
    decide(mo, one, "ask", text="link", note="On my phone, too.")

    assert current(one).status == "changes-requested"
    ready = "The link does not open for me. Could you check it or give another one?"
    assert events_of(one)[-1] == ("request-changes", "Mo", f"{ready}\n\nOn my phone, too.")
    assert ways(mo, one) == ["reject", "duplicate", "spam"]


# Turning down


def test_rejection_has_a_reason_a_note_and_a_day_to_come_back(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog)

    assert decide(mo, one, "reject", note="No.").status_code == 400
    decide(mo, one, "reject", reason="quality", note="Soon.", come_back_after="2027-03-01")

    row = current(one)
    assert (row.status, row.reason, row.come_back_after) == (
        "rejected",
        "quality",
        date(2027, 3, 1),
    )
    assert ways(mo, one) == ["reopen"]
    assert "Welcome again after 2027-03-01." in mo.get(page_of(one)).content.decode()


def test_duplicate_is_linked_to_what_it_repeats(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog, name="Alpha", url="https://alpha-two.example")
    alpha = entry_called("Alpha")
    results = mo.get(page_of(one) + "?find=Beta").context["panels"]
    form = next(panel for panel in results if panel.button.name == "duplicate")
    assert [value for value, _label in form.fields["duplicate_of"].choices] == [
        f"entry-{entry_called('Beta').pk}"
    ]

    decide(mo, one, "duplicate", reason="duplicate", duplicate_of=f"entry-{alpha.pk}")

    row = current(one)
    assert (row.status, row.reason, row.duplicate_entry_id) == ("rejected", "duplicate", alpha.pk)


def test_duplicate_of_another_catalogs_entry_is_refused(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog)
    foreign = entry_called("Alpha", make_tools("other"))

    response = decide(mo, one, "duplicate", reason="duplicate", duplicate_of=f"entry-{foreign.pk}")

    assert response.status_code == 400
    assert current(one).status == "pending"


def test_spam_holds_what_else_came_from_there(mo: Client, catalog: Catalog) -> None:
    hope = contributor("hope")
    one = submit(catalog, hope)
    two = submit(catalog, hope, name="Psi", url="https://psi.example")

    decide(mo, one, "spam", reason="spam")

    assert (current(one).is_spam, current(two).is_held) == (True, True)


def test_rejected_is_reopened(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog)
    decide(mo, one, "reject", reason="quality")

    response = decide(mo, current(one), "reopen", note="Let me look again.")

    assert response.redirect_chain[-1][0] == page_of(one)
    assert current(one).status == "pending"


# Reverting


def test_revert_shows_its_lines_before_it_is_done(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog)
    decide(mo, one, "approve")
    before = Catalog.objects.get(pk=catalog.pk).revision
    address = url("submission_revert", one.pk)

    preview = mo.get(address)
    assert (preview.context["diff"].removed, preview.context["diff"].added) == (1, 0)
    assert Catalog.objects.get(pk=catalog.pk).revision == before
    assert current(one).status == "applied"

    data = {"revision": current(one).revision, "seen": "", "note": "By mistake."}
    response = mo.post(address, data, follow=True)

    assert answers(response)[-1] == "“Omega” was reverted."
    assert exported(catalog) == TEXT
    assert current(one).status == "reverted"


def test_revert_of_what_was_changed_since_asks_what_it_shall_be(
    mo: Client, catalog: Catalog, al: Actor
) -> None:
    one = edit("Alpha", description="First.")
    decide(mo, one, "approve")
    workflow.approve(submission=edit("Alpha", description="Second."), actor=al)
    address = url("submission_revert", one.pk)

    shown = mo.get(address)
    [clash] = shown.context["clashes"]
    assert clash.conflict == ("description", "First.", "Second.", "Edits text.")

    data = {"revision": current(one).revision, "seen": shown.context["form"]["seen"].value()}
    assert mo.post(address, data).context["form"].errors.keys() == {"pick-description"}
    mo.post(address, {**data, "pick-description": "own", "own-description": "Third."})

    assert current(one).status == "reverted"
    assert "- [Alpha](https://alpha.example) - Third.\n" in exported(catalog)


# What was changed in the meantime


@pytest.mark.parametrize(
    ("pick", "line"),
    [
        ("current", "Meanwhile."),
        ("proposed", "Proposed."),
        ("own", "Both at once."),
    ],
)
def test_conflict_is_shown_from_three_sides_and_decided(
    mo: Client, catalog: Catalog, al: Actor, pick: str, line: str
) -> None:
    one = edit("Alpha", description="Proposed.")
    workflow.approve(submission=edit("Alpha", description="Meanwhile."), actor=al)
    [clash] = mo.get(page_of(one)).context["clashes"]
    assert clash.conflict == ("description", "Edits text.", "Meanwhile.", "Proposed.")
    typed = opened(mo, one, "approve")

    response = decide(mo, one, "approve", **typed | {"pick-description": ""})
    assert refusals(response) == ["Decide what it should be."]
    picked = {"pick-description": pick, "own-description": "Both at once."}
    decide(mo, one, "approve", **typed | picked)

    assert f"- [Alpha](https://alpha.example) - {line}\n" in exported(catalog)
    assert current(one).status == "applied"


def test_conflict_that_arises_while_one_looks_comes_back_with_the_note(
    mo: Client, catalog: Catalog, al: Actor
) -> None:
    one = edit("Alpha", description="Proposed.")
    typed = opened(mo, one, "approve") | {"note": "Typed for minutes."}
    workflow.approve(submission=edit("Alpha", description="Meanwhile."), actor=al)

    response = decide(mo, one, "approve", **typed)

    assert response.status_code == 400
    assert len(response.context["clashes"]) == 1
    panel = next(panel for panel in response.context["panels"] if panel.button.name == "approve")
    assert panel["note"].value() == "Typed for minutes."
    assert "Meanwhile." in exported(catalog)


def test_entry_that_is_gone_is_added_anew_when_the_moderator_says_so(
    mo: Client, catalog: Catalog, al: Actor
) -> None:
    one = edit("Alpha", description="Proposed.")
    gone = submit(
        catalog, kind=Kind.REMOVE, entry=entry_called("Alpha"), reason="Off-line since May."
    )
    workflow.approve(submission=gone, actor=al)
    [clash] = mo.get(page_of(one)).context["clashes"]
    assert clash.question == "Add it again with the suggested text."

    response = decide(mo, one, "approve", **opened(mo, one, "approve"))
    assert refusals(response) == ["Confirm this, or choose differently."]
    decide(mo, one, "approve", **opened(mo, one, "approve") | {"pick-entry": "on"})

    assert "- [Alpha](https://alpha.example) - Proposed.\n" in exported(catalog)


# Two at once


def test_loser_of_two_moderators_sees_who_did_what_and_keeps_the_note(
    mo: Client, catalog: Catalog, al: Actor
) -> None:
    one = submit(catalog)
    typed = opened(mo, one, "reject") | {"reason": "quality", "note": "A long explanation."}
    workflow.approve(submission=one, actor=al)

    response = decide(mo, one, "reject", **typed)

    assert response.status_code == 409
    assert response.context["refusals"] == [
        "Al approved this submission in the meantime; check the current version."
    ]
    assert [(item.label, item.text) for item in response.context["typed_elsewhere"]] == [
        ("reason", "quality"),
        ("note to the submitter", "A long explanation."),
    ]
    assert events_of(one)[-1] == ("approve", "Al", "")


def test_form_that_was_sent_twice_decides_once(mo: Client, catalog: Catalog) -> None:
    one = submit(catalog)
    typed = opened(mo, one, "approve")

    first, second = decide(mo, one, "approve", **typed), decide(mo, one, "approve", **typed)

    assert (first.status_code, second.status_code) == (200, 200)
    assert [verb for verb, _name, _note in events_of(one)] == ["submit", "approve"]


def test_claim_is_a_hint_that_others_see_and_can_take_over(
    mo: Client, catalog: Catalog, al: Actor
) -> None:
    one = submit(catalog)
    workflow.claim(submission=one, actor=al)
    address = url("submission_claim", one.pk)
    assert mo.get(page_of(one)).context["claim"] == "Al"

    response = mo.post(address, {"claim": "1"}, follow=True)
    assert answers(response) == ["Al has claimed this submission."]
    mo.post(address, {"take_over": "1"})
    assert mo.get(page_of(one)).context["claim"] == "Mo"
    mo.post(address, {"release": "1"})
    assert mo.get(page_of(one)).context["claim"] == ""

    workflow.claim(submission=one, actor=al)
    decide(mo, one, "approve")
    assert current(one).status == "applied"


# Own submissions


def test_own_submission_is_not_decided_unless_the_catalog_allows_it(
    mo: Client, catalog: Catalog, moderator: User
) -> None:
    one = submit(catalog, Actor(user=moderator))

    response = mo.get(page_of(one))
    assert response.context["panels"] == []
    assert response.context["why_none"] == (
        "This is your own submission; another moderator must decide on it."
    )
    assert decide(mo, one, "approve").status_code == 409
    assert current(one).status == "pending"

    # Where that is set, maintainers are told.
    way = url("contributionpolicy_settings", catalog.pk)
    assert way not in response.content.decode()
    Membership.objects.filter(user=moderator).update(role="maintainer")
    assert way in mo.get(page_of(one)).content.decode()

    ContributionPolicy.objects.create(catalog=catalog, may_decide_own=True)
    decide(mo, one, "approve")
    assert current(one).status == "applied"


def test_name_of_somebody_who_left_is_not_reported_any_more(mo: Client, catalog: Catalog) -> None:
    hope = contributor("hope")
    one = submit(catalog, hope)
    assert hope.user
    let_go(hope.user, keep_name=False)
    hope.user.delete()

    response = mo.get(page_of(one), headers={"accept-language": "en"})

    assert response.context["who"] == "former contributor"
    assert [item.who for item in response.context["review"].thread] == ["former contributor"]
    assert "Hope" not in response.content.decode()


def test_findings_are_reported_in_the_words_of_who_reads_them(catalog: Catalog, mo: Client) -> None:
    with override("zh-hans"):
        submission = submit(catalog, description="", language="zh-hans")

    sentences = {
        "en": "omega.example has never been listed here, and the submitter is new.",
        "zh-hans": "这里从未发布过 omega.example 的内容，且投稿者是新用户。",
    }
    for language, sentence in sentences.items():
        page = mo.get(page_of(submission), headers={"accept-language": language})
        assert sentence in page.text


def test_padding_of_a_row_is_shown_narrow_and_copied_whole(catalog: Catalog, mo: Client) -> None:
    padded = TEXT.replace("| 7B |", "| 7B          |")
    catalog = make_tools("padded", padded)
    Membership.objects.create(
        user=User.objects.get(username="mo"), catalog=catalog, role="moderator"
    )
    submission = edit("Gamma", name="Gamma 2")

    text = mo.get(page_of(submission)).text

    assert '| 7B<span class="pad">          </span>| MIT |' in text
