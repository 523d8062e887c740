"""Commands as `manage.py` and `listwright` run them, the server and the upgrade among them.

What is wrong with the settings or the database is said in one sentence.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from io import StringIO
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command, execute_from_command_line

from catalog.errors import problem_of
from config.telemetry import start_telemetry


def serve(arguments: Sequence[str]) -> None:
    """Become the server; unknown options are gunicorn's own and go on to it."""
    parser = argparse.ArgumentParser(
        prog="listwright run", description="Serve the site; other options go on to gunicorn."
    )
    parser.add_argument("--bind", default="127.0.0.1:8000", metavar="HOST:PORT")
    parser.add_argument("--threads", default="4", metavar="N")
    parser.add_argument(
        "--with-worker", action="store_true", help="Start a worker that ends with the server."
    )
    parser.add_argument(
        "--upgrade", action="store_true", help="Do what `listwright upgrade` does first."
    )
    options, others = parser.parse_known_args(arguments)
    with problems_in_a_sentence():
        # Read before gunicorn does, which would tell by a traceback that one is missing.
        configuration = settings.RESOURCES / "gunicorn.conf.py"
    program = [sys.executable, "-m", "config.command_line"]
    if options.upgrade and (status := subprocess.call([*program, "upgrade"])):  # noqa: S603
        sys.exit(status)
    if options.with_worker:
        # It stops when its parent, which becomes the server, has ended.
        subprocess.Popen([*program, "run_worker", "--parent", str(os.getpid())])  # noqa: S603
    command = [
        *(sys.executable, "-m", "gunicorn", "config.preloaded", "--preload"),
        *("--config", str(configuration)),
        *("--bind", options.bind, "--threads", options.threads, "--no-control-socket"),
        *("--log-level", "warning", *others),
    ]
    os.execv(sys.executable, command)  # noqa: S606


def run() -> None:
    """Run `listwright`: words of its own, or a command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    program, *arguments = sys.argv
    match arguments:
        case ["run", *options]:
            serve(options)
        case ["upgrade"]:
            _do(upgrade)
        case ["prepare"]:
            _do(prepare)
        case ["worker", *options]:
            main([program, "run_worker", *options])
        case ["version"]:
            sys.stdout.write(f"{version('listwright')}\n")
        case _:
            main([program, *arguments])


def main(arguments: Sequence[str]) -> None:
    """Run a command of Django or of this project."""
    command = "".join(arguments[1:2])
    with problems_in_a_sentence(command):
        if command in {"migrate", "restore_site"}:
            settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        if command == "run_worker":
            start_telemetry()
        checks = ["--skip-checks"] if _is_own(command) else []
        execute_from_command_line([*arguments, *checks])


def _is_own(name: str) -> bool:
    """Whether it is a command of this project's applications.

    Those leave out Django's checks of the code, which import every page; `check` does them.
    """
    own = Path(__file__).parents[1]
    return any(own.glob(f"*/management/commands/{name}.py")) if name.isidentifier() else False


@contextmanager
def problems_in_a_sentence(command: str = "") -> Iterator[None]:
    """End the program with status 1 and a sentence when the reason is not in the code.

    It is in the settings, the database, the disk, or what a letter to try the mail server meets.
    Whoever wants to see where it happened gives `--traceback`, as for Django's own errors.
    """
    try:
        yield
        # What does not reach a full disk is noticed here, not when Python ends.
        sys.stdout.flush()
    except Exception as error:
        sentence = _sentence(error, command)
        if not sentence or "--traceback" in sys.argv:
            raise
        try:
            sys.stdout.flush()
        except OSError:
            # Python would try again to write what is left when it ends, and complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(sentence)


def _sentence(error: Exception, command: str) -> str:
    if isinstance(error, ImproperlyConfigured):
        return str(error)
    if problem := problem_of(error):
        return problem.value
    if command == "sendtestemail" and isinstance(error, OSError):
        # The errors of smtplib are among them.
        return f"The letter was not sent: {error}. Check EMAIL_URL, and that its server answers."
    return ""


# Before a release serves: each may be repeated, and then changes nothing


def upgrade() -> None:
    """Migrate, and collect static files where they are served from.

    `upgrade_lists` runs beside the site afterwards.
    """
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    bring_up_to_date()
    if not settings.DEBUG:
        call_command("collectstatic", interactive=False, verbosity=0)


def bring_up_to_date() -> None:
    """Make the tables those of this release, and have every list in the index."""
    call_command("migrate", verbosity=0)
    call_command("build_index", stdout=StringIO())


def prepare() -> None:
    """Prepare for `make run` in one process: migrate, make the sample list and a moderator.

    `upgrade_lists` runs beside the server afterwards.
    """
    bring_up_to_date()
    call_command("load_sample")
    call_command("ensure_moderator")


def _do(step: Callable[[], None]) -> None:
    try:
        with problems_in_a_sentence():
            django.setup()
            step()
    except CommandError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    run()
