"""What a list of entries costs over the API, beside what is written first with REST framework."""

import json
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.bench_import import HUGE
from bench.databases import databases, output_of

AT_LEAST = {"list": 2.5, "list, not counted": 3.5}
"""As many times the requests of the plain view."""
AT_MOST = 2
"""Filtered lists and searches, beside the list."""
FILTERED = ("search", "two tags", "section and tag", "updated since")


@benchmark
def api() -> Iterator[Ratio]:
    """Lists of 50 entries with tags and links of 100,000, on both databases."""
    for name, database in databases():
        yield from _ratios(name, database)


def _ratios(name: str, database: str) -> Iterator[Ratio]:
    figures = json.loads(output_of("bench.api_worker", database, str(HUGE)))
    plain = {
        "list": figures.pop("plain"),
        "list, not counted": figures.pop("plain, not counted"),
    }
    for what, seconds in figures.items():
        note = f"{seconds * 1000:.2f} ms"
        if what in plain:
            yield Ratio(
                what=f"{what}, {name}",
                against=f"requests of a plain view, {plain[what] * 1000:.1f} ms",
                value=plain[what] / seconds,
                at_least=AT_LEAST[what],
                note=note,
            )
        else:
            yield Ratio(
                what=f"{what}, {name}",
                against="the list",
                value=seconds / figures["list"],
                at_most=AT_MOST if what in FILTERED else None,
                note=note,
            )
