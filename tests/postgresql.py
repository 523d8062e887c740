"""A throw-away PostgreSQL cluster for the tests, made from the installed server binaries."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

INSTALL_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)

# A cluster that is deleted after the run has nothing to survive a power cut for.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class Unavailable(Exception):
    """This machine cannot run PostgreSQL; the message says why, and what to do."""


@contextmanager
def throwaway_cluster() -> Iterator[str]:
    """Run a cluster that listens on a Unix socket only, and give its address."""
    binaries = server_binaries()
    owner = cluster_owner()
    # Not in TMPDIR: the path of a Unix socket may not be longer than about 100 bytes.
    folder = Path(tempfile.mkdtemp(prefix="listwright-pg-", dir="/tmp"))
    try:
        if owner:
            shutil.chown(folder, owner["user"], owner["group"])
        data = folder / "data"
        _run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"],
            ["--encoding=UTF8", "--locale=C.UTF-8"],
            folder=folder,
            owner=owner,
        )
        settings = SERVER_SETTINGS | {"unix_socket_directories": str(folder)}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        control = [binaries / "pg_ctl", "-D", data, "-w", "-s"]
        _run(control, ["-o", options, "-l", folder / "log", "start"], folder=folder, owner=owner)
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            _run(control, ["-m", "immediate", "stop"], folder=folder, owner=owner)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def server_binaries() -> Path:
    """Return the folder of the newest installed server."""
    results = [path for pattern in INSTALL_FOLDERS for path in Path("/").glob(pattern[1:])]
    if on_path := shutil.which("initdb"):
        results.append(Path(on_path).resolve().parent)
    servers = [path for path in results if (path / "initdb").exists()]
    if not servers:
        raise Unavailable(
            "no PostgreSQL server is installed (on Debian: apt-get install postgresql), "
            "and DATABASE_URL names none"
        )
    return max(servers, key=_version)


def cluster_owner() -> dict[str, Any]:
    """Return who must run the server: ourselves, or the user postgres if we are root."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise Unavailable(
            "PostgreSQL refuses to run as root, and there is no user postgres to run it"
        ) from None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _version(binaries: Path) -> tuple[int, ...]:
    output = subprocess.run(
        [binaries / "initdb", "--version"], capture_output=True, text=True, check=True
    ).stdout
    return tuple(int(number) for number in re.findall(r"\d+", output))


def _run(*parts: list[Any], folder: Path, owner: dict[str, Any]) -> None:
    command = [str(word) for part in parts for word in part]
    # Not piped: the server would inherit the pipe and keep it open.
    with (folder / "output").open("w+") as output:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            **owner,
        )
        output.seek(0)
        if done.returncode:
            raise Unavailable(f"{Path(command[0]).name} failed: {output.read().strip()}")
