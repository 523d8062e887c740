"""A real worker between the site and a real server: how soon what was decided is there."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from catalog.models import Catalog
from remotes.connections import add_remote
from remotes.models import Mode, Remote
from remotes.syncing import sync
from submissions import workflow
from submissions.models import Submission
from tests.background import processes
from tests.git.hosts import REPOSITORY, HostStandIn
from tests.git.servers import TOKEN, Origin, make_origin, served
from tests.submission_factories import TEXT, edit, make_moderator

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 20
"""By when a decision has to be there: long before its turn in the timetable."""


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Origin]:
    made = make_origin(tmp_path / "hosted", f"{REPOSITORY}.git")
    made.commit(TEXT, message="Begin")
    with served(made):
        yield made


@pytest.fixture
def host(origin: Origin) -> HostStandIn:
    made = HostStandIn(origin)
    origin.host = made
    return made


@pytest.fixture
def remote(origin: Origin, host: HostStandIn, catalog: Catalog) -> Remote:
    made = add_remote(catalog, origin.url, mode=Mode.PUSH, token=TOKEN, host=host.kind)
    sync(made)
    return made


@pytest.fixture
def _worker(remote: Remote, tmp_path: Path) -> Iterator[None]:
    """A worker as operators start it, at rest."""
    more = {
        "ALLOW_PRIVATE_REMOTES": "1",
        "REMOTES_FOLDER": str(settings.REMOTES_FOLDER),
        "SITE_URL": settings.SITE_URL,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.background.processes"],
        cwd=settings.BASE_DIR,
        env=os.environ | processes.environment(connection, tmp_path) | more,
        stderr=subprocess.DEVNULL,
    )
    known = processes.write_down.enqueue("it works")
    row = DBTaskResult.objects.filter(pk=known.id, status=TaskResultStatus.SUCCESSFUL)
    seconds_until(row.exists, most=60)
    yield
    process.kill()
    process.wait()


def seconds_until(happens: Callable[[], bool], *, most: float) -> float:
    """How long it takes until something has happened."""
    begun = time.monotonic()
    while not happens():
        assert time.monotonic() - begun < most, "it did not happen in time"
        time.sleep(0.05)
    return time.monotonic() - begun


@pytest.mark.usefixtures("_worker")
def test_approval_and_rejection_are_there_in_seconds(
    remote: Remote, host: HostStandIn, origin: Origin
) -> None:
    moderator = make_moderator(remote.catalog)
    number = host.propose(TEXT.replace("13B", "14B"))
    sync(remote)
    before = origin.head()

    workflow.approve(submission=edit("Alpha", description="Is new."), actor=moderator)
    pushed = seconds_until(lambda: origin.head() != before, most=SECONDS)
    at_rest = Remote.objects.filter(lease_by="", is_queued=False)
    seconds_until(at_rest.exists, most=SECONDS)
    workflow.reject(
        submission=Submission.objects.get(pull_request_entry__request__number=number),
        actor=moderator,
        reason="quality",
    )
    answered = seconds_until(lambda: host.statuses[-1][1] == "failure", most=SECONDS)

    # Shown with -s.
    sys.stdout.write(f"pushed after {pushed:.1f} s, answered after {answered:.1f} s\n")
    assert "Is new." in origin.text()
    assert "Declined" in host.comment(number)
    assert host.problems == []
