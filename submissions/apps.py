"""The application's configuration."""

from typing import Any

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

        def leave(*, user: Any, keep_name: bool, **kwargs: Any) -> None:
            let_go(user, keep_name=keep_name)

        def collect(*, user: Any, **kwargs: Any) -> Any:
            return known_of(user)

        def look_again(*, revision: Any, **kwargs: Any) -> None:
            recheck_after(revision)

        def let_wait(*, plan: Any, upstream: Any, by: Any, origin: str, **kwargs: Any) -> None:
            take_conflicts(plan, upstream, by, origin)

        def follow(*, catalog: Any, keys: Any, **kwargs: Any) -> None:
            follow_joined(catalog, keys)

        entries_joined.connect(follow, weak=False, dispatch_uid="submissions")
        personal_data.leaving.connect(leave, weak=False, dispatch_uid="submissions")
        personal_data.collecting.connect(collect, weak=False, dispatch_uid="submissions")
        file_merged.connect(let_wait, weak=False, dispatch_uid="submissions")
        revision_committed.connect(look_again, weak=False, dispatch_uid="submissions")
