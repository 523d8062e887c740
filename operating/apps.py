"""The application's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperatingConfig(AppConfig):
    """Commands and tasks about the whole site; it has no tables."""

    name = "operating"
    verbose_name = _("operation")
