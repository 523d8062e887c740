"""Personal data: its export, and the deletion of an account."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.dispatch import Signal

from accounts.mail import Subscription, Topic
from accounts.models import Invitation, MailRefusal, User

# By these, accounts ask the applications above them, which they must not import.
leaving = Signal()
"""Sent in the transaction that deletes an account, before it: `user`, and `keep_name`, which is
False when the person wants to be known as a former contributor from now on."""
collecting = Signal()
"""Gathers what the site knows of a person: each receiver gets `user` and returns a pair of a key
and of what `json` can write."""


def personal_data(user: User) -> dict[str, Any]:
    """Return all that is stored about the account, here and in the applications above."""
    addresses = EmailAddress.objects.filter(user=user).order_by("email")
    known = {
        "account": {
            "username": user.username,
            "display_name": user.display_name,
            "email": user.email,
            "commit_address": user.commit_address,
            "date_joined": user.date_joined,
            "last_login": user.last_login,
        },
        "email_addresses": list(addresses.values("email", "verified", "primary")),
        "mail": {
            "submissions": user.mail_submissions,
            "digest": user.mail_digest,
            "language": user.language,
            "refused": list(
                MailRefusal.objects.filter(email=user.email.lower()).values_list("topic", flat=True)
            ),
        },
        "roles": list(user.memberships.order_by("pk").values("catalog__slug", "role")),
        "second_factors": list(
            Authenticator.objects.filter(user=user).order_by("pk").values("type", "created_at")
        ),
        "api_tokens": list(
            user.api_tokens.order_by("pk").values(
                "name", "hint", "scopes", "created_at", "last_used_at", "expires_at"
            )
        ),
        "connected_accounts": list(
            SocialAccount.objects.filter(user=user)
            .order_by("pk")
            .values("provider", "uid", "extra_data", "date_joined")
        ),
    }
    answers: list[tuple[Any, Any]] = collecting.send(User, user=user)
    return known | dict(answer for _receiver, answer in answers)


@transaction.atomic
def delete_account(*, user: User, keep_name: bool) -> None:
    """Delete the account; the applications above let go of it first, all or nothing.

    Their mail about submissions ends with it: the address would else be one without an account,
    which has refused nothing.
    """
    if not user.mail_submissions and user.email:
        Subscription(Topic.SUBMISSIONS, email=user.email).change(is_on=False)
    Invitation.objects.filter(email=user.email.lower()).delete()
    leaving.send(User, user=user, keep_name=keep_name)
    user.delete()
