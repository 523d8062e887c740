"""Taking a list in and giving it back: rates, databases, growth, memory."""

import json
from collections.abc import Iterator
from typing import Any

from bench import Ratio, benchmark
from bench.databases import output_of, sqlite
from tests import postgresql

ORDINARY, LARGE, HUGE = 1_300, 10_000, 100_000


def run(database: str, what: str, *sizes: int) -> list[dict[str, Any]]:
    """The figures of `import_worker`."""
    printed = output_of("bench.import_worker", database, what, *map(str, sizes))
    return [json.loads(line) for line in printed.splitlines()]


@benchmark
def ordinary() -> Iterator[Ratio]:
    """A list of the usual size, parsing included, and the same on PostgreSQL."""
    with sqlite() as database:
        [light] = run(database, "imports", ORDINARY)
        [there] = run(database, "exports", ORDINARY)
    yield Ratio(
        what=f"import, {ORDINARY:,} entries, SQLite",
        against="parsing them",
        value=light["time"] / light["parse"],
        at_most=9,
        note=f"{ORDINARY / light['time']:,.0f} entries/s",
    )
    yield _export("SQLite", there)
    try:
        with postgresql.throwaway_cluster() as database:
            [heavy] = run(database, "imports", ORDINARY)
            [there] = run(database, "exports", ORDINARY)
    except postgresql.Unavailable:
        return
    yield Ratio(
        what=f"import, {ORDINARY:,} entries, PostgreSQL",
        against="SQLite, the server's work included",
        value=heavy["time"] / light["time"],
        at_most=2,
        note=f"{ORDINARY / heavy['time']:,.0f} entries/s",
    )
    yield _export("PostgreSQL", there)


def _export(name: str, figures: dict[str, Any]) -> Ratio:
    return Ratio(
        what=f"export, {name}",
        against="the SELECT of the sources",
        value=figures["export"] / figures["select"],
        at_most=3,
    )


@benchmark
def growth() -> Iterator[Ratio]:
    """Ten times as many entries cost ten times as much, and no memory."""
    against = f"{LARGE:,}, an entry each"
    with sqlite() as database:
        large, huge = run(database, "imports", LARGE, HUGE)
        yield Ratio(
            what=f"import, {HUGE:,} entries",
            against=against,
            value=huge["time"] / large["time"] * LARGE / HUGE,
            at_most=1.3,
            note=f"{HUGE / huge['time']:,.0f} entries/s",
        )
        large, huge = run(database, "exports", LARGE, HUGE)
        yield Ratio(
            what=f"export, {HUGE:,} entries",
            against=against,
            value=huge["export"] / large["export"] * LARGE / HUGE,
            at_most=1.3,
        )
        [large] = run(database, "memory", LARGE)
        [huge] = run(database, "memory", HUGE)
        if large["peak"]:
            yield Ratio(
                what=f"memory of all exports, {HUGE:,} entries",
                against=f"{LARGE:,}",
                value=huge["peak"] / large["peak"],
                at_most=1.3,
                note=f"{huge['peak']:.0f} MB, the program included",
            )
