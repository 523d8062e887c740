"""Moderating over the API: who may, what they see, and what each verb answers."""

from typing import Any

import pytest

from accounts.models import Membership
from accounts.tokens import Scope
from catalog.exporting import export_markdown
from catalog.models import Catalog
from submissions import workflow
from submissions.choices import OPEN, Kind, Status, Verb
from submissions.models import ContributionPolicy, Submission
from submissions.people import Actor
from submissions.workflow import TRANSITIONS
from tests.api.submissions.callers import Answer, Caller, caller
from tests.submission_factories import (
    edit,
    entry_called,
    list_of,
    make_moderator,
    make_tools,
    make_user,
    reach,
    submit,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]

QUEUE = "moderation/submissions/"
NEEDED: dict[str, dict[str, Any]] = {
    "request-changes": {"note": "Why?"},
    "reject": {"reason": "quality"},
    "amend": {"description": "Newer."},
    "resubmit": {"description": "Newer."},
}
BY_TOKEN = {"withdraw": Verb.WITHDRAW, "resubmit": Verb.RESUBMIT, "appeal": Verb.REOPEN}
BY_MODERATORS = ["approve", "amend", "reject", "request-changes", "reopen", "revert"]


def of(submission: Submission, verb: str = "") -> str:
    return f"{QUEUE}{submission.pk}/{verb}{'/' if verb else ''}"


def user_caller(actor: Actor, *scopes: Scope) -> Caller:
    assert actor.user
    return caller(actor.user, *scopes)


# Who may


def test_only_moderators_are_let_in(catalog: Catalog, ada: Caller, mo: Caller) -> None:
    row = submit(catalog)
    other = user_caller(make_moderator(make_tools("other"), "li"))
    reader = caller(make_user("grace"), Scope.READ, Scope.SUBMIT)
    paths = [QUEUE, of(row)]

    codes = {
        name: [
            answer.data.get("code", answer.status)
            for answer in (*map(who.get, paths), who.post(of(row, "approve"), {}))
        ]
        for name, who in (
            ("nobody", Caller()),
            ("someone", ada),
            ("without the scope", reader),
            ("of another list", other),
            ("of this list", mo),
        )
    }

    assert codes == {
        "nobody": ["not_authenticated"] * 3,
        "someone": ["not_allowed"] * 3,
        "without the scope": ["insufficient_scope"] * 3,
        "of another list": [200, "not_found", "not_found"],
        "of this list": [200, 200, "invalid"],
    }
    assert other.get(QUEUE).data["results"] == []


def test_second_factor_is_required_of_staff(catalog: Catalog, mo: Caller, settings: Any) -> None:
    settings.REQUIRE_STAFF_MFA = True

    assert mo.get(QUEUE).code == (403, "mfa_required")


def test_superuser_sees_all(catalog: Catalog) -> None:
    row = submit(catalog)
    root = caller(make_user("root", is_superuser=True))

    assert [one["id"] for one in root.get(QUEUE).data["results"]] == [row.pk]
    assert root.get(of(row)).status == 200


# The queue


def queue(mo: Caller, query: str = "") -> list[int]:
    answer = mo.get(f"{QUEUE}?{query}")
    assert answer.status == 200, answer.data
    return [row["id"] for row in answer.data["results"]]


def test_queue_is_in_order_and_filtered(catalog: Catalog, ada: Caller, mo: Caller) -> None:
    held = submit(catalog, name="Psi", url="https://psi.example")
    Submission.objects.filter(pk=held.pk).update(is_held=True)
    added = submit(catalog, Actor(user=ada.user))
    edited = edit("Beta", Actor(user=ada.user), description="Better.")
    report = edit("Alpha", description="Ours.")
    Submission.objects.filter(pk=report.pk).update(conflicts=["description"])
    requests = submit(catalog, name="Chi", url="https://chi.example")
    workflow.request_changes(submission=requests, actor=Actor(user=mo.user), note="Why?")
    submit(make_tools("other"), name="Eta", url="https://eta.example")
    assert ada.user

    assert queue(mo) == [added.pk, edited.pk, report.pk, held.pk]
    assert queue(mo, "status=changes-requested") == [requests.pk]
    assert queue(mo, "status=all") == [added.pk, edited.pk, report.pk, requests.pk, held.pk]
    assert queue(mo, "kind=edit") == [edited.pk, report.pk]
    assert queue(mo, f"submitter={ada.user.pk}") == [added.pk, edited.pk]
    assert queue(mo, "has_conflicts=true") == [report.pk]
    assert queue(mo, "has_conflicts=false&is_held=false") == [added.pk, edited.pk]
    assert queue(mo, "catalog=other") == []
    assert queue(mo, "page_size=2&page=2") == [report.pk, held.pk]


