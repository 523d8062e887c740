"""What it costs to find something among very many entries, by words and by filters."""

import json
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.bench_import import HUGE
from bench.databases import output_of, sqlite
from tests import postgresql

LIMIT = 15
LIMITS = {
    # Words are looked up, ranked and marked besides, in fifty rows.
    "browse, a word": 35,
    "browse, a word and two facets": 35,
    # Every name and word there is gets compared.
    "nothing found": 150,
    # Once in the life of a process, and once in each of them after every edit.
    "browse, a new process": 12_000,
    "browse, after an edit": 400,
}


@benchmark
def search() -> Iterator[Ratio]:
    """Common words, suggestions and choices at 100,000 entries, on both databases."""
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
            what=f"{what}, {name}",
            against="a bare view",
            value=seconds / bare,
            at_most=LIMITS.get(what, LIMIT),
            note=f"{seconds * 1000:.1f} ms",
        )
