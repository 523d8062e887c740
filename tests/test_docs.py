"""Documents, docstrings and comments name files and commands that exist."""

from __future__ import annotations

import re
import subprocess
import tokenize
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).parents[1]
_QUOTED = re.compile(r"`([^`\n]+)`|\]\(([^)#\s]+)")
_FILE = re.compile(
    r"(?<![\w./:<%*{}-])(?:[\w-]+/)*[\w-]+\.(?:py|md|html|js|css|sh|toml)\b(?![\w({])"
)
_COMMAND = re.compile(r"manage\.py ([a-z_]+)")
# A file of readers' own, names of programs and hosts, and columns that models have.
ELSEWHERE = {
    "mirror.py",
    "README.md",
    *("node.js", "Node.js", "now.sh", "surge.sh"),
    *("Block.html", "Entry.html"),
}


@cache
def tracked() -> tuple[str, ...]:
    """The files of the project; none where it is no clone."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, check=False)
    return tuple(listed.stdout.decode().split())


def missing_from(text: str) -> list[str]:
    """The files that a text names and the project has nowhere."""
    ends = tuple(f"/{file}" for file in tracked())
    named = set(_FILE.findall(text)) - ELSEWHERE
    return sorted(name for name in named if not any(end.endswith(f"/{name}") for end in ends))


def words_of(module: Path) -> str:
    """The comments and docstrings of a module."""
    with module.open("rb") as file:
        return "\n".join(
            token.string
            for token in tokenize.tokenize(file.readline)
            if token.type == tokenize.COMMENT or token.string.startswith('"""')
        )


@pytest.fixture(autouse=True)
def _is_clone() -> None:
    if not tracked():
        pytest.skip("The files of the project are known to Git alone.")


def test_documents_name_files_and_commands_that_exist() -> None:
    wrong = []
    for name in tracked():
        if name.endswith(".md") and name.split("/")[0] in {"README.md", "CONTRIBUTING.md", "docs"}:
            text = (ROOT / name).read_text(encoding="utf-8")
            quoted = "\n".join(match[1] or match[2] for match in _QUOTED.finditer(text))
            wrong += [(name, file) for file in missing_from(quoted)]
            commands = set(_COMMAND.findall(text)) - get_commands().keys()
            wrong += [(name, command) for command in sorted(commands)]

    assert wrong == []


def test_modules_name_files_that_exist() -> None:
    modules = [name for name in tracked() if name.endswith(".py") and not name.startswith("tests/")]
    wrong = {name: missing_from(words_of(ROOT / name)) for name in modules}

    assert {name: files for name, files in wrong.items() if files} == {}
