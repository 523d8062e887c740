"""What it costs to find something among very many entries."""

import json
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.bench_import import HUGE
from bench.databases import output_of, sqlite
from tests import postgresql


@benchmark
def search() -> Iterator[Ratio]:
    """Common words and suggestions at 100,000 entries, on both databases."""
    with sqlite() as database:
        yield from _ratios("SQLite", database)
    try:
        with postgresql.throwaway_cluster() as database:
            yield from _ratios("PostgreSQL", database)
    except postgresql.Unavailable:
        return


def _ratios(name: str, database: str) -> Iterator[Ratio]:
    figures = json.loads(output_of("bench.search_worker", database, str(HUGE)))
    bare = figures.pop("bare")
    for what, seconds in figures.items():
        yield Ratio(
            what=f"{what}, {name}, p95",
            against="a bare view",
            value=seconds / bare,
            at_most=15,
            note=f"{seconds * 1000:.1f} ms",
        )
