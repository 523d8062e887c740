"""What `make run` does before and while it serves, on a database that an older release has left."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from catalog.models import READING
from tests.older_release import make_database

QUESTION = (
    "from catalog.checking import check_catalog; "
    "from catalog.models import Catalog; "
    "rows = Catalog.objects.order_by('slug'); "
    "print([(c.slug, c.reading, check_catalog(c)) for c in rows])"
)

type Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs Python on a database of its own, and gives back what it prints."""
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'lists.sqlite3'}",
    }

    def run(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    return run


def test_database_of_an_older_release_is_brought_up_to_date(run: Run, tmp_path: Path) -> None:
    make_database(tmp_path / "lists.sqlite3")
    run("-m", "config.command_line", "prepare")
    # In one process: each start takes a second.
    command = "from django.core.management import call_command; call_command('upgrade_lists')"
    code = f"{QUESTION}\n{command}\n{QUESTION}"

    before, after = run("manage.py", "shell", "--no-imports", "--command", code).split("\n", 1)

    assert "('models', 0, " in before
    assert after == (
        "tools: read again, and stands at 2.\nmodels: read again, and stands at 12.\n"
        f"{[(slug, READING, []) for slug in ('models', 'open-source-chatgpt', 'tools')]}\n"
    )
