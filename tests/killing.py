"""Programs that are killed at one statement after another, and what they leave behind."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings

from tests.catalog.test_commands import database_url
from tests.effort import IS_LONG

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
        is_committed = writes and not connection.in_atomic_block and not also_between
        writes = writes or connection.in_atomic_block
        if seen == deadly and not is_committed:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*args)
    with connection.execute_wrapper(count):
        act(*sys.argv[3:])

also_between = bool(int(sys.argv[2]))
for deadly in range(1, 1000, int(sys.argv[1])):
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


EVERY = 1 if IS_LONG else 29
"""At which statements to kill: at one in so many."""


def killed(
    program: str,
    *arguments: str,
    state: Callable[[], Any],
    every: int = EVERY,
    also_between: bool = False,
) -> int:
    """Return how many statements the program came to, killed at some of them without a trace.

    It defines `act(*arguments)`, which is killed at the first statement and at one in `every`
    after it, up to its commit; `also_between` transactions, where it has several, up to its end.
    `state` is what must stay.
    """
    before = state()
    killer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _BEGINNING + program + _END,
            str(every),
            str(int(also_between)),
            *arguments,
        ],
        env=os.environ | {"DATABASE_URL": database_url(), "DATABASE_POOL_SIZE": "0"},
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert killer.stdout
    assert killer.stdin
    statements = 0
    with killer:
        while killer.stdout.readline() == "killed\n":
            assert state() == before
            statements += every
            killer.stdin.write("on\n")
            killer.stdin.flush()
    assert killer.returncode == 0
    return statements
