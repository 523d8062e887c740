"""The application's configuration."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RemotesConfig(AppConfig):
    """Lists that live in a Git repository as well."""

    name = "remotes"
    verbose_name = _("repositories")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Push what is changed as soon as it is."""
        from accounts.personal_data import leaving
        from catalog.history.revisions import revision_committed
        from remotes.commits import let_go
        from remotes.tasks import queue_push

        def push(*, revision: Any, **kwargs: Any) -> None:
            queue_push(revision.catalog_id, revision.number)

        def leave(*, user: Any, keep_name: bool, **kwargs: Any) -> None:
            let_go(user, keep_name=keep_name)

        leaving.connect(leave, weak=False, dispatch_uid="remotes")
        revision_committed.connect(push, weak=False, dispatch_uid="remotes")
