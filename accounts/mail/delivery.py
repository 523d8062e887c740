"""Delivery of letters: sent by a background task, queued from everywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from email import policy as policies
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.policy import EmailPolicy, Policy
from email.utils import formataddr, make_msgid
from smtplib import SMTPRecipientsRefused
from typing import Any, TypedDict, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.tasks import task

from accounts.mail.letter import Letter, one_line, render
from background.errors import GiveUp

NEVER = range(500, 600)
"""Answers of a mail server that will be the same tomorrow."""


class Envelope(TypedDict):
    """A letter ready to leave, as the queue keeps it."""

    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]


def seal(letter: Letter, to: str, *, headers: Mapping[str, str] | None = None) -> Envelope:
    """Return the letter in the active language with what every one carries.

    `headers` come on top; a value of them must be one line.
    """
    text, html = render(letter)
    return {
        "to": to,
        "subject": one_line(letter.subject),
        "text": text,
        "html": html,
        "headers": {
            # Made here and not at sending: a letter that is sent twice is seen to be one.
            "Message-ID": make_msgid(domain=mail_domain()),
            # No holiday replies, and no replies to them (RFC 3834).
            "Auto-Submitted": "auto-generated",
            **(headers or {}),
        },
    }


class Verbatim(UnstructuredHeader):
    """A header of addresses and ids, which no program decodes: never an encoded word.

    The standard library turns what is too long for a line into one, since it has no blank.
    """

    name: str

    def fold(self, *, policy: Policy[Any]) -> str:
        """Return the line as it is; lines may have 998 characters (RFC 5322)."""
        return f"{self.name}: {self}{policy.linesep}"


HEADERS = HeaderRegistry()
for _name in ("list-unsubscribe", "list-unsubscribe-post", "references", "in-reply-to"):
    # The registry makes a class of both.
    HEADERS.map_to_type(_name, cast("type[BaseHeader]", Verbatim))


class Mail(EmailMultiAlternatives):
    """A message whose headers are written as mail programs read them."""

    def message(self, *, policy: Any = policies.default) -> Any:
        """Build it with `HEADERS`."""
        own: EmailPolicy[Any] = policy
        return super().message(policy=own.clone(header_factory=HEADERS))


def send(envelope: Envelope) -> None:
    """Send the letter through the mail server; errors of the server or the network are raised.

    Raises `GiveUp` for an address that the server will never take.
    """
    message = Mail(
        envelope["subject"],
        envelope["text"],
        sender(),
        [envelope["to"]],
        headers=envelope["headers"],
    )
    message.attach_alternative(envelope["html"], "text/html")
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        if all(code in NEVER for code, _reason in error.recipients.values()):
            raise GiveUp(f"The mail server refuses the address for good: {error}") from error
        raise


@task
def deliver(envelope: Envelope) -> None:
    """Send one letter from the queue, which tries again while the mail server fails."""
    send(envelope)


def post(letter: Letter, to: str, *, headers: Mapping[str, str] | None = None) -> None:
    """Queue the letter: it is sent once the caller's transaction is committed."""
    deliver.enqueue(seal(letter, to, headers=headers))


def sender() -> str:
    """Return the site's address, with its name unless the setting gives another."""
    address = settings.DEFAULT_FROM_EMAIL
    return address if "<" in address else formataddr((settings.SITE_NAME, address))


def mail_domain() -> str:
    """Return the host that the ids of our letters end with."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"
