"""Run the benchmarks whose names hold one of the words given, or all, and print their table.

`--database sqlite`, or `postgresql`: on this one alone.
"""

import argparse
import sys
from importlib import import_module
from pathlib import Path

from bench import BENCHMARKS, Ratio
from bench.databases import KINDS

ON_REQUEST = {"million.million", "scale.nodes", "scale.parts_that_die"}
"""Benchmarks that take too long to be run unless they are named."""
COLUMNS = "{:<34} {:>9}  {:<9} {:<34} {}"


def main(words: list[str]) -> int:
    """Print a line for each ratio; return 1 when one is not kept."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        import_module(f"bench.{path.stem}")
    chosen = [
        run
        for name, run in BENCHMARKS.items()
        if any(word in name for word in words) or not (words or name in ON_REQUEST)
    ]
    if not chosen:
        print(f"No benchmark is named so; there are: {', '.join(BENCHMARKS) or 'none yet'}.")
        return 1
    print(COLUMNS.format("what", "ratio", "limit", "against", ""))
    ratios = []
    for run in chosen:
        for ratio in run():
            print(line(ratio), flush=True)
            ratios.append(ratio)
    missed = [ratio for ratio in ratios if not ratio.is_within]
    print(f"{len(ratios) - len(missed)} of {len(ratios)} within their limits.")
    return 1 if missed else 0


def line(ratio: Ratio) -> str:
    """Return the ratio as a line of the table."""
    limits = [
        (sign, limit)
        for sign, limit in (("≤", ratio.at_most), ("≥", ratio.at_least))
        if limit is not None
    ]
    limit = " ".join(f"{sign} {value:g}" for sign, value in limits)
    note = " ".join(filter(None, [ratio.note, "" if ratio.is_within else "MISSED"]))
    return COLUMNS.format(ratio.what, f"{ratio.value:.2f}", limit, ratio.against, note).rstrip()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--database", choices=[*KINDS])
    arguments = parser.parse_args()
    if arguments.database:
        KINDS[:] = [arguments.database]
    sys.exit(main(arguments.words))
