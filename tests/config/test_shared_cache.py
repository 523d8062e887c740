"""The cache in Redis, with a server of its own: shared, bounded, and allowed to be away."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.cache import caches
from django.test import Client

from catalog.pages.page_cache import CachedPage
from config import caches as shared_cache
from config import environment
from config.caches import SharedCache
from tests.api.schema.site import TEXT
from tests.catalog.importing.imports import new_list
from tests.config.test_health import probe
from tests.postgresql import free_port

MAX_BYTES = "4mb"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A Redis of 4 MB on a port of its own."""
    if shutil.which("redis-server") is None:
        reason = "no Redis server is installed (on Debian: apt-get install redis-server)"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    port = free_port()
    process = start(port, tmp_path_factory.mktemp("redis"))
    yield port
    process.terminate()
    process.wait(10)


def start(port: int, folder: Path) -> subprocess.Popen[bytes]:
    options = ["--maxmemory", MAX_BYTES, "--maxmemory-policy", "allkeys-lru", "--save", ""]
    process = subprocess.Popen(
        ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", folder, *options],
        stdout=subprocess.DEVNULL,
    )
    for _attempt in range(600):
        try:
            redis.Redis(port=port).ping()
            return process
        except redis.ConnectionError:
            time.sleep(0.05)
    raise AssertionError("Redis does not start")


@pytest.fixture
def shared(server: int, settings: Any, monkeypatch: pytest.MonkeyPatch) -> redis.Redis:
    """The site's caches in that server, empty."""
    redis.Redis(port=server).flushall()
    monkeypatch.setattr(SharedCache, "_away_until", 0.0)
    monkeypatch.setenv("X", f"redis://127.0.0.1:{server}/0")
    places = environment.caches("X", default="", most={"pages": 3, "findings": 3, "reads": 3})
    settings.CACHES = settings.CACHES | places
    settings.DEBUG = False
    shared_cache._release.cache_clear()
    return redis.Redis(port=server)


def leave_without_server(settings: Any) -> None:
    """Have the cache of pages where no server is."""
    assert caches["pages"] is not None
    settings.CACHES["pages"]["LOCATION"] = "redis://127.0.0.1:1/0"
    del caches["pages"]


def test_every_value_is_bounded_in_time_and_size(shared: redis.Redis) -> None:
    caches["pages"].set("page", "x")
    caches["pages"].set("for-ever", "x", None)
    caches["pages"].set("large", b"x" * 1_000_001, 60)
    page = CachedPage("", "", "", b"x" * 1_000_001, {}, 0.0, "")
    caches["pages"].set("large-page", page, 60)

    keys: Any = shared.keys()
    assert len(keys) == 2
    assert all(0 < shared.ttl(key) <= 86_400 for key in keys)


def test_what_is_too_much_pushes_out_what_is_oldest(shared: redis.Redis) -> None:
    for number in range(200):
        caches["pages"].set(f"page-{number}", os.urandom(100_000), 60)

    assert caches["pages"].get("page-199") is not None
    assert caches["pages"].get("page-0") is None


def test_releases_have_pages_of_their_own_and_counters_in_common(
    shared: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    caches["pages"].set("page", "old")
    caches["reads"].set("count", 7)

    monkeypatch.setattr(shared_cache, "_release", lambda: "another")
    assert (caches["pages"].get("page"), caches["reads"].get("count")) == (None, 7)
    caches["pages"].set("page", "new")
    monkeypatch.undo()

    assert caches["pages"].get("page") == "old"


def test_value_that_cannot_be_read_is_none(shared: redis.Redis) -> None:
    caches["pages"].set("page", "x")
    keys: Any = shared.keys()
    shared.set(keys[0], pickle.dumps("x")[:-3])

    assert caches["pages"].get("page", "nothing") == "nothing"


@pytest.mark.django_db
def test_pages_are_shared_and_go_on_without_the_server(
    shared: redis.Redis, tmp_path: Path, settings: Any
) -> None:
    new_list(TEXT)
    first = Client().get("/tools/")
    leave_without_server(settings)
    away = Client().get("/tools/")
    state = probe("/readyz")[1]

    keys: Any = shared.keys()
    assert len(keys) == 1
    assert (away.status_code, away.content) == (200, first.content)
    assert state["parts"]["cache"] == (
        "The cache does not answer (ConnectionError); pages are slower without it."
    )


@pytest.mark.django_db
def test_server_without_a_bound_is_reported(shared: redis.Redis) -> None:
    assert probe("/readyz")[1]["parts"]["cache"] == "ok"
    shared.config_set("maxmemory", 0)
    try:
        assert probe("/readyz")[1]["parts"]["cache"].startswith("Redis has no bound: set maxmemory")
    finally:
        shared.config_set("maxmemory", 4_000_000)


def test_server_that_is_away_is_left_alone_for_a_while(
    shared: redis.Redis, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_without_server(settings)
    tries: list[float] = []
    monkeypatch.setattr(
        shared_cache.logger, "warning", lambda *args: tries.append(time.monotonic())
    )

    values = [caches["pages"].get("page", 0) for _number in range(50)]

    assert (values, len(tries)) == ([0] * 50, 1)
