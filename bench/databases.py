"""Measuring in a process of its own, with a database of its own."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from tests import postgresql

ROOT = Path(__file__).resolve().parents[1]

# As an installation has it: without DEBUG, and with what must be said then.
ENVIRONMENT = {"ALLOWED_HOSTS": "localhost", "DEBUG": "", "HTTPS": "0", "SECRET_KEY": "bench"}


@contextmanager
def sqlite() -> Iterator[str]:
    """The address of an empty SQLite database."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bench.sqlite3"


KINDS = ["sqlite", "postgresql"]
"""Kinds that `databases` gives."""


def databases() -> Iterator[tuple[str, str]]:
    """Name and address of an empty database of each kind; PostgreSQL where its server is."""
    if "sqlite" in KINDS:
        with sqlite() as database:
            yield "SQLite", database
    if "postgresql" not in KINDS:
        return
    try:
        with postgresql.throwaway_cluster() as database:
            yield "PostgreSQL", database
    except postgresql.Unavailable:
        return


def output_of(module: str, database: str, *arguments: str) -> str:
    """What ``python -m module`` prints on a database; the log of its requests, if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=os.environ | ENVIRONMENT | {"DATABASE_URL": database},
        text=True,
    )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def disconnect() -> None:
    """End this process's connection and, where it is one of a pool, the pool's threads."""
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]
