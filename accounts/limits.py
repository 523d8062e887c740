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
import json
import math
import threading
from time import monotonic
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
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


def forget_expired() -> int:
    """Remove rows that say nothing any more, of either table; returns how many."""
    count = 0
    with connection.cursor() as cursor:
        for model, column in _SWEPT:
            table, now = model._meta.db_table, clock.now_sql()
            cursor.execute(_SWEEP.format(table=table, column=column, now=now), [SWEPT_AT_ONCE])
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


# The default cache. Allauth counts attempts to sign in, and remembers codes that were used, there
# and nowhere else; a bounded cache would forget them as soon as enough else is put into it. Keys
# are stored as keyed hashes: they are made of addresses of people.


LONGEST = 366 * 24 * 3600
"""Seconds for which a value without a timeout is stored."""

_VALUES = StoredValue._meta.db_table
_IS_VALID = (
    f"({_VALUES}.expires_at BETWEEN {{now}} + 1 AND {{now}} + {_VALUES}.lifetime + %(ahead)s)"
)
_GET = f"SELECT value FROM {_VALUES} WHERE key = %(key)s AND {_IS_VALID}"  # noqa: S608
_SET = f"""
INSERT INTO {_VALUES} (key, value, lifetime, expires_at)
VALUES (%(key)s, %(value)s, %(lifetime)s, {{now}} + %(lifetime)s)
ON CONFLICT (key) DO UPDATE SET
  value = excluded.value, lifetime = excluded.lifetime, expires_at = excluded.expires_at
"""  # noqa: S608
_ADD = f"{_SET} WHERE NOT {_IS_VALID} RETURNING key"
_TOUCH = f"""
UPDATE {_VALUES} SET lifetime = %(lifetime)s, expires_at = {{now}} + %(lifetime)s
WHERE key = %(key)s AND {_IS_VALID}
"""  # noqa: S608


class StoredCache(BaseCache):
    """A Django cache of values that JSON can hold, without a bound; expired ones are swept away.

    Every method is one statement, so `add` is given to one of many who call it at once.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(*self._statement(_GET, key, version))
            row = cursor.fetchone()
        return default if row is None else json.loads(row[0])

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        with connection.cursor() as cursor:
            cursor.execute(*self._statement(_SET, key, version, timeout, value))
        sweep_sometimes()

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(*self._statement(_ADD, key, version, timeout, value))
            added = cursor.fetchone() is not None
        sweep_sometimes()
        return added

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(*self._statement(_TOUCH, key, version, timeout))
            return bool(cursor.rowcount)

    def delete(self, key: Any, version: int | None = None) -> bool:
        count, _ = StoredValue.objects.filter(pk=self._row_key(key, version)).delete()
        return bool(count)

    def clear(self) -> None:
        StoredValue.objects.all().delete()

    def _statement(
        self,
        statement: str,
        key: Any,
        version: int | None,
        timeout: Any = DEFAULT_TIMEOUT,
        value: Any = None,
    ) -> tuple[str, dict[str, str | int]]:
        return statement.format(now=clock.now_sql()), {
            "key": self._row_key(key, version),
            "value": json.dumps(value),
            "lifetime": self._lifetime(timeout),
            "ahead": clock.TOLERANCE,
        }

    def _row_key(self, key: Any, version: int | None) -> str:
        text = self.make_key(key, version)
        return salted_hmac("accounts.stored_cache", text, algorithm="sha256").hexdigest()

    def _lifetime(self, timeout: Any) -> int:
        """Microseconds; none at all for a timeout that is not positive."""
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        seconds = LONGEST if timeout is None else min(max(timeout, 0), LONGEST)
        return int(seconds * clock.SECOND)
