"""Configuration of gunicorn besides its arguments; it reads this file by itself."""

import os
import shutil
import tempfile
from typing import Any

# The longest line of a request that it can be told to take: many filters make a long address.
limit_request_line = 8190

# No header becomes a variable of the server's own. By default gunicorn takes SCRIPT_NAME, which
# every address on a page begins with, from whoever reaches it through the proxy.
forwarder_headers = ""

# Where the processes of one server write the numbers that /metrics adds up, see config/metrics.py.
# Read when the library for them is imported, which is after the workers are forked.
_numbers = tempfile.mkdtemp(prefix="listwright-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _numbers


def post_fork(server: Any, worker: Any) -> None:
    """Start what has threads, which no worker inherits; without preload config/wsgi.py does."""
    if server.cfg.preload_app:
        from config.telemetry import start_telemetry

        start_telemetry()


def on_exit(server: Any) -> None:
    """Remove the folder of the metrics."""
    shutil.rmtree(_numbers, ignore_errors=True)
