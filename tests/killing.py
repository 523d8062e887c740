"""Programs that are killed at one statement after another, and what they leave behind."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings

from tests.catalog.test_commands import database_url


def killed(program: str, *arguments: str, state: Callable[[], Any]) -> int:
    """How many times the program was killed, each without a trace, until it came through.

    It says "killed" after each, and goes on when it is told to; `state` is what must stay.
    """
    before = state()
    killer = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
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
