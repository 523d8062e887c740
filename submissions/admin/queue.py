"""The queue: its filters, what waits, the oldest first, and decisions on many at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.admin.base import CatalogFilter, number, person, sentence
from catalog.errors import CatalogError
from submissions.admin.base import (
    OfSubmissions,
    actor,
    address,
    catalogs_of,
    forget,
    remember,
    undo_offer,
)
from submissions.choices import WAITING
from submissions.mail import note_language
from submissions.models import QUEUE_ORDER, Kind, Status, Submission, SubmissionQuerySet
from submissions.operations import APPROVE, REJECT, UNDO, Operation
from submissions.people import Actor, shown_name
from submissions.queue_rows import choices_of, rows_of

# Filters


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
    return rows.behind(current).first() or rows.first()


def next_url(request: HttpRequest, queue: OfSubmissions, current: Submission, query: str) -> str:
    """The page to go on to after a decision: the next one, or the queue when nothing waits."""
    waiting = next_waiting(request, queue, current)
    if waiting is None:
        return address("submission_changelist") + query
    return address("submission_change", waiting.pk) + query


def _filtered(request: HttpRequest, queue: OfSubmissions) -> SubmissionQuerySet:
    reader = person(request)
    rows: SubmissionQuerySet = (
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
        matching: Any = queue.get_search_results(request, rows, words)[0]
        rows = matching
    return rows


# Decisions on many submissions at once: each is one verb call of its own. Nothing stands or falls
# together: what is refused is listed with the reason, the rest is done.


MOST = 200
"""Submissions that are decided by one request."""


class Refusal(NamedTuple):
    """A submission that was not decided, and why."""

    submission: Submission
    name: str
    message: str


class Bulk(OfSubmissions):
    """Approving and rejecting what was selected, and taking decisions back."""

    def bulk_view(self, request: HttpRequest) -> HttpResponse:
        """Decide on everything that was selected, and list what was refused."""
        url = address("submission_changelist") + carried(request.GET)
        if request.method != "POST":
            return HttpResponseRedirect(url)
        chosen = self._chosen(request)
        operation = {"approve": APPROVE, "reject": REJECT}.get(request.POST.get("do", ""))
        typed = {name: request.POST.get(name, "") for name in ("note", "reason")}
        if not chosen or operation is None or (operation is REJECT and not typed["reason"]):
            messages.warning(
                request,
                _("Choose a reason.") if chosen else _("Select the submissions to decide on."),
            )
            return HttpResponseRedirect(url)
        done, refusals = _decide_all(chosen, operation, typed, actor(request))
        summary = _summary(done, is_approval=operation is APPROVE)
        if done:
            remember(request, summary, done)
        if not refusals:
            return HttpResponseRedirect(url)
        return self.page(
            request,
            "bulk.html",
            title=_("What was not decided"),
            summary=summary if done else "",
            refusals=refusals,
            queue_url=url,
            query=carried(request.GET),
            undo=undo_offer(request) if done else None,
        )

    def _chosen(self, request: HttpRequest) -> list[tuple[Submission, int]]:
        """Return the selected submissions, each with the revision it was read at, in the order of
        the queue."""
        read = _read(request)
        rows = self.get_queryset(request).filter(pk__in=read).order_by(*QUEUE_ORDER)
        return [(one, read[one.pk]) for one in rows]

    def undo_view(self, request: HttpRequest) -> HttpResponse:
        """Undo the last decision, or all of those that were made together."""
        url = address("submission_changelist") + carried(request.GET)
        if request.method != "POST":
            return HttpResponseRedirect(url)
        offer = undo_offer(request)
        # A page that was opened earlier names what it offers; what came since stays.
        read = _read(request) or dict(offer.decided if offer else ())
        if offer and read.items() >= set(offer.decided):
            forget(request)
        if not read:
            messages.warning(request, _("A decision can be undone within a minute."))
            return HttpResponseRedirect(url)
        rows = self.get_queryset(request).filter(pk__in=read).order_by("-decided_at", "-pk")
        read_at = [(one, read[one.pk]) for one in rows]
        done, refusals = _decide_all(read_at, UNDO, {}, actor(request))
        for refusal in refusals:
            messages.error(request, f"{refusal.name}: {refusal.message}")
        if len(done) == 1:
            summary = _("“%(name)s” is waiting again.") % {"name": shown_name(done[0])}
            url = address("submission_change", done[0].pk) + carried(request.GET)
            messages.success(request, summary)
        elif done:
            messages.success(
                request, _("%(count)d submissions are waiting again.") % {"count": len(done)}
            )
        return HttpResponseRedirect(url)


def _read(request: HttpRequest) -> dict[int, int]:
    """Return the revisions at which what was selected was read, by key: sent as `key.revision`.

    The box for all pages sends many of them at once, with blanks between.
    """
    values = " ".join(request.POST.getlist("selected")).split()
    pairs = (value.partition(".") for value in values[:MOST])
    return {number(key): number(revision) for key, _dot, revision in pairs}


def _decide_all(
    chosen: list[tuple[Submission, int]], operation: Operation, typed: dict[str, str], by: Actor
) -> tuple[list[Submission], list[Refusal]]:
    done, refusals = [], []
    for submission, revision in chosen:
        try:
            done.append(operation.act(submission, by, {**typed, "expected_revision": revision}))
        except CatalogError as error:
            refusals.append(Refusal(submission, shown_name(submission), error.message))
    return done, refusals


def _summary(done: list[Submission], *, is_approval: bool) -> str:
    count = len(done)
    if is_approval:
        text = ngettext(
            "%(count)d submission was published.", "%(count)d submissions were published.", count
        )
    else:
        text = ngettext(
            "%(count)d submission was rejected.", "%(count)d submissions were rejected.", count
        )
    return text % {"count": count}


PER_PAGE = 50


class Option(NamedTuple):
    """A value of a filter."""

    value: str
    label: str
    is_chosen: bool


class Choice(NamedTuple):
    """A filter as a field of a form."""

    name: str
    label: str
    options: list[Option]


class InOrder(ChangeList):
    """A change list in the order of the queue, whatever the address asks for."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return [*QUEUE_ORDER]


