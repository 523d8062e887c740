"""Disconnect a list from its repository; both stay as they are."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from remotes.connections import remove_remote
from remotes.management import chosen_remotes


class Command(BaseCommand):
    """`remove_remote SLUG`; see docs/git.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("slug", metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete the rows, the credentials with them."""
        [remote] = chosen_remotes([options["slug"]])
        url = remote.url
        remove_remote(remote)
        self.stdout.write(f"{options['slug']} is not connected with {url} any more.")
