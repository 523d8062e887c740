"""Reports on the same entry are decided together: later ones join the first."""

from __future__ import annotations

from submissions.choices import Kind, Status
from submissions.models import Submission


def first_report_on(submission: Submission) -> Submission | None:
    """The report that one on the same entry joins; None for what is no report."""
    if submission.kind != Kind.REPORT or submission.entry_id is None:
        return None
    others = Submission.objects.filter(
        kind=Kind.REPORT,
        entry=submission.entry_id,
        joined_to=None,
        status__in=(Status.PENDING, Status.CHANGES_REQUESTED),
    )
    return others.exclude(pk=submission.pk).order_by("pk").first()


def part_from(submission: Submission) -> None:
    """Let the next of the reports that joined one take its place, since it does not wait on."""
    joined = Submission.objects.open().filter(joined_to=submission)
    first = joined.order_by("pk").first()
    if first is not None:
        joined.exclude(pk=first.pk).update(joined_to=first)
        Submission.objects.filter(pk=first.pk).update(joined_to=None)
