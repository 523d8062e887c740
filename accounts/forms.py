"""The forms of accounts: allauth's with our words, and those of the profile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from allauth.account import forms as allauth_forms
from allauth.socialaccount.models import SocialAccount
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.mail import one_line
from accounts.models import ApiToken, User
from accounts.tokens import LONGEST_NAME, Scope, TooManyTokens, make_token
from catalog.errors import InvalidField

PASSWORD_HINT = _("At least 8 characters, and not easy to guess.")


def public_name(text: str) -> str:
    """Return a name as it is shown: one line without characters that turn or hide others."""
    return one_line(text, 150)


class Address:
    """Calls an address as all our pages do."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")


class NewPassword:
    """Says in one sentence what Django's validators say in four, and calls passwords as we do."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = PASSWORD_HINT
        if "password2" in self.fields:
            self.fields["password1"].label = _("New password")
            self.fields["password2"].label = _("New password, once more")


class ChangePasswordForm(NewPassword, allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    """The old password and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")


class SetPasswordForm(NewPassword, allauth_forms.SetPasswordForm):  # type: ignore[misc]
    """A first password, for those who came by another way."""


class ResetPasswordKeyForm(NewPassword, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password by a mailed link."""


class AddEmailForm(Address, allauth_forms.AddEmailForm):  # type: ignore[misc]
    """A form to add another address of the same person."""


class ResetPasswordForm(Address, allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    """The address of an account whose password is forgotten."""


class SignupForm(Address, NewPassword, allauth_forms.SignupForm):  # type: ignore[misc]
    """An account: an address, a password, and how one wants to be called."""

    display_name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        required=False,
        help_text=_("Shown beside what you contribute. You can change it at any time."),
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    field_order = ("email", "display_name", "password1")

    def clean_display_name(self) -> str:
        return public_name(self.cleaned_data["display_name"])

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Return the new account, or the answer where the address has one already."""
        if self.account_already_exists:
            # The work of a new account: its absence would tell who has one.
            make_password(self.cleaned_data["password1"])
        saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return saved


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]
    """An address or user name, and the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail or user name")
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autocapitalize": "off"}
        self.fields["password"].help_text = ""
        self.fields["remember"].label = _("Stay signed in on this device")

    def user_credentials(self) -> dict[str, str]:
        """Return the name once: allauth's backend looks for it among the addresses as well.

        Given as an address besides, a password would be hashed twice where the address is known.
        """
        credentials: dict[str, str] = super().user_credentials()
        credentials.pop("email", None)
        return credentials


class ProfileForm(forms.ModelForm):
    """The form for the person's name and for what they are mailed about."""

    class Meta:
        model = User
        fields = ("display_name", "commit_address", "mail_submissions", "mail_digest", "language")
        labels = {"display_name": _("Your name")}
        widgets = {
            "display_name": forms.TextInput({"autocomplete": "name"}),
            "commit_address": forms.RadioSelect,
            "language": forms.Select(choices=settings.LANGUAGES),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.is_staff:
            del self.fields["mail_digest"]
            del self.fields["language"]
        self.fields["commit_address"].required = False
        if not SocialAccount.objects.filter(user=self.instance, provider="github").exists():
            # By it commits count on the profile there; without one it would be nobody's.
            kinds = User.CommitAddress
            offered = [(kind.value, kind.label) for kind in kinds if kind != kinds.GITHUB]
            cast(forms.ChoiceField, self.fields["commit_address"]).choices = offered

    def clean_display_name(self) -> str:
        return public_name(self.cleaned_data["display_name"])

    def clean_commit_address(self) -> str:
        # A form that does not ask for it leaves it as it is.
        chosen: str = self.cleaned_data["commit_address"] or self.instance.commit_address
        return chosen


class LeavingForm(forms.Form):
    """The form to delete an account: what shall remain of it."""

    class Credit:
        """The two answers."""

        KEEP = "keep"
        FORGET = "forget"

    credit = forms.ChoiceField(
        label=_("Your contributions stay. Which name should be shown with them?"),
        choices=(
            (Credit.KEEP, _("Mine, as it is shown now")),
            (Credit.FORGET, _("“Former contributor”, everywhere")),
        ),
        widget=forms.RadioSelect,
    )
    sure = forms.BooleanField(label=_("Delete my account permanently"))

    def __init__(self, alone: Sequence[str], data: Any = None) -> None:
        super().__init__(data)
        if alone:
            # They are named, since nobody leaves lists alone by accident.
            self.fields["alone"] = forms.BooleanField(
                label=_("Leave these lists without a maintainer: %(lists)s")
                % {"lists": " · ".join(alone)},
                help_text=_("Invite someone on a list's page under “People” to hand it over."),
                error_messages={"required": _("You are the only maintainer of these lists.")},
            )


class TokenForm(forms.Form):
    """A new token for a program."""

    name = forms.CharField(
        label=_("What is it for?"),
        max_length=LONGEST_NAME,
        help_text=_("Only you see this name, for example “laptop” or “weekly import”."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label=_("When does it expire?"),
        choices=(
            (30, _("30 days")),
            (90, _("90 days")),
            (365, _("one year")),
            (0, _("until you revoke it")),
        ),
        coerce=int,
        initial=90,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not user.is_superuser and not user.memberships.exists():
            scopes = cast("forms.MultipleChoiceField", self.fields["scopes"])
            scopes.choices = [choice for choice in Scope.choices if choice[0] != Scope.MODERATE]

    def make(self) -> tuple[ApiToken, str] | None:
        """Make the token; None, and errors in the form, where that cannot be."""
        days = self.cleaned_data["days"]
        try:
            return make_token(
                user=self.user,
                name=self.cleaned_data["name"],
                scopes=self.cleaned_data["scopes"],
                expires_at=timezone.now() + timedelta(days=days) if days else None,
            )
        except InvalidField as error:
            self.add_error(error.field if error.field in self.fields else None, error.message)
        except TooManyTokens as error:
            self.add_error(None, error.message)
        return None
