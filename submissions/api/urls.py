"""Addresses of contributing and moderating, below /api/v1/."""

from django.urls import URLPattern, URLResolver, re_path

from submissions.api import views
from submissions.api.operations import view_of
from submissions.choices import Role
from submissions.operations import OPERATIONS

_ADDRESS = r"^submissions/(?P<token>[A-Za-z0-9_-]{16,64})"
_QUEUED = r"^moderation/submissions/(?P<id>[1-9][0-9]{0,17})"

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^submissions/$", views.Submissions.as_view(), name="submissions"),
    re_path(rf"{_ADDRESS}/$", views.SubmissionDetail.as_view(), name="submission-detail"),
    re_path(r"^moderation/submissions/$", views.Queue.as_view(), name="moderation-queue"),
    re_path(rf"{_QUEUED}/$", views.QueuedSubmission.as_view(), name="moderation-submission"),
    *(
        re_path(
            rf"{_ADDRESS if is_own else _QUEUED}/{operation.name}/$",
            view_of(operation, views.Act if is_own else views.Decide),
            name=f"{'submission' if is_own else 'moderation'}-{operation.name}",
        )
        for operation in OPERATIONS
        for is_own in (operation.who == Role.SUBMITTER,)
    ),
]
