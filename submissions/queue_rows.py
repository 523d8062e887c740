"""The queue's rows, reasons and possible actions as they are shown, for pages and API alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.markdown.linting import Severity
from catalog.models import Catalog, Column, Listing
from catalog.sentences import SEVERITIES
from submissions.choices import Effect, Report, Role, Verb
from submissions.errors import NotAllowed
from submissions.models import DecisionReason, Kind, Status, Submission, SubmissionQuerySet
from submissions.people import Actor, shown_name, submitter_name
from submissions.verbs.transitions import refuse_own
from submissions.workflow import open_verbs


class Record(NamedTuple):
    """The outcomes of a person's earlier submissions, in the catalogs that the reader moderates."""

    applied: int = 0
    rejected: int = 0
    spam: int = 0


@dataclass(frozen=True, slots=True)
class Signs:
    """A summary of findings: the worst one, and their number."""

    severity: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """A submission in the queue."""

    submission: Submission
    url: str
    name: str
    what: str
    """The change in a few words."""
    who: str
    record: Record | None
    signs: Signs | None
    age: str
    claim: str
    """The claimant, if any: a hint."""
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
    now, changes = timezone.now(), what_changes(submissions)
    return [
        _row(one, reader, records, now, f"{url(one)}{query}", changes[one.pk])
        for one in submissions
    ]


def what_changes(submissions: Iterable[Submission]) -> dict[int, str]:
    """Return each submission's change in a few words: names of fields, a place, a reason.

    One query for the headers of columns, one for places; none where nothing names any.
    """
    submissions = list(submissions)
    columns = {
        (one.catalog_id, key)
        for one in submissions
        for key in (_column(one, number) for number in one.proposal.get("cells", {}))
        if one.kind == Kind.EDIT and key
    }
    headers: dict[tuple[int, str], str] = {}
    if columns:
        rows = Column.objects.filter(
            catalog__in={catalog for catalog, _key in columns},
            key__in={key for _catalog, key in columns},
        )
        headers = {(row.catalog_id, row.key): row.header for row in rows}
    titles = Listing.objects.titles(one.proposal.get("target") for one in submissions)
    return {one.pk: _in_words(one, headers, titles) for one in submissions}


def _column(submission: Submission, number: str) -> str:
    """The key of a column as the proposal counts them; '' for one that was not there."""
    columns = submission.base.get("columns", [])
    return str(columns[int(number)]) if int(number) < len(columns) else ""


def _in_words(
    submission: Submission, headers: Mapping[tuple[int, str], str], titles: Mapping[int, str]
) -> str:
    proposal = submission.proposal
    match submission.kind:
        case Kind.EDIT:
            texts = {"name": _("name"), "url": _("address"), "description": _("description")}
            words = [label for name, label in texts.items() if proposal.get(name) is not None]
            for number in proposal.get("cells", {}):
                key = _column(submission, number)
                words.append(headers.get((submission.catalog_id, key)) or f"#{int(number) + 1}")
            if proposal.get("add_tags") or proposal.get("remove_tags"):
                words.append(_("tags"))
            return ", ".join(words)
        case Kind.MOVE:
            title = titles.get(proposal.get("target") or 0, _("another place there"))
            return f"→ {title}"
        case Kind.REPORT:
            return str(Report(proposal["report"]).label)
    return str(proposal.get("reason", "")) if submission.kind == Kind.REMOVE else ""


def _row(
    submission: Submission,
    reader: User,
    records: Mapping[int, Record],
    now: datetime,
    url: str,
    what: str,
) -> Row:
    record = records.get(submission.submitter_id or 0)
    return Row(
        submission,
        url,
        shown_name(submission),
        what,
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
    """Return the name in a valid claim; '' if there is none."""
    until, by = submission.claimed_until, submission.claimed_by
    return by.get_full_name() if by is not None and until is not None and until > now else ""


# The reasons that a catalog's moderators can give


type Choices = list[tuple[str, str]]


def active_reasons(catalog: Catalog | int) -> list[DecisionReason]:
    """The reasons of one catalog in their order."""
    reasons = DecisionReason.objects.filter(catalog=catalog, is_active=True)
    return list(reasons.order_by("rank", "code"))


def choices_of(catalogs: Iterable[Catalog]) -> Choices:
    """Codes and texts over several catalogs, each code once, those without an effect first."""
    reasons = DecisionReason.objects.filter(catalog__in=catalogs, is_active=True)
    texts: dict[str, str] = {}
    for reason in reasons.exclude(effect=Effect.DUPLICATE).order_by("rank", "code", "pk"):
        texts.setdefault(reason.code, reason.shown_text)
    return list(texts.items())


def with_effect(reasons: Iterable[DecisionReason], effect: Effect) -> Choices:
    """The choices among these that have an effect."""
    return [(reason.code, reason.shown_text) for reason in reasons if reason.effect == effect]


# What somebody may do with a submission, for showing it; each verb looks again by itself


def verbs_for(submission: Submission, actor: Actor) -> tuple[set[Verb], str]:
    """The verbs that a moderator has here, and why there is none if that is worth saying."""
    if submission.joined_to_id:
        return set(), ""
    try:
        refuse_own(submission, actor)
    except NotAllowed as error:
        return set(), error.message
    return {*open_verbs(submission, actor, Role.MODERATOR)}, ""
