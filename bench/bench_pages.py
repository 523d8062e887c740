"""What a page costs: made anew, kept whole, and not sent again."""

import json
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.databases import databases, output_of

LIMITS = {"uncached": 6, "cached": 1.5, "304": 2}
UNCACHED = {"entry": 17, "list": 23, "home": 58, "sitemap": 115}
"""Of pages that are made of more: 3, 4, 10 and 20 ms where a bare view takes 0.17."""
KILOBYTES = {"page": 60, "styles and scripts": 30}


@benchmark
def pages() -> Iterator[Ratio]:
    """Sections and a browse page of 50 entries, on both databases, and what they weigh."""
    for name, database in databases():
        yield from _ratios(name, database)


def _ratios(name: str, database: str) -> Iterator[Ratio]:
    measured = json.loads(output_of("bench.page_worker", database))
    figures = measured["seconds"]
    bare = figures.pop("bare")
    query = figures.pop("query")
    yield Ratio(
        what=f"one query, {name}",
        against="a bare view",
        value=query / bare,
        note=f"{query * 1000:.2f} ms",
    )
    for page, seconds in figures.items():
        yield Ratio(
            what=f"{page}, {name}",
            against="a bare view",
            value=seconds / bare,
            at_most=UNCACHED.get(page.removesuffix(" uncached"), LIMITS[page.rpartition(" ")[2]]),
            note=f"{seconds * 1000:.2f} ms",
        )
    yield Ratio(
        what=f"visits of entries beside edits, {name}",
        against="answered from the cache",
        value=measured["hit rate"],
        at_least=0.8,
    )
    if name == "SQLite":
        for page, weights in measured["bytes"].items():
            for what, limit in KILOBYTES.items():
                yield Ratio(
                    what=f"{page}, {what}",
                    against="1,000 bytes, compressed",
                    value=weights[what] / 1000,
                    at_most=limit,
                )
