"""Reading a list: against the parser library alone, against twice the text, and in memory."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pyromark import events_with_range

from bench import Ratio, benchmark, best_time
from catalog.markdown import parse
from catalog.markdown.scanner import OPTIONS

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


def texts() -> list[str]:
    """The real lists, where they are; else the sample, often enough to be worth measuring."""
    found = [path.read_text("utf-8", newline="") for path in sorted(REAL_LISTS.glob("*.md"))]
    return found or [SAMPLE.read_text("utf-8", newline="")] * 50


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
    growth = {name: _growth(shape, MEGABYTE) for name, shape in SHAPES.items()}
    worst = max(growth, key=growth.__getitem__)
    against = "half of it"
    note = f"worst of {len(SHAPES)} shapes: {worst}"
    yield Ratio(what="parse, 1 MB", against=against, value=growth[worst], at_most=2.6, note=note)
    value = _growth(SHAPES["items"], 10 * MEGABYTE)
    yield Ratio(what="parse, 10 MB", against=against, value=value, at_most=2.6, note="items")


def _growth(shape: str, size: int) -> float:
    """How much longer the whole takes than its half, the least of up to three tries."""
    whole = shape * (size // len(shape))
    half = whole[: len(whole) // 2]
    growth = _UNCLEAR
    for _ in range(3):
        time = best_time(lambda: parse(half), repeat=2)
        growth = min(growth, best_time(lambda: parse(whole), repeat=1) / time)
        if growth < _CLEAR:
            break
    return growth


# Runs in a process of its own, whose peak is that of this one text.
_PEAK = """
import re, sys
from pathlib import Path
from catalog.markdown import parse
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
