"""The application's configuration."""

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    """Proposals, and the decisions on them."""

    name = "submissions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Answer what the applications below ask of those above them."""
        from accounts import personal_data
        from catalog.history.revisions import revision_committed
        from catalog.importing.applying import file_merged
        from catalog.store.entries import entries_joined
        from submissions.people import known_of, let_go
        from submissions.publishing.planning import recheck_after
        from submissions.workflow import follow_joined, take_conflicts

        entries_joined.connect(follow_joined, dispatch_uid="submissions")
        personal_data.leaving.connect(let_go, dispatch_uid="submissions")
        personal_data.collecting.connect(known_of, dispatch_uid="submissions")
        file_merged.connect(take_conflicts, dispatch_uid="submissions")
        revision_committed.connect(recheck_after, dispatch_uid="submissions")
