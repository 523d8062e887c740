"""Opt-outs of mail by topic, with or without an account, and the signed links for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.core import signing
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import MailRefusal, User

SALT = "accounts.mail.refusals"


class Topic(models.TextChoices):
    """A kind of mail that can be refused. Links that somebody has just asked for are no topic."""

    SUBMISSIONS = "submissions", _("e-mail about your submissions")
    DIGEST = "digest", _("the daily digest for moderators")


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
