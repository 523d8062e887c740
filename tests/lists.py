"""The real lists to check against, where they stand beside the repository; else a skip."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "lists"
NAMES = sorted(path.name for path in FOLDER.glob("*.md"))

needs_real_lists = pytest.mark.skipif(not NAMES, reason="../shared/lists is not there")


def read_list(name: str) -> str:
    """The text of a list, line endings as they are."""
    return (FOLDER / name).read_text(encoding="utf-8", newline="")
