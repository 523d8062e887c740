"""Recipients and letters for each event of a submission.

| event | letter to the submitter |
|---|---|
| submitted, address not confirmed | the link that confirms it |
| corrected after it lapsed unconfirmed | the link again |
| submitted; address confirmed | a receipt with the tracking link |
| changes requested; reminded | the question |
| approved, amended | it is published, with a link to the entry |
| rejected | why, and how to appeal; nothing for spam |
| expired after a question | that it lapsed, and how to go on |
| reverted; reopened by a moderator | that it was |

`letters.py` says how each reads. Moderators get a daily digest (`digest.py`).
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from submissions.choices import Role, Status, Verb
from submissions.mail.letters import mail_about
from submissions.models import SubmissionEvent
from submissions.rules import UNDO_WITHIN

UNDOABLE = frozenset({Verb.APPROVE, Verb.AMEND, Verb.REJECT, Verb.REQUEST_CHANGES})
LATER = UNDO_WITHIN + timedelta(seconds=15)
"""A decision or a question is mailed once it cannot be undone any more."""
MAILED = UNDOABLE | {
    Verb.SUBMIT,
    Verb.CONFIRM,
    Verb.RESUBMIT,
    Verb.EXPIRE,
    Verb.REOPEN,
    Verb.REVERT,
    Verb.REMIND,
}


def queue_email(event: SubmissionEvent) -> None:
    """Queue the email that an event calls for: at most one row, and no other query.

    Called by every verb inside its transaction, so that a mail is queued exactly when the event
    is committed. Whom it goes to, and whether anything newer has made it pointless, is looked at
    when it is sent.
    """
    if event.verb not in MAILED or not has_address(event) or is_known_to_submitter(event):
        return
    if event.verb in UNDOABLE:
        later = mail_about.using(run_after=timezone.now() + LATER)
        later.enqueue(event.pk)
    else:
        mail_about.enqueue(event.pk)


def asks_to_confirm(event: SubmissionEvent) -> bool:
    """Whether a link that confirms the address is due: none that was mailed before is good."""
    was_waiting = event.from_status == Status.UNCONFIRMED
    return event.to_status == Status.UNCONFIRMED and not was_waiting


def has_address(event: SubmissionEvent) -> bool:
    """Whether the submitter may be reachable, by what is at hand without asking the database."""
    submission = event.submission
    return submission.wants_mail and bool(submission.submitter_id or submission.email)


def is_known_to_submitter(event: SubmissionEvent) -> bool:
    """Whether they did it themselves, or it lapsed because they never confirmed it."""
    if event.verb in {Verb.SUBMIT, Verb.CONFIRM} or asks_to_confirm(event):
        return False
    if event.verb == Verb.EXPIRE and event.from_status == Status.UNCONFIRMED:
        return True
    own = event.actor_id is not None and event.actor_id == event.submission.submitter_id
    return event.role == Role.SUBMITTER or own
