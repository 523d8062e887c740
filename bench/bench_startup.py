"""What starting a command costs."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

from bench import Ratio, benchmark


@benchmark
def command() -> Iterator[Ratio]:
    """Compare a command of ours with one of Django; what is imported too early shows here."""
    django = elapsed(["-m", "django", "version"])
    yield Ratio(
        what="manage.py help",
        against="django-admin version",
        value=elapsed(["manage.py", "help"]) / django,
    )


def elapsed(arguments: list[str], repeat: int = 5) -> float:
    """Return the least time that Python takes for the arguments, in seconds."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments],
            env=os.environ,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        times.append(time.perf_counter() - start)
    return min(times)
