"""The real lists to check against, where they stand beside the repository; else a skip.

A dozen of no more than 150,000 bytes, and all of them in the long run.
"""

from pathlib import Path

import pytest

from tests.effort import IS_LONG

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "lists"
MAX_SIZE = 150_000
_paths = sorted(FOLDER.glob("*.md"))
_small = [path for path in _paths if path.stat().st_size <= MAX_SIZE]
NAMES = [path.name for path in (_paths if IS_LONG else _small[:: max(1, len(_small) // 12)][:12])]

needs_real_lists = pytest.mark.skipif(not NAMES, reason="../shared/lists is not there")


def read_list(name: str) -> str:
    """The text of a list, line endings as they are."""
    return (FOLDER / name).read_text(encoding="utf-8", newline="")