@pytest.mark.parametrize(
    "query", ["status=x", "submitter=0", "submitter=x", "submitter=9223372036854775808",
              "has_conflicts=1", "is_held="],
)  # fmt: skip
def test_queue_refuses_what_is_no_value(mo: Caller, query: str) -> None:
    answer = mo.get(f"{QUEUE}?{query}")

    assert answer.code == (400, "invalid")
    assert list(answer.data["errors"]) == [query.partition("=")[0]]


def test_review_context_has_what_a_moderator_reads(
    catalog: Catalog, ada: Caller, mo: Caller
) -> None:
    row = edit("Beta", Actor(user=ada.user), description="Mine.", note="Please.")
    theirs = edit("Beta", description="Theirs.")
    mo.post(of(theirs, "approve"), {"expected_revision": 1, "internal_note": "Fine."})
    mo.post(of(row, "claim"))

    answers = mo.get(of(row)).data

    assert ada.user
    assert answers["submitter"] == {
        "id": ada.user.pk,
        "name": "ada",
        "record": {"applied": 0, "rejected": 0, "spam": 0},
    }
    assert answers["conflicts"] == [
        {
            "field": "description",
            "base": "Edits more text.",
            "current": "Theirs.",
            "proposed": "Mine.",
        }
    ]
    assert answers["has_conflicts"] is True
    assert (answers["claim"]["by"], answers["claim"]["is_mine"]) == ("mo", True)
    assert answers["verbs"] == ["amend", "approve", "reject", "request-changes"]
    assert answers["thread"][0]["note"] == "Please."
    assert mo.get(of(theirs)).data["thread"][-1]["internal_note"] == "Fine."
    assert mo.get(of(theirs)).data["published"] == [
        {
            "before": "- [Beta](https://beta.example) - Edits more text.\n",
            "after": "- [Beta](https://beta.example) - Theirs.\n",
        }
    ]


# Deciding


def decided(answer: Answer) -> tuple[int, str, int]:
    assert answer.status == 200, answer.data
    return answer.status, answer.data["status"], answer.data["revision"]


def test_submission_goes_through_all_verbs(catalog: Catalog, mo: Caller) -> None:
    row = submit(catalog, description="New.")
    address = f"submissions/{row.token}"

    requests = mo.post(of(row, "request-changes"), {"expected_revision": 1, "note": "Why?"})
    Caller().post(f"{address}/resubmit/", {"note": "So."})
    approved = mo.post(of(row, "approve"), {"expected_revision": 3})
    assert "- [Omega](https://omega.example) - New.\n" in export_markdown(catalog)
    undone = mo.post(of(row, "undo"))
    amended = mo.post(of(row, "amend"), {"expected_revision": 5, "description": "Newer."})
    assert "- [Omega](https://omega.example) - Newer.\n" in export_markdown(catalog)
    reverted = mo.post(of(row, "revert"), {"expected_revision": 6, "note": "Gone."})
    assert "Omega" not in export_markdown(catalog)

    answers = (requests, approved, undone, amended, reverted)
    assert [decided(answer) for answer in answers] == [
        (200, "changes-requested", 2),
        (200, "applied", 4),
        (200, "pending", 5),
        (200, "applied", 6),
        (200, "reverted", 7),
    ]


