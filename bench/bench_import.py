"""Taking a list in and giving it back: rates, databases, growth, memory."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import Ratio, benchmark
from tests import postgresql

ROOT = Path(__file__).resolve().parents[1]
ORDINARY, LARGE, HUGE = 1_300, 10_000, 100_000


@contextmanager
def sqlite() -> Iterator[str]:
    """The address of an empty SQLite database."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bench.sqlite3"


def run(database: str, what: str, *sizes: int) -> list[dict[str, Any]]:
    """The figures of `import_worker`."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.import_worker", what, *map(str, sizes)],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=os.environ
        | {
            "DATABASE_URL": database,
            "SECRET_KEY": "bench",
            "ALLOWED_HOSTS": "localhost",
            "DEBUG": "",
        },
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


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
        at_most=6,
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
