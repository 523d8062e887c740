"""What must never go out, with data that could: by every address, to everybody who may call it."""

from collections.abc import Iterator

import pytest

from catalog.models import Catalog
from submissions import workflow
from submissions.models import Kind, Submission
from submissions.people import Actor
from tests.api.submissions.callers import Answer, Caller
from tests.submission_factories import edit, entry_called, make_user, submit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]

NETWORK = "c0ffee" * 10
MAIL = "grace-secret@people.example"
INTERNAL = "Between us moderators."


@pytest.fixture
def rows(catalog: Catalog, ada: Caller, mo: Caller) -> dict[str, Submission]:
    """Submissions that have all that could leak, one for each way that it could end."""
    me, other = Actor(user=mo.user), Actor(email=MAIL, network_hash=NETWORK, name="Grace")
    open_one = submit(catalog, other, description="New.")
    requests = submit(catalog, Actor(user=ada.user), name="Psi", url="https://psi.example")
    workflow.request_changes(submission=requests, actor=me, note="Why?", internal_note=INTERNAL)
    applied = edit("Beta", other, description="Better.")
    workflow.claim(submission=applied, actor=me)
    workflow.approve(submission=applied, actor=me, internal_note=INTERNAL)
    duplicate = submit(catalog, other, name="Omega 2", url="https://omega.example", reason="Mine.")
    workflow.reject(
        submission=duplicate,
        actor=me,
        reason="duplicate",
        duplicate_of=open_one,
        internal_note=INTERNAL,
    )
    spam = submit(catalog, other, name="Pills", url="https://pills.example")
    workflow.reject(submission=spam, actor=me, reason="spam", internal_note=INTERNAL)
    reports = [
        submit(catalog, other, kind=Kind.REPORT, entry=entry_called("Gamma"), report=report)
        for report in ("dead-link", "spam")
    ]
    results = [open_one, requests, applied, duplicate, spam, *reports]
    for row in results:
        row.refresh_from_db()
    names = ("open", "asked", "applied", "duplicate", "spam", "report", "joined")
    return dict(zip(names, results, strict=True))


def text_of(answer: Answer) -> str:
    return f"{answer.data} {answer.headers}"


def secrets(rows: dict[str, Submission]) -> Iterator[str]:
    yield from (NETWORK, MAIL, MAIL.upper(), "network", "retry_key")
    yield from (row.token for row in rows.values())


def test_moderators_learn_no_secret(rows: dict[str, Submission], mo: Caller) -> None:
    answers = [mo.get("moderation/submissions/?status=all")]
    for row in rows.values():
        path = f"moderation/submissions/{row.pk}/"
        answers.append(mo.get(path))
        answers += [
            mo.post(f"{path}{verb}/", body)
            for verb, body in (
                ("claim", {}),
                ("release", {}),
                ("approve", {"expected_revision": 99}),
                ("approve", {"expected_revision": row.revision}),
                ("revert", {"expected_revision": row.revision}),
                ("amend", {"expected_revision": row.revision}),
            )
        ]

    assert {answer.status for answer in answers} == {200, 409}
    shown = "\n".join(map(text_of, answers))
    assert INTERNAL in shown
    assert [secret for secret in secrets(rows) if secret in shown] == []


def test_submitters_learn_their_own_secret_alone(
    rows: dict[str, Submission], ada: Caller, mo: Caller
) -> None:
    for name, row in rows.items():
        answers = [
            Caller().get(f"submissions/{row.token}/"),
            mo.get(f"submissions/{row.token}/"),
            Caller().post(f"submissions/{row.token}/withdraw/", {"expected_revision": 99}),
            Caller().post(f"submissions/{row.token}/appeal/", {"expected_revision": 99}),
            Caller().post(f"submissions/{row.token}/resubmit/?dry_run=1"),
        ]

        shown = "\n".join(map(text_of, answers))
        leaked = [secret for secret in (*secrets(rows), INTERNAL) if secret in shown]
        assert leaked == [row.token], name
    shown = text_of(ada.get("submissions/"))
    assert [secret for secret in (*secrets(rows), INTERNAL) if secret in shown] == [
        rows["asked"].token
    ]


def test_proposing_the_same_shows_nothing_of_the_other(
    rows: dict[str, Submission], catalog: Catalog
) -> None:
    body = {"kind": "add", "catalog": "tools", "listing": rows["open"].listing_id}
    body |= {"name": "Omega", "url": "https://omega.example", "description": "New."}
    stranger = Caller(address="198.51.100.7")

    answers = [
        stranger.post("submissions/?dry_run=1", body),
        stranger.post("submissions/", body),
        stranger.post("submissions/", body, Idempotency_Key="k"),
    ]

    assert [answer.status for answer in answers] == [200, 409, 409]
    shown = "\n".join(map(text_of, answers))
    assert [secret for secret in (*secrets(rows), INTERNAL) if secret in shown] == []


def test_account_that_guesses_sees_nobody_elses(rows: dict[str, Submission], ada: Caller) -> None:
    answers = [ada.get(f"moderation/submissions/{row.pk}/") for row in rows.values()]
    answers.append(ada.get("moderation/submissions/?submitter=1"))

    assert {answer.code for answer in answers} == {(403, "not_allowed")}
    make_user("eve")
    assert ada.get("submissions/").data["count"] == 1
