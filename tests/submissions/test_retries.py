"""Requests that are sent again: done once, whenever their process dies, however many come."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from catalog.errors import CatalogError
from submissions import workflow
from submissions.choices import Status
from submissions.errors import InvalidTransition, KeyReused
from submissions.models import RetryKey, Submission, SubmissionEvent
from submissions.people import Actor, Retry
from submissions.verbs.transitions import done_before, forget_retries
from tests.catalog.importing.test_importing import all_rows
from tests.catalog.importing.test_interruptions import at_once
from tests.killing import killed
from tests.submission_factories import make_moderator, make_tools, make_user, submit


def requesting(actor: Actor, key: str = "k", fingerprint: str = "f") -> Actor:
    return Actor(user=actor.user, token=actor.token, retry=Retry(key, fingerprint))


def keys() -> list[tuple[str, int]]:
    return list(RetryKey.objects.order_by("pk").values_list("key", "submission"))


@pytest.mark.django_db
def test_key_stands_with_what_the_request_did() -> None:
    catalog = make_tools()
    mo = make_moderator(catalog)
    ada = Actor(user=make_user())

    row = submit(catalog, requesting(ada, "submit"))
    workflow.claim(submission=row, actor=requesting(mo, "claim"))
    workflow.release(submission=row, actor=requesting(mo, "release"))
    workflow.reject(submission=row, actor=requesting(mo, "reject"), reason="quality")
    with pytest.raises(InvalidTransition):
        workflow.approve(submission=row, actor=requesting(mo, "approve"))

    assert keys() == [(key, row.pk) for key in ("submit", "claim", "release", "reject")]
    assert done_before(Retry("submit", "f")) == row
    assert done_before(Retry("approve", "f")) is None
    assert done_before(None) is None


@pytest.mark.django_db
def test_known_key_does_nothing_whatever_happened_since() -> None:
    catalog = make_tools()
    mo = make_moderator(catalog)
    row = submit(catalog, Actor(user=make_user()))
    reject = partial(workflow.reject, submission=row, actor=requesting(mo), reason="quality")
    first = reject()
    workflow.reopen(submission=row, actor=mo)

    again = reject()

    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert (again.status, again.revision) == (Status.PENDING, 3)
    assert row.events.count() == 3


@pytest.mark.django_db
def test_known_key_makes_nothing_anew_of_what_was_withdrawn() -> None:
    catalog = make_tools()
    ada = Actor(user=make_user())
    row = submit(catalog, requesting(ada))
    workflow.withdraw(submission=row, actor=ada)

    again = submit(catalog, requesting(ada))

    assert (again.pk, again.status, again.is_repeat) == (row.pk, Status.WITHDRAWN, True)
    assert Submission.objects.count() == 1


@pytest.mark.django_db
def test_what_was_done_already_is_known_by_its_key_too() -> None:
    catalog = make_tools()
    ada = Actor(user=make_user())
    row = submit(catalog, requesting(ada, "one"))

    again = submit(catalog, requesting(ada, "two"))
    workflow.withdraw(submission=row, actor=requesting(ada, "three"))
    workflow.withdraw(submission=row, actor=requesting(ada, "four"))

    assert (again.pk, again.is_repeat) == (row.pk, True)
    assert keys() == [(key, row.pk) for key in ("one", "two", "three", "four")]
    assert row.events.count() == 2


@pytest.mark.django_db
def test_key_of_another_request_is_refused_and_nothing_done() -> None:
    catalog, other = make_tools(), make_tools("other")
    ada = make_user()
    submit(catalog, requesting(Actor(user=ada)))

    with pytest.raises(KeyReused) as refused:
        submit(other, requesting(Actor(user=ada), fingerprint="g"))

    assert refused.value.message.startswith("This Idempotency-Key was used")
    assert Submission.objects.filter(catalog=other).count() == 0
    assert RetryKey.objects.count() == 1


@pytest.mark.django_db
def test_keys_are_forgotten_after_a_week() -> None:
    catalog = make_tools()
    for number, days in enumerate([8, 6, 0]):
        actor = requesting(Actor(user=make_user(f"u{number}")), f"k{number}")
        row = submit(catalog, actor, url=f"https://omega{number}.example")
        long_ago = timezone.now() - timedelta(days=days)
        RetryKey.objects.filter(submission=row).update(created_at=long_ago)

    assert forget_retries.func() == 1

    assert [key for key, _row in keys()] == ["k1", "k2"]


@pytest.mark.django_db(transaction=True)
def test_one_key_at_once_is_one_submission() -> None:
    catalog = make_tools()
    ada = make_user()
    rows: list[Submission] = []

    def send() -> None:
        rows.append(submit(catalog, requesting(Actor(user=ada))))

    assert at_once(*[send] * 20) == []

    assert Submission.objects.count() == SubmissionEvent.objects.count() == 1
    assert RetryKey.objects.count() == 1
    assert sorted(row.is_repeat for row in rows) == [False, *[True] * 19]


@pytest.mark.django_db(transaction=True)
def test_one_key_for_two_lists_at_once_is_one_submission() -> None:
    lists = [make_tools(f"tools{number}") for number in range(4)]
    ada = make_user()

    raised = at_once(
        *[
            partial(submit, catalog, requesting(Actor(user=ada), fingerprint=catalog.slug))
            for catalog in lists
        ]
    )

    assert [type(error) for error in raised] == [KeyReused] * 3
    assert all(isinstance(error, CatalogError) for error in raised)
    assert Submission.objects.count() == SubmissionEvent.objects.count() == 1
    assert RetryKey.objects.count() == 1


REQUEST = """
from accounts.models import User
from catalog.models import Catalog
from submissions import workflow
from submissions.models import Kind, Submission
from submissions.people import Actor, Retry
from submissions.proposal import Proposal

def act(verb, name):
    actor = Actor(user=User.objects.get(username=name), retry=Retry("k", "f"))
    if verb == "submit":
        catalog = Catalog.objects.get()
        proposal = Proposal(Kind.ADD, name="Omega", url="https://omega.example")
        listing = catalog.listings.order_by("pk")[0]
        workflow.submit(catalog=catalog, actor=actor, proposal=proposal, listing=listing)
    else:
        getattr(workflow, verb)(submission=Submission.objects.get(), actor=actor)
"""


def everything() -> dict[str, Any]:
    return all_rows() | {
        "submissions": list(Submission.objects.order_by("pk").values()),
        "events": list(SubmissionEvent.objects.order_by("pk").values()),
        "keys": list(RetryKey.objects.order_by("pk").values()),
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["submit", "approve"])
def test_killed_at_any_statement_key_and_effect_are_there_or_nothing(verb: str) -> None:
    catalog = make_tools()
    make_moderator(catalog)
    make_user("ada")
    if verb != "submit":
        submit(catalog)

    name = "ada" if verb == "submit" else "mo"
    assert killed(REQUEST, verb, name, state=everything) > 3

    row = Submission.objects.get()
    done = {"submit": (Status.PENDING, 1), "approve": (Status.APPLIED, 2)}
    assert (row.status, row.revision) == done[verb]
    assert keys() == [("k", row.pk)]
