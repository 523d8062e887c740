"""Requests that are sent again over the API: one effect, and the same answer."""

from functools import partial
from typing import Any

import pytest

from accounts.models import User
from catalog.models import Catalog
from submissions.models import RetryKey, Submission, SubmissionEvent
from tests.api.submissions.bodies import addition, bodies
from tests.api.submissions.callers import Answer, Caller, caller
from tests.catalog.importing.test_interruptions import at_once
from tests.submission_factories import make_moderator, make_tools, make_user, submit

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


def is_replayed(answer: Answer) -> bool:
    return answer.headers.get("Idempotency-Replayed") == "true"


@pytest.mark.django_db
def test_known_key_is_answered_with_what_it_did(catalog: Catalog, nobody: Caller) -> None:
    first = nobody.post("submissions/", addition(catalog), Idempotency_Key=KEY)
    # The order of the fields is none of its matter, nor is what was solved this time.
    body = dict(reversed(addition(catalog, solution="x").items()))
    again = nobody.post("submissions/", body, Idempotency_Key=KEY)
    nobody.post(f"submissions/{first.data['token']}/withdraw/")
    later = nobody.post("submissions/", addition(catalog), Idempotency_Key=KEY)

    assert [(one.status, is_replayed(one)) for one in (first, again, later)] == [
        (201, False),
        (200, True),
        (200, True),
    ]
    assert again.data == first.data
    assert (later.data["token"], later.data["status"]) == (first.data["token"], "withdrawn")
    assert Submission.objects.count() == 1


@pytest.mark.django_db
def test_key_of_something_else_is_refused(catalog: Catalog, nobody: Caller) -> None:
    nobody.post("submissions/", addition(catalog), Idempotency_Key=KEY)

    answer = nobody.post("submissions/", addition(catalog, name="Psi"), Idempotency_Key=KEY)

    assert answer.code == (409, "idempotency_key_reused")
    assert Submission.objects.count() == 1


@pytest.mark.django_db
def test_key_is_of_one_caller_and_one_address(catalog: Catalog, ada: Caller, mo: Caller) -> None:
    elsewhere = Caller(address="198.51.100.7")
    answers = [
        who.post(
            "submissions/",
            addition(catalog, name=f"N {number}", url=f"https://n{number}.example"),
            Idempotency_Key=KEY,
        )
        for number, who in enumerate((Caller(), elsewhere, ada, mo))
    ]
    address = f"submissions/{answers[0].data['token']}"
    answers += [
        Caller().post(f"{address}/{verb}/", Idempotency_Key=KEY) for verb in ("withdraw", "appeal")
    ]

    assert [answer.status for answer in answers] == [201, 201, 201, 201, 200, 200]
    assert not any(map(is_replayed, answers))
    assert RetryKey.objects.count() == 6


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 256])
def test_key_that_is_none_is_refused(catalog: Catalog, nobody: Caller, key: str) -> None:
    answer = nobody.post("submissions/", addition(catalog), Idempotency_Key=key)

    assert answer.code == (400, "invalid")
    assert list(answer.data["errors"]) == ["Idempotency-Key"]
    assert Submission.objects.count() == 0


@pytest.mark.django_db
def test_what_was_refused_can_be_sent_again(catalog: Catalog, nobody: Caller) -> None:
    refused = nobody.post("submissions/", addition(catalog, url="ftp://x"), Idempotency_Key=KEY)
    dry = nobody.post("submissions/?dry_run=1", addition(catalog), Idempotency_Key=KEY)
    sent = nobody.post("submissions/", addition(catalog), Idempotency_Key=KEY)

    assert [answer.status for answer in (refused, dry, sent)] == [409, 200, 201]


@pytest.mark.django_db
@pytest.mark.usefixtures("unlimited")
def test_decision_sent_again_is_not_made_again(catalog: Catalog, mo: Caller) -> None:
    row = submit(catalog)
    path = f"moderation/submissions/{row.pk}"
    verbs: list[tuple[str, dict[str, Any]]] = [
        ("claim", {}),
        ("request-changes", {"expected_revision": 1, "note": "Why?"}),
        ("reject", {"expected_revision": 2, "reason": "quality"}),
        ("reopen", {"expected_revision": 3}),
        ("approve", {"expected_revision": 4}),
        ("revert", {"expected_revision": 5}),
    ]
    for verb, body in verbs:
        answer = mo.post(f"{path}/{verb}/", body, Idempotency_Key=verb)
        assert (answer.status, is_replayed(answer)) == (200, False), verb

    again = [mo.post(f"{path}/{verb}/", body, Idempotency_Key=verb) for verb, body in verbs]

    assert [(one.status, is_replayed(one)) for one in again] == [(200, True)] * len(verbs)
    assert {(one.data["status"], one.data["revision"]) for one in again} == {("reverted", 6)}
    assert SubmissionEvent.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_one_key_twenty_times_at_once_is_one_submission() -> None:
    catalog = make_tools()
    ada = caller(make_user())
    body = addition(catalog)
    answers: list[Answer] = []

    def send() -> None:
        one = Caller(ada.user, ada.secret)
        answers.append(one.post("submissions/", body, Idempotency_Key=KEY))

    assert at_once(*[send] * 20) == []

    assert sorted(answer.status for answer in answers) == [*[200] * 19, 201]
    assert len({answer.data["token"] for answer in answers}) == 1
    assert Submission.objects.count() == SubmissionEvent.objects.count() == 1
    assert RetryKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_key_for_several_things_at_once_is_one_of_them() -> None:
    catalog = make_tools()
    user = make_moderator(catalog).user
    assert user
    secret = caller(user).secret
    answers: list[Answer] = []

    def send(body: dict[str, Any]) -> None:
        one = Caller(User.objects.get(pk=user.pk), secret)
        answers.append(one.post("submissions/", body, Idempotency_Key=KEY))

    assert at_once(*[partial(send, body) for body in bodies(catalog).values()]) == []

    codes = sorted(answer.data.get("code", "") for answer in answers)
    assert codes == ["", *["idempotency_key_reused"] * 4]
    assert Submission.objects.count() == RetryKey.objects.count() == 1
