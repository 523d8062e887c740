"""What a live preview costs: the exact lines, the rendered entry, and all findings."""

import json
from collections.abc import Iterator
from typing import Any

from bench import Ratio, benchmark
from bench.databases import databases, output_of

SMALL, LARGE = 5_000, 100_000
MOST_SECONDS = 0.030


def run(database: str, *sizes: int) -> list[dict[str, Any]]:
    """The figures of `draft_worker`."""
    printed = output_of("bench.draft_worker", database, *map(str, sizes))
    return [json.loads(line) for line in printed.splitlines()]


@benchmark
def previews() -> Iterator[Ratio]:
    """A preview on a list of 5,000 entries, and how it grows to 100,000."""
    for name, database in databases():
        small, large = run(database, SMALL, LARGE)
        yield from _limits(name, small)
        yield _growth(name, small, large)


def _limits(name: str, figures: dict[str, Any]) -> Iterator[Ratio]:
    parts = ", ".join(f"{part} {figures[part] * 1000:.0f}" for part in ("draft", "check", "edit"))
    yield Ratio(
        what=f"live preview, {SMALL:,} entries, {name}",
        against=f"{MOST_SECONDS * 1000:.0f} ms of processor",
        value=figures["preview"] / MOST_SECONDS,
        at_most=1,
        note=f"{figures['preview'] * 1000:.1f} ms ({parts})",
    )


def _growth(name: str, small: dict[str, Any], large: dict[str, Any]) -> Ratio:
    return Ratio(
        what=f"live preview, {LARGE:,} entries, {name}",
        against=f"{SMALL:,}",
        value=large["preview"] / small["preview"],
        at_most=1.3,
        note=f"{large['preview'] * 1000:.1f} ms",
    )
