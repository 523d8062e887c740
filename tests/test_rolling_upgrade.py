"""A rolling upgrade as docs/upgrading.md tells it: no request fails while nodes are replaced.

Nodes of this release go on beside the tables of a later one, which adds to them under steady
requests, and are then replaced by nodes of that release, one after the other. All of them share a
cache, and each answers with pages of its own release.
"""

from __future__ import annotations

import http.client
import itertools
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.catalog.test_commands import database_url
from tests.config.test_metrics import ask
from tests.config.test_shared_cache import server  # noqa: F401
from tests.postgresql import free_port
from tests.submission_factories import make_tools

PATHS = ("/", "/tools/", "/tools/browse/?q=alpha", "/search/?q=beta", "/api/v1/catalogs/")
READERS = 2
PAUSE = 0.04
"""Seconds between a reader's requests: the readers together make about fifty a second."""


LATER = (
    "ALTER TABLE catalog_entry ADD COLUMN later integer NOT NULL DEFAULT 0",
    "CREATE TABLE catalog_later (id integer PRIMARY KEY)",
    """INSERT INTO django_migrations (app, name, applied)
    VALUES ('catalog', '9999_later', '2030-01-01 00:00:00+00:00')""",
)
"""A migration of a later release, as migrations may be: it adds."""
BACK = (
    "ALTER TABLE catalog_entry DROP COLUMN later",
    "DROP TABLE catalog_later",
    "DELETE FROM django_migrations WHERE name = '9999_later'",
)


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


MARK = '<meta name="generator" content="later">'
"""What the later release says on each page."""


def later_release(folder: Path) -> Path:
    """The folder of a release whose pages bear the mark; all else is that of this one."""
    copied = ("config", "templates")
    folder.mkdir()
    for path in settings.BASE_DIR.iterdir():
        if path.name in copied:
            shutil.copytree(path, folder / path.name)
        else:
            (folder / path.name).symlink_to(path)
    base = folder / "templates" / "base.html"
    base.write_text(base.read_text().replace("<head>", f"<head>{MARK}"))
    return folder


class Node:
    """A process that serves, on a port that stays."""

    def __init__(self, log: Path, cache: int) -> None:
        self.port = free_port()
        self.log = log
        self.cache = cache
        self.is_in_rotation = False
        self.launch(settings.BASE_DIR)

    def launch(self, release: Path) -> None:
        """Start it with the program in this folder."""
        self.is_later = release != settings.BASE_DIR
        command = [
            *(sys.executable, "-m", "gunicorn", "tests.config.served", "--no-control-socket"),
            *("--threads", "4", "--bind", f"127.0.0.1:{self.port}"),
        ]
        environment = os.environ | {
            "DEBUG": "0",
            "HTTPS": "0",
            "DATABASE_URL": database_url(),
            "CACHE_URL": f"redis://127.0.0.1:{self.cache}/0",
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=release, env=environment, stdout=log, stderr=log
            )

    def join(self) -> None:
        """Wait until it is ready, and be sent requests from then on."""
        for _attempt in range(600):
            try:
                if ask(self.port, "/readyz")[0] == 200:
                    break
            except OSError:
                pass
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)
        else:
            raise AssertionError(ask(self.port, "/readyz"))
        self.is_in_rotation = True

    def stop(self) -> None:
        """As a web server does it: nothing new is sent there, then the node ends what it has."""
        self.is_in_rotation = False
        time.sleep(0.3)
        self.process.terminate()
        self.process.wait(30)


class Readers:
    """What people ask of the nodes in turn, and each answer that was not the one it must be."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.ended = threading.Event()
        self.count = 0
        self.failures: list[tuple[str, object]] = []
        self.threads = [threading.Thread(target=self._read) for _number in range(READERS)]

    def _read(self) -> None:
        for number, path in enumerate(itertools.cycle(PATHS)):
            if self.ended.wait(PAUSE):
                return
            serving = [node for node in self.nodes if node.is_in_rotation]
            node = serving[number % len(serving)]
            is_later = node.is_later and not path.startswith("/api/")
            try:
                status, text = ask(node.port, path)
            except (OSError, http.client.HTTPException) as error:
                self.failures.append((path, error))
                continue
            self.count += 1
            if (status, MARK in text) != (200, is_later):
                self.failures.append((path, status))

    def __enter__(self) -> Readers:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.django_db(transaction=True)
def test_no_request_fails_while_nodes_are_replaced(tmp_path: Path, server: int) -> None:  # noqa: F811
    make_tools()
    later = later_release(tmp_path / "later")
    nodes = [Node(tmp_path / name, server) for name in ("first", "second")]
    try:
        for node in nodes:
            node.join()
        with Readers(nodes) as readers:
            call_command("migrate", verbosity=0)
            execute(*LATER)
            for node in nodes:
                node.stop()
                node.launch(later)
                node.join()
            time.sleep(0.5)
    finally:
        for node in nodes:
            node.process.kill()
            node.process.wait(30)
        execute(*BACK)

    assert readers.failures == []
    assert readers.count > 50
    keys: Any = redis.Redis(port=server, decode_responses=True).keys("listwright:pages:*")
    assert len({key.split(":")[2] for key in keys}) == 2
