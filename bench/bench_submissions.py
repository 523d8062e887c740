"""Deciding on submissions: what an approval costs, and that it does not grow with the list."""

import json
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.databases import output_of, sqlite

ORDINARY, HUGE = 5_000, 100_000
KINDS = ("add", "edit", "move", "remove")
LIMITS = {"approve": 1.5, "plain": 1.0}
"""Of an approval, and of the edit alone, in times of parsing 1,000 entries."""


@benchmark
def approve() -> Iterator[Ratio]:
    """Approvals and edits of every kind on a long list and on a very long one."""
    with sqlite() as database:
        printed = output_of("bench.submission_worker", database, f"{ORDINARY}", f"{HUGE}")
    ordinary, huge = map(json.loads, printed.splitlines())
    for verb, at_most in LIMITS.items():
        for kind in KINDS:
            key = f"{verb} {kind}"
            yield Ratio(
                what=f"{key}, {ORDINARY:,} entries",
                against="parsing 1,000 entries",
                value=ordinary[key] / ordinary["parse"],
                at_most=at_most,
                note=f"{1000 * ordinary[key]:.0f} ms",
            )
            yield Ratio(
                what=f"{key}, {HUGE:,} entries",
                against=f"{ORDINARY:,}",
                value=huge[key] / ordinary[key],
                at_most=1.3,
                note=f"{1000 * huge[key]:.0f} ms",
            )
