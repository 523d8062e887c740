"""Programs that are killed at one statement after another, and what they leave behind."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings

from tests.catalog.test_commands import database_url

# Acts with one process for each statement that it is killed at, forked from one that has started up
# already. Waits for a word after each, so that the database can be looked at. What comes after the
# commit only reads, and leaves what was done.
_BEGINNING = """
import os, signal, sys
from django.db import connection
import django
django.setup()
"""
_END = """
def run(deadly):
    seen, writes = 0, False
    def count(execute, *args):
        nonlocal seen, writes
        seen += 1
        is_committed = writes and not connection.in_atomic_block
        writes = writes or connection.in_atomic_block
        if seen == deadly and not is_committed:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*args)
    with connection.execute_wrapper(count):
        act(*sys.argv[3:])

for deadly in range(int(sys.argv[1]), 1000, int(sys.argv[2])):
    child = os.fork()
    if not child:
        run(deadly)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if status != signal.SIGKILL:
        sys.exit(status)
    print("killed", flush=True)
    sys.stdin.readline()
"""


def killed(
    program: str, *arguments: str, state: Callable[[], Any], every: int = 1, first: int = 1
) -> int:
    """How many times the program was killed, each without a trace, until it came through.

    It defines `act(*arguments)`, which is killed at the `first` statement and at every so many
    after it, up to its commit; `state` is what must stay.
    """
    before = state()
    killer = subprocess.Popen(
        [sys.executable, "-c", _BEGINNING + program + _END, str(first), str(every), *arguments],
        env=os.environ | {"DATABASE_URL": database_url(), "DATABASE_POOL_SIZE": "0"},
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert killer.stdout
    assert killer.stdin
    count = 0
    with killer:
        while killer.stdout.readline() == "killed\n":
            assert state() == before
            count += 1
            killer.stdin.write("on\n")
            killer.stdin.flush()
    assert killer.returncode == 0
    return count
