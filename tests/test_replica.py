"""A site that reads from a streaming replica what strangers ask for: both databases are real."""

from __future__ import annotations

import http.client
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import psycopg
import pytest
from django.db import connection

from tests.config.test_metrics import ask, served, value_of
from tests.postgresql import (
    cluster_owner,
    server_binaries,
    start_cluster,
    stop_cluster,
    throwaway_cluster,
    throwaway_replica,
)
from tests.submission_factories import make_tools

pytestmark = pytest.mark.django_db(transaction=True)

PATHS = (
    "/tools/editors/",
    "/tools/browse/?q=alpha",
    "/tools/README.md",
    "/api/v1/entries/?catalog=tools",
    "/api/v1/catalogs/tools/export/?format=json",
    "/api/v1/catalogs/tools/export/?format=markdown",
)
PRIMARY_READERS = (
    {"Cookie": "sessionid=whoever"},
    {"Authorization": "Bearer whatever"},
    {"Cookie": "wrote=1"},
)


class Site(NamedTuple):
    """A node and its databases, by the folders that their clusters are in."""

    port: int
    primary: Path
    replica: Path

    def get(self, path: str, **headers: str) -> tuple[int, str, bool]:
        """Status and ETag of an answer, and whether it has what `write` wrote last."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as client:
            client.request("GET", path, headers={"Accept": "*/*"} | headers)
            answer = client.getresponse()
            text = answer.read().decode()
        return answer.status, answer.headers.get("ETag", ""), f"version {number()}" in text

    def reads(self, result: str) -> float:
        text = ask(self.port, "/metrics")[1]
        sample = f'listwright_replica_reads_total{{result="{result}"}}'
        return value_of(text, sample) if sample in text else 0.0

    def is_read_from(self, folder: Path) -> bool:
        name = "used" if folder == self.replica else "behind"
        before = self.reads(name)
        return self.get("/tools/")[0] == 200 and self.reads(name) > before

    def part(self) -> str:
        """What `/readyz` says of the replica."""
        return ask(self.port, "/readyz")[1].partition('"replica": "')[2].partition('"')[0]


_numbers = [0]


def number() -> int:
    return _numbers[0]


def sql(folder: Path, *statements: str) -> Any:
    """The first column of what the last statement gives."""
    with psycopg.connect(f"postgresql://postgres@/site?host={folder}", autocommit=True) as server:
        # What was answered must be in the log, which the throw-away cluster writes when it likes.
        for statement in ("SET synchronous_commit = on", *statements):
            rows = server.execute(statement.encode())
        return rows.fetchone()[0] if rows.description else None  # type: ignore[index]


def write(site: Site) -> None:
    """Commit another description of an entry on the primary, as an edit would."""
    _numbers[0] += 1
    columns = {
        "catalog_block": ["source", "html"],
        "catalog_entry": ["html", "description", "description_html"],
    }
    for table, names in columns.items():
        texts = ", ".join(
            f"{name} = regexp_replace({name}, 'Edits text|version [0-9]+', 'version {number()}')"
            for name in names
        )
        sql(site.primary, f"UPDATE {table} SET {texts}")
    sql(
        site.primary,
        "UPDATE catalog_catalog SET revision = revision + 1, updated_at = now()",
    )


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> float:
    """Wait until it holds, and say how long that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + seconds, "it did not happen in time"
        time.sleep(0.1)
    return time.monotonic() - began


def replayed(site: Site) -> bool:
    written = sql(site.primary, "SELECT pg_current_wal_flush_lsn()::text")
    return bool(sql(site.replica, f"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn"))


@contextmanager
def paused(site: Site) -> Iterator[None]:
    """The replica stays as it is."""
    wait_for(lambda: replayed(site))
    sql(site.replica, "SELECT pg_wal_replay_pause()")
    wait_for(lambda: sql(site.replica, "SELECT pg_get_wal_replay_pause_state()") == "paused")
    try:
        yield
    finally:
        sql(site.replica, "SELECT pg_wal_replay_resume()")


