"""Exports over the API, and the feed that mirrors follow."""

import json
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.databases import output_of, sqlite

ORDINARY, HUGE = 1_300, 100_000


@benchmark
def exports() -> Iterator[Ratio]:
    """Whole answers against reading the same rows, and first bytes against whole answers."""
    for entries in (ORDINARY, HUGE):
        with sqlite() as database:
            figures = json.loads(output_of("bench.export_worker", database, str(entries)))
        yield Ratio(
            what=f"markdown over the API, {entries:,} entries",
            against="the SELECT of the sources",
            value=figures["markdown"] / figures["sources"],
            at_most=3,
        )
        yield Ratio(
            what=f"JSON over the API, {entries:,} entries",
            against="the SELECT of entries, tags and links",
            value=figures["json"] / figures["rows"],
            at_most=3,
        )
        yield Ratio(
            what=f"a change for a mirror, {entries:,} entries",
            against="an export",
            value=figures["change"] / figures["markdown"],
            at_most=5,
            note=f"{figures['change'] * 1000:.0f} ms",
        )
    yield Ratio(
        what=f"first byte of an export, {HUGE:,} entries",
        against="all of it",
        value=figures["first"] / figures["markdown"],
        at_most=0.1,
        note=f"{figures['first'] * 1000:.1f} ms",
    )
