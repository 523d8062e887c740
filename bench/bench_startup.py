"""What starting a command costs."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator

from bench import Ratio, benchmark
from bench.databases import ENVIRONMENT


@benchmark
def command() -> Iterator[Ratio]:
    """Compare a command of ours with one of Django; what is imported too early shows here."""
    django = elapsed(["-m", "django", "version"])
    yield Ratio(
        what="manage.py help",
        against="django-admin version",
        value=elapsed(["manage.py", "help"]) / django,
        at_most=9,
        note=f"Django's {django:.2f} s",
    )


def elapsed(arguments: list[str], repeat: int = 5) -> float:
    """Return the least processor time that Python takes for the arguments, in seconds."""
    times = []
    for _ in range(repeat):
        start = _of_children()
        subprocess.run(
            [sys.executable, *arguments],
            env=os.environ | ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        times.append(_of_children() - start)
    return min(times)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
