"""A throw-away PostgreSQL cluster for the tests, made from the installed server binaries."""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

INSTALL_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)

FOLDER_PREFIX = "listwright-pg-"

# A cluster that is deleted after the run has nothing to survive a power cut for.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_retrieve_retry_interval": "200ms",
}


class Unavailable(Exception):
    """This machine cannot run PostgreSQL; the message says why, and what to do."""


@contextmanager
def throwaway_cluster() -> Iterator[str]:
    """Run a cluster that listens on a Unix socket only, and give its address."""
    with throwaway_folder() as folder:
        _run(
            [server_binaries() / "initdb", "-D", folder / "data", "-U", "postgres"],
            ["-A", "trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"],
            folder=folder,
        )
        start_cluster(folder)
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            stop_cluster(folder)


def is_throwaway(connection: BaseDatabaseWrapper) -> bool:
    """Whether the connection is one to a cluster that `throwaway_cluster` made."""
    return Path(str(connection.settings_dict["HOST"])).name.startswith(FOLDER_PREFIX)


@contextmanager
def throwaway_replica(primary: Path) -> Iterator[Path]:
    """Run a streaming replica of the cluster in a folder, and give the folder of its own."""
    with throwaway_folder() as folder:
        _run(
            [server_binaries() / "pg_basebackup", "-D", folder / "data", "--no-sync"],
            ["--checkpoint=fast", "--write-recovery-conf", "-U", "postgres", "-h", primary],
            folder=folder,
        )
        start_cluster(folder)
        try:
            yield folder
        finally:
            stop_cluster(folder)


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """A folder of whoever must run the servers, for as long as it is needed."""
    # Not in TMPDIR: the path of a Unix socket may not be longer than about 100 bytes.
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir="/tmp"))
    try:
        if owner := cluster_owner():
            shutil.chown(folder, owner["user"], owner["group"])
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start_cluster(folder: Path) -> None:
    """Start the server of the cluster in the folder, and wait until it answers."""
    settings = SERVER_SETTINGS | {"unix_socket_directories": str(folder)}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    _control(folder, "-o", options, "-l", folder / "log", "start")


def stop_cluster(folder: Path) -> None:
    """Stop the server as a power cut would; it may be stopped already."""
    if (folder / "data" / "postmaster.pid").exists():
        _control(folder, "-m", "immediate", "stop")


def _control(folder: Path, *words: Any) -> None:
    command = [server_binaries() / "pg_ctl", "-D", folder / "data", "-w", "-s"]
    _run(command, list(words), folder=folder)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def start_pooler(
    folder: Path, port: int, databases: str, *, more: str = ""
) -> subprocess.Popen[bytes]:
    """Start pgbouncer in transaction mode, with the lines that say where its databases are.

    `more` are other lines of its configuration.
    """
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(f"""\
[databases]
{databases}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
{more}
""")
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            ["pgbouncer", configuration],
            cwd="/",
            stdout=log,
            stderr=log,
            start_new_session=True,
            **cluster_owner(),
        )


def lacks_pooler() -> str:
    """Say that this machine has no pgbouncer; '' when it has."""
    if shutil.which("pgbouncer"):
        return ""
    return "no pgbouncer is installed (on Debian: apt-get install pgbouncer)"


@contextmanager
def throwaway_pooler(server: dict[str, Any], *, more: str = "") -> Iterator[int]:
    """Run a pooler in front of Django's settings of a PostgreSQL, and give its port."""
    if reason := lacks_pooler():
        raise Unavailable(reason)
    address = {"user": "postgres"} | {
        name.lower(): server[name] for name in ("HOST", "PORT", "USER", "PASSWORD") if server[name]
    }
    databases = "* = " + " ".join(f"{name}={value}" for name, value in address.items())
    port = free_port()
    with throwaway_folder() as folder:
        process = start_pooler(folder, port, databases, more=more)
        try:
            while not _listens(port):
                if process.poll() is not None:
                    raise Unavailable(f"pgbouncer failed: {(folder / 'log').read_text()}")
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as visitor:
        return visitor.connect_ex(("127.0.0.1", port)) == 0


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


def _run(*parts: list[Any], folder: Path) -> None:
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
            **cluster_owner(),
        )
        output.seek(0)
        if done.returncode:
            raise Unavailable(f"{Path(command[0]).name} failed: {output.read().strip()}")