def test_rejection_names_a_reason_of_the_list(catalog: Catalog, mo: Caller) -> None:
    row, other = submit(catalog), submit(catalog, name="Psi", url="https://psi.example")
    beta = entry_called("Beta")

    unknown = mo.post(of(row, "reject"), {"expected_revision": 1, "reason": "ugly"})
    missing = mo.post(of(row, "reject"), {"expected_revision": 1})
    rejected = mo.post(
        of(row, "reject"),
        {
            "expected_revision": 1,
            "reason": "duplicate",
            "duplicate_entry": beta.pk,
            "come_back_after": "2030-01-31",
        },
    )
    strange = mo.post(
        of(other, "reject"),
        {"expected_revision": 1, "reason": "duplicate", "duplicate_of": 10**9},
    )
    reopened = mo.post(of(row, "reopen"), {"expected_revision": 2})

    assert unknown.code == (409, "not_taken")
    assert "out-of-scope, quality, unclear" in unknown.data["errors"]["reason"][0]
    assert (missing.code, list(missing.data["errors"])) == ((400, "invalid"), ["reason"])
    assert rejected.data["decision"] | {"at": ""} == {
        "by": "mo",
        "at": "",
        "reason": "duplicate",
        "come_back_after": "2030-01-31",
        "duplicate_of": None,
        "duplicate_entry": beta.pk,
        "applied_revision": None,
    }
    assert (strange.code, list(strange.data["errors"])) == (
        (409, "not_taken"),
        ["duplicate_of"],
    )
    assert decided(reopened) == (200, "pending", 3)


def test_report_is_decided_by_an_action(catalog: Catalog, mo: Caller) -> None:
    row = submit(catalog, kind=Kind.REPORT, entry=entry_called("Beta"), report="dead-link")
    body = {"expected_revision": 1, "action": "replace-url"}

    missing = mo.post(of(row, "approve"), body)
    amended = mo.post(of(row, "amend"), {"expected_revision": 1})
    replaced = mo.post(of(row, "approve"), {**body, "replacement_url": "https://b.example"})

    assert (missing.code, list(missing.data["errors"])) == (
        (409, "not_taken"),
        ["replacement_url"],
    )
    assert amended.code == (409, "invalid_transition")
    assert decided(replaced) == (200, "applied", 2)
    assert "- [Beta](https://b.example) - Edits more text.\n" in export_markdown(catalog)


def test_conflict_is_settled_with_what_was_seen(catalog: Catalog, mo: Caller) -> None:
    row = edit("Beta", description="Mine.")
    theirs = edit("Beta", description="Theirs.")
    mo.post(of(theirs, "approve"), {"expected_revision": 1})

    seen = mo.get(of(row)).data["seen"]
    refused = mo.post(of(row, "approve"), {"expected_revision": 1})
    unseen = mo.post(
        of(row, "approve"), {"expected_revision": 1, "resolution": {"description": "Both."}}
    )
    settled = mo.post(
        of(row, "approve"),
        {
            "expected_revision": 1,
            "resolution": {"description": "Both."},
            "seen": refused.data["seen"],
        },
    )

    conflict = {
        "field": "description",
        "base": "Edits more text.",
        "current": "Theirs.",
        "proposed": "Mine.",
    }
    assert refused.code == unseen.code == (409, "edit_conflict")
    assert (refused.data["status"], refused.data["revision"]) == ("pending", 1)
    assert refused.data["conflicts"] == [conflict]
    assert refused.data["seen"] == seen
    assert decided(settled) == (200, "applied", 2)
    assert "- [Beta](https://beta.example) - Both.\n" in export_markdown(catalog)


def test_dry_run_of_an_amendment_stores_nothing(catalog: Catalog, mo: Caller) -> None:
    row = submit(catalog, description="New.")

    answer = mo.post(f"{of(row, 'amend')}?dry_run=1", {"expected_revision": 1, "name": "Psi"})

    row.refresh_from_db()
    lines = [line["text"] for hunk in answer.data["diff"]["hunks"] for line in hunk
             if line["sign"] == "+"]  # fmt: skip
    assert lines == ["- [Psi](https://omega.example) - New."]
    assert (row.status, row.revision, row.name) == ("pending", 1, "Omega")


