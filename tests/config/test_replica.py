"""When a process reads from the replica, and what it is told of one; a real one is in
tests/test_replica.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, OperationalError
from hypothesis import example, given
from hypothesis import strategies as st

from config import environment, replica
from config.replica import LONGEST_LAG, WROTE_SECONDS, ReplicaState


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
