"""Refuse identifiers made of retired words: ``python -m tests.retired_words``, called by make lint.

The words are those of the last table in docs/glossary.md. Looked at are the names that a module
gives: of classes, functions, parameters, variables and attributes.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = (
    "accounts",
    "api",
    "background",
    "bench",
    "catalog",
    "config",
    "operating",
    "quality",
    "remotes",
    "submissions",
    "tests",
)
# HTTP's own phrase for status 404.
ALLOWED_PHRASE = ("not", "found")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def retired_words() -> frozenset[str]:
    """Return the words in the first column of the glossary's table of retired words."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    table = text.partition("## Retired words")[2]
    rows = re.findall(r"^\| ([a-z, ]+) \|", table, flags=re.MULTILINE)
    return frozenset(word for row in rows[1:] for word in row.split(", "))


def words_of(identifier: str) -> list[str]:
    """Return the words of a name in snake_case or CamelCase, in lower case."""
    return [word.lower() for word in _WORD.findall(identifier)]


def is_retired(identifier: str, retired: frozenset[str]) -> bool:
    """Whether a name holds a retired word outside an allowed phrase."""
    pairs = pairwise(["", *words_of(identifier)])
    return any(pair[1] in retired and pair != ALLOWED_PHRASE for pair in pairs)


def names_given(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each name that a module defines or assigns."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
            case ast.alias(asname=str(name)) | ast.keyword(arg=str(name)):
                yield node.lineno, name


def offences(files: Iterable[Path]) -> Iterator[str]:
    """Yield `path:line: sentence` for each name that holds a retired word."""
    retired = retired_words()
    for path in sorted(files):
        place = path.relative_to(ROOT).as_posix()
        for word in words_of(path.stem):
            if word in retired:
                yield f"{place}:1: the module's name holds “{word}”; see docs/glossary.md"
        for line, name in names_given(ast.parse(path.read_text(encoding="utf-8"))):
            if is_retired(name, retired):
                yield f"{place}:{line}: “{name}” holds a retired word; see docs/glossary.md"


def checked_files() -> Iterator[Path]:
    """Yield the Python files that the rule is about."""
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            place = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in place:
                yield path


def main() -> int:
    """Print what is refused; return the exit status."""
    lines = list(offences(checked_files()))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
