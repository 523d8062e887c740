"""The parts of docs/scaling.md on one machine, from Debian's packages, each to be killed alone."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from bench.databases import ROOT
from tests import postgresql
from tests.postgresql import free_port

REPLICA_LAG = 3
"""Seconds that the replica is behind, as a setting of PostgreSQL: it is read from all the same."""


@dataclass
class Part:
    """One program of the site, and how it is killed and brought back."""

    name: str
    start: Callable[[], None]
    kill: Callable[[], None]
    pid: Callable[[], int]


@dataclass
class Site:
    """A site of some nodes behind one web server."""

    folder: Path
    primary: Path
    replica: Path
    port: int = field(default_factory=free_port)
    parts: dict[str, Part] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, launch: Callable[[], subprocess.Popen[bytes]]) -> None:
        """Start a program that a process of our own runs."""
        running = [launch()]

        def start() -> None:
            running[0] = launch()

        def kill() -> None:
            # With everything that it has started.
            os.killpg(running[0].pid, signal.SIGKILL)
            running[0].wait()

        self.parts[name] = Part(name, start, kill, lambda: running[0].pid)

    def add_cluster(self, name: str, folder: Path) -> None:
        """Take up a PostgreSQL that runs already."""
        pid = folder / "data" / "postmaster.pid"
        self.parts[name] = Part(
            name,
            partial(postgresql.start_cluster, folder),
            partial(postgresql.stop_cluster, folder),
            lambda: int(pid.read_text().split()[0]),
        )

    def run(self, *command: str) -> str:
        """What a program prints that works on the primary itself, past the poolers."""
        direct = {"DATABASE_URL": f"postgresql://postgres@/site?host={self.primary}"}
        return subprocess.run(
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            check=True,
            cwd=ROOT,
            env=os.environ | self.environment | direct | {"DATABASE_POOLER": "0"},
            text=True,
        ).stdout

    def seconds(self) -> float:
        """Processor time that all parts have taken since they were started."""
        ids = [part.pid() for part in self.parts.values()]
        return sum(_seconds(pid) for pid in ids)

    def launch(self, name: str, *command: Any, **variables: str) -> subprocess.Popen[bytes]:
        """Start a program in a group of its own, with a log in the site's folder."""
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [str(word) for word in command],
                cwd=ROOT,
                env=os.environ | self.environment | variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _seconds(pid: int) -> float:
    """Processor time of a process, of its living descendants, and of those that have ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    own = sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_seconds(int(child)) for child in children)


@contextmanager
def site_of(nodes: int, *, balance: str = "least_conn") -> Iterator[Site]:
    """Run a site with so many nodes, two workers and the rest; everything is gone afterwards.

    `balance` says how the web server chooses a node, in nginx's words.
    """
    with ExitStack() as stack:
        primary = Path(stack.enter_context(postgresql.throwaway_cluster()).partition("host=")[2])
        folder = stack.enter_context(postgresql.throwaway_folder())
        folder.chmod(0o755)
        sql(primary, "CREATE DATABASE site", database="postgres")
        # What is answered is in the log, which the throw-away cluster writes when it likes.
        sql(primary, "ALTER DATABASE site SET synchronous_commit = on", database="postgres")
        replica = stack.enter_context(postgresql.throwaway_replica(primary))
        site = Site(folder, primary, replica)
        set_lag(site, REPLICA_LAG)
        site.add_cluster("primary", primary)
        site.add_cluster("replica", replica)
        stack.callback(_end, site)
        poolers = _add_poolers(site)
        cache = free_port()
        redis = ("redis-server", "--port", cache, "--save", "", "--maxmemory", "64mb")
        policy = ("--maxmemory-policy", "allkeys-lru")
        site.add("redis", partial(site.launch, "redis", *redis, *policy))
        site.environment = _environment(site, poolers, cache)
        site.run("-m", "config.command_line", "upgrade")
        ports = [_add_node(site, f"web{number}", poolers) for number in range(nodes)]
        for number in range(2):
            name = f"worker{number}"
            worker = (sys.executable, "-m", "config.command_line", "worker")
            site.add(name, partial(site.launch, name, *worker))
        _add_web_server(site, ports, balance)
        for port in (*ports, site.port):
            wait_until_ready(port)
        yield site


def _end(site: Site) -> None:
    for name, part in site.parts.items():
        if name not in {"primary", "replica"}:
            part.kill()


def _add_poolers(site: Site) -> list[int]:
    ports = [free_port(), free_port()]
    lines = "\n".join(
        f"{name} = host={folder} dbname=site user=postgres pool_size=8"
        for name, folder in (("site", site.primary), ("follower", site.replica))
    )
    for number, port in enumerate(ports):
        folder = site.folder / f"pooler{number}"
        folder.mkdir()
        site.add(folder.name, partial(postgresql.start_pooler, folder, port, lines))
    return ports


def _environment(site: Site, poolers: list[int], cache: int) -> dict[str, str]:
    return {
        "ENV_FILE": os.devnull,
        "DEBUG": "0",
        "HTTPS": "0",
        "REQUIRE_STAFF_MFA": "0",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": "127.0.0.1",
        "LISTWRIGHT_HOME": str(site.folder),
        "DATABASE_POOLER": "1",
        "CACHE_URL": f"redis://127.0.0.1:{cache}/0",
        "EMAIL_URL": "console://",
        "TRUSTED_PROXIES": "1",
        "API_READS_ANONYMOUS": "0",
        "API_READS_SIGNED_IN": "0",
        "ASK_LINKS": "0",
        "LOG_LEVEL": "ERROR",
        **_addresses(poolers),
    }


def _addresses(poolers: list[int]) -> dict[str, str]:
    """The databases through the poolers: libpq takes the next one where one does not answer."""
    servers = f"?host=127.0.0.1,127.0.0.1&port={','.join(map(str, poolers))}"
    return {
        "DATABASE_URL": f"postgresql://postgres@/site{servers}",
        "DATABASE_REPLICA_URL": f"postgresql://postgres@/follower{servers}",
    }


def _add_node(site: Site, name: str, poolers: list[int]) -> int:
    port = free_port()
    # Every other node begins with the other pooler.
    addresses = _addresses(poolers[::-1] if name[-1] in "13579" else poolers)
    command = (sys.executable, "-m", "config.command_line", "run", "--bind", f"127.0.0.1:{port}")
    site.add(name, partial(site.launch, name, *command, **addresses))
    return port


def _add_web_server(site: Site, ports: list[int], balance: str) -> None:
    """The web server of compose.scale.yaml, with the nodes that there are here."""
    text = (ROOT / "deploy" / "nginx.conf").read_text().replace("least_conn", balance)
    servers = "".join(f"server 127.0.0.1:{port} max_fails=2 fail_timeout=5s;\n" for port in ports)
    named = [line for line in text.splitlines() if line.strip().startswith("server web")]
    for line in named:
        text = text.replace(f"{line}\n", servers)
        servers = ""
    places = "".join(
        f"{name}_temp_path {site.folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = site.folder / "nginx.conf"
    configuration.write_text(
        f"{user} daemon off; pid {site.folder}/nginx.pid; events {{}}\n"
        f"http {{ access_log off; {places} "
        f"{text.replace('listen 80;', f'listen 127.0.0.1:{site.port};')} }}"
    )
    log = f"{site.folder}/nginx-errors.log"
    site.add("nginx", partial(site.launch, "nginx", "nginx", "-e", log, "-c", configuration))


def wait_until_ready(port: int, seconds: float = 90) -> None:
    """Wait for a node, or for the web server in front of them, to say that it is ready."""
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                json.load(answer)
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def set_lag(site: Site, seconds: int) -> None:
    """Have the replica be so far behind."""
    sql(site.replica, f"ALTER SYSTEM SET recovery_min_apply_delay = '{seconds}s'")
    sql(site.replica, "SELECT pg_reload_conf()")


def sql(folder: Path, statement: str, *, database: str = "site") -> None:
    """Send a statement to the cluster in the folder, until it takes it.

    A replica that is behind may end any statement that keeps it from following.
    """
    address = f"postgresql://postgres@/{database}?host={folder}"
    for attempt in range(20):
        try:
            with psycopg.connect(address, autocommit=True) as server:
                server.execute(statement.encode())
                return
        except psycopg.OperationalError:
            if attempt == 19:
                raise
            time.sleep(0.5)
