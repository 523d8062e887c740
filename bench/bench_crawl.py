"""What crawlers, readers and subscribers of a list of 20,000 entries cost."""

import json
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.databases import databases, output_of

LIMITS = {"SQLite": 18, "PostgreSQL": 30}
"""Of a page beside a view that does nothing: 3 and 5 ms where that takes 0.17."""


@benchmark
def crawl() -> Iterator[Ratio]:
    """Each entry once, visits of all beside edits, and the feed, on both databases."""
    for name, database in databases():
        figures = json.loads(output_of("bench.crawl_worker", database))
        bare, rate = figures.pop("bare"), figures.pop("hit rate")
        for what, seconds in figures.items():
            yield Ratio(
                what=f"{what}, {name}",
                against="a bare view",
                value=seconds / bare,
                at_most=LIMITS[name],
                note=f"{seconds * 1000:.2f} ms",
            )
        yield Ratio(
            what=f"visits beside edits, {name}",
            against="answered from the cache",
            value=rate,
            at_least=0.8,
        )
