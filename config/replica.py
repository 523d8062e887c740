"""Reads that may be a few seconds old, sent to a streaming replica of the database.

A request is answered from one database as a whole, so that what is read belongs together and a page
is never cached under a validator of the other one. Django's routers could not do that: they do not
see what is asked in SQL, which most of a public page is.

Who is signed in, shows a token or wrote within the last seconds reads from the primary.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from catalog.pages.page_cache import PAGE_CACHE

ALIAS = "replica"
RESULT = "listwright.replica"
"""The key in a request's META for its outcome with the replica: "used", "behind" or "failed" (done
again on the primary)."""

WROTE_COOKIE = "wrote"
WROTE_SECONDS = 10
"""Seconds for which a browser that wrote reads from the primary."""
LONGEST_LAG = 5.0
"""Seconds; a replica that is further behind is not read from. Less than `WROTE_SECONDS`."""
INTERVAL = 1.0
"""Seconds between two looks at how far behind the replica is, in each process."""
PAUSE = 2.0
"""Seconds until the next look after one that failed: each may have to wait for a connection."""

PRIMARY_ONLY = (
    *("/accounts/", "/admin/", "/contribute/", "/i18n/", "/api/webhooks/"),
    *("/api/v1/submissions/", "/api/v1/moderation/"),
)
"""Addresses below which nothing is published: what is there is somebody's own, or writes."""

_WRITTEN = "SELECT pg_current_wal_flush_lsn() - '0/0'"
_REPLAYED = """
SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() - '0/0', pg_last_wal_receive_lsn() - '0/0'
"""


class ReplicaMiddleware:
    """Answer from the replica what may be a few seconds old; stands above the cache of pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            response = self.get_response(request)
            response.set_cookie(
                WROTE_COOKIE,
                "1",
                max_age=WROTE_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
            return response
        if not _may_be_old(request):
            return self.get_response(request)
        if not state.is_current():
            request.META[RESULT] = "behind"
            return self.get_response(request)
        return self._from_replica(request)

    def _from_replica(self, request: HttpRequest) -> HttpResponseBase:
        attributes, meta = dict(vars(request)), dict(request.META)
        for _attempt in range(2):
            request.META[RESULT] = "used"
            with reading_from_replica():
                response = self.get_response(request)
            if response.status_code < 500 and request.META.get(PAGE_CACHE) != "stale":
                if isinstance(response, StreamingHttpResponse):
                    response.streaming_content = _streamed(response.streaming_content)
                return response
            vars(request).clear()
            vars(request).update(attributes)
            request.META.clear()
            request.META.update(meta, **{RESULT: "failed"})
            server: Any = connections[ALIAS].connection
            # It may be older than the server's last start: then there is another try.
            is_lost = server is not None and server.closed
            connections[ALIAS].close()
            if not is_lost:
                break
        # It is away, or ended a statement that kept it from following the primary.
        state.distrust("The replica did not answer.")
        return self.get_response(request)


def _may_be_old(request: HttpRequest) -> bool:
    return (
        settings.SESSION_COOKIE_NAME not in request.COOKIES
        and WROTE_COOKIE not in request.COOKIES
        and "HTTP_AUTHORIZATION" not in request.META
        and not request.path_info.startswith(PRIMARY_ONLY)
    )


@contextmanager
def reading_from_replica() -> Iterator[None]:
    """Route the reads of this thread to the replica."""
    primary, replica = connections[DEFAULT_DB_ALIAS], connections[ALIAS]
    # What counts and times statements goes on doing so.
    replica.execute_wrappers = primary.execute_wrappers
    connections[DEFAULT_DB_ALIAS] = replica
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = primary


def _streamed(parts: Any) -> Iterator[Any]:
    """The parts of an answer, which are read from the database only when they are sent."""
    while True:
        with reading_from_replica():
            part = next(parts, None)
        if part is None:
            return
        yield part


class Mark(NamedTuple):
    """The primary's position in its log at a time."""

    at: float
    """Seconds of `monotonic`."""
    written: int
    """Bytes of its log, from the beginning."""


class ReplicaState:
    """The replica's lag, as this process knows it.

    The primary is asked from time to time how much it has written, and the replica how much of its
    log it has replayed: what was written by a time is there when the mark of that time is reached.
    No clocks are compared, and a primary that has nothing to write makes no lag.
    """

    def __init__(self) -> None:
        self._look_lock = threading.Lock()
        self._marks: deque[Mark] = deque(maxlen=int(LONGEST_LAG / INTERVAL) + 2)
        self._next_look = -inf
        self._current_at = -inf
        """The last time for which it is known that the replica has all that was written by then."""
        self._failure = ""

    def is_current(self) -> bool:
        """Whether it may be read from; looks, in one thread at a time, when that was not lately."""
        if monotonic() >= self._next_look and self._look_lock.acquire(blocking=False):
            try:
                self.look()
            finally:
                self._look_lock.release()
        return monotonic() - self._current_at <= LONGEST_LAG

    def problem(self) -> str:
        """Return why it is not read from, in a sentence; '' when it is."""
        if self.is_current():
            return ""
        return self._failure or f"The replica is more than {LONGEST_LAG:.0f} seconds behind."

    def distrust(self, reason: str) -> None:
        """Use the primary until the replica was looked at again."""
        self._failure = reason
        self._current_at = -inf
        self._next_look = monotonic() + PAUSE

    def look(self) -> None:
        """Measure how far both databases are."""
        self._next_look = monotonic() + INTERVAL
        mark = _mark()
        try:
            follows, replayed, received = ask(ALIAS, _REPLAYED)
        except (DatabaseError, InterfaceError) as error:
            self.distrust(f"The replica does not answer ({type(error).__name__}).")
            return
        if not follows:
            self.distrust("DATABASE_REPLICA_URL leads to a server that follows no other one.")
            return
        if mark:
            self._marks.append(mark)
            reached = [known.at for known in self._marks if known.written <= replayed]
            self._current_at = max(reached, default=-inf)
        elif self._has_all(replayed, received):
            self._next_look = monotonic() + PAUSE
            self._current_at = monotonic()
        self._failure = ""

    def _has_all(self, replayed: int, received: int | None) -> bool:
        """Whether it has all that the primary wrote before it went away: so nobody has more."""
        is_caught_up = received is None or received <= replayed
        was_current = monotonic() - self._current_at <= LONGEST_LAG
        return was_current and is_caught_up and self._marks[-1].written <= replayed


def _mark() -> Mark | None:
    """Return the primary's present position; None when it does not answer."""
    at = monotonic()
    try:
        return Mark(at, int(ask(DEFAULT_DB_ALIAS, _WRITTEN)[0]))
    except (DatabaseError, InterfaceError):
        return None


def ask(alias: str, question: str) -> Any:
    """Return a row.

    It is tried twice: a connection may be older than its server's last start.
    """
    for is_last in (False, True):
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute(question)
                return cursor.fetchone()
        except (DatabaseError, InterfaceError):
            connections[alias].close()
            if is_last:
                raise
    raise AssertionError


state = ReplicaState()
