"""What a page costs: made anew, kept whole, and not sent again."""

import json
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.databases import databases, output_of

LIMITS = {"cached": 2, "304": 2}
UNCACHED = {
    "SQLite": {"list": 23, "home": 58, "sitemap": 115, "": 17},
    "PostgreSQL": {"list": 35, "home": 58, "sitemap": 115, "": 30},
}
"""Of pages made anew: 4, 10, 20 and otherwise 3 ms where a bare view takes 0.17, and 6 and 5 on
PostgreSQL. Sections and what is browsed are read for each page, as nothing of a list is in memory:
that is a handful of statements, and each takes PostgreSQL about what a bare view takes."""
KILOBYTES = {"page": 60, "styles and scripts": 30}


@benchmark
def pages() -> Iterator[Ratio]:
    """Sections and a browse page of 50 entries, on both databases, and what they weigh."""
    for name, database in databases():
        yield from _ratios(name, database)


def _limit(database: str, page: str) -> float:
    what, _, how = page.rpartition(" ")
    limits = UNCACHED[database]
    return LIMITS[how] if how in LIMITS else limits.get(what, limits[""])


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
            at_most=_limit(name, page),
            note=f"{seconds * 1000:.2f} ms",
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
