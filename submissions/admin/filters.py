"""Filters of the queue, and the way through it by them."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.base import CatalogFilter, number, person
from submissions.admin.base import OfSubmissions, address
from submissions.choices import WAITING
from submissions.models import Kind, Status, Submission

type Lookups = list[tuple[str, Any]]


class _Choice(admin.SimpleListFilter):
    """A filter by one of some words; any other word filters nothing."""

    words: ClassVar[Lookups] = []

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        return self.words

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Submission]:
        value = self.value() or ""
        rows: QuerySet[Submission] = queryset
        return self.narrow(rows, value, request.user.pk) if value in dict(self.words) else rows

    def narrow(self, rows: QuerySet[Submission], value: str, reader: Any) -> QuerySet[Submission]:
        """Filter by one of the words."""
        raise NotImplementedError


class KindFilter(_Choice):
    """Filter by kind of proposal."""

    title = gettext_lazy("kind")
    parameter_name = "kind"
    words: ClassVar = list(Kind.choices)

    def narrow(self, rows: QuerySet[Submission], value: str, reader: Any) -> QuerySet[Submission]:
        return rows.filter(kind=value)


class StatusFilter(_Choice):
    """Filter by status; by default what waits for a moderator."""

    title = gettext_lazy("status")
    parameter_name = "status"
    words: ClassVar = [
        *((value, label) for value, label in Status.choices if value != Status.PENDING),
        ("all", gettext_lazy("all")),
    ]

    def default(self) -> str:
        """Return the default choice."""
        return _("Waiting")

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Submission]:
        if self.value() not in dict(self.words):
            queryset = queryset.filter(status__in=WAITING, joined_to=None)
        return super().queryset(request, queryset)

    def narrow(self, rows: QuerySet[Submission], value: str, reader: Any) -> QuerySet[Submission]:
        return rows if value == "all" else rows.filter(status=value)


class SignsFilter(_Choice):
    """Filter by findings."""

    title = gettext_lazy("findings")
    parameter_name = "signs"
    words: ClassVar = [
        ("block", gettext_lazy("must be changed")),
        ("warn", gettext_lazy("needs a look")),
        ("none", gettext_lazy("nothing found")),
        ("conflict", gettext_lazy("changed in the meantime")),
    ]

    def narrow(self, rows: QuerySet[Submission], value: str, reader: Any) -> QuerySet[Submission]:
        if value == "none":
            return rows.filter(findings=[], conflicts=[])
        if value == "conflict":
            return rows.exclude(conflicts=[])
        # What people typed stands in the findings too, but with its quotes escaped.
        text = f'"severity": "{value}"'
        return rows.alias(_findings=Cast("findings", TextField())).filter(_findings__contains=text)


class HeldFilter(_Choice):
    """Held for looking like spam, claimed, one's own."""

    title = gettext_lazy("more")
    parameter_name = "more"
    words: ClassVar = [
        ("held", gettext_lazy("held")),
        ("unheld", gettext_lazy("not held")),
        ("mine", gettext_lazy("claimed by me")),
        ("free", gettext_lazy("not claimed")),
    ]

    def narrow(self, rows: QuerySet[Submission], value: str, reader: Any) -> QuerySet[Submission]:
        claimed = Q(claimed_until__gt=timezone.now())
        if value == "mine":
            return rows.filter(claimed, claimed_by=reader)
        if value == "free":
            return rows.exclude(claimed, claimed_by__isnull=False)
        return rows.filter(is_held=value == "held")


class BySubmitter(admin.SimpleListFilter):
    """All that one person submitted; shown while it is in use."""

    title = gettext_lazy("submitter")
    parameter_name = "submitter"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        key = number(request.GET.get("submitter", ""))
        if not key:
            return []
        # By what this person may see: a key that was guessed must not tell a name.
        visible = model_admin.get_queryset(request).filter(submitter=key)
        known = visible.select_related("submitter").first()
        if known is None or known.submitter is None:
            return [(str(key), _("unknown"))]
        return [(str(key), known.submitter.get_full_name())]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Submission]
    ) -> QuerySet[Submission]:
        value = self.value()
        return queryset.filter(submitter=number(value)) if value else queryset


# The way to the next submission that waits, in the queue that somebody is in


_NARROWING: tuple[type[admin.SimpleListFilter], ...] = (
    CatalogFilter,
    KindFilter,
    SignsFilter,
    HeldFilter,
    BySubmitter,
)

CARRIED = ("catalog", "kind", "status", "signs", "more", "submitter", "q")
"""Parameters by which the pages of submissions know the queue that led to them."""


def carried(data: Any) -> str:
    """The part of an address that names the queue somebody is in; '' for the whole queue."""
    given = [(name, data[name]) for name in CARRIED if data.get(name)]
    return f"?{urlencode(given)}" if given else ""


def next_waiting(
    request: HttpRequest, queue: OfSubmissions, current: Submission
) -> Submission | None:
    """The one behind `current` that waits, else the first; None when nothing waits but this.

    The address says which part of the queue it is. One's own are passed over, and so is what
    somebody else has claimed.
    """
    rows = _filtered(request, queue).exclude(pk=current.pk)
    behind = (
        Q(is_held__gt=current.is_held)
        | Q(is_held=current.is_held, priority__lt=current.priority)
        | Q(is_held=current.is_held, priority=current.priority, created_at__gt=current.created_at)
        | Q(
            is_held=current.is_held,
            priority=current.priority,
            created_at=current.created_at,
            pk__gt=current.pk,
        )
    )
    return rows.filter(behind).first() or rows.first()


def next_url(request: HttpRequest, queue: OfSubmissions, current: Submission, query: str) -> str:
    """The page to go on to after a decision: the next one, or the queue when nothing waits."""
    waiting = next_waiting(request, queue, current)
    if waiting is None:
        return address("submission_changelist") + query
    return address("submission_change", waiting.pk) + query


def _filtered(request: HttpRequest, queue: OfSubmissions) -> QuerySet[Submission]:
    reader = person(request)
    rows: QuerySet[Submission] = (
        Submission.objects.visible_to(reader)
        .waiting()
        .exclude(submitter=reader)
        .exclude(Q(claimed_until__gt=timezone.now()) & ~Q(claimed_by=reader))
        .oldest_first()
        .only("pk")
    )
    for one in _NARROWING:
        name = str(one.parameter_name)
        if value := request.GET.get(name):
            waiting = one(request, {name: [value]}, Submission, queue)
            narrower: Any = waiting.queryset(request, rows)
            rows = narrower
    words = request.GET.get("q", "")
    if words:
        rows, _may_repeat = queue.get_search_results(request, rows, words)
    return rows
