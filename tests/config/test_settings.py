"""The settings as an installation sees them: in a process of their own, started anew."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

PRODUCTION = {
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "kT3vX9wQ2mZ8bN5cR7yU1pL4sD6fG0hJkT3vX9wQ2mZ8bN5cR7yU1pL4",
    "ALLOWED_HOSTS": "lists.example.org",
}


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"]} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "database_url", ["", "postgresql://lists:secret@db.example.org/lists?sslmode=require"]
)
def test_production_settings_pass_the_deployment_checks(database_url: str) -> None:
    checks = ("check", "--deploy", "--fail-level", "WARNING")

    result = manage(*checks, **PRODUCTION, DATABASE_URL=database_url)

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_does_not_start_without(name: str) -> None:
    result = manage("check", **PRODUCTION | {name: ""})

    assert result.returncode != 0
    assert result.stderr.startswith(f"{name} is not set: ")
    assert result.stderr.count("\n") == 1


def test_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("SITE_NAME=From the file\nMAX_IMPORT_BYTES=1000\n")

    result = manage(
        "shell",
        "--no-imports",
        "--command",
        "from django.conf import settings as s; print(s.SITE_NAME, s.MAX_IMPORT_BYTES)",
        **PRODUCTION | {"ENV_FILE": str(file), "SITE_NAME": "From the environment"},
    )

    assert result.stdout == "From the environment 1000\n"


def test_staff_need_a_second_factor_unless_set_otherwise() -> None:
    code = "from django.conf import settings as s; print(s.REQUIRE_STAFF_MFA, s.SITE_URL)"
    ask = ("shell", "--no-imports", "--command", code)

    outputs = [
        manage(*ask, **PRODUCTION | more).stdout for more in ({}, {"REQUIRE_STAFF_MFA": "0"})
    ]

    assert outputs == ["True https://lists.example.org\n", "False https://lists.example.org\n"]


def test_every_variable_is_in_the_example() -> None:
    example = (settings.BASE_DIR / ".env.example").read_text()
    source = (settings.BASE_DIR / "config" / "settings.py").read_text()
    names = {part.split('"')[1] for part in source.split("environment.")[1:] if '"' in part}

    variables = {name for name in names if name.isupper()}

    assert {"DEBUG", "SECRET_KEY", "DATABASE_URL"} <= variables
    assert {name for name in variables if f"{name}=" not in example} == set()


@pytest.mark.django_db
def test_pages_forbid_inline_scripts_and_styles(client: Client) -> None:
    policy = client.get("/admin/login/").headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_sqlite_is_tuned(tmp_path: Path) -> None:
    ask = (
        "from django.db import connection as c; k = c.cursor(); "
        "print(*[k.execute(f'PRAGMA {n}').fetchone()[0] "
        "for n in ('journal_mode', 'synchronous', 'foreign_keys')])"
    )
    database_url = f"sqlite:///{tmp_path / 'lists.sqlite3'}"

    result = manage(
        "shell", "--no-imports", "--command", ask, **PRODUCTION, DATABASE_URL=database_url
    )

    assert result.stdout == "wal 1 1\n", result.stderr
