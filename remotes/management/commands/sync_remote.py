"""Synchronise lists and their repositories now: fetch, merge, push."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.management import readers_may_leave
from remotes.git import REACHED
from remotes.management import chosen_remotes
from remotes.syncing import SyncResult, sync

_WAIT = 300
"""Seconds to wait for a worker that is at the same list."""


class Command(BaseCommand):
    """`sync_remote [SLUG ...]`; see docs/git.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("slugs", metavar="SLUG", nargs="*", help="default: all that have one")
        parser.add_argument("--json", action="store_true", help="print the results as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Synchronise each, whatever becomes of the others."""
        results: list[SyncResult] = []
        for remote in chosen_remotes(options["slugs"]):
            result = sync(remote, wait=_WAIT)
            if result is None:
                raise CommandError(f"{remote.catalog.slug}: somebody else is at it; try again.")
            results.append(result)
        with readers_may_leave():
            if options["json"]:
                summaries = [result.summary() for result in results]
                self.stdout.write(json.dumps(summaries, ensure_ascii=False))
            else:
                for result in results:
                    self.stdout.write(_sentence(result))
        failed = [
            f"{result.catalog}: {result.problem}"
            for result in results
            if result.problem and result.problem.problem not in REACHED
        ]
        if failed:
            raise CommandError(" ".join(failed))


def _sentence(result: SyncResult) -> str:
    state = "in step" if result.in_step else "not in step"
    waiting = f", {len(result.conflicts)} conflicts wait" if result.conflicts else ""
    return (
        f"{result.catalog}: {result.fetched} commits taken in, {result.pushed} pushed, "
        f"{state} at {result.head[:10] or '–'}{waiting}."
        + (f" {result.problem}" if result.problem else "")
    )
