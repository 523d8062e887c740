"""Moderators who decide the same submissions at once, in threads and in processes."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from catalog.checking import check_catalog
from catalog.models import Catalog
from submissions import workflow
from submissions.choices import Status, Verb
from submissions.models import Kind, Submission, SubmissionEvent
from submissions.people import Actor
from submissions.proposal import Proposal
from tests.catalog.importing.test_interruptions import at_once
from tests.catalog.test_commands import database_url
from tests.effort import IS_LONG
from tests.submission_factories import (
    entry_called,
    list_of,
    make_moderator,
    make_tools,
    submit,
)
from tests.submissions.moderators import decide_all, start

pytestmark = pytest.mark.django_db(transaction=True)

MODERATORS = 8 if IS_LONG else 3
SUBMISSIONS = 200 if IS_LONG else 24


def many_submissions(catalog: Catalog, number: int) -> None:
    """Additions, edits that contradict each other, moves and removals, on one list."""
    chance = random.Random(3)
    for each in range(number):
        person = Actor(name=f"Person {each}", network_hash=f"{each}")
        name = f"N {chance.randrange(number)}"
        kind = chance.choice([Kind.ADD, Kind.EDIT, Kind.EDIT, Kind.MOVE, Kind.REMOVE])
        proposals: dict[Kind, dict[str, Any]] = {
            Kind.ADD: {"name": f"New {each}", "url": f"https://new{each}.example"},
            Kind.EDIT: {"description": f"Words of {each}."},
            Kind.MOVE: {"first": True},
            Kind.REMOVE: {"reason": f"Reason {each}."},
        }
        entry = None if kind == Kind.ADD else entry_called(name)
        submit(catalog, person, kind=kind, entry=entry, **proposals[kind])


def make_crowd(number: int) -> Catalog:
    items = "".join(f"- [N {n}](https://n{n}.example) - Item {n}.\n" for n in range(number))
    catalog = make_tools("crowd", f"# T\n\n{items}")
    for each in range(MODERATORS):
        make_moderator(catalog, f"mo{each}")
    many_submissions(catalog, number)
    return catalog


def in_threads(names: list[str]) -> int:
    decided = []

    def work(name: str, seed: int) -> None:
        decided.append(decide_all(name, seed)["decided"])

    # The pool has a connection for each of them, and none for who only waits.
    connection.close()
    assert at_once(*[partial(work, name, seed) for seed, name in enumerate(names)]) == []
    return sum(decided)


def in_processes(names: list[str]) -> int:
    workers = [start(name, seed, database_url()) for seed, name in enumerate(names)]
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    outputs = [worker.communicate()[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * len(workers)
    return sum(map(int, outputs))


@pytest.mark.parametrize("crowd", [in_threads, in_processes], ids=["threads", "processes"])
def test_each_submission_is_decided_once(crowd: Callable[[list[str]], int]) -> None:
    catalog = make_crowd(SUBMISSIONS)

    decided = crowd([f"mo{each}" for each in range(MODERATORS)])

    rows = {row.pk: row for row in Submission.objects.all()}
    waiting = [row for row in rows.values() if row.status == Status.PENDING]
    assert decided == SUBMISSIONS - len(waiting)
    assert all(row.conflicts for row in waiting)
    assert {Status.APPLIED, Status.REJECTED} <= {row.status for row in rows.values()}
    decisions = SubmissionEvent.objects.exclude(verb=Verb.SUBMIT).order_by("pk")
    assert len(decisions) == decided == len({event.submission_id for event in decisions})
    for event in decisions:
        row = rows[event.submission_id]
        assert (event.to_status, event.actor_id) == (row.status, row.decided_by_id)
        assert row.revision == 2
    assert_revisions_agree(catalog, rows)
    assert check_catalog(Catalog.objects.get(pk=catalog.pk)) == []


def assert_revisions_agree(catalog: Catalog, rows: dict[int, Submission]) -> None:
    """Every revision but the first is of one submission that was applied, and the other way."""
    catalog.refresh_from_db()
    revisions = list(catalog.revisions.filter(number__gt=1).order_by("number"))
    assert [revision.number for revision in revisions] == list(range(2, catalog.revision + 1))
    assert sorted(revision.submission_token for revision in revisions) == sorted(
        row.token for row in rows.values() if row.applied_revision
    )
    by_token = {row.token: row for row in rows.values()}
    for revision in revisions:
        row = by_token[revision.submission_token]
        assert (row.applied_revision, row.status) == (revision.number, Status.APPLIED)
        event = row.events.last()
        assert event is not None
        assert (event.entry_before, event.entry_after) == (revision.number - 1, revision.number)


def test_one_form_sent_many_times_at_once_is_one_submission() -> None:
    catalog = make_tools()
    send = partial(submit, catalog, Actor(name="Grace", network_hash="n"))

    assert at_once(*[send] * 6) == []

    assert Submission.objects.count() == SubmissionEvent.objects.count() == 1


def test_two_additions_of_one_thing_at_once_are_one_entry_and_one_conflict() -> None:
    catalog = make_tools()
    rows = [
        submit(catalog, Actor(network_hash=f"{each}"), name=f"Omega {each}", reason="Mine.")
        for each in range(4)
    ]
    actors = [make_moderator(catalog, f"mo{each}") for each in range(4)]

    raised = at_once(
        *[
            partial(workflow.approve, submission=row, actor=actor)
            for row, actor in zip(rows, actors, strict=True)
        ]
    )

    assert sorted(type(error).__name__ for error in raised) == ["EditConflict"] * 3
    statuses = sorted(Submission.objects.values_list("status", "conflicts"))
    assert statuses == [(Status.APPLIED, []), *[(Status.PENDING, ["url"])] * 3]
    assert catalog.entries.published().filter(url="https://omega.example").count() == 1
    assert check_catalog(Catalog.objects.get()) == []


def test_submitter_and_moderator_at_once_are_one_after_the_other() -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog)
    for round_ in range(6):
        row = submit(
            catalog,
            Actor(network_hash=f"{round_}"),
            name=f"O {round_}",
            url=f"https://o{round_}.example",
            listing=list_of(catalog),
        )
        token = Actor(token=row.token)

        raised = at_once(
            partial(workflow.approve, submission=row, actor=moderator, expected_revision=1),
            partial(workflow.withdraw, submission=row, actor=token, expected_revision=1),
            partial(workflow.claim, submission=row, actor=moderator),
        )

        assert "StaleSubmission" in [type(error).__name__ for error in raised]
        row.refresh_from_db()
        assert row.revision == 2
        assert row.events.count() == 2
        is_listed = catalog.entries.filter(name=f"O {round_}").exists()
        assert is_listed == (row.status == Status.APPLIED)


def test_proposals_during_approvals_wait_for_nobody_in_vain() -> None:
    catalog = make_tools()
    moderator = make_moderator(catalog)
    waiting = [
        submit(catalog, Actor(network_hash=f"{n}"), name=f"O {n}", url=f"https://o{n}.example")
        for n in range(8)
    ]

    def approve() -> None:
        for row in waiting:
            workflow.approve(submission=row, actor=moderator)

    def propose(who: str) -> None:
        for number in range(8):
            workflow.submit(
                catalog=Catalog.objects.get(),
                actor=Actor(name=who, network_hash=who),
                proposal=Proposal(kind=Kind.EDIT, description=f"{who} {number}"),
                entry=entry_called("Beta"),
            )

    assert at_once(approve, partial(propose, "a"), partial(propose, "b")) == []
    assert Submission.objects.count() == 24
