"""Commands as a stranger runs them: in an empty directory, with settings that are missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError

from config import command_line
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


class Calls(list[tuple[object, ...]]):
    """What was called, in order, instead of what it would do."""

    def of(self, name: str, result: object = None) -> object:
        def call(*arguments: object, **_options: object) -> object:
            self.append((name, *arguments))
            return result

        return call


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    calls = Calls()
    monkeypatch.setattr(command_line, "call_command", calls.of("command"))
    monkeypatch.setattr(command_line, "execute_from_command_line", calls.of("execute"))
    monkeypatch.setattr(command_line, "start_telemetry", calls.of("telemetry"))
    monkeypatch.setattr("config.command_line.django.setup", lambda: None)
    return calls


@pytest.mark.parametrize(
    ("typed", "called"),
    [
        (
            "upgrade",
            [("command", "migrate"), ("command", "build_index"), ("command", "collectstatic")],
        ),
        (
            "prepare",
            [
                ("command", "migrate"),
                ("command", "build_index"),
                ("command", "load_sample"),
                ("command", "ensure_moderator"),
            ],
        ),
        (
            "worker --once",
            [("telemetry",), ("execute", ["listwright", "run_worker", "--once", "--skip-checks"])],
        ),
        (
            "backup_site x.zip",
            [("execute", ["listwright", "backup_site", "x.zip", "--skip-checks"])],
        ),
        ("migrate", [("execute", ["listwright", "migrate"])]),
        ("check --deploy", [("execute", ["listwright", "check", "--deploy"])]),
        ("no-such", [("execute", ["listwright", "no-such"])]),
    ],
)
def test_what_a_command_does(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    calls: Calls,
    typed: str,
    called: list[tuple[object, ...]],
) -> None:
    monkeypatch.setattr(sys, "argv", ["listwright", *typed.split()])
    monkeypatch.setattr(settings, "DEBUG", False)
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path / "site" / "var")

    command_line.run()

    assert calls == called
    assert settings.VAR_DIR.exists() is (typed in {"upgrade", "migrate"})


def test_upgrade_collects_no_static_files_while_they_are_served_from_the_code(
    monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    monkeypatch.setattr(settings, "DEBUG", True)

    command_line.upgrade()

    assert calls == [("command", "migrate"), ("command", "build_index")]


def test_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command_line, "version", {"listwright": "1.2.3"}.get)
    monkeypatch.setattr(sys, "argv", ["listwright", "version"])

    command_line.run()

    assert capsys.readouterr().out == "1.2.3\n"


PROGRAM = [sys.executable, "-m", "config.command_line"]


@pytest.mark.parametrize(
    ("options", "started", "passed_on"),
    [
        ("", [], []),
        ("--workers 3", [], ["--workers", "3"]),
        ("--with-worker", ["worker"], []),
        ("--upgrade --with-worker", ["upgrade", "worker"], []),
    ],
)
def test_server_is_started(
    monkeypatch: pytest.MonkeyPatch, options: str, started: list[str], passed_on: list[str]
) -> None:
    calls = Calls()
    monkeypatch.setattr("config.command_line.subprocess.call", calls.of("upgrade", 0))
    monkeypatch.setattr("config.command_line.subprocess.Popen", calls.of("worker"))
    monkeypatch.setattr("config.command_line.os.execv", calls.of("server"))
    monkeypatch.setattr(sys, "argv", ["listwright", "run", *options.split()])

    command_line.run()

    server, program, arguments = calls.pop()
    assert [name for name, *_ in calls] == started
    assert (server, program) == ("server", sys.executable)
    assert isinstance(arguments, list)
    assert arguments[1:5] == ["-m", "gunicorn", "config.preloaded", "--preload"]
    assert arguments[arguments.index("--log-level") :] == ["--log-level", "warning", *passed_on]


def test_server_is_not_started_when_the_upgrade_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls()
    monkeypatch.setattr("config.command_line.subprocess.call", calls.of("upgrade", 1))
    monkeypatch.setattr("config.command_line.os.execv", calls.of("server"))

    with pytest.raises(SystemExit) as ended:
        command_line.serve(["--upgrade"])

    assert ended.value.code == 1
    assert calls == [("upgrade", [*PROGRAM, "upgrade"])]


@pytest.mark.parametrize(
    ("error", "command", "sentence"),
    [
        (ImproperlyConfigured("SITE_URL is not set."), "", "SITE_URL is not set."),
        (
            OSError("no route"),
            "sendtestemail",
            "The letter was not sent: no route. Check EMAIL_URL, and that its server answers.",
        ),
    ],
)
def test_problem_is_a_sentence_without_the_option_traceback(
    monkeypatch: pytest.MonkeyPatch, error: Exception, command: str, sentence: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["listwright", command])
    with pytest.raises(SystemExit) as ended, command_line.problems_in_a_sentence(command):
        raise error
    assert ended.value.code == sentence

    monkeypatch.setattr(sys, "argv", ["listwright", command, "--traceback"])
    with pytest.raises(type(error)), command_line.problems_in_a_sentence(command):
        raise error


def test_fault_of_the_code_is_no_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["listwright"])
    with pytest.raises(ZeroDivisionError), command_line.problems_in_a_sentence():
        raise ZeroDivisionError


def test_refusal_of_a_step_ends_the_command(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    def refuse(name: str, **_options: object) -> None:
        raise CommandError(f"{name} does not run here.")

    monkeypatch.setattr(command_line, "call_command", refuse)
    monkeypatch.setattr(sys, "argv", ["listwright", "prepare"])

    with pytest.raises(SystemExit) as ended:
        command_line.run()

    assert (ended.value.code, calls) == ("migrate does not run here.", [])
