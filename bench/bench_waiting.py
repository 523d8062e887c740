"""How long others wait to write while a long list is imported, and what memory that takes."""

import json
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.databases import databases, output_of

ENTRIES = 100_000
MOST_SECONDS = 2.5
PROGRAM, TIMES_ITS_TEXT = 200, 14
"""Megabytes without any list, and how often its text a list may take: docs/speed.md says why."""


@benchmark
def imports() -> Iterator[Ratio]:
    """Sign-ins and edits of another list, each from its beginning to its commit."""
    for name, database in databases():
        figures = json.loads(output_of("bench.waiting_worker", database, "wait", f"{ENTRIES}"))
        yield Ratio(
            what=f"writing during an import of {ENTRIES:,}, {name}",
            against=f"{MOST_SECONDS} s, the slowest of a hundred",
            value=figures["p99"] / MOST_SECONDS,
            at_most=1,
            note=f"{figures['writes']} writes, the slowest {figures['most']:.1f} s",
        )
        yield Ratio(
            what=f"memory of that import, {name}",
            against=f"{PROGRAM} MB and {TIMES_ITS_TEXT} times its text",
            value=figures["peak"] / (PROGRAM + TIMES_ITS_TEXT * figures["text"]),
            at_most=1,
            note=f"{figures['peak']:.0f} MB, the program included",
        )
