"""The caches of pages: bounded by bytes in the memory of a process, or in Redis for all nodes."""

from __future__ import annotations

import logging
from collections import Counter, OrderedDict
from collections.abc import Callable
from functools import cache
from threading import Lock
from time import monotonic
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

from catalog.published import release

_sizes: Counter[str] = Counter()
"""Bytes of each cache's values by its name; Django has an instance for each thread."""


class SizedCache(LocMemCache):
    """Django's, forgetting what was not read for longest once it holds `MAX_BYTES` (an option)."""

    # What Django calls its own, and its types do not name.
    _cache: OrderedDict[str, bytes]
    _expire_info: dict[str, float | None]
    _lock: Lock

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, params)
        self.name = name
        self.max_bytes: int = params["OPTIONS"]["MAX_BYTES"]

    def _set(self, key: str, value: bytes, timeout: Any = None) -> None:
        self._delete(key)
        if len(value) > self.max_bytes:
            return
        while _sizes[self.name] + len(value) > self.max_bytes:
            self._delete(next(reversed(self._cache)))
        self._cache[key] = value
        self._cache.move_to_end(key, last=False)
        self._expire_info[key] = self.get_backend_timeout(timeout)
        _sizes[self.name] += len(value)

    def _delete(self, key: str) -> bool:
        value = self._cache.pop(key, None)
        if value is None:
            return False
        del self._expire_info[key]
        _sizes[self.name] -= len(value)
        return True

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._cache.clear()
            self._expire_info.clear()
            _sizes[self.name] = 0


# Redis: keys are of the release, so that nodes of two releases go on side by side. Values have a
# time to live; how much there is in all is bounded by the server's `maxmemory`, which `/readyz`
# asks for.


logger = logging.getLogger(__name__)

COUNTERS = "reads"
"""The cache whose values mean the same to every release."""
LONGEST_VALUE = 1_000_000
"""Bytes; what is larger is made again each time, rather than push out hundreds of pages."""
LONGEST_LIFE = 86_400
"""Seconds; nothing stays for longer, whatever asks for it."""
PAUSE = 5.0
"""Seconds for which a server that did not answer is not asked again: each try costs a wait."""


@cache
def _release() -> str:
    return release()[:16]


def key_of(key: str, prefix: str, version: int) -> str:
    """Return the key in Redis."""
    owner = "any" if prefix == COUNTERS else _release()
    return f"listwright:{prefix}:{owner}:{version}:{key}"


class SharedCache(RedisCache):
    """Redis, as a cache that may be away, or hold what cannot be read: pages are slower then."""

    _away_until = 0.0

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._try(lambda: super(SharedCache, self).get(key, default, version), default)

    def set(
        self, key: str, value: Any, timeout: Any = LONGEST_LIFE, version: int | None = None
    ) -> None:
        # Pages and findings are tuples, whose largest part says about how many bytes they take.
        parts = value if isinstance(value, tuple) else (value,)
        if sum(len(part) for part in parts if isinstance(part, bytes | str)) > LONGEST_VALUE:
            return
        life = LONGEST_LIFE if timeout is None else min(timeout, LONGEST_LIFE)
        self._try(lambda: super(SharedCache, self).set(key, value, life, version), None)

    def problem(self) -> str:
        """Return the server's problem in a sentence; '' when there is none. Raises its errors."""
        memory = self._cache.get_client(None, write=True).info("memory")
        if memory["maxmemory"]:
            return ""
        return (
            "Redis has no bound: set maxmemory, and maxmemory-policy allkeys-lru, "
            "or it grows until the machine is full."
        )

    def _try[T](self, work: Callable[[], T], otherwise: T) -> T:
        if monotonic() < SharedCache._away_until:
            return otherwise
        try:
            return work()
        except Exception as error:
            # The client's own errors, and whatever a value of somebody else's makes pickle raise.
            from redis.exceptions import RedisError

            is_away = isinstance(error, RedisError | OSError)
            SharedCache._away_until = monotonic() + PAUSE if is_away else 0.0
            logger.warning("The cache does not answer: %s: %s", type(error).__name__, error)
            return otherwise
