"""Statistics of contributions: what waits, how long decisions take, who decides what. Only reads.

A decision is counted at the time it was made, by how the submission stands today: one that was
taken back or appealed is counted once, for what it came to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Count, DurationField, ExpressionWrapper, F, Min, Q
from django.db.models.functions import TruncMonth, TruncWeek
from django.utils import timezone

from accounts.models import User
from catalog.models import Catalog
from submissions.choices import WAITING
from submissions.models import DecisionReason, Status, Submission, SubmissionQuerySet

RECENT_DAYS = 90
"""Decisions of so many days say how long one takes."""
MONTHS = 12
WEEKS = 12
_TIME_TAKEN = ExpressionWrapper(F("decided_at") - F("created_at"), output_field=DurationField())
_ANSWERED = Q(status__in=(Status.APPLIED, Status.REJECTED))


class Month(NamedTuple):
    """Decisions in a month, and how many published something."""

    start: date
    decided: int
    applied: int


@dataclass(frozen=True, slots=True)
class PublicNumbers:
    """Statistics for everybody; no names, no spam. `months` are twelve, the oldest first."""

    waiting: int
    median_days: float | None
    months: list[Month] = field(default_factory=list)


def public_numbers(catalog: Catalog) -> PublicNumbers:
    """Return how many wait, and how long it takes. Two queries, for any number of submissions."""
    months = _months_until(timezone.localdate())
    recent = _recent_since()
    of_catalog = Submission.objects.filter(catalog=catalog).public()
    counted = (
        of_catalog.filter(
            Q(status__in=WAITING, joined_to=None) | Q(decided_at__gte=_midnight(months[0]))
        )
        .order_by()
        .values_list(TruncMonth("decided_at"), "status")
        .annotate(
            count=Count("pk"), recent=Count("pk", filter=_ANSWERED & Q(decided_at__gte=recent))
        )
    )
    rows = list(counted)
    answered = sum(row[3] for row in rows)
    median = _median(of_catalog.filter(_ANSWERED, decided_at__gte=recent), answered)
    return PublicNumbers(
        waiting=sum(count for _month, status, count, _recent in rows if status in WAITING),
        median_days=None if median is None else median / timedelta(days=1),
        months=[_month(start, rows) for start in months],
    )


def _month(start: date, rows: Iterable[tuple[datetime | None, str, int, int]]) -> Month:
    counts = {
        status: count
        for month, status, count, _recent in rows
        if month and timezone.localtime(month).date() == start
    }
    return Month(start, sum(counts.values()), counts.get(Status.APPLIED, 0))


@dataclass(frozen=True, slots=True)
class Waiting:
    """The waiting submissions of one catalog. `held` of them look like spam; `oldest` is of the
    others."""

    catalog: Catalog
    waiting: int
    held: int
    oldest: datetime | None


def waiting_by_catalog(user: User) -> list[Waiting]:
    """Return what waits for this moderator, oldest first; catalogs where nothing does are left
    out."""
    counted = (
        Submission.objects.visible_to(user)
        .waiting()
        .order_by()
        .values_list("catalog")
        .annotate(
            count=Count("pk"),
            held=Count("pk", filter=Q(is_held=True)),
            oldest=Min("created_at", filter=Q(is_held=False)),
        )
    )
    rows = {key: (count, held, oldest) for key, count, held, oldest in counted}
    waiting = [Waiting(one, *rows[one.pk]) for one in Catalog.objects.filter(pk__in=rows)]
    latest = datetime.max.replace(tzinfo=timezone.get_current_timezone())
    return sorted(waiting, key=lambda one: (one.oldest or latest, one.catalog.title))


class Week(NamedTuple):
    """Submissions and decisions of the seven days from a Monday."""

    start: date
    submitted: int
    applied: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Share:
    """The share of decisions by one person, or for one reason."""

    label: str
    count: int
    applied: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Numbers:
    """Moderators' statistics of their catalogs; the last 12 weeks, oldest first."""

    waiting: int
    held: int
    oldest: datetime | None
    median: timedelta | None
    weeks: list[Week]
    moderators: list[Share]
    reasons: list[Share]


