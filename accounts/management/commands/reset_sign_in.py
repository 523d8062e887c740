"""Reset somebody's password or second factor from the shell."""

from __future__ import annotations

import secrets
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import User


class Command(BaseCommand):
    """`reset_sign_in USERNAME --password --second-factor`; see docs/accounts.md."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments: the account, and what is reset."""
        parser.add_argument("username", metavar="USERNAME", help="or the e-mail address")
        parser.add_argument(
            "--password", action="store_true", help="Set a random password and print it."
        )
        parser.add_argument(
            "--second-factor",
            action="store_true",
            help="Forget authenticator apps, security keys and recovery codes.",
        )

    def handle(
        self, *args: Any, username: str, password: bool, second_factor: bool, **options: Any
    ) -> None:
        """Reset what was named, write it to the log of the administration, and say it."""
        if not (password or second_factor):
            raise CommandError("Say what to reset: --password, --second-factor, or both.")
        lines: list[str] = []
        with transaction.atomic():
            user = _account(username)
            if second_factor:
                count, _by_model = Authenticator.objects.filter(user=user).delete()
                lines.append(f"Second factors of {user.username} that were forgotten: {count}.")
            if password:
                secret = secrets.token_urlsafe(12)
                user.set_password(secret)
                user.save(update_fields=["password"])
                # The letter with the link may be what does not arrive.
                user.confirm_address()
                lines.append(f"User name {user.username}, password {secret} (shown only now).")
            done = [
                name
                for name, was in (("password", password), ("second factor", second_factor))
                if was
            ]
            LogEntry.objects.log_actions(
                user.pk,
                User.objects.filter(pk=user.pk),
                CHANGE,
                change_message=f"Reset from the shell: {', '.join(done)}.",
                single_object=True,
            )
        self.stdout.write("\n".join(lines))


def _account(name: str) -> User:
    """The account of this user name, or else of this address."""
    users = User.objects.select_for_update()
    user = users.filter(username=name).first()
    if user is None and "@" in name:
        user = users.filter(emailaddress__email__iexact=name, emailaddress__verified=True).first()
    if user is None:
        raise CommandError(f"There is no account {name}: give its user name.")
    return user
