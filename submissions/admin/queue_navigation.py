"""The way from one submission to the next one that waits, in the queue that somebody is in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from catalog.admin.base import CatalogFilter
from submissions.admin.base import OfSubmissions, address, person
from submissions.admin.filters import BySubmitter, HeldFilter, KindFilter, SignsFilter
from submissions.models import Submission

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
