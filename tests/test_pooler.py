"""The site behind a pooler that lends a connection for one transaction: pgbouncer itself."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.config.test_metrics import ask, served
from tests.postgresql import Unavailable, throwaway_pooler
from tests.submission_factories import make_tools

pytestmark = pytest.mark.django_db(transaction=True)

PATHS = (
    "/tools/",
    "/tools/browse/?q=alpha",
    "/tools/README.md",
    "/api/v1/catalogs/",
    "/api/v1/entries/?catalog=tools",
    "/api/v1/catalogs/tools/changes/?since=0",
    "/api/v1/catalogs/tools/export/?format=json",
    "/api/v1/catalogs/tools/export/?format=csv",
    "/api/v1/catalogs/tools/export/?format=yaml",
    "/api/v1/catalogs/tools/export/?format=markdown",
    "/api/v1/catalogs/tools/export/?format=markdown&table_style=aligned",
    "/search/?q=beta",
)
ROUNDS = 8
"""With twelve addresses 96 requests, eight at once, over two connections to the server."""


@pytest.fixture
def pooler() -> Iterator[str]:
    """The address of the tests' database through pgbouncer."""
    if connection.vendor != "postgresql":
        pytest.skip("pgbouncer speaks to PostgreSQL")
    try:
        with throwaway_pooler(connection.settings_dict) as port:
            database = connection.settings_dict["NAME"]
            yield f"postgresql://postgres@127.0.0.1:{port}/{database}"
    except Unavailable as error:
        pytest.fail(str(error)) if os.environ.get("CI") == "true" else pytest.skip(str(error))


def statuses(port: int) -> list[tuple[str, int]]:
    """What 96 requests are answered with, but for 200."""
    with ThreadPoolExecutor(8) as visitors:
        answers = visitors.map(lambda path: (path, ask(port, path)[0]), PATHS * ROUNDS)
        return [(path, status) for path, status in answers if status != 200]


def test_every_request_passes_through_the_pooler(pooler: str, tmp_path: Path) -> None:
    make_tools()
    variables = {"DATABASE_URL": pooler, "DATABASE_POOLER": "1", "CACHE_URL": "dummy://"}

    with served(tmp_path / "log", "--threads", "8", **variables) as port:
        assert statuses(port) == []


def test_commands_pass_through_the_pooler(pooler: str, tmp_path: Path) -> None:
    make_tools()
    direct, through = tmp_path / "direct.zip", tmp_path / "through.zip"
    call_command("backup_site", str(direct), stderr=io.StringIO())

    # In one process: each start takes seconds.
    code = (
        "from django.core.management import call_command;"
        f"call_command('backup_site', {str(through)!r}); call_command('check_catalog');"
        "call_command('run_worker', '--once')"
    )
    ended = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", code],
        env=os.environ | {"DATABASE_URL": pooler, "DATABASE_POOLER": "1"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr.count("Error")) == (0, 0), ended.stderr

    assert through.stat().st_size > 1000
