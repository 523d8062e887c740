"""Addresses of contributing and moderating, below /api/v1/."""

from django.urls import URLPattern, URLResolver, re_path

from submissions.api import contributing, moderating

_ADDRESS = r"^submissions/(?P<token>[A-Za-z0-9_-]{16,64})"
_QUEUED = r"^moderation/submissions/(?P<id>[1-9][0-9]{0,17})"

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^submissions/$", contributing.Submissions.as_view(), name="submissions"),
    re_path(rf"{_ADDRESS}/$", contributing.SubmissionDetail.as_view(), name="submission-detail"),
    re_path(rf"{_ADDRESS}/confirm/$", contributing.Confirm.as_view(), name="submission-confirm"),
    re_path(rf"{_ADDRESS}/withdraw/$", contributing.Withdraw.as_view(), name="submission-withdraw"),
    re_path(rf"{_ADDRESS}/resubmit/$", contributing.Resubmit.as_view(), name="submission-resubmit"),
    re_path(rf"{_ADDRESS}/appeal/$", contributing.Appeal.as_view(), name="submission-appeal"),
    re_path(r"^moderation/submissions/$", moderating.Queue.as_view(), name="moderation-queue"),
    re_path(rf"{_QUEUED}/$", moderating.QueuedSubmission.as_view(), name="moderation-submission"),
    *(
        re_path(rf"{_QUEUED}/{verb}/$", view.as_view(), name=f"moderation-{verb}")
        for verb, view in moderating.VERBS.items()
    ),
]
