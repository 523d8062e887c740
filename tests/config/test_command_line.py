"""Commands as a stranger runs them: in an empty directory, with settings that are missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.postgresql import free_port

SECRET = "kT3vX9wQ2mZ8bN5cR7yU1pL4sD6fG0hJkT3vX9wQ2mZ8bN5cR7yU1pL4"
NEEDED = {"SECRET_KEY": SECRET, "ALLOWED_HOSTS": "lists.example.org"}


def listwright(home: Path, *arguments: object, **variables: str) -> tuple[int, str, str]:
    """Status, standard output and standard error of a command."""
    ended = subprocess.run(
        [sys.executable, "-m", "config.command_line", *map(str, arguments)],
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "LISTWRIGHT_HOME": str(home),
            "ENV_FILE": os.devnull,
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


@pytest.mark.parametrize("command", ["run", "upgrade", "worker", "migrate", "backup_site x.zip"])
def test_setting_that_is_missing_is_a_sentence(tmp_path: Path, command: str) -> None:
    status, output, errors = listwright(tmp_path, *command.split(), SECRET_KEY=SECRET)

    assert (status, output) == (1, "")
    assert errors == (
        "ALLOWED_HOSTS is not set: list the host names of this site with commas between, "
        "for example lists.example.org.\n"
    )


def test_letter_to_try_a_mail_server_that_does_not_answer(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    mail = f"smtp://127.0.0.1:{free_port()}"
    ended = listwright(tmp_path, "sendtestemail", "you@example.org", **NEEDED, EMAIL_URL=mail)

    refused = "[Errno 111] Connection refused"
    sentence = f"The letter was not sent: {refused}. Check EMAIL_URL, and that its server answers."
    assert ended == (1, "", f"{sentence}\n")


def test_migrate_makes_the_folder_of_the_database(tmp_path: Path) -> None:
    command = ("migrate", "contenttypes", "--verbosity", 0)

    assert listwright(tmp_path / "site", *command, **NEEDED) == (0, "", "")
    assert (tmp_path / "site/var/listwright.sqlite3").exists()
