"""The default cache: values in the database, shared by all processes and crowded out by nothing.

Allauth counts attempts to sign in, and remembers codes that were used, in the default cache and in
no other. A bounded cache would forget them as soon as enough else is put into it.

Keys are stored as keyed hashes: they are made of addresses of people.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection
from django.utils.crypto import salted_hmac

from accounts.limits import sweep_sometimes
from accounts.models import StoredValue
from background import clock

LONGEST = 366 * 24 * 3600
"""Seconds for which a value without a timeout is stored."""

_TABLE = StoredValue._meta.db_table
_IS_VALID = f"({_TABLE}.expires_at BETWEEN {{now}} + 1 AND {{now}} + {_TABLE}.lifetime + %(ahead)s)"
_GET = f"SELECT value FROM {_TABLE} WHERE key = %(key)s AND {_IS_VALID}"  # noqa: S608
_SET = f"""
INSERT INTO {_TABLE} (key, value, lifetime, expires_at)
VALUES (%(key)s, %(value)s, %(lifetime)s, {{now}} + %(lifetime)s)
ON CONFLICT (key) DO UPDATE SET
  value = excluded.value, lifetime = excluded.lifetime, expires_at = excluded.expires_at
"""  # noqa: S608
_ADD = f"{_SET} WHERE NOT {_IS_VALID} RETURNING key"
_TOUCH = f"""
UPDATE {_TABLE} SET lifetime = %(lifetime)s, expires_at = {{now}} + %(lifetime)s
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
