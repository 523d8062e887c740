"""The application's configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackgroundConfig(AppConfig):
    """The queue, its worker and the timetable."""

    name = "background"
    verbose_name = _("background work")
