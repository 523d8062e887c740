"""The public page about contributing to a list: who may, how, and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from submissions.models import ContributionPolicy
from submissions.progress import usual_time
from submissions.statistics import Month, public_numbers
from submissions.views import frame

HEIGHT, STEP, WIDTH = 96, 44, 28


class Bar(NamedTuple):
    """A month in the chart: what was decided, the published part of it dark."""

    month: Month
    x: int
    middle: int
    decided: int
    decided_y: int
    applied: int
    applied_y: int


class Chart(NamedTuple):
    """A drawing of the last months, in its own units."""

    bars: list[Bar]
    width: int
    height: int
    most: int


@require_safe
def about(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who may contribute to the list, its guidelines, and its numbers, without names."""
    catalog = frame.catalog_or_404(slug)
    numbers = public_numbers(catalog)
    return frame.show(
        request,
        "about.html",
        catalog,
        policy=ContributionPolicy.of(catalog),
        numbers=numbers,
        usual=None if numbers.median_days is None else usual_time(numbers.median_days),
        chart=chart_of(numbers.months),
    )


def chart_of(months: Sequence[Month]) -> Chart | None:
    """A bar for each month; None when nothing was decided in any."""
    most = max((month.decided for month in months), default=0)
    if not most:
        return None
    bars = []
    for number, month in enumerate(months):
        decided, applied = (
            max(2, round(HEIGHT * count / most)) if count else 0
            for count in (month.decided, month.applied)
        )
        x = number * STEP + (STEP - WIDTH) // 2
        middle = x + WIDTH // 2
        bars.append(Bar(month, x, middle, decided, HEIGHT - decided, applied, HEIGHT - applied))
    return Chart(bars, len(months) * STEP, HEIGHT, most)
