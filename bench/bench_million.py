"""Growth of what it costs to find entries, to a million of them in a thousand lists, and memory."""

from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.bench_finding import MANY, figures, growth
from bench.databases import ROOT, sqlite

ENTRIES, LISTS = 1_000_000, 1_000
"""Half of the entries are in one list."""
GROWTH = 4
MEMORY = 180_000_000
"""Bytes of a web process after all requests."""
SITE = ROOT / "var" / "bench" / "million.sqlite3"
"""Made at the first run, which takes some minutes."""


@benchmark
def million() -> Iterator[Ratio]:
    """Pages, counts and lists on SQLite, beside 100,000 entries in one list."""
    with sqlite() as database:
        few = figures(database, MANY)
    SITE.parent.mkdir(parents=True, exist_ok=True)
    many = figures(f"sqlite:///{SITE}", ENTRIES, LISTS)
    few.pop("memory")
    yield Ratio(
        what="memory",
        against=f"{MEMORY:,} bytes",
        value=many.pop("memory") / MEMORY,
        at_most=1,
    )
    for what in many:
        yield growth(what, few[what], many[what], MANY, GROWTH)
