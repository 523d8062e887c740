"""Letters to people: what one looks like, how it leaves, who wants none, and those about accounts.

Sentences come from us, `quote` and the values of `facts` from anybody: being parts of their own,
they can look like neither a button nor a sentence of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email import policy as policies
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.policy import EmailPolicy, Policy
from email.utils import formataddr, make_msgid
from smtplib import SMTPRecipientsRefused
from typing import Any, Self, TypedDict, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import models
from django.tasks import task
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from accounts.models import MailRefusal, User
from background.queue import GiveUp

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Button:
    """The one thing to do; the text version shows the address itself."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter in one language. Only `subject` is needed."""

    subject: str
    paragraphs: tuple[str, ...] = ()
    quote: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    button: Button | None = None
    closing: tuple[str, ...] = ()
    unsubscribe: Button | None = None


def render(letter: Letter) -> tuple[str, str]:
    """Return the letter as plain text and as HTML."""
    context = {
        "letter": letter,
        "quote_lines": letter.quote.splitlines(),
        "language": get_language(),
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
    }
    lines = render_to_string("mail/letter.txt", context)
    text = re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
    return text, render_to_string("mail/letter.html", context)


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """Return what somebody wrote as a header may hold it: without control characters."""
    line = " ".join(_CONTROL.sub(" ", text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


# Delivery: a background task sends, everything else queues


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


# Opt-outs by topic, with or without an account, and the signed links for them


SALT = "accounts.mail.refusals"


class Topic(models.TextChoices):
    """A kind of mail that can be refused. Links that somebody has just asked for are no topic."""

    SUBMISSIONS = "submissions", gettext_lazy("e-mail about your submissions")
    DIGEST = "digest", gettext_lazy("the daily digest for moderators")


PREFERENCES = {Topic.SUBMISSIONS: "mail_submissions", Topic.DIGEST: "mail_digest"}
"""The field of an account that says the same; refusals are for addresses without one."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One topic of one account, or of one address without an account."""

    topic: Topic
    user_pk: int | None = None
    email: str = ""

    @property
    def token(self) -> str:
        """Return the signed token of an unsubscribe link; it never expires."""
        return signing.dumps([self.topic.value, self.user_pk, self.email], salt=SALT, compress=True)

    @property
    def address(self) -> str:
        """Return the address that unsubscribes by POST (RFC 8058) and asks first by GET."""
        return settings.SITE_URL + reverse("accounts:unsubscribe", args=[self.token])

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers for which mail programs show an unsubscribe button (RFC 8058)."""
        return {
            "List-Unsubscribe": f"<{self.address}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }

    @property
    def is_on(self) -> bool:
        """Whether mail may be sent."""
        if self.user_pk is None:
            refused = MailRefusal.objects.filter(topic=self.topic, email=self.email.lower())
            return not refused.exists()
        preference = User.objects.filter(pk=self.user_pk).values_list(PREFERENCES[self.topic])
        return preference.first() == (True,)

    def change(self, *, is_on: bool) -> None:
        """Remember the answer; giving it again changes nothing."""
        if self.user_pk is not None:
            accounts = User.objects.filter(pk=self.user_pk)
            accounts.update(**{PREFERENCES[self.topic]: is_on})
        elif is_on:
            MailRefusal.objects.filter(topic=self.topic, email=self.email.lower()).delete()
        else:
            MailRefusal.objects.get_or_create(topic=self.topic, email=self.email.lower())

    @classmethod
    def from_token(cls, token: str) -> Self | None:
        """Return what the link is about; None when it is not one of ours."""
        try:
            topic, user_pk, email = signing.loads(token, salt=SALT)
            return cls(Topic(topic), user_pk, email)
        except (signing.BadSignature, ValueError, TypeError):
            return None


# Letters about accounts, by the name that allauth knows each by


NOT_YOU = gettext_lazy(
    "If this was not you, change your password now and check your two-factor methods and tokens."
)
CHANGES = {
    "account/email/email_changed": gettext_lazy("Your e-mail address was changed"),
    "account/email/email_confirm": gettext_lazy("Your e-mail address was confirmed"),
    "account/email/email_deleted": gettext_lazy("An e-mail address was removed from your account"),
    "account/email/password_changed": gettext_lazy("Your password was changed"),
    "account/email/password_reset": gettext_lazy("Your password was reset"),
    "account/email/password_set": gettext_lazy("Your account now has a password"),
    "account/email/token_made": gettext_lazy("An API token was created"),
    "mfa/email/recovery_codes_generated": gettext_lazy("New recovery codes were created"),
    "mfa/email/totp_activated": gettext_lazy("An authenticator app now protects your account"),
    "mfa/email/totp_deactivated": gettext_lazy("Your authenticator app was removed"),
    "mfa/email/webauthn_added": gettext_lazy("A security key was added to your account"),
    "mfa/email/webauthn_removed": gettext_lazy("A security key was removed from your account"),
    "socialaccount/email/account_connected": gettext_lazy("A sign-in method was connected"),
    "socialaccount/email/account_disconnected": gettext_lazy("A sign-in method was disconnected"),
}
"""Sentences of the letters that report a change after the fact, so that nobody changes an account
behind its owner's back."""


def account_letter(prefix: str, email: str, context: Mapping[str, Any]) -> Letter:
    """Return the letter that allauth calls by `prefix`, in the active language.

    One that this module has no words for says what allauth's own template does.
    """
    match prefix.rpartition("/")[2]:
        case "email_confirmation_signup" | "email_confirmation":
            return _confirmation(email, context["activate_url"])
        case "password_reset_key":
            return _password_reset(context)
        case "account_already_exists":
            return _account_exists(email, context)
        case "unknown_account":
            return _unknown_account(email, context["signup_url"])
    if prefix in CHANGES:
        return _change(str(CHANGES[prefix]), context)
    subject = render_to_string(f"{prefix}_subject.txt", dict(context))
    text = render_to_string(f"{prefix}_message.txt", dict(context))
    return Letter(one_line(subject), tuple(part.strip() for part in text.split("\n\n")))


def _confirmation(email: str, address: str) -> Letter:
    return Letter(
        subject=_("Confirm your e-mail address"),
        paragraphs=(
            _("Someone, hopefully you, entered %(email)s as their address at %(site)s.")
            % {"email": email, "site": settings.SITE_NAME},
        ),
        button=Button(_("Confirm the address"), address),
        closing=(_("The link is valid for three days. If this was not you, ignore this e-mail."),),
    )


def _password_reset(context: Mapping[str, Any]) -> Letter:
    return Letter(
        subject=_("Choose a new password"),
        paragraphs=(
            _("You asked to reset your password. Your user name is below in case you need it."),
        ),
        facts=((_("User name"), context["user"].get_username()),),
        button=Button(_("Choose a new password"), context["password_reset_url"]),
        closing=(
            _("If you did not ask for this, ignore this e-mail: your password does not change."),
        ),
    )


def _account_exists(email: str, context: Mapping[str, Any]) -> Letter:
    return Letter(
        subject=_("You already have an account"),
        paragraphs=(
            _("Someone, hopefully you, tried to create an account with %(email)s at %(site)s.")
            % {"email": email, "site": settings.SITE_NAME},
            _("An account with this address already exists, so no new one was created."),
        ),
        button=Button(_("Choose a new password"), context["password_reset_url"]),
        closing=(
            _(
                "If you know your password, simply sign in. If this was not you, "
                "ignore this e-mail."
            ),
        ),
    )


def _unknown_account(email: str, signup_url: str) -> Letter:
    return Letter(
        subject=_("No account uses this address"),
        paragraphs=(
            _("Someone, hopefully you, asked %(site)s for a new password for %(email)s.")
            % {"email": email, "site": settings.SITE_NAME},
            _("No account uses this address; you may have signed up with another one."),
        ),
        button=Button(_("Create an account"), signup_url),
        closing=(_("If this was not you, ignore this e-mail."),),
    )


def _change(subject: str, context: Mapping[str, Any]) -> Letter:
    when = date_format(timezone.localtime(context["timestamp"]), "DATETIME_FORMAT")
    facts = [
        (_("When"), f"{when} {timezone.get_current_timezone_name()}"),
        (_("From"), context["ip"]),
        (_("With"), one_line(context["user_agent"], 120)),
    ]
    facts += [
        (label, one_line(str(context[name])))
        for name, label in (
            ("from_email", _("Before")),
            ("to_email", _("Now")),
            ("deleted_email", _("Address")),
            ("provider", _("Sign-in")),
            ("token", _("Token")),
            # Alone it would be the month, which Django translates for the whole site.
            ("scopes", pgettext("what a token is good for", "May")),
        )
        if name in context
    ]
    return Letter(subject=subject, facts=tuple(facts), closing=(str(NOT_YOU),))
