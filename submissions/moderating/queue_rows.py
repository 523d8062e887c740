"""The queue's rows as they are shown, made for a page of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.timesince import timesince

from accounts.models import User
from catalog.markdown.findings import Severity
from catalog.sentences import SEVERITIES
from submissions.models import Status, Submission
from submissions.names import shown_name, submitter_name
from submissions.querysets import SubmissionQuerySet


class Record(NamedTuple):
    """How a person's earlier submissions ended, in the catalogs that the reader moderates."""

    applied: int = 0
    rejected: int = 0
    spam: int = 0


@dataclass(frozen=True, slots=True)
class Signs:
    """What was found: the worst, and how many there are."""

    severity: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """A submission in the queue."""

    submission: Submission
    url: str
    name: str
    who: str
    record: Record | None
    signs: Signs | None
    age: str
    claim: str
    """Whose turn it is, if somebody said so: a hint."""
    is_claimed_by_reader: bool
    is_mine: bool
    """Whether the reader submitted it."""


def records_of(
    submissions: SubmissionQuerySet, people: Iterable[int | None]
) -> Mapping[int, Record]:
    """The records of people among some submissions, in one query."""
    counted = (
        submissions.filter(submitter__in={key for key in people if key})
        .order_by()
        .values_list("submitter")
        .annotate(
            applied=Count("pk", filter=Q(status=Status.APPLIED)),
            rejected=Count("pk", filter=Q(status=Status.REJECTED)),
            spam=Count("pk", filter=Q(is_spam=True)),
        )
    )
    return {key: Record(*counts) for key, *counts in counted}


def rows_of(
    submissions: Iterable[Submission], *, reader: User, url: Any, query: str = ""
) -> list[Row]:
    """The rows of some submissions; `url` gives the page of one, `query` is carried along."""
    submissions = list(submissions)
    visible = Submission.objects.visible_to(reader)
    records = records_of(visible, (one.submitter_id for one in submissions))
    now = timezone.now()
    return [_row(one, reader, records, now, f"{url(one)}{query}") for one in submissions]


def _row(
    submission: Submission,
    reader: User,
    records: Mapping[int, Record],
    now: datetime,
    url: str,
) -> Row:
    record = records.get(submission.submitter_id or 0)
    return Row(
        submission,
        url,
        shown_name(submission),
        submitter_name(submission),
        record if record and any(record) else None,
        signs_of(submission),
        timesince(submission.created_at, now, depth=1),
        claim_on(submission, now),
        submission.claimed_by_id == reader.pk,
        submission.submitter_id == reader.pk,
    )


def signs_of(submission: Submission) -> Signs | None:
    """The worst of the findings, and their count."""
    severities = {str(finding.get("severity", "")) for finding in submission.findings}
    for severity in Severity:
        if severity.value in severities:
            return Signs(severity.value, str(SEVERITIES[severity]), len(submission.findings))
    return None


def claim_on(submission: Submission, now: datetime) -> str:
    """Who has a claim that is still good; '' if nobody."""
    until, by = submission.claimed_until, submission.claimed_by
    return by.get_full_name() if by is not None and until is not None and until > now else ""
