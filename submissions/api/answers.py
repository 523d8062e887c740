"""Answers to contributors: their submissions, in lists and alone.

Only what is named here goes out: no note of moderators to each other, no e-mail address, nothing
about where anybody came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import User
from catalog.markdown.linting import Finding, Severity
from submissions.choices import Effect, Kind, Role, Status, Verb
from submissions.findings import read_finding, sent_finding
from submissions.models import Submission
from submissions.people import Actor, submitter_name
from submissions.progress import (
    conflicts_of,
    preview_of,
    progress_of,
    published_lines,
    thread_of,
)
from submissions.publishing.previewing import Preview
from submissions.queue_rows import Record, claim_on, signs_of, verbs_for, what_changes
from submissions.review_context import read_review_context
from submissions.workflow import open_verbs

# Parts


class Joined(serializers.CharField):
    """A text that is compared in parts, as one."""

    def to_representation(self, value: Any) -> str:
        return "".join(value)


class FindingPart(serializers.Serializer[Any]):
    """A finding about a proposal; `fix` has better values by field."""

    rule = serializers.CharField()
    severity = serializers.ChoiceField(choices=[*map(str, Severity)])
    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    fix = serializers.DictField(child=serializers.CharField(), allow_null=True)
    link = serializers.CharField(allow_blank=True)

    class Meta:
        ref_name = "NoticedFinding"

    def to_representation(self, instance: Finding) -> dict[str, Any]:
        return sent_finding(instance)


class DiffLine(serializers.Serializer[Any]):
    """A line of the README; `sign` is a blank, - or +."""

    sign = serializers.ChoiceField(choices=[" ", "-", "+"])
    text = Joined(trim_whitespace=False, allow_blank=True)


class DiffPart(serializers.Serializer[Any]):
    """One hunk of the README's difference."""

    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    hunks = serializers.ListField(child=serializers.ListField(child=DiffLine()))


class RenderedCellPart(serializers.Serializer[Any]):
    """A cell; `html` is safe to show."""

    header = serializers.CharField(allow_blank=True)
    html = serializers.CharField(allow_blank=True)


class RenderedPart(serializers.Serializer[Any]):
    """An entry as its page shows it; `html` is safe to show. A row has `cells` instead."""

    name = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    html = serializers.CharField(allow_blank=True)
    cells = RenderedCellPart(many=True)


class BeforeAndAfter(serializers.Serializer[Any]):
    """The entry before and after; null where there is none, or where it cannot be shown."""

    before = RenderedPart(allow_null=True)
    after = RenderedPart(allow_null=True)


class PublishedLine(serializers.Serializer[Any]):
    """Lines of the README that were changed; null where there were none, or are none now."""

    before = Joined(allow_null=True)
    after = Joined(allow_null=True)


class MessagePart(serializers.Serializer[Any]):
    """One event of the thread."""

    verb = serializers.ChoiceField(choices=Verb.values)
    label = serializers.CharField()  # type: ignore[assignment]
    who = serializers.CharField(allow_blank=True)
    is_mine = serializers.BooleanField()
    at = serializers.DateTimeField()
    note = serializers.CharField(allow_blank=True)


class ConflictPart(serializers.Serializer[Any]):
    """A field that was changed underneath: what it was, is, and should be."""

    field = serializers.CharField()
    base = serializers.CharField(allow_blank=True)
    current = serializers.CharField(allow_blank=True)
    proposed = serializers.CharField(allow_blank=True)


class OutcomePart(serializers.Serializer[Any]):
    """The reason of a rejection, in words that may be shown."""

    reason = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    come_back_after = serializers.DateField(allow_null=True)


def proposal_schema() -> dict[str, Any]:
    """Return the schema of a proposal: its kind, and its fields."""
    return {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string", "enum": Kind.values}},
        "additionalProperties": {},
    }


@extend_schema_field(proposal_schema())
class ProposalPart(serializers.JSONField):
    """A proposal, by the fields of the bodies."""


# Whole answers


class SubmissionPart(serializers.Serializer[Any]):
    """The public part of a submission."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Kind.values)
    status = serializers.ChoiceField(choices=Status.values)
    revision = serializers.IntegerField()
    catalog = serializers.CharField()
    entry = serializers.IntegerField(allow_null=True)
    listing = serializers.IntegerField(allow_null=True)
    section = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    status_at = serializers.DateTimeField()
    html_url = serializers.URLField()
    api_url = serializers.URLField()


class Listed(SubmissionPart):
    """One's own submission in a list; `token` is the secret of its address."""

    token = serializers.CharField()


