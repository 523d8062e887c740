"""Run queued tasks and the periodic ones that are due."""

import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from background.worker import Worker


class Command(BaseCommand):
    """One worker; more of them share the work."""

    help = "Send mail and do other background work until stopped (SIGTERM or Ctrl-C)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments: how to wait, and when to stop."""
        parser.add_argument("--interval", type=float, default=1.0, help="Seconds between looks.")
        parser.add_argument("--once", action="store_true", help="Do what is ready, then stop.")
        parser.add_argument(
            "--parent", type=int, metavar="PID", help="Stop when this parent process has ended."
        )

    def handle(
        self, *args: Any, interval: float, once: bool, parent: int | None, **options: Any
    ) -> None:
        """Work until told to stop."""
        worker = Worker(interval=interval, parent_pid=parent)
        if once:
            count = worker.run_until_idle()
            self.stdout.write(f"Done: {count}.")
            return

        def stop(number: int, frame: FrameType | None) -> None:
            worker.stopping.set()
            # Whoever says so twice does not want to wait for the task that runs.
            signal.signal(number, signal.SIG_DFL)

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        worker.run()
