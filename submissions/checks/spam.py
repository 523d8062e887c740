"""Findings that make a submission wait behind others, and never refuse it by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from catalog.markdown.links import canonical_url, host_of, repository_of
from catalog.markdown.linting import Finding
from submissions.checks.profile import finding
from submissions.checks.subject import Subject
from submissions.choices import Status
from submissions.models import Submission

MANY_LINKS = 12
"""Links in what is proposed; of a thousand real entries one has more."""
SAME_WITHIN = timedelta(days=7)
SAME_FROM = 2
"""Other people who sent the same thing in that time, from which on it is a finding."""
_MOST = 50


def spam_findings(subject: Subject) -> Iterator[Finding]:
    """Yield unusual traits of a proposal and of its sender."""
    links = len(subject.links)
    # An entry that has had as many is not unusual.
    if links > MANY_LINKS and links > 2 * subject.base.source.count("]("):
        yield finding("many-links", "", count=links)
    if subject.submission is None:
        return
    others = _others(subject, subject.submission)
    if others >= SAME_FROM:
        yield finding("same-text", "", count=others)
    host = host_of(subject.url)
    is_new = host and host not in subject.named_hosts and not repository_of(subject.url)
    if subject.is_addition and is_new and not _has_record(subject.submission):
        yield finding("unseen-domain", subject.url_field, host=host)


def _others(subject: Subject, submission: Submission) -> int:
    """Return how many other people sent the same address or the same words lately."""
    same = Q(pk=None)
    if address := canonical_url(subject.url) if subject.has_new_url else "":
        same |= Q(canonical_url=address)
    if len(subject.description) >= 30:
        same |= Q(proposal__description=subject.description)
    since = timezone.now() - SAME_WITHIN
    recent = Submission.objects.filter(catalog=submission.catalog_id, created_at__gte=since)
    rows = recent.filter(same).exclude(pk=submission.pk)
    people = {
        (submitter, email if not submitter else "", network if not (submitter or email) else "")
        for submitter, email, network in rows.order_by("-created_at").values_list(
            "submitter", "email", "network_hash"
        )[:_MOST]
    }
    people.discard(
        (
            submission.submitter_id,
            "" if submission.submitter_id else submission.email,
            "" if submission.submitter_id or submission.email else submission.network_hash,
        )
    )
    return len(people)


def _has_record(submission: Submission) -> bool:
    """Whether something of this person has been published before."""
    if submission.submitter_id is None:
        return False
    applied = Submission.objects.filter(submitter=submission.submitter_id, status=Status.APPLIED)
    return applied.exists()
