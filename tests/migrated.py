"""The tests' database with all its tables: migrated once for a state of the sources, then copied.

To migrate takes longer than most files of tests; each worker and each run has to have it done. The
copies are kept where pytest's cache is: `--cache-clear` removes them.
"""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from tests import postgresql

CACHE = Path(settings.BASE_DIR) / ".pytest_cache" / "d" / "database"
SOURCES = (
    "*/migrations/*.py",
    "catalog/sql/*.py",
    "config/settings.py",
    "requirements/development.txt",
)
"""What a new database depends on: a change of any of them makes another copy."""


def migrate_once(connection: BaseDatabaseWrapper) -> None:
    """Let Django make the test database of this connection from the copy that is kept.

    Who finds none migrates and leaves one, while others wait for it. A database on a server that
    is not ours is migrated.
    """
    if connection.vendor != "sqlite" and not postgresql.is_throwaway(connection):
        return
    creation: Any = connection.creation
    make, make_empty = creation.create_test_db, creation._create_test_db
    copy = _copy(connection.vendor)

    def made(**options: Any) -> str:
        with _alone():
            if not copy.exists():
                name: str = make(**options)
                _save(connection, copy)
                return name
        creation._create_test_db = filled
        connection.settings_dict["TEST"]["MIGRATE"] = False
        return str(make(**options))

    def filled(*options: Any) -> str:
        name: str = make_empty(*options)
        _load(connection, name, copy)
        return name

    creation.create_test_db = made


def fill_another(connection: BaseDatabaseWrapper, name: str) -> None:
    """Make the tables in an empty database beside that of the connection, if a copy is kept."""
    if (copy := _copy(connection.vendor)).exists():
        _load(connection, name, copy)


def fill_file(path: Path) -> None:
    """Make the tables in an SQLite database that is not there yet, if a copy is kept."""
    if (copy := _copy("sqlite")).exists():
        shutil.copyfile(copy, path)


def _copy(vendor: str) -> Path:
    return CACHE / f"{vendor}-{_state()}"


def _state() -> str:
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(Path(settings.BASE_DIR).glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _save(connection: BaseDatabaseWrapper, copy: Path) -> None:
    for old in CACHE.glob(f"{connection.vendor}-*"):
        old.unlink()
    name, part = connection.settings_dict["NAME"], copy.with_suffix(".part")
    if connection.vendor == "sqlite":
        connection.close()
        shutil.copyfile(name, part)
    else:
        _run(connection, "pg_dump", f"--file={part}", name)
    # It is there whole or not at all.
    part.rename(copy)


def _load(connection: BaseDatabaseWrapper, name: str, copy: Path) -> None:
    if connection.vendor == "sqlite":
        shutil.copyfile(copy, name)
    else:
        _run(connection, "psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={copy}", name)


def _run(connection: BaseDatabaseWrapper, program: str, *arguments: str) -> None:
    server = (f"--host={connection.settings_dict['HOST']}", "--username=postgres")
    command = str(postgresql.server_binaries() / program)
    subprocess.run([command, *server, *arguments], check=True, stdout=subprocess.DEVNULL)
