"""The application's configuration."""

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    """Proposals, and the decisions on them."""

    name = "submissions"
    default_auto_field = "django.db.models.BigAutoField"
