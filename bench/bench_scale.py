"""Several machines in small: what readers and moderators notice while each part is killed in turn.

`make bench ARGS=scale` takes SCALE_MINUTES (20): three nodes, two workers, a primary and a replica
that lags, two poolers, Redis and a web server.
"""

from __future__ import annotations

import http.client
import json
import os
import queue
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bench import Ratio, benchmark
from bench.scale_parts import REPLICA_LAG, Site, set_lag, site_of, wait_until_ready

MINUTES = float(os.environ.get("SCALE_MINUTES", "20"))
READERS = 3
PAUSE = 0.25
"""Seconds between two requests of a reader."""
DECISION_SECONDS = 1.5
"""From one decision to the next: two moderators make the same one at once."""
DOWN_SECONDS = 3.0
"""How long a part is away; then it is started, and left alone for as long."""
LONG_LAG = 60
"""Seconds that the replica is behind, for a while: it must not be read from then."""
MEASURED = 900
"""Requests by which one node and three are compared."""
TURN = 50
"""So many of them go to the same node. Here all nodes share the caches of a processor, and would
empty them for each other with every request, which nodes on machines of their own do not."""
PATHS = (
    *("/", "/tools/", "/tools/README.md", "/tools/browse/?q=%d", "/search/?q=%d"),
    *("/api/v1/catalogs/", "/api/v1/entries/?catalog=tools&q=%d"),
)


@dataclass
class Seen:
    """What people saw."""

    answers: int = 0
    decisions: int = 0
    stale: list[str] = field(default_factory=list)
    won: Counter[str] = field(default_factory=Counter)
    outages: list[tuple[float, float]] = field(default_factory=list)
    """When a reader met an error, and when the same reader was answered again."""
    is_over: threading.Event = field(default_factory=threading.Event)


class Visitor:
    """A client of the web server, who asks again until there is an answer."""

    def __init__(self, site: Site, **headers: str) -> None:
        self.site = site
        self.headers = headers

    def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, str, Any]:
        """Status, text and headers. Raises `OSError` and `HTTPException`."""
        client = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=20)
        try:
            data = None if body is None else json.dumps(body)
            kind = {} if body is None else {"Content-Type": "application/json"}
            method = "GET" if body is None else "POST"
            client.request(method, path, data, self.headers | kind | headers)
            answer = client.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            client.close()

    def insist(self, path: str, body: Any = None, **headers: str) -> tuple[int, str, Any]:
        """The first answer that is no failure."""
        while True:
            try:
                answer = self.ask(path, body, **headers)
            except (OSError, http.client.HTTPException):
                answer = (503, "", None)
            if answer[0] < 500:
                return answer
            time.sleep(0.2)


def read(site: Site, seen: Seen, number: int) -> None:
    """Read one page after the other, and write down for how long there was none."""
    visitor, failed_at, count = Visitor(site), 0.0, number
    while not seen.is_over.wait(PAUSE):
        count += READERS
        path = PATHS[count % len(PATHS)]
        try:
            status = visitor.ask(path % count if "%d" in path else path)[0]
        except (OSError, http.client.HTTPException):
            status = 599
        now = time.monotonic()
        seen.answers += 1
        if status >= 500:
            failed_at = failed_at or now
        elif failed_at:
            seen.outages.append((failed_at, now))
            failed_at = 0.0


