"""A process that is killed while it synchronises, by the system and at any moment."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from catalog.checking import check_catalog
from catalog.exporting import export_markdown
from catalog.models import Catalog
from remotes.models import Remote
from remotes.syncing import sync
from submissions import workflow
from submissions.models import Submission
from tests.catalog.test_commands import database_url
from tests.effort import IS_LONG
from tests.git.servers import Origin, git
from tests.submission_factories import TEXT, make_moderator, submit

pytestmark = pytest.mark.django_db(transaction=True)

# Forks from one process that has started up; each child dies at another statement, or before or
# behind another talk with the server, until one comes through.
_PROGRAM = """
import os, signal, sys
from datetime import timedelta
import django
django.setup()
from django.db import connection
from django.utils import timezone
from remotes.git import Repository
from remotes.models import Remote
from remotes.syncing import sync

def run(deadly):
    seen = 0
    def count():
        nonlocal seen
        seen += 1
        if seen == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
    def statement(execute, *arguments):
        count()
        return execute(*arguments)
    talk = Repository._talk
    def talking(repository, command, *arguments):
        count()
        talk(repository, command, *arguments)
        count()
        if command == "push" and not os.path.exists(sys.argv[2]):
            # Done there, and never heard of here: once in any case.
            open(sys.argv[2], "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
    Repository._talk = talking
    Remote.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    with connection.execute_wrapper(statement):
        result = sync(Remote.objects.get())
    assert result is not None and result.problem is None, result

count = 0
for deadly in range(1, 10000, int(sys.argv[1])):
    child = os.fork()
    if not child:
        run(deadly)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if status != signal.SIGKILL:
        print(count)
        sys.exit(status)
    count += 1
"""


def test_killed_synchronisation_is_made_good(
    remote: Remote, origin: Origin, catalog: Catalog, tmp_path: Path
) -> None:
    sync(remote)
    moderator = make_moderator(catalog)
    for name in ("One", "Two", "Three"):
        row = submit(catalog, name=name, url=f"https://{name.lower()}.example", credit=name)
        workflow.approve(submission=row, actor=moderator)
    text = TEXT.replace("13B", "14B")
    origin.commit(text, author="Uma First")
    origin.commit(text.replace("7B", "8B"), author="Uma Second")

    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, "1" if IS_LONG else "19", str(tmp_path / "pushed")],
        env=os.environ
        | {
            "DATABASE_URL": database_url(),
            "DATABASE_POOL_SIZE": "0",
            "ALLOW_PRIVATE_REMOTES": "1",
            "REMOTES_FOLDER": str(tmp_path / "cache"),
            "SITE_URL": "https://lists.example",
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5
    assert export_markdown(catalog) == origin.text()
    assert check_catalog(catalog) == []
    assert not Submission.objects.open().exists()
    git(origin.folder, "fsck", "--strict")
    authors = Counter(origin.log("main", "%an"))
    assert authors == Counter(["Uma Upstream", "Uma First", "Uma Second", "One", "Two", "Three"])
    known = remote.commits.filter(is_ours=True, seen_at__isnull=False).values_list("sha", flat=True)
    assert sorted(known) == sorted(
        line.split()[0] for line in origin.log("main", "%H %an") if " Uma " not in line
    )
    credited = Counter(catalog.revisions.exclude(credit="").values_list("credit", flat=True))
    assert credited == Counter(["One", "Two", "Three", "Uma First", "Uma Second"])
