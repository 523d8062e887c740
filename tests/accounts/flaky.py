"""A mail server that does what a test wants."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend as Outbox


class Server(Outbox):
    """Raises the errors that are left, one for each attempt, and works after that."""

    errors: ClassVar[list[Exception]] = []

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> Any:
        if self.errors:
            raise self.errors.pop(0)
        return super().send_messages(email_messages)
