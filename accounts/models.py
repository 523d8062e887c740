"""People who maintain lists and contribute to them."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person with an account; a model of our own, since replacing Django's later is not possible."""

    display_name = models.CharField(
        _("display name"),
        max_length=150,
        blank=True,
        help_text=_("The name shown in public; the user name when empty."),
    )

    def get_full_name(self) -> str:
        """Return the name to show: the one the person chose, else the one of the account."""
        return self.display_name or super().get_full_name() or self.get_username()
