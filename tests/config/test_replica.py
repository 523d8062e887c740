"""When a process reads from the replica, and what it is told of one; a real one is in
tests/test_replica.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.pages.page_cache import PAGE_CACHE
from config import environment, replica
from config.replica import ALIAS, LONGEST_LAG, RESULT, WROTE_COOKIE, WROTE_SECONDS, ReplicaState


class Servers:
    """A primary and a replica that are asked how far they are, and the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.writes: list[float] = []
        """When each was committed."""
        self.received = self.replayed = 0
        self.questions = 0
        self.is_primary_up = self.is_replica_up = self.follows = True

    def ask(self, alias: str, question: str) -> Any:
        self.questions += 1
        if not (self.is_primary_up if alias == DEFAULT_DB_ALIAS else self.is_replica_up):
            raise OperationalError
        if alias == DEFAULT_DB_ALIAS:
            return (len(self.writes),)
        return self.follows, self.replayed, self.received

    def act(self, action: str | float) -> None:
        match action:
            case float(seconds):
                self.now += seconds
            case "write" if self.is_primary_up:
                self.writes.append(self.now)
            case "receive" if self.is_primary_up:
                self.received = len(self.writes)
            case "replay":
                self.replayed = min(self.replayed + 1, self.received)
            case "primary":
                # What it wrote is sent in the same moment; a delay is in replaying it.
                self.received = len(self.writes)
                self.is_primary_up = not self.is_primary_up
            case "replica":
                self.is_replica_up = not self.is_replica_up

    def is_as_new_as_its_readers_wrote(self) -> bool:
        return not [at for at in self.writes[self.replayed :] if at <= self.now - WROTE_SECONDS]


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Servers:
    return watched(Servers(), monkeypatch)


def watched(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Servers:
    monkeypatch.setattr(replica, "ask", servers.ask)
    monkeypatch.setattr(replica, "monotonic", lambda: servers.now)
    return servers


ACTIONS = st.sampled_from(["write", "receive", "replay", "primary", "replica"])


@given(st.lists(ACTIONS | st.sampled_from([0.5, 1.5, 3.0, 4.5, 9.0]), max_size=40))
@example([0.5, "write", "primary", 3.0, 3.0, 3.0, 3.0])
def test_nobody_reads_what_is_older_than_what_they_wrote(actions: list[str | float]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        servers, state = watched(Servers(), monkeypatch), ReplicaState()
        for action in actions:
            servers.act(action)
            assert not state.is_current() or servers.is_as_new_as_its_readers_wrote()


def test_replica_that_follows_is_read_from_with_few_questions(servers: Servers) -> None:
    state = ReplicaState()
    for _request in range(1000):
        servers.act("write")
        servers.act("receive")
        servers.replayed = servers.received
        assert state.is_current()
        servers.act(0.01)

    assert servers.questions <= 2 * 10 + 2


def test_replica_a_little_behind_is_read_from(servers: Servers) -> None:
    state, states = ReplicaState(), []
    for second in range(20):
        servers.act("write")
        # It replays what was written three seconds ago.
        servers.received = len(servers.writes)
        servers.replayed = max(0, second - 2)
        states.append(state.is_current())
        servers.act(1.0)

    assert LONGEST_LAG > 3
    # At first it is not known what was written when.
    assert states == [False] * 3 + [True] * 17


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, ""),
        ({"is_replica_up": False}, "The replica does not answer (OperationalError)."),
        ({"follows": False}, "DATABASE_REPLICA_URL leads to a server that follows no other one."),
        ({"writes": [0.0]}, "The replica is more than 5 seconds behind."),
    ],
)
def test_problem_is_a_sentence(servers: Servers, change: dict[str, Any], problem: str) -> None:
    vars(servers).update(change)

    assert ReplicaState().problem() == problem


@pytest.mark.parametrize(
    ("primary", "address"),
    [
        ("sqlite:///lists.sqlite3", "postgresql://lists@db2/lists"),
        ("postgresql://lists@db1/lists", "sqlite:///lists.sqlite3"),
    ],
)
def test_replica_is_for_postgresql(
    monkeypatch: pytest.MonkeyPatch, primary: str, address: str
) -> None:
    monkeypatch.setenv("X", address)
    settings = environment.database("Y", default=primary, base_dir=Path())

    with pytest.raises(ImproperlyConfigured, match="X is for PostgreSQL alone"):
        environment.replica("X", primary=settings)


