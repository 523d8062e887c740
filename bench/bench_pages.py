"""What a page costs: made anew, kept whole, and not sent again."""

import json
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.databases import output_of, sqlite
from tests import postgresql

LIMITS = {"uncached": 6, "cached": 1.5, "304": 2}


@benchmark
def pages() -> Iterator[Ratio]:
    """A section and a browse page of 50 entries, on both databases."""
    with sqlite() as database:
        yield from _ratios("SQLite", database)
    try:
        with postgresql.throwaway_cluster() as database:
            yield from _ratios("PostgreSQL", database)
    except postgresql.Unavailable:
        return


def _ratios(name: str, database: str) -> Iterator[Ratio]:
    figures = json.loads(output_of("bench.page_worker", database))
    bare = figures.pop("bare")
    for page, seconds in figures.items():
        yield Ratio(
            what=f"{page}, {name}",
            against="a bare view",
            value=seconds / bare,
            at_most=LIMITS[page.rpartition(" ")[2]],
            note=f"{seconds * 1000:.2f} ms",
        )
