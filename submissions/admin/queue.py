"""The queue: what waits for a moderator, the oldest first, and decisions on many at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
from submissions.admin.filters import (
    BySubmitter,
    HeldFilter,
    KindFilter,
    SignsFilter,
    StatusFilter,
    carried,
)
from submissions.mail import note_language
from submissions.models import Submission
from submissions.operations import APPROVE, REJECT, UNDO, Operation
from submissions.people import Actor, shown_name
from submissions.queue_rows import choices_of, rows_of

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
        rows = self.get_queryset(request).filter(pk__in=read)
        ordered = rows.order_by("is_held", "-priority", "created_at", "pk")
        return [(one, read[one.pk]) for one in ordered]

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
        return ["is_held", "-priority", "created_at", "pk"]


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