class Tracked(Listed):
    """One's own submission with all that its page shows; `verbs` are what one can do now.

    `conflicts` are what others changed underneath, for as long as somebody has to decide.
    """

    headline = serializers.CharField()
    next = serializers.CharField(allow_blank=True)
    verbs = serializers.ListField(child=serializers.ChoiceField(choices=Verb.values))
    proposal = ProposalPart()
    note = serializers.CharField(allow_blank=True)
    credit = serializers.CharField(allow_blank=True)
    decision = OutcomePart(allow_null=True)
    findings = FindingPart(many=True)
    conflicts = ConflictPart(many=True)
    thread = MessagePart(many=True)
    diff = DiffPart(allow_null=True)
    rendered = BeforeAndAfter(allow_null=True)
    published = PublishedLine(many=True)


class DryRun(serializers.Serializer[Any]):
    """The outcome that a proposal would have; nothing was stored."""

    findings = FindingPart(many=True)
    is_blocked = serializers.BooleanField()
    diff = DiffPart()
    rendered = BeforeAndAfter()


# What stands in them


def part_data(submission: Submission, request: Request, page: str, address: str) -> dict[str, Any]:
    """The fields of `SubmissionPart`; `page` and `address` are paths for people and programs.

    No query where catalog and section have been read.
    """
    section = submission.section
    return {
        "id": submission.pk,
        "kind": submission.kind,
        "status": submission.status,
        "revision": submission.revision,
        "catalog": submission.catalog.slug,
        "entry": submission.entry_id,
        "listing": submission.listing_id,
        "section": section.path if section else "",
        "name": submission.name,
        "url": submission.url,
        "created_at": submission.created_at,
        "status_at": submission.status_at,
        "html_url": request.build_absolute_uri(page),
        "api_url": request.build_absolute_uri(address),
    }


def listed(submission: Submission, request: Request) -> dict[str, Any]:
    """The fields of `Listed`. No query where catalog and section have been read."""
    address = reverse("api:submission-detail", args=[submission.token])
    data = part_data(submission, request, submission.get_absolute_url(), address)
    return {**data, "token": submission.token}


def tracked(submission: Submission, actor: Actor, request: Request) -> dict[str, Any]:
    """The fields of `Tracked`."""
    progress, made = progress_of(submission), preview_of(submission)
    # What was noticed about spam would teach its author.
    findings = [] if submission.is_spam else map(read_finding, submission.findings)
    data = {
        **listed(submission, request),
        "headline": progress.headline,
        "next": progress.next,
        "verbs": open_verbs(submission, actor, Role.SUBMITTER),
        "proposal": submission.proposal,
        "note": submission.note,
        "credit": submission.credit,
        "decision": _outcome(submission, progress.reason),
        "findings": findings,
        "conflicts": conflicts_of(submission),
        "thread": thread_of(submission),
        "diff": made.diff if made else None,
        "rendered": made,
        "published": published_lines(submission),
    }
    return dict(Tracked(data).data)


def _outcome(submission: Submission, text: str) -> dict[str, Any] | None:
    """Return the outcome; of spam only that it was rejected."""
    if submission.status != Status.REJECTED:
        return None
    if submission.is_spam:
        return {"reason": "", "text": "", "come_back_after": None}
    after = submission.come_back_after
    return {"reason": submission.reason, "text": text, "come_back_after": after}


def dry_run_data(preview: Preview) -> dict[str, Any]:
    """The fields of `DryRun`."""
    data = {
        "findings": preview.findings,
        "is_blocked": bool(preview.stops),
        "diff": preview.lines.diff,
        "rendered": preview.lines,
    }
    return dict(DryRun(data).data)


# Answers to moderators: what their pages show, and nothing else. Never the secret of a submission,
# an e-mail address, or where it came from.


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
    text = serializers.CharField(source="shown_text")
    effect = serializers.ChoiceField(choices=Effect.values)


class FieldPart(serializers.Serializer[Any]):
    """A field that the version before had otherwise."""

    label = serializers.CharField()  # type: ignore[assignment]
    before = Joined(allow_blank=True)
    after = Joined(allow_blank=True)


class EventPart(serializers.Serializer[Any]):
    """One event, with the internal notes of moderators."""

    verb = serializers.ChoiceField(choices=Verb.values, source="event.verb")
    label = serializers.CharField(source="event.get_verb_display")  # type: ignore[assignment]
    who = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(choices=Role.values, source="event.role")
    at = serializers.DateTimeField(source="event.created_at")
    revision = serializers.IntegerField(source="event.submission_revision")
    reason = serializers.CharField(allow_blank=True, source="event.reason")
    note = serializers.CharField(allow_blank=True, source="event.note")
    internal_note = serializers.CharField(allow_blank=True, source="event.internal_note")
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
            "record": record,
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
        "findings": review.findings,
        "conflicts": review.conflicts,
        "seen": review.seen,
        "diff": review.preview.diff,
        "rendered": review.preview,
        "published": review.lines,
        "fields_changed": review.fields,
        "changed": review.changed,
        "thread": review.thread,
        "decision": _decision(submission),
        "reasons": review.reasons,
        **{
            name: [other.pk for other in getattr(review, name)]
            for name in ("others", "same", "joined")
        },
    }
    return dict(ReviewContextAnswer(data).data)


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
