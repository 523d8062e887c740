"""Connect a list with the Git repository that its README lives in."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.errors import CatalogError
from catalog.models import Catalog
from remotes.connections import add_remote
from remotes.hosts import HOSTS
from remotes.models import Mode


class Command(BaseCommand):
    """`add_remote SLUG URL`; see docs/git.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("url", metavar="URL", help="https://… or git@host:owner/name.git")
        parser.add_argument("--branch", default="main", help="default: main")
        parser.add_argument("--path", default="README.md", help="default: README.md")
        parser.add_argument("--mode", default=Mode.PULL.value, choices=Mode.values)
        parser.add_argument("--host", choices=HOSTS, help="default: as the address is called")
        parser.add_argument(
            "--app-id", default="", help="of a GitHub App whose private key the token is"
        )
        parser.add_argument(
            "--token-env", metavar="VARIABLE", help="the environment variable that has the token"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Store it."""
        variable = options["token_env"]
        token = os.environ.get(variable, "").strip() if variable else ""
        if variable and not token:
            raise CommandError(
                f"The environment variable {variable} is empty; put the token there."
            )
        try:
            remote = add_remote(
                Catalog.objects.called(options["slug"]),
                options["url"],
                branch=options["branch"],
                path=options["path"],
                mode=options["mode"],
                token=token,
                host=options["host"],
                app_id=options["app_id"],
                may_be_local=True,
            )
        except CatalogError as error:
            raise CommandError(error.message) from None
        self.stdout.write(
            f"{options['slug']} is connected with {remote.url}, {remote.branch}, "
            f"{options['path']} ({remote.mode}); sync_remote brings both in step."
        )
