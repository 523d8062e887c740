"""Submissions in the administration: all their pages under one model, numbers, rolling back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from catalog.admin.base import Page, number, person
from catalog.models import Catalog
from submissions.admin.base import MinuteField, OfSubmissions, actor, catalogs_of, forget
from submissions.admin.deciding import Deciding
from submissions.admin.queue import Bulk, Queue
from submissions.models import Submission
from submissions.rollback import (
    MOST,
    Contribution,
    Outcome,
    contributions_of,
    preview_rollback,
    roll_back,
)
from submissions.statistics import numbers

# The page of numbers: what waits, how long it takes, who decided what


def in_words(time: timedelta | None) -> str:
    """A span of time in one unit; `–` for none."""
    if time is None:
        return "–"
    now = timezone.now()
    return timesince(now - time, now, depth=1)


class Figures(OfSubmissions):
    """Figures of one catalog, or of all that a person moderates."""

    def numbers_view(self, request: HttpRequest) -> HttpResponse:
        """The numbers of the last twelve weeks."""
        catalogs = list(catalogs_of(request)[:200])
        key = number(request.GET.get("catalog", ""))
        chosen = next((one for one in catalogs if one.pk == key), None)
        if key and chosen is None:
            raise Http404
        rows: Any = Submission.objects.visible_to(person(request))
        if chosen is not None:
            rows = rows.filter(catalog=chosen)
        figures = numbers(rows)
        counts = [max(week.submitted, week.applied, week.rejected) for week in figures.weeks]
        return self.page(
            request,
            "numbers.html",
            title=_("Statistics"),
            catalogs=catalogs,
            chosen=chosen,
            numbers=figures,
            most=max([1, *counts]),
            median=in_words(figures.median),
            oldest=in_words(timezone.now() - figures.oldest if figures.oldest else None),
        )


# The page that reverts all that one sender did since some time


class RollbackForm(forms.Form):
    """The form of a rollback: an account, or a submission's sender; a catalog, a time."""

    catalog = forms.ModelChoiceField(label=gettext_lazy("list"), queryset=Catalog.objects.none())
    person = forms.ModelChoiceField(label=gettext_lazy("account"), queryset=User.objects.none())
    submission = forms.ModelChoiceField(
        queryset=Submission.objects.none(), widget=forms.HiddenInput
    )
    since = MinuteField(
        label=gettext_lazy("since"),
    )

    def __init__(self, catalogs: Any, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["catalog"].queryset = catalogs  # type: ignore[attr-defined]
        # Senders without account are known by a submission of theirs.
        del self.fields["person" if self._value("submission") else "submission"]
        if "submission" in self.fields:
            sent = Submission.objects.filter(catalog__in=catalogs)
            self.fields["submission"].queryset = sent  # type: ignore[attr-defined]
            return
        # Only those who did something there: nobody else's name is told.
        people = User.objects.filter(
            Q(submissions__catalog__in=catalogs) | Q(revisions__catalog__in=catalogs)
        )
        field = self.fields["person"]
        field.queryset = people.distinct().order_by("username")  # type: ignore[attr-defined]
        field.label_from_instance = User.get_full_name  # type: ignore[attr-defined]

    def _value(self, name: str) -> Any:
        return self.data.get(name) if self.is_bound else self.initial.get(name)

    @property
    def example(self) -> Submission | None:
        """Return the submission whose sender is meant, where it can be read."""
        key = self._value("submission")
        if "submission" not in self.fields or not str(key).isdecimal():
            return None
        sent: Any = self.fields["submission"]
        row: Submission | None = sent.queryset.filter(pk=int(key)).first()
        return row


class RollingBack(OfSubmissions):
    """Reverting in bulk, for maintainers: what one sender did is seen line by line first."""

    def rollback_view(self, request: HttpRequest) -> HttpResponse:
        """Ask whose work, preview the effect on the list, and roll it back."""
        catalogs = catalogs_of(request, maintained=True)
        if not catalogs.exists():
            raise Http404
        week_ago = timezone.now() - timedelta(days=7)
        data = request.POST if request.method == "POST" else request.GET
        is_requested = bool(data.get("since"))
        form = RollbackForm(
            catalogs,
            data if is_requested else None,
            initial={
                "since": week_ago,
                "person": request.GET.get("person"),
                "submission": request.GET.get("submission"),
                "catalog": request.GET.get("catalog") or catalogs[0].pk,
            },
        )
        outcomes: list[Outcome] | None = None
        is_done = False
        if is_requested and form.is_valid():
            catalog: Catalog = form.cleaned_data["catalog"]
            contributions = self._contributions(form.cleaned_data)
            if request.method == "POST":
                outcomes = roll_back(
                    contributions,
                    catalog=catalog,
                    actor=actor(request),
                    keys=request.POST.getlist("deed"),
                    note=request.POST.get("note", "")[:2000],
                )
                is_done = True
                forget(request)
                self._report(request, outcomes)
            else:
                outcomes = preview_rollback(contributions, catalog=catalog, actor=actor(request))
        return self.page(
            request,
            "rollback.html",
            title=_("Revert what somebody did"),
            form=form,
            possible=[one for one in outcomes or () if not one.refusal],
            refused=[one for one in outcomes or () if one.refusal],
            is_requested=outcomes is not None,
            is_done=is_done,
            most=MOST if outcomes is not None and len(outcomes) == MOST else 0,
        )

    def _contributions(self, data: dict[str, Any]) -> list[Contribution]:
        since: datetime = data["since"]
        sender = data.get("person") or data["submission"]
        return contributions_of(sender, catalog=data["catalog"], since=since)

    def _report(self, request: HttpRequest, outcomes: list[Outcome]) -> None:
        count = sum(1 for outcome in outcomes if not outcome.refusal)
        text = ngettext("%(count)d was reverted.", "%(count)d were reverted.", count)
        self.message_user(request, text % {"count": count})


@admin.register(Submission)
class SubmissionAdmin(Queue, Deciding, RollingBack, Bulk, Figures):
    """The queue and the pages of submissions."""

    def own_pages(self) -> list[Page]:
        return [
            Page("bulk/", self.bulk_view, "bulk"),
            Page("undo/", self.undo_view, "undo"),
            Page("numbers/", self.numbers_view, "numbers"),
            Page("rollback/", self.rollback_view, "rollback"),
            Page("<str:key>/decide/", self.decide_view, "decide"),
            Page("<str:key>/preview/", self.preview_view, "preview"),
            Page("<str:key>/claim/", self.claim_view, "claim"),
            Page("<str:key>/next/", self.next_view, "next"),
            Page("<str:key>/revert/", self.revert_view, "revert"),
        ]
