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


def site(name: str, root: Path = ROOT) -> str:
    """The address of a database in var/quality/, which is filled once, and anew after a change of
    the code: what an earlier version has stored is no measure of this one."""
    folder = root / "var" / "quality"
    folder.mkdir(parents=True, exist_ok=True)
    changed = max(file.stat().st_mtime for file in (root / "catalog").rglob("*.py"))
    database = folder / f"{name.replace(' ', '-')}.sqlite3"
    if database.exists() and database.stat().st_mtime < changed:
        for file in folder.glob(f"{database.name}*"):
            file.unlink()
    return f"sqlite:///{database}"