def numbers(submissions: SubmissionQuerySet) -> Numbers:
    """The numbers of some submissions: those of a catalog, or of all that a person moderates."""
    weeks = _weeks_until(timezone.localdate())
    since = _midnight(weeks[0])
    submissions = submissions.order_by()
    waits = submissions.waiting().aggregate(
        count=Count("pk"),
        held=Count("pk", filter=Q(is_held=True)),
        oldest=Min("created_at", filter=Q(is_held=False)),
    )
    recent = submissions.filter(_ANSWERED, decided_at__gte=_recent_since(), is_spam=False)
    decided = submissions.filter(_ANSWERED, decided_at__gte=since)
    return Numbers(
        waiting=waits["count"],
        held=waits["held"],
        oldest=waits["oldest"],
        median=_median(recent, recent.count()),
        weeks=_weeks(submissions, decided, weeks),
        moderators=_by_moderator(decided),
        reasons=_by_reason(decided),
    )


def _weeks(
    submissions: SubmissionQuerySet, decided: SubmissionQuerySet, starts: list[date]
) -> list[Week]:
    came = submissions.filter(created_at__gte=_midnight(starts[0]))
    came = came.exclude(status=Status.UNCONFIRMED)
    submitted = dict(came.values_list(TruncWeek("created_at")).annotate(count=Count("pk")))
    outcomes = {
        (week, status): count
        for week, status, count in decided.values_list(TruncWeek("decided_at"), "status").annotate(
            Count("pk")
        )
    }
    return [
        Week(
            start,
            submitted.get(_midnight(start), 0),
            outcomes.get((_midnight(start), Status.APPLIED), 0),
            outcomes.get((_midnight(start), Status.REJECTED), 0),
        )
        for start in starts
    ]


def _by_moderator(decided: SubmissionQuerySet) -> list[Share]:
    counted = decided.values_list("decided_by").annotate(
        count=Count("pk"),
        applied=Count("pk", filter=Q(status=Status.APPLIED)),
        rejected=Count("pk", filter=Q(status=Status.REJECTED)),
    )
    rows = {key: counts for key, *counts in counted}
    people = {user.pk: user.get_full_name() for user in User.objects.filter(pk__in=rows)}
    return _ranked(Share(people.get(key, ""), *counts) for key, counts in rows.items())


def _by_reason(decided: SubmissionQuerySet) -> list[Share]:
    rejected = decided.filter(status=Status.REJECTED)
    counts: dict[str, int] = {}
    texts = {
        (reason.catalog_id, reason.code): reason.shown_text
        for reason in DecisionReason.objects.filter(catalog__in=rejected.values("catalog"))
    }
    for catalog, code, count in rejected.values_list("catalog", "reason").annotate(
        count=Count("pk")
    ):
        text = texts.get((catalog, code), code)
        counts[text] = counts.get(text, 0) + count
    return _ranked(Share(text, count) for text, count in counts.items())


def _ranked(shares: Iterable[Share]) -> list[Share]:
    return sorted(shares, key=lambda share: (-share.count, share.label))


def _median(submissions: SubmissionQuerySet, count: int) -> timedelta | None:
    """The time that half of them took at most; found by the database, which sorts them."""
    if not count:
        return None
    middle = submissions.order_by(_TIME_TAKEN).values_list(_TIME_TAKEN, flat=True)
    taken: list[timedelta] = list(middle[(count - 1) // 2 : count // 2 + 1])
    return sum(taken, timedelta()) / len(taken) if taken else None


def _recent_since() -> datetime:
    return timezone.now() - timedelta(days=RECENT_DAYS)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())


def _months_until(today: date) -> list[date]:
    """The first days of the last twelve months, the oldest first."""
    last = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(last - MONTHS + 1, last + 1)]


def _weeks_until(today: date) -> list[date]:
    """The Mondays of the last twelve weeks, the oldest first."""
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
