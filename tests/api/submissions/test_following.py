"""Following what one has sent: by its secret, and in the list of an account."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Catalog
from submissions import workflow
from submissions.models import Submission
from submissions.people import Actor
from tests.api.submissions.bodies import addition
from tests.api.submissions.callers import Answer, Caller
from tests.submission_factories import edit, holder_of, make_tools, submit

pytestmark = pytest.mark.django_db
SECRET = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


def moderator_of(mo: Caller) -> Actor:
    return Actor(user=mo.user)


def queries(caller: Caller, path: str) -> int:
    caller.get(path)  # That a token was used is noted once a minute.
    with CaptureQueriesContext(
        connection,
    ) as results:
        assert caller.get(path).status == 200
    return len([one for one in results if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))])


def test_who_has_the_secret_sees_what_the_page_shows(catalog: Catalog, mo: Caller) -> None:
    row = submit(catalog, Actor(name="Grace"), note="Please.", description="New.")
    workflow.request_changes(
        submission=row, actor=moderator_of(mo), note="What is it?", internal_note="Looks odd."
    )

    answer = Caller().get(f"submissions/{row.token}/")

    assert answer.status == 200
    answers = answer.data
    assert (answers["status"], answers["revision"], answers["verbs"]) == (
        "changes-requested",
        2,
        ["resubmit", "withdraw"],
    )
    assert answers["html_url"] == f"http://testserver{row.get_absolute_url()}"
    assert [
        (one["verb"], one["who"], one["is_mine"], one["note"]) for one in answers["thread"]
    ] == [
        ("submit", "You", True, "Please."),
        ("request-changes", "mo", False, "What is it?"),
    ]
    lines = [
        line["text"] for hunk in answers["diff"]["hunks"] for line in hunk if line["sign"] == "+"
    ]
    assert lines == ["- [Omega](https://omega.example) - New."]
    assert (answers["decision"], answers["published"]) == (None, [])


def test_decision_is_reported_with_its_public_words(catalog: Catalog, mo: Caller) -> None:
    rejected = submit(catalog)
    workflow.reject(
        submission=rejected,
        actor=moderator_of(mo),
        reason="quality",
        note="Come back.",
        internal_note="Weak.",
    )
    applied = edit("Beta", description="Better.")
    workflow.approve(submission=applied, actor=moderator_of(mo))

    answers = [Caller().get(f"submissions/{row.token}/").data for row in (rejected, applied)]

    assert [answer["decision"] for answer in answers] == [
        {
            "reason": "quality",
            "text": "It is not mature or good enough for this list yet.",
            "come_back_after": None,
        },
        None,
    ]
    assert [answer["verbs"] for answer in answers] == [["resubmit", "reopen"], []]
    assert [answer["published"] for answer in answers] == [
        [],
        [
            {
                "before": "- [Beta](https://beta.example) - Edits more text.\n",
                "after": "- [Beta](https://beta.example) - Better.\n",
            }
        ],
    ]


def test_spam_learns_nothing(catalog: Catalog, mo: Caller) -> None:
    row = submit(catalog)
    workflow.reject(submission=row, actor=moderator_of(mo), reason="spam", note="Go away.")

    answers = Caller().get(f"submissions/{row.token}/").data
    appeal = Caller().post(f"submissions/{row.token}/appeal/")

    assert answers["decision"] == {"reason": "", "text": "", "come_back_after": None}
    assert (answers["verbs"], answers["findings"], answers["diff"]) == ([], [], None)
    assert [(one["who"], one["note"]) for one in answers["thread"]] == [
        ("You", ""),
        ("A moderator", ""),
    ]
    assert appeal.code == (409, "invalid_transition")


@pytest.mark.parametrize("token", ["x" * 32, "short", "a/b", "x" * 65])
def test_wrong_secret_opens_nothing(catalog: Catalog, token: str) -> None:
    submit(catalog)

    for answer in (
        Caller().get(f"submissions/{token}/"),
        Caller().post(f"submissions/{token}/withdraw/"),
    ):
        assert answer.code == (404, "not_found")


def test_answers_are_cached_by_nobody(catalog: Catalog, ada: Caller, mo: Caller) -> None:
    row = submit(catalog)
    answers = [
        Caller().get(f"submissions/{row.token}/"),
        Caller().post(f"submissions/{row.token}/appeal/"),
        Caller().post("submissions/?dry_run=1", addition(catalog)),
        ada.get("submissions/"),
        mo.get("moderation/submissions/"),
        mo.get(f"moderation/submissions/{row.pk}/"),
        Caller().get("submissions/xxxxxxxxxxxxxxxxxxxxxxxx/"),
    ]

    for answer in answers:
        assert SECRET.items() <= answer.headers.items()


# What one can do


def test_submitter_takes_back_and_lets_look_again(catalog: Catalog) -> None:
    row = submit(catalog)
    address = f"submissions/{row.token}"

    withdrawn = Caller().post(f"{address}/withdraw/", {"note": "Sorry.", "expected_revision": 1})
    again = Caller().post(f"{address}/withdraw/")
    reopened = Caller().post(f"{address}/appeal/", {"expected_revision": 2})

    assert [one.status for one in (withdrawn, again, reopened)] == [200, 200, 200]
    assert [one.data["status"] for one in (withdrawn, again, reopened)] == [
        "withdrawn",
        "withdrawn",
        "pending",
    ]
    assert reopened.data["revision"] == 3


def test_state_that_is_another_than_was_read_is_refused(catalog: Catalog, mo: Caller) -> None:
    row = submit(catalog)
    address = f"submissions/{row.token}"
    wrong = Caller().post(f"{address}/appeal/")
    workflow.reject(submission=row, actor=moderator_of(mo), reason="quality")
    stale = Caller().post(f"{address}/withdraw/", {"expected_revision": 1})

    answers = [(one.code, one.data["status"], one.data["revision"]) for one in (wrong, stale)]
    assert answers == [
        ((409, "invalid_transition"), "pending", 1),
        ((409, "stale_submission"), "rejected", 2),
    ]
    assert stale.data["detail"].startswith("mo rejected this submission in the meantime")


def test_rejection_is_appealed_once(catalog: Catalog, mo: Caller) -> None:
    row = submit(catalog)
    statuses = []
    for _round in range(2):
        row.refresh_from_db()
        workflow.reject(submission=row, actor=moderator_of(mo), reason="quality")
        statuses.append(Caller().post(f"submissions/{row.token}/appeal/").status)

    assert statuses == [200, 409]


def requests(catalog: Catalog, mo: Caller) -> Submission:
    row = submit(catalog, description="New.")
    return workflow.request_changes(submission=row, actor=moderator_of(mo), note="Why?")


def test_answer_changes_what_is_sent_and_keeps_the_rest(catalog: Catalog, mo: Caller) -> None:
    row = requests(catalog, mo)
    body = {"description": "Newer.", "note": "Better?", "expected_revision": 2}

    dry = Caller().post(f"submissions/{row.token}/resubmit/?dry_run=1", body)
    row.refresh_from_db()
    assert (row.status, dry.status) == ("changes-requested", 200)
    answer = Caller().post(f"submissions/{row.token}/resubmit/", body)

    lines = [line["text"] for hunk in dry.data["diff"]["hunks"] for line in hunk
             if line["sign"] == "+"]  # fmt: skip
    assert lines == ["- [Omega](https://omega.example) - Newer."]
    assert (answer.status, answer.data["status"], answer.data["revision"]) == (200, "pending", 3)
    assert answer.data["proposal"] == {
        "kind": "add",
        "name": "Omega",
        "url": "https://omega.example",
        "description": "Newer.",
    }
    assert answer.data["thread"][-1]["note"] == "Better?"


def test_answer_is_looked_at_like_a_proposal(catalog: Catalog, mo: Caller) -> None:
    row = requests(catalog, mo)

    answers = [
        Caller().post(f"submissions/{row.token}/resubmit/", body)
        for body in (
            {"url": "ftp://x.example"},
            {"nmae": "x"},
            {"listing": 10**9},
            {"kind": "edit"},
        )
    ]

    assert [answer.code for answer in answers] == [
        (409, "findings_block"),
        (400, "invalid"),
        (404, "not_found"),
        (400, "invalid"),
    ]
    row.refresh_from_db()
    assert (row.status, row.revision) == ("changes-requested", 2)


# The list of an account


def mine(ada: Caller, query: str = "") -> list[int]:
    answer: Answer = ada.get(f"submissions/?{query}")
    assert answer.status == 200, answer.data
    assert answer.data["count"] == len(answer.data["results"])
    return [row["id"] for row in answer.data["results"]]


def test_own_submissions_are_listed_newest_first(catalog: Catalog, ada: Caller, mo: Caller) -> None:
    other = make_tools("other")
    me = Actor(user=ada.user)
    added = submit(catalog, me)
    edited = edit("Beta", me, description="Better.")
    elsewhere = submit(other, me, name="Psi", url="https://psi.example")
    submit(catalog, Actor(user=mo.user), name="Chi", url="https://chi.example")
    workflow.withdraw(submission=added, actor=me)

    assert mine(ada) == [elsewhere.pk, edited.pk, added.pk]
    assert mine(ada, "status=withdrawn") == [added.pk]
    assert mine(ada, "kind=add") == [elsewhere.pk, added.pk]
    assert mine(ada, "kind=add&catalog=tools") == [added.pk]
    assert mine(ada, "catalog=nothing") == []


@pytest.mark.parametrize(
    ("query", "code", "named"),
    [
        ("status=done", "invalid", "status"),
        ("kind=x", "invalid", "kind"),
        ("kind=", "invalid", "kind"),
        ("page=0", "invalid", "page"),
        ("page_size=101", "invalid", "page_size"),
        ("catalog=%00", "invalid", "catalog"),
        ("state=pending", "unknown_parameter", ""),
    ],
)
def test_list_refuses_what_it_does_not_know(ada: Caller, query: str, code: str, named: str) -> None:
    answer = ada.get(f"submissions/?{query}")

    assert answer.code == (400, code)
    assert list(answer.data["errors"]) == ([named] if named else [])


def test_lists_cost_the_same_for_any_number(catalog: Catalog, ada: Caller, mo: Caller) -> None:
    me = Actor(user=ada.user)
    counts: list[tuple[int, int]] = []
    for number in (1, 2, 3):
        row = submit(catalog, me, name=f"N {number}", url=f"https://n{number}.example")
        workflow.claim(submission=row, actor=moderator_of(mo))
        if number != 2:
            counts.append((queries(ada, "submissions/"), queries(mo, "moderation/submissions/")))
    # Among these are who calls, and whether they moderate anything.
    assert counts == [(3, 5), (3, 5)]


def test_one_submission_costs_the_same_for_any_thread(
    catalog: Catalog, ada: Caller, mo: Caller
) -> None:
    row = submit(catalog, Actor(user=ada.user))
    counts: list[Any] = []
    for number in range(3):
        if number != 1:
            paths = (f"submissions/{row.token}/", f"moderation/submissions/{row.pk}/")
            counts.append((queries(ada, paths[0]), queries(mo, paths[1])))
        row.refresh_from_db()
        workflow.withdraw(submission=row, actor=holder_of(row))
        workflow.reopen(submission=row, actor=holder_of(row))
    # Both ask what was changed in the meantime, with one question for an addition.
    assert counts == [(12, 18), (12, 18)]
