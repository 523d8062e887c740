"""People who maintain lists and contribute to them."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from django.apps import apps
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class UserManager(DjangoUserManager["User"]):
    """Django's, whose superusers can sign in at once."""

    use_in_migrations = False

    @transaction.atomic
    def create_superuser(self, *args: Any, **fields: Any) -> User:
        """Create a superuser, whose address counts as confirmed: whoever has the shell gave it.

        Before there is mail, a letter with a link would be a dead end.
        """
        user: User = super().create_superuser(*args, **fields)
        user.confirm_address()
        return user


class ListRole(NamedTuple):
    """A role in a list, and the list's title."""

    role: str
    title: str


class User(AbstractUser):
    """A person with an account; our own model, because Django's cannot be replaced later."""

    objects: ClassVar[UserManager] = UserManager()

    display_name = models.CharField(
        _("display name"),
        max_length=150,
        blank=True,
        help_text=_("The name shown publicly. If empty, your user name is shown."),
    )

    class CommitAddress(models.TextChoices):
        SITE = "site", _("an address at this site that nobody reads")
        GITHUB = "github", _("my GitHub address for commits")
        VERIFIED = "verified", _("my e-mail address, visible to everyone")

    mail_submissions = models.BooleanField(
        _("e-mail about my submissions"),
        default=True,
        help_text=_("Receipts, questions and decisions."),
    )
    mail_digest = models.BooleanField(
        _("daily digest for moderators"),
        default=True,
        help_text=_("What is waiting in the lists you moderate. Sent only when something is."),
    )

    commit_address = models.CharField(
        _("address in commits"),
        max_length=8,
        choices=CommitAddress,
        default=CommitAddress.SITE,
        help_text=_(
            "Lists kept in Git name you as the author of your contributions. "
            "Commits cannot be erased: an address in a commit stays there."
        ),
    )
    language = models.CharField(
        _("language"),
        max_length=20,
        blank=True,
        help_text=_("For e-mail about no particular submission, such as the digest."),
    )

    def get_full_name(self) -> str:
        """Return the name to show: the one the person chose, else the one of the account."""
        return self.display_name or super().get_full_name() or self.get_username()

    @cached_property
    def roles(self) -> dict[int, ListRole]:
        """The person's role in each list, by its key; read once for an instance."""
        rows = self.memberships.values_list("catalog", "role", "catalog__title")
        return {key: ListRole(role, title) for key, role, title in rows}

    def maintains(self, catalog: int) -> bool:
        """Return whether the person may change a list, by its key: as maintainer or superuser."""
        return self.is_superuser or (
            catalog in self.roles and self.roles[catalog].role == Membership.Role.MAINTAINER
        )

    @property
    def maintains_any(self) -> bool:
        """Whether there is a list that the person may change."""
        return self.is_superuser or any(map(self.maintains, self.roles))

    def confirm_address(self) -> None:
        """Count the address of the account, if it has one, as confirmed and as its main one."""
        if not self.email:
            return
        # allauth's models refer to this one.
        addresses = apps.get_model("account", "EmailAddress")._default_manager
        addresses.filter(user=self).exclude(email__iexact=self.email).update(primary=False)
        addresses.update_or_create(
            user=self, email=self.email.lower(), defaults={"verified": True, "primary": True}
        )


def signed_in(user: object) -> User | None:
    """The account of a request's user; None for a visitor without one."""
    return user if isinstance(user, User) else None


class Membership(models.Model):
    """The role of a person in one catalog. Superusers need none."""

    class Role(models.TextChoices):
        MODERATOR = "moderator", _("moderator")
        MAINTAINER = "maintainer", _("maintainer")

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", db_index=False)
    catalog = models.ForeignKey("catalog.Catalog", models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            # One role for a person in a catalog; a maintainer can do what a moderator can.
            models.UniqueConstraint(fields=["user", "catalog"], name="membership_unique"),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


class Invitation(models.Model):
    """A role in a catalog that a letter offers; see `team.py`, which sends and accepts it."""

    catalog = models.ForeignKey(
        "catalog.Catalog", models.CASCADE, related_name="invitations", db_index=False
    )
    email = models.EmailField(_("e-mail"), help_text=_("In lower case."))
    role = models.CharField(max_length=10, choices=Membership.Role)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        constraints = (
            # Invited again it is the same, with another letter.
            models.UniqueConstraint(fields=["catalog", "email"], name="invitation_unique"),
        )

    def __str__(self) -> str:
        return f"{self.email}: {self.role}"

    @property
    def list_title(self) -> str:
        """Return the list's title."""
        title: str = self.catalog.title
        return title


class ApiToken(models.Model):
    """A secret by which a person's program is let in; see `tokens.py`, which makes and reads them.

    The secret itself is stored nowhere.
    """

    user = models.ForeignKey(
        User, models.CASCADE, related_name="api_tokens", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=60)
    digest = models.CharField(max_length=64, editable=False)
    hint = models.CharField(_("ends with"), max_length=6, editable=False)
    scopes = models.CharField(
        _("scopes"), max_length=100, help_text=_("Separated by spaces, as in OAuth.")
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    last_used_at = models.DateTimeField(
        _("last used"), null=True, blank=True, help_text=_("To the minute.")
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = (
            # A token is found by it.
            models.UniqueConstraint(fields=["digest"], name="api_token_digest"),
            models.CheckConstraint(condition=~models.Q(scopes=""), name="api_token_may_something"),
            models.CheckConstraint(
                condition=models.Q(expires_at=None)
                | models.Q(expires_at__gt=models.F("created_at")),
                name="api_token_expires_later",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} (…{self.hint})"

    @property
    def scope_names(self) -> tuple[str, ...]:
        """The scopes, each by its name."""
        return tuple(self.scopes.split())

    @property
    def is_expired(self) -> bool:
        """Whether its time is over; from then on it is as good as none."""
        return self.expires_at is not None and self.expires_at <= timezone.now()


class RateLimit(models.Model):
    """The fill level of one rate limit; `limits.py` writes it with one statement."""

    key = models.CharField(max_length=64, primary_key=True, help_text="A keyed hash of whose.")
    empty_at = models.BigIntegerField(help_text="When it has run out; microseconds since 1970.")

    class Meta:
        indexes = (
            # What has run out and can go.
            models.Index(fields=["empty_at"], name="rate_limit_empty_at"),
        )

    def __str__(self) -> str:
        return self.key


class StoredValue(models.Model):
    """A value of the default cache; see `limits.py`, which writes it."""

    key = models.CharField(max_length=64, primary_key=True, help_text="A keyed hash.")
    value = models.TextField(help_text="JSON.")
    lifetime = models.BigIntegerField(help_text="Microseconds from its writing to its end.")
    expires_at = models.BigIntegerField(help_text="Microseconds since 1970.")

    class Meta:
        indexes = (
            # What has expired and can go.
            models.Index(fields=["expires_at"], name="stored_value_expires_at"),
        )

    def __str__(self) -> str:
        return self.key


class MailRefusal(models.Model):
    """An address without an account that wants no mail about a topic."""

    email = models.EmailField(_("e-mail"), help_text=_("In lower case."))
    topic = models.CharField(_("topic"), max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("unsubscribed address")
        verbose_name_plural = _("unsubscribed addresses")
        constraints = (
            # Asked before each letter to somebody without an account.
            models.UniqueConstraint(fields=["email", "topic"], name="mail_refusal_unique"),
        )

    def __str__(self) -> str:
        return f"{self.email}: {self.topic}"
