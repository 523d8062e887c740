"""How fast the program is, as ratios to something else that the same machine does: ``make bench``.

A ratio travels from machine to machine, and a number of seconds does not. A benchmark is a
generator in a module ``bench/bench_<thing>.py``::

    @benchmark
    def parse() -> Iterator[Ratio]:
        events = best_time(lambda: sum(1 for _ in pyromark.events(text)))
        yield Ratio(
            what="parse",
            against="the parser library's events",
            value=best_time(lambda: markdown.parse(text)) / events,
            at_most=10,
        )
"""

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """One line of the table: what was measured, against what, and what it must keep to."""

    what: str
    against: str
    value: float
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def is_within(self) -> bool:
        """Tell whether the ratio is within its limits."""
        return not (
            (self.at_most is not None and self.value > self.at_most)
            or (self.at_least is not None and self.value < self.at_least)
        )


Benchmark = Callable[[], Iterator[Ratio]]
BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(function: Benchmark) -> Benchmark:
    """Put a benchmark into the table, under its module's and its own name."""
    name = f"{function.__module__.rpartition('.')[2].removeprefix('bench_')}.{function.__name__}"
    BENCHMARKS[name] = function
    return function


def best_time(work: Callable[[], object], *, repeat: int = 5) -> float:
    """Return the least processor time of several runs, in seconds: the others were disturbed."""
    times = []
    for _ in range(repeat):
        gc.collect()
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)
