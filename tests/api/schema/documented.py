"""Runs the examples of a document as a reader would: from the top, in one shell or Python."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import pairwise
from typing import Any, NamedTuple

_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_END = "\x1e"
"""Told behind each example, to know its output from the next one's."""
_ANYTHING = "…"


class Example(NamedTuple):
    """What is to be run, and what the document says comes of it; None where it does not."""

    source: str
    language: str = ""
    answers: str | None = None


def examples(text: str, language: str) -> list[Example]:
    """The fenced blocks of a language, each with the output behind it, if that is shown."""
    blocks = [(results[1], results[2]) for results in _FENCED.finditer(text)]
    return [
        Example(source, *shown) if shown[0] in {"json", "text"} else Example(source)
        for (name, source), shown in pairwise([*blocks, ("", "")])
        if name == language
    ]


def run_shell(results: list[Example]) -> list[str]:
    """Run examples one after the other in one shell; gives their output."""
    script = "".join(f"{each.source}\nprintf '{_END}'\n" for each in results)
    return _run("bash", "-eu", "-c", script)


def run_python(results: list[Example]) -> list[str]:
    """Run examples one after the other in one interpreter; gives their output."""
    script = "".join(f"{each.source}\nprint(end={_END!r})\n" for each in results)
    return _run(sys.executable, "-c", script)


def _run(*command: str) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    return done.stdout.split(_END)[:-1]


def is_reported(example: Example, output: str) -> bool:
    """Whether the output is what the document says; `…` stands for anything."""
    if example.answers is None:
        return True
    if example.language == "json":
        return _is_like(json.loads(example.answers), json.loads(output))
    pattern = ".*".join(map(re.escape, example.answers.strip().split(_ANYTHING)))
    return re.fullmatch(pattern, output.strip()) is not None


def _is_like(answers: Any, results: Any) -> bool:
    if answers == _ANYTHING:
        return True
    if isinstance(answers, dict) and isinstance(results, dict):
        named = answers.keys() - {_ANYTHING}
        known = named <= results.keys() if _ANYTHING in answers else named == results.keys()
        return known and all(_is_like(answers[name], results[name]) for name in named)
    if isinstance(answers, list) and isinstance(results, list):
        return len(answers) == len(results) and all(map(_is_like, answers, results))
    return bool(answers == results)
