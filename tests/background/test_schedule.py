"""Set times: each task once, however many workers look, and once after a long absence."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings, settings
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from background.models import PeriodicTask
from background.worker import enqueue_due, next_after

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)
NOTE = "background.queue.forget_finished"


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("12:30", datetime(2026, 5, 14, 12, 30, tzinfo=UTC)),
        ("12:00", datetime(2026, 5, 15, 12, tzinfo=UTC)),
        ("03:10", datetime(2026, 5, 15, 3, 10, tzinfo=UTC)),
        ("15m", datetime(2026, 5, 14, 12, 15, tzinfo=UTC)),
        ("2h", datetime(2026, 5, 14, 14, tzinfo=UTC)),
    ],
)
def test_rule_gives_the_next_time(rule: str, due: datetime) -> None:
    assert next_after(rule, NOON) == due


@pytest.mark.parametrize("rule", ["24:00", "3:10", "0m", "1d", "", "03:10 "])
def test_other_rules_are_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="no time of a day"):
        next_after(rule, NOON)


def test_settings_name_tasks_and_times() -> None:
    for path, rule in settings.PERIODIC_TASKS.items():
        assert import_string(path).module_path == path
        assert next_after(rule, NOON) > NOON


def test_task_is_enqueued_when_due_and_not_before(settings: LazySettings) -> None:
    settings.PERIODIC_TASKS = {NOTE: "12:30"}

    looks = [enqueue_due(NOON + timedelta(minutes=minutes)) for minutes in (0, 29, 30, 30, 31)]

    assert looks == [[], [], [NOTE], [], []]
    assert DBTaskResult.objects.count() == 1


def test_what_was_missed_for_days_is_done_once(settings: LazySettings) -> None:
    settings.PERIODIC_TASKS = {NOTE: "15m"}
    enqueue_due(NOON)

    assert [enqueue_due(NOON + timedelta(days=3)) for _ in range(3)] == [[NOTE], [], []]


def test_two_workers_that_saw_the_same_time_enqueue_once(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PERIODIC_TASKS = {NOTE: "12:30"}
    enqueue_due(NOON)
    seen = list(PeriodicTask.objects.values_list("path", "due_at"))
    later = NOON + timedelta(hours=1)
    enqueue_due(later)
    # The other one read the times before the first moved them on.
    monkeypatch.setattr("background.worker.PeriodicTask.objects.values_list", lambda *names: seen)

    assert enqueue_due(later) == []
    assert DBTaskResult.objects.count() == 1


def test_tasks_of_two_releases_at_once_keep_their_times(settings: LazySettings) -> None:
    newer, older = {NOTE: "12:30"}, {"background.queue.clear_sessions": "12:40"}
    enqueued = []
    for minute in range(0, 50, 10):
        for settings.PERIODIC_TASKS in (newer, older):
            enqueued += enqueue_due(NOON + timedelta(minutes=minute))

    assert enqueued == [*newer, *older]


def test_task_that_left_the_settings_is_forgotten(settings: LazySettings) -> None:
    settings.PERIODIC_TASKS = {NOTE: "12:30"}
    enqueue_due(NOON)
    settings.PERIODIC_TASKS = {}
    left = []
    for days in (1, 2, 3):
        enqueue_due(NOON + timedelta(days=days))
        left.append(PeriodicTask.objects.count())

    assert left == [1, 1, 0]
