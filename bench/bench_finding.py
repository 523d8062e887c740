"""What it costs to find entries, by words and by filters, and how it grows with their number."""

import json
from collections.abc import Iterator
from typing import Any

from bench import Ratio, benchmark
from bench.databases import databases, output_of

FEW, MANY = 20_000, 100_000
BARE = 0.17
"""Milliseconds of a view that does nothing, where those below were asked for."""
LIMITS = {
    "entry": {"SQLite": 3, "PostgreSQL": 5},
    "list": {"SQLite": 4, "PostgreSQL": 6},
    "sitemap": {"SQLite": 20, "PostgreSQL": 20},
    "browse, a new process": {"SQLite": 30, "PostgreSQL": 30},
    "browse, two facets": {"SQLite": 5, "PostgreSQL": 10},
    "browse, a word and two facets": {"SQLite": 5, "PostgreSQL": 8},
    "browse": {"SQLite": 8, "PostgreSQL": 10},
    "search, misspelled": {"SQLite": 12, "PostgreSQL": 18},
    "search": {"SQLite": 6, "PostgreSQL": 10},
    "suggestions": {"SQLite": 2, "PostgreSQL": 4},
    "": {"SQLite": 5, "PostgreSQL": 10},
}
"""Milliseconds at 100,000 entries of what is called or begins so; the first that fits counts. They
are what is wanted, but that the first page of a new process should cost no more than any other."""
GROWTH = 2
"""Wanted are 1.5; a page in the middle counts an index up to there."""
type Figures = tuple[float, float]
"""Seconds that something costs, and a bare view."""
MEMORY = 160_000_000
"""Bytes of a web process after all requests."""


@benchmark
def finding() -> Iterator[Ratio]:
    """Pages, counts and lists of 20,000 and of 100,000 entries, on both databases."""
    few = {name: figures(database, FEW) for name, database in databases()}
    for name, database in databases():
        many = figures(database, MANY)
        yield Ratio(
            what=f"memory, {name}",
            against=f"{MEMORY:,} bytes",
            value=many.pop("memory") / MEMORY,
            at_most=1,
        )
        for what, (seconds, bare) in many.items():
            yield Ratio(
                what=f"{what}, {name}",
                against="a bare view",
                value=seconds / bare,
                at_most=limit(what, name),
                note=f"{seconds * 1000:.2f} ms",
            )
            yield growth(f"{what}, {name}, growth", few[name][what], (seconds, bare), FEW, GROWTH)


def growth(what: str, few: Figures, many: Figures, entries: int, at_most: float) -> Ratio:
    """What something costs beside what it costs among so many entries, both in bare views."""
    return Ratio(
        what=what,
        against=f"{entries:,} entries",
        value=many[0] / many[1] / (few[0] / few[1]),
        at_most=at_most,
        note=f"{few[0] * 1000:.2f} ms, {many[0] * 1000:.2f} ms",
    )


def limit(what: str, database: str) -> float:
    """How many times a bare view it may cost."""
    most = next(own for start, own in LIMITS.items() if what.startswith(start))
    return round(most[database] / BARE, 1)


def figures(database: str, entries: int, lists: int = 1) -> dict[str, Any]:
    """The `Figures` of what is requested, and `memory`: bytes after all requests.

    The site is made where there is none.
    """
    arguments = str(entries), str(lists)
    output_of("bench.sites", database, *arguments)
    measured: dict[str, Any] = json.loads(output_of("bench.finding_worker", database, *arguments))
    return measured
