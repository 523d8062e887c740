"""The application's configuration."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Lists and their entries."""

    name = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
