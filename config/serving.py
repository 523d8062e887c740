"""`listwright run`: gunicorn with the project's configuration, and a worker beside it if wanted."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def serve(arguments: Sequence[str]) -> None:
    """Become the server; unknown options are gunicorn's own and go on to it."""
    parser = argparse.ArgumentParser(
        prog="listwright run", description="Serve the site; other options go on to gunicorn."
    )
    parser.add_argument("--bind", default="127.0.0.1:8000", metavar="HOST:PORT")
    parser.add_argument("--threads", default="4", metavar="N")
    parser.add_argument(
        "--with-worker", action="store_true", help="Start a worker that ends with the server."
    )
    parser.add_argument(
        "--upgrade", action="store_true", help="Do what `listwright upgrade` does first."
    )
    options, others = parser.parse_known_args(arguments)
    program = [sys.executable, "-m", "config"]
    if options.upgrade and (status := subprocess.call([*program, "upgrade"])):  # noqa: S603
        sys.exit(status)
    if options.with_worker:
        # It stops when its parent, which becomes the server, has ended.
        subprocess.Popen([*program, "run_worker", "--parent", str(os.getpid())])  # noqa: S603
    command = [
        *(sys.executable, "-m", "gunicorn", "config.preloaded", "--preload"),
        *("--config", str(_configuration())),
        *("--bind", options.bind, "--threads", options.threads, "--no-control-socket"),
        *("--log-level", "warning", *others),
    ]
    os.execv(sys.executable, command)  # noqa: S606


def _configuration() -> Path:
    """The file for gunicorn: in the wheel's resources, or at the root of a checkout."""
    installed = Path(__file__).parent / "resources" / "gunicorn.conf.py"
    return installed if installed.exists() else Path(__file__).parents[1] / "gunicorn.conf.py"
