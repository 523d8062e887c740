"""The application's configuration."""

from typing import Any

from django.apps import AppConfig
from django.db.models import Q
from django.db.models.signals import post_delete, post_save


class AccountsConfig(AppConfig):
    """People and their accounts."""

    name = "accounts"

    def ready(self) -> None:
        """Derive staff from roles, whenever roles are written."""
        from accounts.models import Membership
        from accounts.team import follow_roles

        def follow(*, instance: Membership, **kwargs: Any) -> None:
            follow_roles(Q(pk=instance.user_id))

        for signal in (post_save, post_delete):
            signal.connect(follow, Membership, weak=False, dispatch_uid="accounts.team")
