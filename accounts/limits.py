"""Rate limits counted in the database, so that all processes agree.

What is done thousands of times is counted in a cache instead (`allow_often`).

Each key has a bucket that holds as much as its rate allows and runs out evenly: after a pause all
of it can be used at once, and under steady load one request each `seconds / limit`. A row says when
the bucket will be empty, so one statement both decides and counts, and nothing has to be reset.
A bucket can be no fuller than full: a time further ahead than that was written by a clock that has
been set back since, and counts as now.

Keys are stored as keyed hashes: no address of a person is kept, but for seconds in the cache.
"""

from __future__ import annotations

import ipaddress
import math
import threading
from time import monotonic
from typing import NamedTuple

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import RateLimit, StoredValue
from background import clock
from background.clock import SECOND, TOLERANCE
from catalog.errors import CatalogError

SWEEP_EVERY = 600
"""Seconds between two removals of what has run out, in each process."""
SWEPT_AT_ONCE = 1000
_MOST_REMEMBERED = 10_000

_TABLE = RateLimit._meta.db_table
_IS_ABSURD = f"{_TABLE}.empty_at > {{now}} + %(window)s + %(ahead)s"
_COUNT = f"""
INSERT INTO {_TABLE} (key, empty_at) VALUES (%(key)s, {{now}} + %(step)s)
ON CONFLICT (key) DO UPDATE SET empty_at = %(step)s + CASE
  WHEN {_TABLE}.empty_at < {{now}} OR {_IS_ABSURD} THEN {{now}} ELSE {_TABLE}.empty_at END
WHERE {_TABLE}.empty_at <= {{now}} + %(window)s - %(step)s OR {_IS_ABSURD}
RETURNING empty_at
"""  # noqa: S608
_REFUSES = f"""
SELECT empty_at - ({{now}} + %(window)s - %(step)s) FROM {_TABLE}
WHERE key = %(key)s AND empty_at > {{now}} + %(window)s - %(step)s AND NOT ({_IS_ABSURD})
"""  # noqa: S608
# The time stands outside of the IN as well: a row that was used meanwhile is looked at again.
_SWEEP = """
DELETE FROM {table} WHERE {column} < {now} AND key IN (
  SELECT key FROM {table} WHERE {column} < {now} ORDER BY {column} LIMIT %s)
"""
_SWEPT = ((RateLimit, "empty_at"), (StoredValue, "expires_at"))


class Rate(NamedTuple):
    """So many times in so many seconds."""

    limit: int
    seconds: int


class TooMany(CatalogError):
    """A limit is reached (429); `retry_after` are seconds, None where waiting does not help."""

    code = "too_many"

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def allow(scope: str, key: object, rate: Rate) -> None:
    """Count one use of `scope` by `key`; raises `TooMany` when it is one too many.

    Call it before the transaction of what it protects: inside, a rollback would forget the use, and
    everybody with the same key would wait for its end. A refused use does not count, and costs no
    statement until its time has come.
    """
    name = _name(scope, key)
    remaining = _refused.remaining(name)
    if remaining > 0:
        raise _refusal(remaining)
    with connection.cursor() as cursor:
        cursor.execute(*_statement(_COUNT, name, rate))
        allowed = cursor.fetchone() is not None
    sweep_sometimes()
    if allowed:
        return
    wait = max(_wait(name, rate), 1)
    _refused.remember(name, wait)
    raise _refusal(wait)


def allow_often(scope: str, key: object, rate: Rate) -> None:
    """Count one use in the cache, for what costs less than a row in the database would.

    Raises `TooMany`. A bucket like those of `allow()`, in one number; uses at the very same moment
    may count once, and where the cache is one process's own, each process counts for itself.
    """
    cache = caches["reads"]
    name, now, window = f"limit:{scope}:{key}", clock.now(), rate.seconds * SECOND
    empty_at = cache.get(name, now)
    if not now <= empty_at <= now + window + TOLERANCE:
        empty_at = now
    wait = empty_at + _step(rate) - now - window
    if wait > 0:
        raise _refusal(wait)
    empty_at += _step(rate)
    cache.set(name, empty_at, _seconds(empty_at - now))


