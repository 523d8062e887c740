"""How often somebody may do something, counted in the database, so that all processes agree.

What is done thousands of times is counted in the cache instead (`allow_often`).

Each key has a bucket that holds as much as its rate allows and runs out evenly: after a pause all
of it can be used at once, and under steady load one request each `seconds / limit`. A row says when
the bucket will be empty, so one statement both decides and counts, and nothing has to be reset.

Keys are stored as keyed hashes: no address of a person is kept, but for seconds in the cache.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import RateLimit
from catalog.errors import CatalogError

SECOND = 1_000_000
"""Times are whole microseconds since 1970."""
SWEEP_EVERY = 600
"""Seconds between two removals of what has run out, in each process."""
SWEPT_AT_ONCE = 1000
_MOST_REMEMBERED = 10_000

_COUNT = """
INSERT INTO accounts_ratelimit (key, empty_at) VALUES (%(key)s, %(now)s + %(step)s)
ON CONFLICT (key) DO UPDATE SET empty_at = %(step)s + CASE
  WHEN accounts_ratelimit.empty_at > %(now)s THEN accounts_ratelimit.empty_at ELSE %(now)s END
WHERE accounts_ratelimit.empty_at <= %(latest)s
RETURNING empty_at
"""
# The time stands outside of the IN as well: a row that was used meanwhile is looked at again.
_SWEEP = """
DELETE FROM accounts_ratelimit WHERE empty_at < %s AND key IN (
  SELECT key FROM accounts_ratelimit WHERE empty_at < %s ORDER BY empty_at LIMIT %s)
"""


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
    now = _now()
    until = _refused.until(name)
    if until > now:
        raise _refusal(_seconds(until - now))
    step, latest = _step(rate), now + (rate.seconds * SECOND) - _step(rate)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": name, "now": now, "step": step, "latest": latest})
        allowed = cursor.fetchone() is not None
    _sweep_sometimes()
    if allowed:
        return
    empty_at = RateLimit.objects.filter(pk=name).values_list("empty_at", flat=True).first() or now
    wait = max(empty_at - latest, 1)
    _refused.remember(name, now + wait)
    raise _refusal(_seconds(wait))


def allow_often(scope: str, key: object, rate: Rate) -> None:
    """Count one use in the cache, for what costs less than a row in the database would.

    Raises `TooMany`. A bucket like those of `allow()`, in one number; uses at the very same moment
    may count once, and where the cache is one process's own, each process counts for itself.
    """
    name, now = f"limit:{scope}:{key}", _now()
    empty_at = max(cache.get(name, now), now)
    wait = empty_at + _step(rate) - now - rate.seconds * SECOND
    if wait > 0:
        raise _refusal(_seconds(wait))
    empty_at += _step(rate)
    cache.set(name, empty_at, _seconds(empty_at - now))


def is_used_up(scope: str, key: object, rate: Rate) -> bool:
    """Whether the next `allow()` would refuse; counts nothing."""
    latest = _now() + rate.seconds * SECOND - _step(rate)
    return RateLimit.objects.filter(pk=_name(scope, key), empty_at__gt=latest).exists()


def forget_expired(most: int = SWEPT_AT_ONCE) -> int:
    """Remove rows that say nothing any more; returns how many. `allow()` does so now and then."""
    now = _now()
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, [now, now, most])
        return int(cursor.rowcount)


def forget_refusals() -> None:
    """Let this process ask the database again about everybody it has refused."""
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
    """What one person easily has all addresses of: an IPv4 address, an IPv6 /64; '' if none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
        found = found.ipv4_mapped
    return str(found)


# Inside


class _Refusals:
    """Until when this process need not ask again.

    A bucket only ever fills up, so a refusal holds until the time it named.
    """

    def __init__(self) -> None:
        self._until: dict[str, int] = {}
        self._lock = threading.Lock()

    def until(self, name: str) -> int:
        return self._until.get(name, 0)

    def remember(self, name: str, until: int) -> None:
        with self._lock:
            if len(self._until) >= _MOST_REMEMBERED:
                self._until.clear()
            self._until[name] = until

    def clear(self) -> None:
        with self._lock:
            self._until.clear()


_refused = _Refusals()
_next_sweep = time.monotonic() + SWEEP_EVERY


def _sweep_sometimes() -> None:
    global _next_sweep
    if time.monotonic() >= _next_sweep:
        _next_sweep = time.monotonic() + SWEEP_EVERY
        forget_expired()


def _now() -> int:
    return time.time_ns() // 1000


def _step(rate: Rate) -> int:
    return rate.seconds * SECOND // rate.limit


def _seconds(microseconds: int) -> int:
    return max(math.ceil(microseconds / SECOND), 1)


def _name(scope: str, key: object) -> str:
    return salted_hmac("accounts.limits", f"{scope}:{key}", algorithm="sha256").hexdigest()


def _refusal(seconds: int) -> TooMany:
    message = _("Too many requests; try again in %(time)s.")
    return TooMany(message % {"time": _told(seconds)}, seconds)


def _told(seconds: int) -> str:
    if seconds < 120:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = math.ceil(seconds / 60)
    if minutes < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = math.ceil(minutes / 60)
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
