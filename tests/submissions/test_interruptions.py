"""Decisions whose process is killed at any statement: all of it is there, or nothing."""

from typing import Any

import pytest

from catalog.checking import check_catalog
from catalog.models import Catalog
from submissions.models import Kind, Submission, SubmissionEvent
from tests.catalog.importing.test_importing import all_rows
from tests.killing import killed
from tests.submission_factories import edit, entry_called, make_moderator, make_tools, submit

pytestmark = pytest.mark.django_db(transaction=True)

DECISION = """
from accounts.models import User
from submissions import workflow
from submissions.models import Submission
from submissions.people import Actor

def act(verb, key):
    actor = Actor(user=User.objects.get(username="mo"))
    getattr(workflow, verb)(submission=Submission.objects.get(pk=key), actor=actor)
"""


def everything() -> dict[str, Any]:
    return all_rows() | {
        "submissions": list(Submission.objects.order_by("pk").values()),
        "events": list(SubmissionEvent.objects.order_by("pk").values()),
    }


def killed_decisions(verb: str, submission: Submission) -> int:
    """Return how many statements the decision came to, killed at some without a trace."""
    return killed(DECISION, verb, str(submission.pk), state=everything)


@pytest.mark.parametrize(
    "kind",
    [
        Kind.ADD,
        Kind.EDIT,
        *[pytest.param(kind, marks=pytest.mark.long) for kind in (Kind.MOVE, Kind.REMOVE)],
    ],
)
def test_approval_killed_at_any_statement_is_all_or_nothing(kind: Kind) -> None:
    catalog = make_tools()
    make_moderator(catalog)
    proposals: dict[Kind, dict[str, Any]] = {
        Kind.ADD: {"description": "New."},
        Kind.EDIT: {"cells": {1: "8B"}, "add_tags": ("license:gpl",)},
        Kind.MOVE: {"first": True},
        Kind.REMOVE: {"reason": "Gone."},
    }
    entry = None if kind == Kind.ADD else entry_called("Gamma" if kind == Kind.EDIT else "Beta")
    submission = submit(catalog, kind=kind, entry=entry, **proposals[kind])
    other = edit("Gamma", cells={1: "9B"})

    assert killed_decisions("approve", submission) > 30

    submission.refresh_from_db()
    other.refresh_from_db()
    assert (submission.status, submission.revision) == ("applied", 2)
    assert other.conflicts == (["cell-1"] if kind == Kind.EDIT else [])
    event = submission.events.last()
    assert event is not None
    assert event.entry_after == submission.applied_revision == Catalog.objects.get().revision
    assert check_catalog(Catalog.objects.get()) == []

    assert killed_decisions("revert", submission) > 25

    submission.refresh_from_db()
    assert (submission.status, submission.revision) == ("reverted", 3)
    assert check_catalog(Catalog.objects.get()) == []
