"""Make the first account, so that a new installation can be used."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import IntegrityError, transaction

from accounts.models import User


class Command(BaseCommand):
    """Create a moderator with a random password that is printed once."""

    help = "Create a moderator account and print its random password, unless the account exists."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments: the account's name and address."""
        parser.add_argument("--username", default="moderator")
        parser.add_argument("--email", default="", help="Where letters to the account go.")

    def handle(self, *args: Any, username: str, email: str, **options: Any) -> None:
        """Create the account; do and say nothing when there is one."""
        password = secrets.token_urlsafe(12)
        if User.objects.filter(username=username).exists():
            return
        try:
            with transaction.atomic():
                User.objects.create_superuser(username, email, password)
        except IntegrityError:
            # Another process made it between the question and the answer.
            return
        self.stdout.write(
            f"Moderator account: user name {username}, password {password} "
            "(shown only now; it can be changed at /admin/password_change/)."
        )
