"""A worker as a process of its own on the tests' database, and tasks that leave traces in files."""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from django.tasks import task

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

FOLDER = "LISTWRIGHT_TESTS_FOLDER"
NAME = "LISTWRIGHT_TESTS_DATABASE_NAME"


def environment(connection: "BaseDatabaseWrapper", folder: Path) -> dict[str, str]:
    """What a process needs to work on the database of this test."""
    return {FOLDER: str(folder), NAME: str(connection.settings_dict["NAME"])}


def write(name: str, text: str) -> None:
    with (Path(os.environ[FOLDER]) / name).open("a") as file:
        file.write(f"{text}\n")


@task
def write_down(text: str) -> None:
    write("done", text)


@task
def hang_once() -> None:
    if (Path(os.environ[FOLDER]) / "hangs").exists():
        write("done", "after all")
    else:
        write("hangs", "")
        time.sleep(600)


@task
def take_a_moment() -> None:
    write("begun", "")
    time.sleep(0.5)
    write("done", "a moment")


def run() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = os.environ[NAME]
    settings.PERIODIC_TASKS = {}
    from config.command_line import main

    main(["manage.py", "run_worker", *sys.argv[1:]])


if __name__ == "__main__":
    run()
