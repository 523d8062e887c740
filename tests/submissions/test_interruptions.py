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

# Decides with one process for each statement that it is killed at, forked from one that has
# started up already. Waits for a word after each, so that the database can be looked at.
KILLER = """
import os, signal, sys
from django.db import connection
import django
django.setup()
from accounts.models import User
from submissions import workflow
from submissions.models import Submission
from submissions.people import Actor

def run(deadly):
    seen = 0
    def count(execute, *args):
        nonlocal seen
        seen += 1
        if seen == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*args)
    with connection.execute_wrapper(count):
        actor = Actor(user=User.objects.get(username="mo"))
        submission = Submission.objects.get(pk=sys.argv[2])
        getattr(workflow, sys.argv[1])(submission=submission, actor=actor)

for deadly in range(1, 1000, int(sys.argv[3])):
    child = os.fork()
    if not child:
        run(deadly)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if status != signal.SIGKILL:
        sys.exit(status)
    print("killed", flush=True)
    sys.stdin.readline()
"""


def everything() -> dict[str, Any]:
    return all_rows() | {
        "submissions": list(Submission.objects.order_by("pk").values()),
        "events": list(SubmissionEvent.objects.order_by("pk").values()),
    }


def killed_decisions(verb: str, submission: Submission, *, every: int = 1) -> int:
    """How many times the decision was killed, each without a trace, until it came through."""
    return killed(KILLER, verb, str(submission.pk), str(every), state=everything)


@pytest.mark.parametrize("kind", [Kind.ADD, Kind.EDIT, Kind.MOVE, Kind.REMOVE])
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

    assert killed_decisions("revert", submission, every=5) > 5

    submission.refresh_from_db()
    assert (submission.status, submission.revision) == ("reverted", 3)
    assert check_catalog(Catalog.objects.get()) == []
