"""Answers to moderators: what their pages show, and nothing else.

Never the secret of a submission, an e-mail address, or where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import User
from catalog.markdown.findings import Severity
from submissions.api.answers import (
    BeforeAndAfter,
    ConflictPart,
    DiffPart,
    FindingPart,
    ProposalPart,
    PublishedLine,
    SubmissionPart,
    diff_data,
    findings_data,
    lines_data,
    part_data,
    rendered_data,
)
from submissions.choices import Effect, Role, Verb
from submissions.models import Submission
from submissions.moderating.options import verbs_for
from submissions.moderating.queue_rows import Record, claim_on, signs_of, what_changes
from submissions.moderating.review_context import FieldChange, ReviewContext, read_review_context
from submissions.names import submitter_name
from submissions.people import Actor

# Parts


class RecordPart(serializers.Serializer[Any]):
    """The outcomes of the person's earlier submissions, in the lists that the caller moderates."""

    applied = serializers.IntegerField()
    rejected = serializers.IntegerField()
    spam = serializers.IntegerField()


class SubmitterPart(serializers.Serializer[Any]):
    """The submitter; without id where they had no account."""

    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    record = RecordPart(allow_null=True)


class ClaimPart(serializers.Serializer[Any]):
    """The claim on it: a hint."""

    by = serializers.CharField()
    until = serializers.DateTimeField()
    is_mine = serializers.BooleanField()


class ReasonPart(serializers.Serializer[Any]):
    """A reason for rejections."""

    code = serializers.CharField()
    text = serializers.CharField()
    effect = serializers.ChoiceField(choices=Effect.values)


class FieldPart(serializers.Serializer[Any]):
    """A field that the version before had otherwise."""

    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class EventPart(serializers.Serializer[Any]):
    """One event, with the internal notes of moderators."""

    verb = serializers.ChoiceField(choices=Verb.values)
    label = serializers.CharField()  # type: ignore[assignment]
    who = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(choices=Role.values)
    at = serializers.DateTimeField()
    revision = serializers.IntegerField()
    reason = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    internal_note = serializers.CharField(allow_blank=True)
    changed = FieldPart(many=True)


class DecisionPart(serializers.Serializer[Any]):
    """The decision and who made it."""

    by = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)
    come_back_after = serializers.DateField(allow_null=True)
    duplicate_of = serializers.IntegerField(allow_null=True)
    duplicate_entry = serializers.IntegerField(allow_null=True)
    applied_revision = serializers.IntegerField(allow_null=True)


# Whole answers


class Queued(SubmissionPart):
    """A submission in the queue; `severity` is the worst of what was noticed."""

    changes = serializers.CharField(
        allow_blank=True, help_text="What would change, in a few words."
    )
    submitter = SubmitterPart()
    severity = serializers.ChoiceField(choices=[*map(str, Severity)], allow_null=True)
    finding_count = serializers.IntegerField()
    has_conflicts = serializers.BooleanField()
    is_held = serializers.BooleanField()
    is_spam = serializers.BooleanField()
    joined_to = serializers.IntegerField(allow_null=True)
    claim = ClaimPart(allow_null=True)
    is_own = serializers.BooleanField()


class ReviewContextAnswer(Queued):
    """A submission with all there is to know before deciding; `verbs` are what you can do now."""

    verbs = serializers.ListField(child=serializers.ChoiceField(choices=Verb.values))
    why_no_verbs = serializers.CharField(allow_blank=True)
    proposal = ProposalPart()
    note = serializers.CharField(allow_blank=True)
    credit = serializers.CharField(allow_blank=True)
    is_trusted = serializers.BooleanField()
    findings = FindingPart(many=True)
    conflicts = ConflictPart(many=True)
    seen = serializers.CharField()
    diff = DiffPart()
    rendered = BeforeAndAfter()
    published = PublishedLine(many=True)
    fields_changed = FieldPart(many=True)
    changed = FieldPart(many=True)
    thread = EventPart(many=True)
    decision = DecisionPart(allow_null=True)
    reasons = ReasonPart(many=True)
    others = serializers.ListField(child=serializers.IntegerField())
    same = serializers.ListField(child=serializers.IntegerField())
    joined = serializers.ListField(child=serializers.IntegerField())

    class Meta:
        ref_name = "Dossier"


