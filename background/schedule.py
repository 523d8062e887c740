"""Tasks at set times, each time once however many workers there are."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from background.models import PeriodicTask

TOLERANCE = timedelta(minutes=1)
"""How far the clock of another worker may be ahead of this one's."""

_DAILY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
_EVERY = re.compile(r"([1-9]\d*)(m|h)\Z")


def next_after(rule: str, now: datetime) -> datetime:
    """Return the first time after `now` by "HH:MM" (daily, UTC), "15m" or "2h" (that far apart).

    Raises ValueError for any other rule.
    """
    if match := _DAILY.match(rule):
        hour, minute = map(int, match.groups())
        due = now.astimezone(UTC).replace(hour=hour, minute=minute, second=0, microsecond=0)
        return due if due > now else due + timedelta(days=1)
    if match := _EVERY.match(rule):
        count, unit = int(match[1]), match[2]
        return now + (timedelta(minutes=count) if unit == "m" else timedelta(hours=count))
    raise ValueError(f"{rule!r} is no time of a day (03:10) and no distance (15m, 2h).")


def enqueue_due(now: datetime) -> list[str]:
    """Enqueue what is due and return its paths; what was missed for days is done once.

    What is due later than its rule can mean got its time from a clock that was set back since, or
    from another rule, and gets a new one.
    """
    rules: dict[str, str] = settings.PERIODIC_TASKS
    due_times = dict(PeriodicTask.objects.values_list("path", "due_at"))
    _follow_settings(rules, due_times, now)
    for path, rule in rules.items():
        latest = next_after(rule, now)
        if path in due_times and due_times[path] > latest + TOLERANCE:
            PeriodicTask.objects.filter(path=path, due_at=due_times[path]).update(due_at=latest)
            due_times[path] = latest
    return [
        path
        for path, rule in rules.items()
        if path in due_times and due_times[path] <= now and _take(path, due_times[path], rule, now)
    ]


def _follow_settings(rules: dict[str, str], known: dict[str, datetime], now: datetime) -> None:
    new = [
        PeriodicTask(path=path, due_at=next_after(rule, now))
        for path, rule in rules.items()
        if path not in known
    ]
    if new:
        # Another worker may have come first.
        PeriodicTask.objects.bulk_create(new, ignore_conflicts=True)
    if gone := known.keys() - rules.keys():
        PeriodicTask.objects.filter(path__in=gone).delete()


@transaction.atomic
def _take(path: str, due_at: datetime, rule: str, now: datetime) -> bool:
    """Move the time on and enqueue the task, unless another worker did: all or nothing."""
    row = PeriodicTask.objects.filter(path=path, due_at=due_at)
    if not row.update(due_at=next_after(rule, now), last_enqueued_at=now):
        return False
    import_string(path).enqueue()
    return True
