"""What is done for submissions beside the requests; `settings.PERIODIC_TASKS` says when.

The modules above this one are imported when they are needed: notifications enqueue these tasks,
and the verbs, which the tasks use, notify.
"""

from __future__ import annotations

from datetime import timedelta

from django.tasks import task
from django.utils import timezone

REMIND_AFTER = timedelta(days=14)
"""Of silence after a question."""
AT_ONCE = 500
"""More wait for the next run."""


@task
def mail_about(event_pk: int) -> None:
    """Tell the submitter about an event, if it still is the newest."""
    from submissions.mail.letters import send_letter_about

    send_letter_about(event_pk)


@task(priority=-10)
def ask_link(submission_pk: int, revision: int) -> int:
    """Ask what a proposed link answers, after the letters; returns how much was found."""
    from submissions.checks.link_answers import write_answer

    return len(write_answer(submission_pk, revision))


@task
def mail_digest(user_pk: int) -> None:
    """Tell a moderator what waits."""
    from submissions.mail.digest import send_digest_to

    send_digest_to(user_pk)


@task
def send_digests() -> None:
    """Let each moderator with something to decide be told, each by a task of their own."""
    from submissions.mail.digest import recipients

    for user_pk in recipients():
        mail_digest.enqueue(user_pk)


@task
def expire_silent() -> int:
    """Let lapse what was never confirmed or answered; returns how many."""
    from catalog.errors import CatalogError
    from submissions.models import Submission
    from submissions.verbs.rules import ANSWER_WITHIN, CONFIRM_WITHIN
    from submissions.workflow import expire

    now = timezone.now()
    rows = Submission.objects.to_expire(
        unconfirmed_since=now - CONFIRM_WITHIN, reminded_since=now - ANSWER_WITHIN
    )
    count = 0
    for submission in rows.order_by("pk")[:AT_ONCE]:
        try:
            expire(submission=submission, expected_revision=submission.revision)
            count += 1
        except CatalogError:
            # Somebody answered or decided in this moment: then it does not lapse.
            continue
    return count


@task
def remind_silent() -> int:
    """Remind of questions that were not answered; returns how many."""
    from submissions.models import Submission
    from submissions.workflow import remind

    rows = Submission.objects.to_remind(silent_since=timezone.now() - REMIND_AFTER)
    reminded = [remind(submission=row) for row in rows.order_by("pk")[:AT_ONCE]]
    return len(reminded)


@task
def forget_networks() -> int:
    """Empty the hashes of networks that nothing is compared with any more; returns how many."""
    from submissions.protection import abuse

    return abuse.forget_networks()


@task
def forget_retries() -> int:
    """Delete the keys of requests that no client sends again; returns how many."""
    from submissions.verbs import retries

    return retries.forget()