# What stands in them


def queued(
    submission: Submission,
    reader: User,
    records: Mapping[int, Record],
    request: Request,
    changes: str,
) -> dict[str, Any]:
    """The fields of `Queued`. No query where the rows it refers to have been read."""
    record = records.get(submission.submitter_id or 0)
    signs = signs_of(submission)
    address = reverse("api:moderation-submission", args=[submission.pk])
    page = reverse("admin:submissions_submission_change", args=[submission.pk])
    return {
        **part_data(submission, request, page, address),
        "changes": changes,
        "submitter": {
            "id": submission.submitter_id,
            "name": submitter_name(submission),
            "record": record._asdict() if record else None,
        },
        "severity": signs.severity if signs else None,
        "finding_count": len(submission.findings),
        "has_conflicts": bool(submission.conflicts),
        "is_held": submission.is_held,
        "is_spam": submission.is_spam,
        "joined_to": submission.joined_to_id,
        "claim": _claim(submission, reader),
        "is_own": Actor(user=reader).wrote(submission),
    }


def _claim(submission: Submission, reader: User) -> dict[str, Any] | None:
    who = claim_on(submission, timezone.now())
    if not who:
        return None
    is_mine = submission.claimed_by_id == reader.pk
    return {"by": who, "until": submission.claimed_until, "is_mine": is_mine}


def review_context_data(submission: Submission, reader: User, request: Request) -> dict[str, Any]:
    """The fields of `ReviewContextAnswer`; a fixed number of queries whatever there is."""
    review = read_review_context(submission, reader)
    verbs, why_none = verbs_for(submission, Actor(user=reader))
    records = {submission.submitter_id or 0: review.record} if review.record else {}
    data = {
        **queued(submission, reader, records, request, what_changes([submission])[submission.pk]),
        "verbs": sorted(verbs),
        "why_no_verbs": why_none,
        "proposal": submission.proposal,
        "note": submission.note,
        "credit": submission.credit,
        "is_trusted": review.is_trusted,
        "findings": findings_data(review.findings),
        "conflicts": [conflict._asdict() for conflict in review.conflicts],
        "seen": review.seen,
        "diff": diff_data(review.preview.diff),
        "rendered": rendered_data(review.preview),
        "published": lines_data(review.lines),
        **_history(review),
        "decision": _decision(submission),
        "reasons": [
            {"code": reason.code, "text": reason.shown_text, "effect": reason.effect}
            for reason in review.reasons
        ],
        **{
            name: [other.pk for other in getattr(review, name)]
            for name in ("others", "same", "joined")
        },
    }
    return dict(ReviewContextAnswer(data).data)


def _history(review: ReviewContext) -> dict[str, Any]:
    return {
        "fields_changed": _changed(review.fields),
        "changed": _changed(review.changed),
        "thread": [
            {
                "verb": data.event.verb,
                "label": data.event.get_verb_display(),
                "who": data.who,
                "role": data.event.role,
                "at": data.event.created_at,
                "revision": data.event.submission_revision,
                "reason": data.event.reason,
                "note": data.event.note,
                "internal_note": data.event.internal_note,
                "changed": _changed(data.changed),
            }
            for data in review.thread
        ],
    }


def _changed(changes: Iterable[FieldChange]) -> list[dict[str, str]]:
    return [
        {"label": field.label, "before": "".join(field.before), "after": "".join(field.after)}
        for field in changes
    ]


def _decision(submission: Submission) -> dict[str, Any] | None:
    if submission.decided_at is None:
        return None
    by = submission.decided_by
    return {
        "by": by.get_full_name() if by else "",
        "at": submission.decided_at,
        "reason": submission.reason,
        "come_back_after": submission.come_back_after,
        "duplicate_of": submission.duplicate_of_id,
        "duplicate_entry": submission.duplicate_entry_id,
        "applied_revision": submission.applied_revision,
    }
