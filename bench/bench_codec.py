"""Reading a list: against the parser library alone, against twice the text, and in memory."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from pyromark import events_with_range

from bench import Ratio, benchmark, best_time
from catalog.markdown import parse
from catalog.markdown.linting import lint
from catalog.markdown.nodes import Document
from catalog.markdown.scanner import OPTIONS
from catalog.tagging.values import MAX_CELL_LENGTH, split_values

ROOT = Path(__file__).resolve().parents[1]
REAL_LISTS = ROOT.parent / "shared" / "lists"
SAMPLE = ROOT / "catalog" / "samples" / "open-source-chatgpt.md"
MEGABYTE = 1_000_000
_CLEAR = 2.3
"""A growth below which nothing is measured again."""
_UNCLEAR = 99.0

# What has made one parser or another quadratic, in one line each.
SHAPES = {
    "brackets": "[",
    "links not closed": "[a](",
    "links": "[a](u) ",
    "quotes": "> ",
    "lists in lists": "- ",
    "items": "- [a](http://u.org) - b.\n",
    "items led by words": "- one of the [a](http://u.org) b.\n",
    "deeper and deeper": "* a\n  - b\n",
    "emphasis": "a*b_ **c ",
    "code not closed": "`a``",
    "cells": "| a ",
    "rows": "| a |\n|---|\n",
    "addresses": "http://a.b,",
    "names not ASCII": "é[ü](u)、",
    "tags not closed": "<a href='",
    "rows of HTML": "<tr><td><a href=x>y</a>\n",
    "comments not closed": "<!-- <a href=x>",
    "headings": "# a\n",
    "definitions": "[r]: u\n",
    "lines": "[a](u)  \n",
    "line endings": "\r",
    "numbers and tabs": "1. \t",
    "badges not closed": "[![ ",
    "pictures not closed": "![a](",
    "breaks": "<br> ",
}

# What has made a rule of the linter quadratic, a line or a piece of one each.
LINT_LINES = (
    "- [a](https://a.org) - A.\n",
    "- [b](http://a.org?utm_a=b) (\n",
    "- [a](#b)\n",
    "[a](http://a.org?utm_a=b)\n",
    "# a\n",
    "[a][b] ",
    "[a](https://a.org)[b][c] ",
    "[a]: b\n",
    "<a name=x ",
    "# # # ",
    "- # a #  # \n",
    "\u200b",
    "| a |\n",
)
TABLE_HEAD = "| a |\n|---|\n"
LINTED = 20_000
VALUE_PARTS = (
    "`",
    "``a`",
    "[",
    "[a](",
    "(",
    "（",
    "![",
    "<a>",
    "<!--",
    "**a",
    "_a ",
    " ",
    "&amp;",
    ",. ",
)


def texts() -> list[str]:
    """The real lists, where they are; else the sample, often enough to be worth measuring."""
    lists = [path.read_text("utf-8", newline="") for path in sorted(REAL_LISTS.glob("*.md"))]
    return lists or [SAMPLE.read_text("utf-8", newline="")] * 50


@benchmark
def speed() -> Iterator[Ratio]:
    """Blocks, sections, listings, entries, links and slots against the bare events."""
    lists = texts()

    def events() -> None:
        for text in lists:
            sum(1 for _ in events_with_range(text, options=OPTIONS))

    def whole() -> None:
        for text in lists:
            parse(text)

    yield Ratio(
        what="parse",
        against="the parser library's events",
        # In turns, so that what else the machine does meets both.
        value=min(best_time(whole, repeat=2) / best_time(events, repeat=2) for _ in range(3)),
        at_most=10,
        note=f"{sum(map(len, lists)) / MEGABYTE:.1f} million characters",
    )


@benchmark
def linearity() -> Iterator[Ratio]:
    """Twice as much of what is hard to read takes twice as long, not four times."""
    yield _worst("parse, 1 MB", _of_texts(parse, SHAPES, MEGABYTE))
    yield _worst("parse, 10 MB", _of_texts(parse, {"items": SHAPES["items"]}, 10 * MEGABYTE))
    documents = {
        line.strip(): (_repeated(line, LINTED // 2), _repeated(line, LINTED)) for line in LINT_LINES
    }
    yield _worst(
        f"lint, {LINTED:,} lines",
        {line: _growth(lint, half, whole) for line, (half, whole) in documents.items()},
    )
    # As long as a cell may be that is split, and often enough to be measured.
    yield _worst(
        "values of a cell",
        _of_texts(_split_often, {part: part for part in VALUE_PARTS}, MAX_CELL_LENGTH),
    )


def _worst(what: str, growth: dict[str, float]) -> Ratio:
    name = max(growth, key=growth.__getitem__)
    note = f"worst of {len(growth)} shapes: {name}"
    return Ratio(what=what, against="half of it", value=growth[name], at_most=2.6, note=note)


def _of_texts(work: Callable[[str], object], shapes: dict[str, str], size: int) -> dict[str, float]:
    """The growth of a text of each shape, by the shape's name."""
    wholes = {name: shape * (size // len(shape)) for name, shape in shapes.items()}
    return {name: _growth(work, text[: len(text) // 2], text) for name, text in wholes.items()}


def _growth[T](work: Callable[[T], object], half: T, whole: T) -> float:
    """How much longer the whole takes than its half, the least of up to three tries."""
    growth = _UNCLEAR
    for _ in range(3):
        time = best_time(lambda: work(half), repeat=2)
        growth = min(growth, best_time(lambda: work(whole), repeat=1) / time)
        if growth < _CLEAR:
            break
    return growth


def _repeated(line: str, times: int) -> Document:
    """A document of so many lines; rows stand in a table."""
    return parse(TABLE_HEAD * line.startswith("|") + line * times)


def _split_often(cell: str) -> None:
    for _ in range(20):
        split_values(cell)


# Runs in a process of its own, whose peak is that of this one text.
_PEAK = """
import re, sys
from pathlib import Path
from catalog.markdown import parse
from catalog.markdown.nodes import Document
def kilobytes(name):
    return int(re.search(name + r":\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
parse("- [a](http://b.org) - c.\\n" * 100)
text = sys.stdin.buffer.read().decode()
before = kilobytes("VmRSS")
document = parse(text)
print((kilobytes("VmHWM") - before) * 1024 / len(text.encode()))
"""


@benchmark
def memory() -> Iterator[Ratio]:
    """What the process grows by while it reads one of the largest lists."""
    if not Path("/proc/self/status").exists():
        return
    largest = sorted(set(texts()), key=len)[-5:]
    yield Ratio(
        what="memory of parse",
        against="the text's bytes",
        value=max(map(_peak, largest)),
        at_most=30,
        note=f"worst of the {len(largest)} largest lists",
    )


def _peak(text: str) -> float:
    text *= -(-MEGABYTE // len(text))  # a small one would measure the noise
    done = subprocess.run(
        [sys.executable, "-c", _PEAK],
        input=text.encode(),
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    return float(done.stdout)
