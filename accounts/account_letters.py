"""The letters about accounts, in our words, by the name that allauth knows each by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.mail.letter import Button, Letter, one_line

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