@pytest.fixture(scope="module")
def site(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has streaming replicas")
    with django_db_blocker.unblock(), throwaway_cluster() as address:
        primary = Path(address.partition("host=")[2])
        make_tools()
        copy_database(connection.settings_dict, primary)
        connection.close()
        with throwaway_replica(primary) as replica:
            variables = {
                "DATABASE_URL": f"postgresql://postgres@/site?host={primary}",
                "DATABASE_REPLICA_URL": f"postgresql://postgres@/site?host={replica}",
                "METRICS": "1",
            }
            log = tmp_path_factory.mktemp("node") / "log"
            with served(log, "--threads", "4", **variables) as port:
                yield Site(port, primary, replica)


def copy_database(database: dict[str, Any], folder: Path) -> None:
    """Put all of the tests' database into a new one of the cluster in the folder."""
    dump = [server_binaries() / "pg_dump", "-U", "postgres", "-h", database["HOST"]]
    text = subprocess.run([*dump, database["NAME"]], check=True, capture_output=True).stdout
    load: list[Any] = [
        server_binaries() / "psql",
        "-U",
        "postgres",
        "-h",
        folder,
        "-q",
        "-o",
        os.devnull,
    ]
    create = [*load, "-d", "postgres", "-c", "CREATE DATABASE site"]
    subprocess.run(create, check=True, cwd="/", **cluster_owner())
    subprocess.run([*load, "-d", "site"], input=text, check=True, cwd="/", **cluster_owner())


@pytest.mark.parametrize("path", PATHS)
def test_each_reader_has_a_page_as_new_as_it_must_be(site: Site, path: str) -> None:
    failed = site.reads("failed")
    write(site)
    with paused(site):
        assert site.get(path)[2]
        wait_for(lambda: site.is_read_from(site.replica))
        write(site)
        # In turn, so that what one keeps in the cache could reach the other.
        for reader in PRIMARY_READERS * 2:
            anonymous = site.get(path)
            writer = site.get(path, **reader)
            held = site.get(path, **reader, **{"If-None-Match": anonymous[1]})
            assert (anonymous[0], anonymous[2]) == (200, False)
            if "Authorization" in reader and path.startswith("/api/"):
                # It is no token that is known; the primary says so.
                assert writer[0] == 401
                continue
            assert (writer[0], writer[2]) == (200, True)
            assert (held[0], held[2]) == (200, True)
            assert writer[1] != anonymous[1] or not writer[1]
        assert site.reads("failed") == failed

    wait_for(lambda: site.get(path)[2])


def test_browser_that_wrote_reads_from_the_primary_for_ten_seconds(site: Site) -> None:
    cookies = []
    for method, path in (("POST", "/i18n/setlang/"), ("GET", "/tools/editors/")):
        with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)) as client:
            client.request(method, path, headers={"Content-Length": "0"})
            cookies.append(client.getresponse().headers.get_all("Set-Cookie", []))
    written, read = cookies

    [cookie] = [cookie for cookie in written if cookie.startswith("wrote=")]
    assert "Max-Age=10;" in cookie
    assert read == []


def test_replica_that_lags_is_left_until_it_has_caught_up(site: Site) -> None:
    assert site.is_read_from(site.replica)
    with paused(site):
        write(site)
        seconds = wait_for(lambda: site.get("/tools/editors/")[2], 20)
        assert site.is_read_from(site.primary)
        problem = site.part()

    assert seconds > 3
    assert problem == (
        "The replica is more than 5 seconds behind. Everything is read from the primary."
    )
    wait_for(lambda: site.is_read_from(site.replica))
    assert site.part() == "ok"


def test_replica_that_is_gone_is_not_noticed(site: Site) -> None:
    stop_cluster(site.replica)
    try:
        answers = [site.get(path)[0] for path in PATHS * 2]
        problem = site.part()
    finally:
        start_cluster(site.replica)

    assert set(answers) == {200}
    assert problem.startswith(("The replica did not answer", "The replica does not answer"))
    wait_for(lambda: site.is_read_from(site.replica))
    failed = site.reads("failed")
    # Connections from before are no reason to leave it again.
    with ThreadPoolExecutor(4) as visitors:
        assert [answer[0] for answer in visitors.map(site.get, PATHS * 4)] == [200] * 24
    assert site.reads("failed") == failed


def test_strangers_go_on_reading_without_the_primary(site: Site) -> None:
    write(site)
    wait_for(lambda: replayed(site))
    wait_for(lambda: site.is_read_from(site.replica))
    stopping = Thread(target=stop_cluster, args=[site.primary])
    stopping.start()
    while stopping.is_alive():
        # A node that nobody asks anything would not know that the replica had everything.
        site.get("/tools/editors/")
    try:
        strangers = [site.get(path) for path in PATHS]
        writer = site.get("/tools/editors/", Cookie="wrote=1; sessionid=x")
    finally:
        start_cluster(site.primary)

    assert [(status, is_new) for status, _etag, is_new in strangers] == [(200, True)] * len(PATHS)
    assert writer[0] == 503
    wait_for(lambda: site.get("/tools/editors/", Cookie="wrote=1; sessionid=x")[0] == 200)


def test_replica_that_lagged_is_not_read_from_without_the_primary(site: Site) -> None:
    wait_for(lambda: site.is_read_from(site.replica))
    with paused(site):
        write(site)
        time.sleep(1.1)
        site.get("/tools/editors/")
        stop_cluster(site.primary)
        try:
            pages = count()
            # Each time another one: those in the cache go on, marked stale.
            wait_for(lambda: site.get(f"/tools/browse/?q={next(pages)}")[0] == 503)
        finally:
            start_cluster(site.primary)

    wait_for(lambda: site.is_read_from(site.replica))
