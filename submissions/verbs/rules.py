"""What must hold for some transitions besides status and role; a sentence says why it does not."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from submissions.choices import Role, Status, Verb
from submissions.models import Submission
from submissions.people import Actor

UNDO_WITHIN = timedelta(minutes=1)
CONFIRM_WITHIN = timedelta(days=7)
ANSWER_WITHIN = timedelta(days=30)
"""Counted from the reminder."""


def may_appeal(submission: Submission, actor: Actor, role: Role) -> str:
    """A submitter appeals once against a rejection; what never was confirmed is sent anew."""
    if role == Role.MODERATOR:
        return ""
    if submission.is_spam:
        return _("Only a moderator can have this looked at again.")
    events = submission.events
    appeals = events.filter(verb=Verb.REOPEN, role=role, from_status=Status.REJECTED)
    if submission.status == Status.REJECTED and appeals.exists():
        return _("A rejection can be appealed once.")
    lapsed = events.filter(verb=Verb.EXPIRE, from_status=Status.UNCONFIRMED)
    if submission.status == Status.EXPIRED and lapsed.exists():
        return _("The address was never confirmed; please submit it again.")
    return ""


def may_undo(submission: Submission, actor: Actor, role: Role) -> str:
    """Who decided may take it back for a minute."""
    if actor.user is None or submission.decided_by_id != actor.user.pk:
        return _("Only who decided can take the decision back.")
    if submission.decided_at is None or timezone.now() - submission.decided_at > UNDO_WITHIN:
        return _("A decision can be taken back within a minute.")
    return ""


def may_expire(submission: Submission, actor: Actor, role: Role) -> str:
    """An address is confirmed within a week, a question answered within a month of the reminder."""
    now = timezone.now()
    if submission.status == Status.UNCONFIRMED:
        is_over = now - submission.status_at > CONFIRM_WITHIN
    else:
        reminded = submission.reminded_at
        is_over = reminded is not None and now - reminded > ANSWER_WITHIN
    return "" if is_over else _("There is still time.")