def is_used_up(scope: str, key: object, rate: Rate) -> bool:
    """Whether the next `allow()` would refuse; counts nothing."""
    return _wait(_name(scope, key), rate) > 0


def forget_expired(most: int = SWEPT_AT_ONCE) -> int:
    """Remove rows that say nothing any more, of either table; returns how many."""
    count = 0
    with connection.cursor() as cursor:
        for model, column in _SWEPT:
            table, now = model._meta.db_table, clock.now_sql()
            cursor.execute(_SWEEP.format(table=table, column=column, now=now), [most])
            count += cursor.rowcount
    return count


def sweep_sometimes() -> None:
    """Remove rows that say nothing any more, unless this process did so not long ago."""
    global _next_sweep
    if monotonic() >= _next_sweep:
        _next_sweep = monotonic() + SWEEP_EVERY
        forget_expired()


def forget_refusals() -> None:
    """Forget all refusals remembered in this process, so that the database is asked again."""
    _refused.clear()


# Where a request comes from


def client_address(request: HttpRequest) -> str:
    """The address a request comes from: what the outermost of our own proxies saw.

    Behind TRUSTED_PROXIES proxies the last so many addresses of X-Forwarded-For were written by
    them, and what stands before by anybody.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    hops = [hop for hop in hops if hop] + [request.META.get("REMOTE_ADDR", "")]
    return hops[-1 - min(settings.ALLAUTH_TRUSTED_PROXY_COUNT, len(hops) - 1)]


def network_of(address: str) -> str:
    """Return the network that one person easily holds whole: an IPv4 address, an IPv6 /64; '' if
    there is none."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(ip) >> 64 << 64, 64)))
        ip = ip.ipv4_mapped
    return str(ip)


# Inside


class _Refusals:
    """The refusals that this process remembers, each until it ends.

    A bucket only ever fills up, so a refusal holds for the time it named, whatever becomes of the
    clock.
    """

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def remaining(self, name: str) -> int:
        """Microseconds; none where nothing is known."""
        until = self._until.get(name)
        return 0 if until is None else math.ceil((until - monotonic()) * SECOND)

    def remember(self, name: str, wait: int) -> None:
        with self._lock:
            if len(self._until) >= _MOST_REMEMBERED:
                self._until.clear()
            self._until[name] = monotonic() + wait / SECOND

    def clear(self) -> None:
        with self._lock:
            self._until.clear()


_refused = _Refusals()
_next_sweep = monotonic() + SWEEP_EVERY


def _statement(statement: str, name: str, rate: Rate) -> tuple[str, dict[str, str | int]]:
    return statement.format(now=clock.now_sql()), {
        "key": name,
        "step": _step(rate),
        "window": rate.seconds * SECOND,
        "ahead": TOLERANCE,
    }


def _wait(name: str, rate: Rate) -> int:
    """Microseconds until the next use would be allowed; 0 where it would be at once."""
    with connection.cursor() as cursor:
        cursor.execute(*_statement(_REFUSES, name, rate))
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _step(rate: Rate) -> int:
    return rate.seconds * SECOND // rate.limit


def _seconds(microseconds: int) -> int:
    return max(math.ceil(microseconds / SECOND), 1)


def _name(scope: str, key: object) -> str:
    return salted_hmac("accounts.limits", f"{scope}:{key}", algorithm="sha256").hexdigest()


def _refusal(wait: int) -> TooMany:
    """The error for a wait in microseconds."""
    seconds = _seconds(wait)
    message = _("Too many requests; try again in %(time)s.")
    return TooMany(message % {"time": _in_words(seconds)}, seconds)


def _in_words(seconds: int) -> str:
    if seconds < 120:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = math.ceil(seconds / 60)
    if minutes < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = math.ceil(minutes / 60)
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