def test_claim_is_a_hint_that_can_be_taken_over(catalog: Catalog, mo: Caller) -> None:
    row = submit(catalog)
    li = user_caller(make_moderator(catalog, "li"))

    claimed = mo.post(of(row, "claim"))
    refused = li.post(of(row, "claim"))
    taken = li.post(of(row, "claim"), {"take_over": True})
    stored = mo.post(of(row, "release"))
    released = li.post(of(row, "release"))

    assert refused.code == (409, "stale_submission")
    assert refused.data["detail"] == "mo has claimed this submission."
    claims = [
        one.data["claim"] and one.data["claim"]["by"] for one in (claimed, taken, stored, released)
    ]
    assert claims == ["mo", "li", "li", None]
    assert released.data["revision"] == 1


@pytest.mark.parametrize("verb", BY_MODERATORS)
def test_decisions_name_what_they_are_about(catalog: Catalog, mo: Caller, verb: str) -> None:
    row = submit(catalog)

    answer = mo.post(of(row, verb), NEEDED.get(verb, {}))

    assert answer.code == (400, "invalid")
    assert "expected_revision" in answer.data["errors"]


def test_own_is_decided_by_others_unless_the_list_says_so(catalog: Catalog, mo: Caller) -> None:
    row = submit(catalog, Actor(user=mo.user))
    body = {"expected_revision": 1}

    refused = mo.post(of(row, "approve"), body)
    answers = mo.get(of(row)).data
    ContributionPolicy.objects.create(catalog=catalog, may_decide_own=True)

    assert refused.code == (403, "not_allowed")
    assert (answers["is_own"], answers["verbs"], answers["why_no_verbs"]) == (
        True,
        [],
        "This is your own submission; another moderator must decide on it.",
    )
    assert mo.post(of(row, "approve"), body).status == 200


# Every status and verb, for whom


def allowed(verb: Verb, status: Status) -> bool:
    return any(row.verb == verb and status in row.sources for row in TRANSITIONS)


@pytest.mark.parametrize("status", Status)
def test_every_verb_answers_as_the_table_says(catalog: Catalog, mo: Caller, status: Status) -> None:
    first = user_caller(make_moderator(catalog, "li"))
    somebody = caller(make_user("grace"))
    codes: dict[str, int] = {}
    expected: dict[str, int] = {}
    for verb in [*BY_MODERATORS, *BY_TOKEN]:
        name = f"N {verb}"
        row = submit(catalog, name=name, url=f"https://{verb}.example", description="New.")
        assert first.user
        reach(status, row, Actor(user=first.user))
        row.refresh_from_db()
        body = {"expected_revision": row.revision, **NEEDED.get(verb, {})}
        if verb in BY_TOKEN:
            is_open = allowed(BY_TOKEN[verb], status)
            if verb == "appeal" and status == Status.EXPIRED:
                is_open = not row.events.filter(from_status=Status.UNCONFIRMED).exists()
            codes[verb] = Caller().post(f"submissions/{row.token}/{verb}/", body).status
        else:
            is_open = allowed(Verb(verb), status)
            assert somebody.post(of(row, verb), body).status == 403
            codes[verb] = mo.post(of(row, verb), body).status
        row.refresh_from_db()
        assert (row.revision != body["expected_revision"]) == is_open
        # To take back what one has taken back is no error.
        is_done = verb == "withdraw" and status == Status.WITHDRAWN
        expected[verb] = 200 if is_open or is_done else 409
    assert codes == expected


def test_membership_that_ended_ends_it(catalog: Catalog, mo: Caller) -> None:
    row = submit(catalog)
    Membership.objects.filter(user=mo.user).delete()

    assert mo.post(of(row, "approve"), {"expected_revision": 1}).code == (403, "not_allowed")
    row.refresh_from_db()
    assert row.status in OPEN
    assert list_of(catalog).entry_count == 2