class Queue(OfSubmissions):
    """The table of submissions, and the way through it."""

    list_display = ("name",)
    list_filter = (CatalogFilter, KindFilter, StatusFilter, SignsFilter, HeldFilter, BySubmitter)
    search_fields = (
        "name__icontains",
        "url__icontains",
        "credit__icontains",
        "submitter__display_name__icontains",
        "submitter__username__icontains",
        "token__exact",
    )
    list_select_related = ("catalog", "section", "submitter", "claimed_by")
    list_per_page = PER_PAGE
    change_list_template = "admin/submissions/queue.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        """Return the submissions that this person may see, without columns that no table shows."""
        rows: QuerySet[Submission] = super().get_queryset(request)
        return rows.select_related("catalog", "section", "submitter", "claimed_by")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return InOrder

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        note_language(person(request))
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context and "cl" in context:
            context |= self._queue(request, context["cl"])
        return response

    def _queue(self, request: HttpRequest, changelist: ChangeList) -> dict[str, Any]:
        query = carried(request.GET)
        reader = person(request)
        return {
            "title": _("Submissions"),
            "rows": rows_of(
                changelist.result_list,
                reader=reader,
                url=lambda one: address("submission_change", one.pk),
                query=query,
            ),
            "filters": list(_choices(changelist)),
            "is_narrowed": bool(query),
            "is_searched": bool(changelist.query),
            "words": changelist.query,
            "query": query,
            "waits": not request.GET.get("status"),
            "whole": _whole(changelist) if changelist.multi_page else [],
            "reasons": choices_of(catalogs_of(request)),
            "maintains": person(request).maintains_any,
            "undo": undo_offer(request),
        }


def _whole(changelist: ChangeList) -> list[str]:
    """Return the values of a selection over all pages: `key.revision`, `MOST` at most."""
    read = changelist.queryset.values_list("pk", "revision")[:MOST]
    return [f"{key}.{revision}" for key, revision in read]


def _choices(changelist: ChangeList) -> Iterable[Choice]:
    for spec in changelist.filter_specs:
        default = getattr(spec, "default", lambda spec=spec: _all(spec.title))()
        chosen = spec.value()  # type: ignore[attr-defined]
        options = [Option("", default, is_chosen=not chosen)]
        options += [
            Option(str(value), str(label), str(value) == chosen)
            for value, label in spec.lookup_choices  # type: ignore[attr-defined]
        ]
        yield Choice(str(spec.parameter_name), str(spec.title), options)  # type: ignore[attr-defined]


def _all(title: object) -> str:
    """Return the label of a filter's neutral choice."""
    return _("%(filter)s: all") % {"filter": sentence(str(title))}