class Database:
    """A connection of the middleware: what it is called, and whether the server ended it."""

    def __init__(self, name: str, is_lost: bool = False) -> None:
        self.name = name
        self.execute_wrappers: list[object] = []
        self.connection: Any = self
        self.closed = is_lost

    def close(self) -> None:
        self.connection = None


class Site:
    """A site behind the middleware, whose answers are given; `reads` says where each reads from."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str, is_lost: bool = False):
        self.connections = {
            DEFAULT_DB_ALIAS: Database("primary"),
            ALIAS: Database("replica", is_lost),
        }
        self.answers, self.reads = list(answers), list[str]()
        self.problems: list[str] = []
        monkeypatch.setattr(replica, "connections", self.connections)
        monkeypatch.setattr(replica.state, "distrust", self.problems.append)
        self.middleware = replica.ReplicaMiddleware(self.answer)

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        self.reads.append(self.connections[DEFAULT_DB_ALIAS].name)
        kind = self.answers.pop(0) if self.answers else "page"
        if kind == "stale":
            request.META[PAGE_CACHE] = "stale"
        if kind == "parts":
            return StreamingHttpResponse(self.parts())
        return HttpResponse(status=500 if kind == "error" else 200)

    def parts(self) -> Any:
        for _part in range(2):
            yield self.connections[DEFAULT_DB_ALIAS].name


@pytest.mark.parametrize(
    ("method", "address", "options"),
    [
        ("POST", "/tools/", {}),
        ("GET", "/admin/", {}),
        ("GET", "/tools/", {"headers": {"Authorization": "Token 1"}}),
        ("GET", "/tools/", {"headers": {"Cookie": f"{WROTE_COOKIE}=1"}}),
        ("GET", "/tools/", {"headers": {"Cookie": "sessionid=1"}}),
    ],
)
def test_what_must_not_be_old_is_read_from_the_primary(
    monkeypatch: pytest.MonkeyPatch, method: str, address: str, options: dict[str, Any]
) -> None:
    site = Site(monkeypatch)
    monkeypatch.setattr(replica.state, "is_current", lambda: True)
    request = RequestFactory().generic(method, address, **options)

    response = site.middleware(request)

    assert (site.reads, request.META.get(RESULT)) == (["primary"], None)
    # Whoever wrote something sees it, wherever they look next.
    assert (WROTE_COOKIE in response.cookies) is (method == "POST")


@pytest.mark.parametrize(
    ("is_current", "answers", "is_lost", "reads", "result"),
    [
        (True, ["page"], False, ["replica"], "used"),
        (False, ["page"], False, ["primary"], "behind"),
        # A page that the cache has of a later state than the replica.
        (True, ["stale"], False, ["replica", "primary"], "failed"),
        (True, ["error"], False, ["replica", "primary"], "failed"),
        # The server was started anew: the connection is older, the next one is not.
        (True, ["error", "page"], True, ["replica", "replica"], "used"),
        (True, ["error", "error"], True, ["replica", "replica", "primary"], "failed"),
    ],
)
def test_what_may_be_old_is_read_from_the_replica_while_it_answers(
    monkeypatch: pytest.MonkeyPatch,
    is_current: bool,
    answers: list[str],
    is_lost: bool,
    reads: list[str],
    result: str,
) -> None:
    site = Site(monkeypatch, *answers, is_lost=is_lost)
    monkeypatch.setattr(replica.state, "is_current", lambda: is_current)
    request = RequestFactory().get("/tools/")

    response = site.middleware(request)

    assert response.status_code == 200
    assert (site.reads, request.META[RESULT]) == (reads, result)
    assert site.problems == ["The replica did not answer."] * (result == "failed")
    assert site.connections[DEFAULT_DB_ALIAS].name == "primary"


def test_parts_of_an_answer_are_read_from_where_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(monkeypatch, "parts")
    monkeypatch.setattr(replica.state, "is_current", lambda: True)

    response = site.middleware(RequestFactory().get("/tools/"))

    assert isinstance(response, StreamingHttpResponse)
    assert list(response) == [b"replica", b"replica"]
    assert site.connections[DEFAULT_DB_ALIAS].name == "primary"
