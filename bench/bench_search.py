"""What it costs to find something among very many entries."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.bench_import import HUGE, ROOT, sqlite
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
    environment = {
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_URL": database,
        "DEBUG": "",
        "HTTPS": "0",
        "SECRET_KEY": "bench",
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.search_worker", str(HUGE)],
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
        env=os.environ | environment,
    )
    figures = json.loads(done.stdout)
    bare = figures.pop("bare")
    for what, seconds in figures.items():
        yield Ratio(
            what=f"{what}, {name}, p95",
            against="a bare view",
            value=seconds / bare,
            at_most=15,
            note=f"{seconds * 1000:.1f} ms",
        )
