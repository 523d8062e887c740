"""People who maintain lists and contribute to them."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person with an account; our own model, because Django's cannot be replaced later."""

    display_name = models.CharField(
        _("display name"),
        max_length=150,
        blank=True,
        help_text=_("The name shown in public; the user name when empty."),
    )

    def get_full_name(self) -> str:
        """Return the name to show: the one the person chose, else the one of the account."""
        return self.display_name or super().get_full_name() or self.get_username()


class Membership(models.Model):
    """What a person may do in one catalog. Superusers need none."""

    class Role(models.TextChoices):
        MODERATOR = "moderator", _("moderator")
        MAINTAINER = "maintainer", _("maintainer")

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
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
