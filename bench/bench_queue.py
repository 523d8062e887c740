"""What the moderators' queue costs, with ten and with ten thousand that wait."""

import json
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.databases import databases, output_of

MOST_QUERIES = 11
"""With the one that asks for a second factor, which the measured installation does without, and the
one that says of which state all rows are, on all pages, where all may be decided at once."""


@benchmark
def queue() -> Iterator[Ratio]:
    """The first page, on both databases."""
    for name, database in databases():
        yield from _ratios(name, database)


def _ratios(name: str, database: str) -> Iterator[Ratio]:
    figures = json.loads(output_of("bench.queue_worker", database))
    (few, _few_queries), (many, queries) = figures["10"], figures["10000"]
    yield Ratio(
        what=f"queries of the queue, {name}",
        against="one query",
        value=queries,
        at_most=MOST_QUERIES - 1,
        note="10,000 wait",
    )
    yield Ratio(
        what=f"queue of 10,000, {name}",
        against="with 10 that wait",
        value=many / few,
        at_most=4,
        note=f"{many * 1000:.0f} ms, a page of 50",
    )
