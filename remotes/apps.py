"""The application's configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class RemotesConfig(AppConfig):
    """Lists that live in a Git repository as well."""

    name = "remotes"
    verbose_name = _("repositories")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Push what is changed at once, show its commits, forget who leaves."""
        from accounts.personal_data import leaving
        from catalog.history.revisions import revision_committed, revision_links
        from remotes.commits import let_go, links_to_commits
        from remotes.tasks import queue_answer, queue_push

        leaving.connect(let_go, dispatch_uid="remotes")
        revision_links.connect(links_to_commits, dispatch_uid="remotes")
        post_save.connect(
            queue_answer, sender="submissions.SubmissionEvent", dispatch_uid="remotes"
        )
        revision_committed.connect(queue_push, dispatch_uid="remotes")
