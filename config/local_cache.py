"""A cache in the memory of a process that is bounded by bytes, not by how many values it holds."""

from __future__ import annotations

from collections import Counter, OrderedDict
from threading import Lock
from typing import Any

from django.core.cache.backends.locmem import LocMemCache

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
