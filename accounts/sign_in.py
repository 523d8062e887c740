"""Signing up and in: what allauth asks of this site, and the second factor that staff must have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import EmailVerificationStage
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.mail import account_letter, one_line, post
from accounts.models import User

ALLAUTH_STAGE = f"{EmailVerificationStage.__module__}.{EmailVerificationStage.__name__}"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts: who may be called what, and how letters leave."""

    def save_user(
        self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True
    ) -> User:
        """Keep the name that was given with the account, before a user name is made of it."""
        user.display_name = form.cleaned_data.get("display_name") or user.display_name
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """Make a user name, but never of the address: it is public, and the address is not."""
        user.username = user.username or self.generate_unique_username(
            [user.display_name, "contributor"]
        )

    def get_login_stages(self) -> list[str]:
        """Ask only those who gave an address to confirm it."""
        own = f"{AddressConfirmationStage.__module__}.{AddressConfirmationStage.__name__}"
        return [own if stage == ALLAUTH_STAGE else stage for stage in super().get_login_stages()]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the letter: a failing mail server loses nothing."""
        post(account_letter(template_prefix, email, context), email)


class AddressConfirmationStage(EmailVerificationStage):  # type: ignore[misc]
    """Lets those in who have no address at all, as the first moderator (`ensure_moderator`)."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Return the page to show instead of signing in, if any, and whether to go on."""
        if self.login.user and not self.login.user.email and not self.login.email:
            return None, True
        answer: tuple[HttpResponse | None, bool] = super().handle()
        return answer


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Two-factor authentication: what authenticator apps call this site."""

    def get_totp_issuer(self) -> str:
        return settings.SITE_NAME

    def _get_site_name(self) -> str:
        return settings.SITE_NAME


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Accounts elsewhere: what is taken over from them."""

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        """Store the whole name in one field, as names do not have two parts everywhere."""
        user: User = super().populate_user(request, sociallogin, data)
        user.first_name = user.last_name = ""
        user.display_name = one_line(data.get("name") or data.get("username") or "", 150)
        return user


# The second factor of staff


SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def lacks_required_mfa(user: User | AnonymousUser) -> bool:
    """Return whether this is a member of staff who has to set up a second factor first.

    One query, for staff and where it is required only. Whoever has a second factor was asked
    for it when they signed in.
    """
    if not settings.REQUIRE_STAFF_MFA or not user.is_staff:
        return False
    return not is_mfa_enabled(user, SECOND_FACTORS)


class StaffMfaMiddleware:
    """Lead staff without a second factor to its set-up before the administration opens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        """Answer in the view's stead; nothing, and no query, outside of the administration."""
        match = request.resolver_match
        if match is None or match.app_names[:1] != ["admin"] or match.url_name == "logout":
            return None
        if not lacks_required_mfa(request.user):
            return None
        # Where they wanted to go, for the page that follows the set-up.
        request.session["after_mfa"] = request.get_full_path()
        messages.warning(request, _("Set up two-factor authentication to open the administration."))
        return redirect("mfa_index")
