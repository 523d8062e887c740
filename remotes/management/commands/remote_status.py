"""Print the state of lists and their repositories."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog.management import readers_may_leave
from remotes.git import sentence_of
from remotes.management import chosen_remotes
from remotes.models import Remote
from remotes.syncing import waiting_conflicts


class Command(BaseCommand):
    """`remote_status [SLUG ...]`; see docs/git.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("slugs", metavar="SLUG", nargs="*", help="default: all that have one")
        parser.add_argument("--json", action="store_true", help="print it as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read and print; no server is asked."""
        states = [_state(remote) for remote in chosen_remotes(options["slugs"])]
        with readers_may_leave():
            if options["json"]:
                self.stdout.write(json.dumps(states, ensure_ascii=False))
                return
            for state in states:
                self.stdout.write(
                    f"{state['catalog']}: {state['url']} {state['branch']} {state['path']} "
                    f"({state['mode']}), in step {state['in_step_at'] or 'never'}"
                    + (f"; {state['problem']}" if state["problem"] else ".")
                )


def _state(remote: Remote) -> dict[str, Any]:
    return {
        "catalog": remote.catalog.slug,
        "url": remote.url,
        "branch": remote.branch,
        "path": remote.file.path,
        "mode": remote.mode,
        "head": remote.head,
        "fetched_at": _time(remote.fetched_at),
        "pushed_at": _time(remote.pushed_at),
        "in_step_at": _time(remote.in_step_at),
        "conflicts": len(waiting_conflicts(remote.catalog)),
        "problem": sentence_of(remote.problem, remote.detail),
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
