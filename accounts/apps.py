"""The application's configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People and their accounts."""

    name = "accounts"