def decide(site: Site, seen: Seen, made: dict[str, Any], later: queue.Queue[Any]) -> None:
    """Have two moderators approve one suggestion after the other, each at the same time."""
    for name, pk in made["ids"].items():
        began = time.monotonic()
        threads = [
            threading.Thread(target=approve, args=(site, seen, token, name, pk, later))
            for token in made["tokens"]
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seen.decisions += 1
        if seen.is_over.wait(max(0.0, DECISION_SECONDS - (time.monotonic() - began))):
            return


def approve(
    site: Site, seen: Seen, token: str, name: str, pk: int, later: queue.Queue[Any]
) -> None:
    """Approve it, however often that has to be sent; who did looks at the list at once."""
    moderator = Visitor(site, Authorization=f"Bearer {token}")
    key = {"Idempotency-Key": str(uuid.uuid4())}
    path = f"/api/v1/moderation/submissions/{pk}/approve/"
    status, text, headers = moderator.insist(path, {"expected_revision": 1}, **key)
    if status == 409:
        return
    if status != 200:
        seen.stale.append(f"{name}: {status} {text[:200]}")
        return
    seen.won[name] += 1
    browser = Visitor(site, Cookie=headers["Set-Cookie"].partition(";")[0])
    for who in (moderator, browser):
        look(seen, who, name)
    later.put((time.monotonic() + 10, name))


def look(seen: Seen, who: Visitor, name: str) -> None:
    """See whether the list has the entry."""
    status, text, _headers = who.insist("/api/v1/catalogs/tools/export/?format=markdown")
    if name not in text:
        seen.stale.append(f"{name}: missing in an answer {status} to {list(who.headers)}")


def look_later(site: Site, seen: Seen, later: queue.Queue[Any]) -> None:
    """Look as a stranger, when a browser that wrote is one again."""
    while not (seen.is_over.is_set() and later.empty()):
        try:
            due, name = later.get(timeout=1)
        except queue.Empty:
            continue
        time.sleep(max(0.0, due - time.monotonic()))
        look(seen, Visitor(site), name)


def kill_in_turn(site: Site, until: float) -> tuple[list[tuple[float, float]], int]:
    """Kill each part, and start it again; when the primary was away, and how many were killed."""
    away: list[tuple[float, float]] = []
    count = 0
    while True:
        for name, part in site.parts.items():
            if time.monotonic() > until:
                return away, count
            began = time.monotonic()
            part.kill()
            time.sleep(DOWN_SECONDS)
            part.start()
            if name != "redis":
                wait_until_ready(site.port)
            if name == "primary":
                away.append((began, time.monotonic()))
            time.sleep(DOWN_SECONDS)
            count += 1
        set_lag(site, LONG_LAG)
        time.sleep(2 * DOWN_SECONDS + 10)
        set_lag(site, REPLICA_LAG)


def run(threads: list[Callable[[], None]], seen: Seen, work: Callable[[], Any]) -> Any:
    """Do the work while the threads run."""
    running = [threading.Thread(target=thread) for thread in threads]
    for thread in running:
        thread.start()
    try:
        return work()
    finally:
        seen.is_over.set()
        for thread in running:
            thread.join()


@benchmark
def parts_that_die() -> Iterator[Ratio]:
    """Readers and moderators while each part is killed in turn."""
    with site_of(3) as site:
        number = int(MINUTES * 60 / DECISION_SECONDS) + 10
        made = json.loads(site.run("-m", "bench.scale_worker", "fill", str(number)))
        seen, later = Seen(), queue.Queue[Any]()
        end = time.monotonic() + MINUTES * 60
        readers = [partial(read, site, seen, number) for number in range(READERS)]
        others = [partial(decide, site, seen, made, later), partial(look_later, site, seen, later)]
        away, killed = run([*readers, *others], seen, lambda: kill_in_turn(site, end))
        after = json.loads(site.run("-m", "bench.scale_worker", "count"))
    decided = {name for name in made["ids"] if str(made["ids"][name]) in after["decided"]}
    wrong = [
        name
        for name in made["ids"]
        if {seen.won[name] > 0, name in decided, after["there"].get(name, 0) == 1} == {True, False}
        or seen.won[name] > 1
        or after["decided"].get(str(made["ids"][name]), 0) > 1
    ]
    note = f"{seen.decisions} by two at once; {killed} parts killed; {after['ready']} tasks wait"
    yield Ratio(what="lost or doubled", against="decisions", value=len(wrong), at_most=0, note=note)
    note = f"{3 * len(decided)} looks {seen.stale[:3] or ''}"
    yield Ratio(
        what="older than what was written",
        against="pages",
        value=len(seen.stale),
        at_most=0,
        note=note,
    )
    lengths = [
        back - gone
        for gone, back in seen.outages
        if not any(first <= gone <= last for first, last in away)
    ]
    yield Ratio(
        what="longest error page in seconds",
        against="the primary apart",
        value=max(lengths, default=0.0),
        at_most=10,
        note=f"{len(lengths)} in {seen.answers:,} answers",
    )


@benchmark
def nodes() -> Iterator[Ratio]:
    """Processor time of all parts for a request, with three nodes and with one."""
    balance = "hash $http_x_turn"
    with site_of(1) as one, site_of(3, balance=balance) as three:
        for site in (one, three):
            site.run("-m", "bench.scale_worker", "fill", "1")
            requests(site, MEASURED)
        costs: dict[int, list[float]] = {1: [], 3: []}
        # In turn, so that what else the machine does meets both.
        for _round in range(3):
            costs[1].append(requests(one, MEASURED))
            costs[3].append(requests(three, MEASURED))
    ratio = min(costs[3]) / min(costs[1])
    note = f"{1000 * min(costs[3]):.1f} ms of processor a request, all parts together"
    yield Ratio(what="3 nodes", against="1 node", value=ratio, at_most=1.2, note=note)


def requests(site: Site, number: int) -> float:
    """Seconds of processor that one of so many requests takes."""
    before, visitor = site.seconds(), Visitor(site)
    for count in range(number):
        path = PATHS[count % len(PATHS)]
        visitor.insist(path % count if "%d" in path else path, **{"X-Turn": str(count // TURN)})
    return (site.seconds() - before) / number
