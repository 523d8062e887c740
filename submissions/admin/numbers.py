"""The page of numbers: what waits, how long it takes, who decided what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from catalog.admin.base import number
from submissions.admin.base import OfSubmissions, catalogs_of, person
from submissions.models import Submission
from submissions.statistics import Week, numbers

_HEIGHT, _WIDTH, _GAP = 120, 14, 24


class Bar(NamedTuple):
    """A rectangle of the chart."""

    kind: str
    x: int
    y: int
    width: int
    height: int


class Column(NamedTuple):
    """A week in the chart, where its label stands, and its figures in words."""

    week: Week
    bars: list[Bar]
    x: int
    title: str


class Chart(NamedTuple):
    """A drawing: what came in beside what was decided, week by week."""

    columns: list[Column]
    width: int
    height: int
    most: int


def chart_of(weeks: Sequence[Week]) -> Chart:
    """Bars for each week; the published and the rejected stand on each other."""
    most = max([1, *(max(week.submitted, week.applied + week.rejected) for week in weeks)])
    step = 2 * _WIDTH + _GAP
    columns = [_column(week, index * step + _GAP, most) for index, week in enumerate(weeks)]
    return Chart(columns, len(weeks) * step + _GAP, _HEIGHT, most)


def _column(week: Week, x: int, most: int) -> Column:
    def height(count: int) -> int:
        return max(2, round(_HEIGHT * count / most)) if count else 0

    applied, rejected, came = height(week.applied), height(week.rejected), height(week.submitted)
    right = x + _WIDTH + 2
    bars = [
        Bar("submitted", x, _HEIGHT - came, _WIDTH, came),
        Bar("applied", right, _HEIGHT - applied, _WIDTH, applied),
        Bar("rejected", right, _HEIGHT - applied - rejected, _WIDTH, rejected),
    ]
    title = _(
        "week of %(start)s: %(came)d received, %(applied)d published, %(rejected)d rejected"
    ) % {
        "start": week.start.isoformat(),
        "came": week.submitted,
        "applied": week.applied,
        "rejected": week.rejected,
    }
    return Column(week, [bar for bar in bars if bar.height], x + _WIDTH + 1, title)


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
        return self.page(
            request,
            "numbers.html",
            title=_("Statistics"),
            catalogs=catalogs,
            chosen=chosen,
            numbers=figures,
            chart=chart_of(figures.weeks),
            median=in_words(figures.median),
            oldest=in_words(timezone.now() - figures.oldest if figures.oldest else None),
        )
