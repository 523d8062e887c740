"""What `make run` does before it serves, on a database that an older release has left."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

QUESTION = (
    "from catalog.checking import check_catalog; "
    "from catalog.models import Catalog; "
    "print(Catalog.objects.count(), [check_catalog(c) for c in Catalog.objects.all()])"
)


def test_database_of_an_older_release_is_brought_up_to_date(tmp_path: Path) -> None:
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

    run("-m", "config.prepare")
    run("manage.py", "migrate", "catalog", "0002", "--verbosity", "0")
    run("-m", "config.prepare")

    assert run("manage.py", "shell", "--no-imports", "--command", QUESTION) == "1 [[]]\n"
