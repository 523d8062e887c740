"""Deciding on submissions: what an approval costs, and that it does not grow with the list."""

import json
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.databases import output_of, sqlite

ORDINARY, HUGE = 5_000, 100_000
KINDS = ("add", "edit", "move", "remove")


@benchmark
def approve() -> Iterator[Ratio]:
    """Approvals of every kind on a long list and on a very long one."""
    with sqlite() as database:
        printed = output_of("bench.submission_worker", database, f"{ORDINARY}", f"{HUGE}")
    ordinary, huge = map(json.loads, printed.splitlines())
    for kind in KINDS:
        yield Ratio(
            what=f"approve: {kind}, {ORDINARY:,} entries",
            against="parsing 1,000 entries",
            value=ordinary[kind] / ordinary["parse"],
            at_most=1.5,
            note=f"{1000 * ordinary[kind]:.0f} ms",
        )
        yield Ratio(
            what=f"approve: {kind}, {HUGE:,} entries",
            against=f"{ORDINARY:,}",
            value=huge[kind] / ordinary[kind],
            at_most=1.5,
            note=f"{1000 * huge[kind]:.0f} ms",
        )
