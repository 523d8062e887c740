"""What every export is: a text in parts that do not grow with the list."""

from __future__ import annotations

from collections.abc import Generator

type Chunks = Generator[str, None, None]
"""Parts of a text. Whoever does not read them to the end closes them."""

ENTRIES_PER_CHUNK = 50
"""Entries in one part, where a format writes them one after the other."""
