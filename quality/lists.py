"""The real lists that quality is measured on, in two halves: one to tune on, one to report."""

import os
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HALVES = ("tuned on", "held out")


def folder_of(argument: str) -> Path:
    """The folder of lists: as named, or in LISTS, or ../shared/lists."""
    name = argument or os.environ.get("LISTS", "")
    return Path(name).resolve() if name else ROOT.parent / "shared" / "lists"


def half_of(path: Path) -> str:
    """The half that a list is in; all lists of a repository (owner__name__file) are in the same."""
    repository = "__".join(path.stem.split("__")[:2])
    return HALVES[sha256(repository.encode()).digest()[0] % 2]


def paths_of(folder: Path, half: str) -> list[Path]:
    """The lists of a half in the order of their names."""
    return [path for path in sorted(folder.glob("*.md")) if half_of(path) == half]
