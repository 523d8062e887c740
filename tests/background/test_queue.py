"""Tasks are tried again, taken over and given up; none is lost and none done twice."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import InterfaceError, OperationalError, transaction
from django.tasks import TaskResultStatus as State
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from background import queue
from background.models import WorkerProcess
from background.queue import forget_finished
from background.worker import Worker
from tests.background import work

pytestmark = pytest.mark.django_db

QUEUED_BEFORE = (
    "accounts.mail.delivery.deliver",
    "accounts.tasks.clear_sessions",
    "background.tasks.clear_sessions",
    "background.tasks.forget_finished",
    "operating.tasks.back_up_site",
    "remotes.tasks.bring_in_step",
    "remotes.tasks.forget_deliveries",
    "remotes.tasks.look_at_due",
    "submissions.checks.link_answers.check_link",
    "submissions.deadlines.expire_silent",
    "submissions.deadlines.remind_silent",
    "submissions.mail.digest.mail_digest",
    "submissions.mail.digest.send_digests",
    "submissions.mail.letters.mail_about",
    "submissions.protection.networks.forget_networks",
    "submissions.verbs.retries.forget_retries",
)
"""What rows of the queue may name; a task that moves gets a line in `MOVED`, and stays here."""


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "done", [])


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "broken", True)


def run() -> int:
    return Worker().run_until_idle()


def row() -> DBTaskResult:
    return DBTaskResult.objects.get(task_path__startswith="tests.")


def let_time_pass() -> None:
    DBTaskResult.objects.update(run_after=timezone.now() - timedelta(seconds=1))


def test_task_is_done_and_its_arguments_forgotten() -> None:
    work.note.enqueue("a secret")

    assert run() == 1
    assert work.done == ["a secret"]
    assert row().status == State.SUCCESSFUL
    assert row().args_kwargs == {"args": [], "kwargs": {}}


def test_task_of_a_rolled_back_transaction_was_never_there() -> None:
    with transaction.atomic():
        work.note.enqueue(1)
        transaction.set_rollback(True)

    assert run() == 0


def test_task_that_the_release_before_queued_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    work.note.enqueue("a letter")
    DBTaskResult.objects.update(task_path="tests.background.before.note")
    monkeypatch.setitem(queue.MOVED, "tests.background.before.note", work.note.module_path)

    assert run() == 1
    assert work.done == ["a letter"]


@pytest.mark.parametrize("path", QUEUED_BEFORE)
def test_every_path_in_the_queue_of_the_release_before_leads_to_its_task(path: str) -> None:
    moved_to = queue.MOVED.get(path, path)

    assert import_string(moved_to).module_path == moved_to


def test_failing_task_waits_then_is_tried_again(
    broken: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.note.enqueue(1)
    run()
    assert (row().status, len(row().worker_ids)) == (State.READY, 1)
    assert row().traceback.strip().endswith("ConnectionRefusedError: nobody listens")
    assert run() == 0

    let_time_pass()
    monkeypatch.setattr(work, "broken", False)

    assert run() == 1
    assert work.done == [1]
    assert (row().status, row().traceback) == (State.SUCCESSFUL, "")


def test_attempts_are_bounded_and_last_three_days(broken: None) -> None:
    work.note.enqueue(1)
    attempts = 0
    while row().status == State.READY:
        let_time_pass()
        attempts += run()
    delays = [queue.delay_after(n) for n in range(1, queue.MAX_ATTEMPTS)]

    assert attempts == queue.MAX_ATTEMPTS == 20
    assert row().status == State.FAILED
    assert timedelta(days=2) < sum(delays, timedelta()) < timedelta(days=4)


def test_task_can_say_that_trying_again_is_useless() -> None:
    work.give_up.enqueue()

    run()

    assert (row().status, len(row().worker_ids)) == (State.FAILED, 1)


def test_task_of_a_dead_worker_is_taken_over() -> None:
    work.note.enqueue(1)
    WorkerProcess.objects.create(pk="dead", seen_at=timezone.now() - timedelta(minutes=2))
    queue.claim("dead")
    assert row().status == State.RUNNING

    assert queue.reap(timezone.now()) == 1
    let_time_pass()
    run()

    assert work.done == [1]
    assert row().worker_ids[0] == "dead"


def test_task_of_a_living_worker_is_left_alone() -> None:
    work.note.enqueue(1)
    queue.sign_of_life("slow")
    queue.claim("slow")

    assert queue.reap(timezone.now()) == 0


def test_worker_that_comes_back_changes_nothing() -> None:
    work.note.enqueue(1)
    held = queue.claim("slow")
    assert held is not None
    queue.reap(timezone.now())
    let_time_pass()
    run()
    before = DBTaskResult.objects.values().get()

    queue.fail(held, RuntimeError("too late"))
    queue.finish(held, None)

    assert DBTaskResult.objects.values().get() == before


def test_worker_that_has_to_end_gives_its_task_back() -> None:
    work.leave.enqueue()

    with pytest.raises(SystemExit):
        run()

    assert row().status == State.READY


# Without a transaction around it: the worker closes connections that had an error.
@pytest.mark.django_db(transaction=True)
def test_database_that_fails_after_the_task_does_not_make_it_run_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finish = queue.finish
    answers: list[Exception] = [OperationalError("database is locked"), InterfaceError("gone")]

    def failing(row: DBTaskResult, value: object) -> None:
        if answers:
            raise answers.pop()
        finish(row, value)

    monkeypatch.setattr(queue, "finish", failing)
    work.note.enqueue(1)

    Worker(interval=0.01).run_until_idle()

    assert work.done == [1]
    assert (row().status, len(row().worker_ids)) == (State.SUCCESSFUL, 1)


def test_one_broken_task_does_not_stop_the_others(broken: None) -> None:
    work.note.enqueue(1)
    forget_finished.enqueue()

    assert run() == 2


def test_idle_look_writes_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert queue.claim("idle") is None


def test_done_and_given_up_tasks_are_forgotten_in_time() -> None:
    for days, status in ((8, "SUCCESSFUL"), (6, "SUCCESSFUL"), (61, "FAILED"), (59, "FAILED")):
        result = work.note.enqueue(days)
        finished = timezone.now() - timedelta(days=days)
        DBTaskResult.objects.filter(pk=result.id).update(status=status, finished_at=finished)

    forget_finished.call()

    stored = [row.args_kwargs["args"][0] for row in DBTaskResult.objects.order_by("enqueued_at")]
    assert stored == [6, 59]


# What people see


def printed(*command: str) -> str:
    output = io.StringIO()
    call_command(*command, stdout=output)
    return output.getvalue()


def test_commands_list_and_retry_what_failed() -> None:
    work.give_up.enqueue()
    run()
    line = (
        f"{row().pk} tests.background.work.give_up: given up, attempts: 1, "
        "last error: background.queue.GiveUp: no such mailbox\n"
    )
    assert printed("list_tasks", "--failed") == line

    assert printed("retry_tasks", str(row().pk)) == "To be tried again: 1.\n"
    assert "ready, attempts: 0" in printed("list_tasks")


def test_retry_needs_to_know_which() -> None:
    with pytest.raises(CommandError, match="--all"):
        call_command("retry_tasks")


def test_admin_shows_failures_without_their_arguments(client: Client) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    work.note.enqueue("a-secret-link")
    DBTaskResult.objects.update(status="FAILED", worker_ids=["a"], traceback="x\nBoom: no\n")
    base = "/admin/django_tasks_database/dbtaskresult/"

    listed = client.get(base).text
    shown = client.get(f"{base}{row().pk}/change/").text
    client.post(base, {"action": "try_again", "_selected_action": [str(row().pk)]})

    assert "Boom: no" in listed
    assert "Boom: no" in shown
    assert "a-secret-link" not in listed + shown
    assert row().status == State.READY
