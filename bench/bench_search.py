"""What it costs to find something among very many entries, by words and by filters."""

import json
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.bench_import import HUGE
from bench.databases import databases, output_of

LIMIT = 15
LIMITS = {
    # Words are looked up, ranked and marked besides, in fifty rows.
    "browse, a word": 35,
    "browse, a word and two facets": 35,
    # Every name and word there is gets compared.
    "nothing found": 150,
    # As any other page.
    "browse, a new process": 35,
    "browse, after an edit": 35,
}


@benchmark
def search() -> Iterator[Ratio]:
    """Common words, suggestions and choices at 100,000 entries, on both databases."""
    for name, database in databases():
        yield from _ratios(name, database)


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
