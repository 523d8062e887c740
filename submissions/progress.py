"""The progress of a submission, in words for its submitter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.history.diffs import ChangeLines, change_lines
from catalog.models import Catalog, Change
from submissions.choices import OPEN, Kind, Role, Status, Verb
from submissions.models import Submission, SubmissionEvent
from submissions.publishing.planning import Conflict, plan
from submissions.publishing.previewing import LinePreview, preview_lines
from submissions.rules import ANSWER_WITHIN, CONFIRM_WITHIN
from submissions.statistics import public_numbers


@dataclass(frozen=True, slots=True)
class Progress:
    """The state and what happens next; `tone` is how the page shows it."""

    headline: str
    next: str
    tone: str = "waits"
    reason: str = ""


class Message(NamedTuple):
    """An event, as the submitter may read it."""

    verb: str
    label: str
    who: str
    is_mine: bool
    at: datetime
    note: str


def progress_of(submission: Submission) -> Progress:
    """Return the progress in plain words; at most four queries."""
    match submission.status:
        case Status.UNCONFIRMED:
            until = date_format(submission.status_at + CONFIRM_WITHIN, "DATE_FORMAT")
            return Progress(
                _("Please confirm your address"),
                _(
                    "We have e-mailed you a link. Open it to send your submission "
                    "to a moderator; otherwise it expires on %(date)s."
                )
                % {"date": until},
                "asks",
            )
        case Status.PENDING:
            return Progress(_("Waiting for a moderator"), _waiting(submission))
        case Status.CONFLICT:
            return Progress(
                _("The list and its file differ here"),
                _("A moderator decides which version is kept."),
            )
        case Status.CHANGES_REQUESTED:
            return Progress(_("A moderator has a question"), _question(submission), "asks")
        case Status.APPLIED:
            return Progress(_applied(submission), _("Thank you for taking part."), "good")
        case Status.REJECTED:
            return _rejected(submission)
        case Status.WITHDRAWN:
            return Progress(_("You withdrew it"), _("Nothing more will happen."), "over")
        case Status.EXPIRED:
            return Progress(
                _("It expired"),
                _("It was not answered in time, and nothing was published."),
                "over",
            )
        case _:
            return Progress(
                _("It was published and later reverted"),
                _("A moderator has reverted it; see their note below."),
                "over",
            )


def _waiting(submission: Submission) -> str:
    if submission.joined_to_id:
        return _("This entry had already been reported; both reports are decided together.")
    parts = []
    ahead = ahead_of(submission)
    if ahead is not None:
        parts.append(
            ngettext(
                "%(n)d submission is ahead of it.",
                "%(n)d submissions are ahead of it.",
                ahead,
            )
            % {"n": ahead}
            if ahead
            else _("It is next in the queue.")
        )
    days = public_numbers(submission.catalog).median_days
    if days is not None:
        parts.append(usual_time(days))
    parts.append(
        _(
            "Then it is published, or you are asked a question here, or told why "
            "it was not accepted."
        )
        if parts
        else _("A moderator will publish it, ask you a question here, or tell you why not.")
    )
    return " ".join(parts)


def queue_summary(catalog: Catalog) -> str:
    """Return the number of waiting submissions and the usual time of a decision, for everybody."""
    numbers = public_numbers(catalog)
    waiting = ngettext(
        "%(n)d submission is waiting for a moderator.",
        "%(n)d submissions are waiting for a moderator.",
        numbers.waiting,
    ) % {"n": numbers.waiting}
    return " ".join(
        [
            waiting if numbers.waiting else _("Nothing is waiting for a moderator right now."),
            *([] if numbers.median_days is None else [usual_time(numbers.median_days)]),
        ]
    )


def usual_time(days: float) -> str:
    """Return the median time of a decision in words."""
    if days < 1:
        return _("Decisions usually take less than a day.")
    whole = round(days)
    return ngettext(
        "Decisions usually take about %(n)d day.",
        "Decisions usually take about %(n)d days.",
        whole,
    ) % {"n": whole}


def ahead_of(submission: Submission) -> int | None:
    """Return how many wait before it in the catalog's queue; None for what is held, or joined."""
    if submission.status != Status.PENDING or submission.is_held or submission.joined_to_id:
        return None
    waiting = Submission.objects.waiting().filter(catalog=submission.catalog_id, is_held=False)
    return waiting.ahead_of(submission).count()


def _question(submission: Submission) -> str:
    if submission.reminded_at is None:
        return _("Answer it, and change your suggestion if that helps.")
    until = date_format(submission.reminded_at + ANSWER_WITHIN, "DATE_FORMAT")
    return _("Answer by %(date)s; after that it expires.") % {"date": until}


def _applied(submission: Submission) -> str:
    return {
        Kind.ADD: _("It is now in the list"),
        Kind.REMOVE: _("The entry was removed"),
        Kind.REPORT: _("Your report was confirmed"),
    }.get(Kind(submission.kind), _("The change is now in the list"))


def _rejected(submission: Submission) -> Progress:
    """Return the progress of a rejection; of spam no more than that, which would teach its
    author."""
    headline = _("It was not accepted")
    if submission.is_spam:
        return Progress(headline, "", "over")
    known = submission.decision_reason
    following = ""
    if submission.come_back_after:
        date = date_format(submission.come_back_after, "DATE_FORMAT")
        following = _("Please come back after %(date)s.") % {"date": date}
    return Progress(headline, following, "over", known.shown_text if known else "")


def thread_of(submission: Submission) -> list[Message]:
    """Return the events, oldest first, with the notes that the submitter may read.

    Nothing of what moderators said to each other, and nothing at all on a rejection as spam.
    """
    events = submission.events.oldest_first().exclude(verb=Verb.REMIND)
    return [_message(event, is_spam=submission.is_spam) for event in events]


def _message(event: SubmissionEvent, *, is_spam: bool) -> Message:
    is_mine = event.role == Role.SUBMITTER
    who = {Role.SUBMITTER: _("You"), Role.SYSTEM: ""}.get(
        Role(event.role), event.actor_name or _("A moderator")
    )
    hidden = is_spam and not is_mine
    return Message(
        event.verb,
        event.get_verb_display(),
        _("A moderator") if hidden else who,
        is_mine,
        event.created_at,
        "" if hidden else event.note,
    )


def preview_of(submission: Submission) -> LinePreview | None:
    """The lines that it would give, while it may still give them."""
    if submission.status not in {*OPEN, Status.REJECTED} or submission.is_spam:
        return None
    is_add = submission.kind == Kind.ADD
    if (submission.listing if is_add else submission.entry) is None:
        return None
    return preview_lines(submission.draft)


def conflicts_of(submission: Submission) -> list[Conflict]:
    """Return the conflicts with what others changed, while it may still be published."""
    return plan(submission.draft).conflicts if submission.status in OPEN else []


def published_lines(submission: Submission) -> list[ChangeLines]:
    """The lines that publishing it changed."""
    if submission.status != Status.APPLIED or submission.applied_revision is None:
        return []
    changes = Change.objects.filter(
        revision__catalog=submission.catalog_id, revision__number=submission.applied_revision
    )
    return [change_lines(change) for change in changes.order_by("ordinal")[:20]]
