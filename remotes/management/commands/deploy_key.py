"""Make a key for a list's repository by SSH, and print the half that the host is given."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from remotes.connections import make_deploy_key
from remotes.management import chosen_remotes


class Command(BaseCommand):
    """`deploy_key SLUG`; see docs/git.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("slug", metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the public half; the key is made the first time."""
        [remote] = chosen_remotes([options["slug"]])
        self.stdout.write(remote.public_key or make_deploy_key(remote))
