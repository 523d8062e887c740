"""Commands as `manage.py` and `listwright` run them.

What is wrong with the database is said in one sentence.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import django
from django.core.management import execute_from_command_line

from catalog.database_errors import problem_of
from config.serving import serve
from config.telemetry import start_telemetry


def run() -> None:
    """Run `listwright`: words of its own (`run`, `worker`, `upgrade`, `version`), or a command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    program, *arguments = sys.argv
    match arguments:
        case ["run", *options]:
            serve(options)
        case ["upgrade"]:
            django.setup()
            with database_problems_in_a_sentence():
                # Needs applications, which are there only now.
                from config.upgrading import upgrade

                upgrade()
        case ["worker", *options]:
            main([program, "run_worker", *options])
        case ["version"]:
            sys.stdout.write(f"{version('listwright')}\n")
        case _:
            main([program, *arguments])


def main(arguments: Sequence[str]) -> None:
    """Run a command of Django or of this project."""
    with database_problems_in_a_sentence():
        if "run_worker" in arguments[1:2]:
            start_telemetry()
        checks = ["--skip-checks"] if _is_own(arguments) else []
        execute_from_command_line([*arguments, *checks])


def _is_own(arguments: Sequence[str]) -> bool:
    """Whether it is a command of this project's applications.

    Those leave out Django's checks of the code, which import every page; `check` does them.
    """
    name = "".join(arguments[1:2])
    own = Path(__file__).parents[1]
    return any(own.glob(f"*/management/commands/{name}.py")) if name.isidentifier() else False


@contextmanager
def database_problems_in_a_sentence() -> Iterator[None]:
    """End the program with status 1 and a sentence when the database, or the disk, is the reason.

    Whoever wants to see where it happened gives `--traceback`, as for Django's own errors.
    """
    try:
        yield
        # What does not reach a full disk is noticed here, not when Python ends.
        sys.stdout.flush()
    except Exception as error:
        problem = problem_of(error)
        if problem is None or "--traceback" in sys.argv:
            raise
        _drop_output()
        sys.exit(problem.value)


def _drop_output() -> None:
    """Discard unwritten output: Python would try again at exit, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
