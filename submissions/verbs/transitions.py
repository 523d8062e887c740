"""The machinery of the verbs: who may, where from, compare-and-swap, one event.

`workflow.py` says what the rule is, `effects.py` what the verbs do besides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.editing.transactions import transaction_on
from catalog.errors import InvalidField, NotFound
from catalog.models import Catalog
from submissions.checks.link_answers import queue_question
from submissions.choices import DECIDED, OPEN, Kind, Role, Status, Verb
from submissions.errors import InvalidTransition, NotAllowed, StaleSubmission
from submissions.mail.notifications import notify
from submissions.models import ContributionPolicy, Submission, SubmissionEvent
from submissions.people import Actor
from submissions.proposal import Proposal, checked_text
from submissions.publishing.rechecking import mark_conflicts
from submissions.verbs.joining import part_from
from submissions.verbs.retries import done_before, remember, repeated, retry_when_locked

type Rule = Callable[[Submission, Actor, Role], str]
"""Says in a sentence why something is not possible for this person; '' if it is."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A row of the table. `needs` is what must not be empty, `when` what must hold besides."""

    verb: Verb
    sources: tuple[Status, ...]
    target: Status
    who: tuple[Role, ...]
    needs: str = ""
    when: Rule | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody gives: words for all and for moderators, the code of a reason, a proposal."""

    note: str = ""
    internal_note: str = ""
    reason: str = ""
    proposal: Proposal | None = None
    confirmation: str = ""

    def __post_init__(self) -> None:
        checked_text("note", self.note)
        checked_text("internal_note", self.internal_note)
        checked_text("reason", self.reason, 40)


@dataclass(slots=True)
class Step:
    """A transition while it is made: effects read the row and say what is to be written to it.

    `before` and `after` are the revisions of the catalog around what was published.
    """

    catalog: Catalog
    submission: Submission
    transition: Transition
    actor: Actor
    role: Role
    said: Said
    now: datetime = field(default_factory=timezone.now)
    before: int | None = None
    after: int | None = None
    written: dict[str, Any] = field(default_factory=dict)

    def write(self, **fields: Any) -> None:
        """Let these fields of the submission be written together with its new status."""
        self.written |= fields


type SideEffect = Callable[[Step], None]

_SHARED = {Verb.APPROVE, Verb.AMEND, Verb.REJECT, Verb.REVERT, Verb.UNDO}
"""Decisions that hold for the reports that joined one, too."""


def perform(
    transition: Transition,
    submission: Submission,
    actor: Actor,
    expected_revision: int | None,
    said: Said | None = None,
    effect: SideEffect | None = None,
) -> Submission:
    """Make a transition, or find that the same person has just made it; returns the row as it is.

    The transaction holds the catalog from its beginning, so that all verbs on its submissions,
    and everything published in it, follow one another: no two of them can wait for each other.
    """
    said = said or Said()
    if transition.needs:
        given = getattr(said, transition.needs)
        if not (given.strip() if isinstance(given, str) else given):
            raise InvalidField(transition.needs, _("This is required."))
    if (row := _settled(transition, submission, actor, expected_revision, said)) is not None:
        return row
    made = (transition, submission, actor, expected_revision, said, effect)
    return retry_when_locked(lambda: _perform(*made))()


def _settled(
    transition: Transition,
    submission: Submission,
    actor: Actor,
    expected_revision: int | None,
    said: Said,
) -> Submission | None:
    """Find out without a lock that somebody was faster: one question, and most need no other.

    Of eight who decide on the same queue seven come too late, and need not wait in a line for it.
    """
    rows = Submission.objects.filter(pk=submission.pk)
    known = rows.values_list("revision", "status").first()
    if known is None:
        raise NotFound(_("There is no such submission."))
    revision, status = known
    if expected_revision in {None, revision} and status in transition.sources:
        return None
    row = rows.select_related("catalog").get()
    role = role_of(transition, row, actor)
    if _has_just_done(transition.verb, row, (actor, role, said), expected_revision):
        return repeated(row, actor)
    refuse_stale(row, expected_revision)
    refuse_wrong_status(transition, row)
    return None


def _perform(
    transition: Transition,
    submission: Submission,
    actor: Actor,
    expected_revision: int | None,
    said: Said,
    effect: SideEffect | None,
) -> Submission:
    with transaction_on(submission.catalog_id, None) as catalog:
        if (done := done_before(actor.retry)) is not None:
            return done
        row = standing(submission, catalog)
        role = role_of(transition, row, actor)
        if _has_just_done(transition.verb, row, (actor, role, said), expected_revision):
            return repeated(row, actor)
        refuse_stale(row, expected_revision)
        refuse_wrong_status(transition, row)
        if transition.when and (reason := transition.when(row, actor, role)):
            raise InvalidTransition(reason, row)
        step = Step(catalog, row, transition, actor, role, said)
        if effect:
            effect(step)
        finish(step)
        remember(actor, row)
        if transition.verb in _SHARED and row.kind == Kind.REPORT:
            _carry_over(step)
        elif transition.target in {Status.WITHDRAWN, Status.EXPIRED}:
            part_from(row)
    return step.submission


def standing(submission: Submission, catalog: Catalog) -> Submission:
    """The submission as it stands, inside the transaction."""
    rows = Submission.objects.select_related("entry__block", "entry__listing", "listing")
    row = rows.filter(pk=submission.pk).first()
    if row is None:
        raise NotFound(_("There is no such submission."))
    row.catalog = catalog
    return row


def role_of(transition: Transition, submission: Submission, actor: Actor) -> Role:
    """As what the person does this. Raises `NotAllowed`."""
    for role in transition.who:
        if role == Role.CLOCK and actor.is_clock:
            return role
        if role == Role.SUBMITTER and actor.is_submitter_of(submission):
            return role
        if role == Role.MODERATOR and actor.moderates(submission.catalog_id):
            refuse_own(submission, actor)
            return role
    raise NotAllowed(_("You may not do this to this submission."))


def refuse_own(submission: Submission, actor: Actor) -> None:
    """Raise `NotAllowed` for a decision on one's own, where the catalog does not allow it."""
    if actor.wrote(submission) and not ContributionPolicy.of(submission.catalog).may_decide_own:
        raise NotAllowed(_("This is your own submission; another moderator has to decide on it."))


def refuse_stale(submission: Submission, expected_revision: int | None) -> None:
    """Raise `StaleSubmission` if it is not as it was read; says who did what."""
    if expected_revision is None or submission.revision == expected_revision:
        return
    event = submission.events.last()
    raise StaleSubmission(
        _("Meanwhile %(name)s %(did)s this submission; look at it as it is now.")
        % {
            "name": (event and event.actor_name) or _("somebody"),
            "did": event.get_verb_display() if event else _("changed"),
        },
        submission,
    )


def refuse_wrong_status(transition: Transition, submission: Submission) -> None:
    """Raise `InvalidTransition` where the table has no row for the status."""
    if submission.status not in transition.sources:
        raise InvalidTransition(
            _("This is not possible: the submission is “%(status)s”.")
            % {"status": submission.get_status_display()},
            submission,
        )
    if submission.joined_to_id and transition.who == (Role.MODERATOR,):
        raise InvalidTransition(
            _("This report is decided together with the one it joined."), submission
        )


def finish(step: Step) -> None:
    """Swap the row if it still is as it was read, and write the event."""
    row, target = step.submission, step.transition.target
    fields = {
        "status": target,
        "status_at": step.now,
        "revision": row.revision + 1,
        "updated_at": step.now,
        "claimed_by": None,
        "claimed_until": None,
        "reminded_at": None,
        "is_spam": False,
        "come_back_after": None,
        "applied_revision": row.applied_revision if target == Status.REVERTED else None,
        "decided_by": step.actor.user if target in DECIDED else None,
        "decided_at": step.now if target in DECIDED else None,
        "reason": step.said.reason,
        **step.written,
    }
    swapped = Submission.objects.filter(
        pk=row.pk, revision=row.revision, status__in=step.transition.sources
    ).update(**fields)
    if not swapped:
        raise StaleSubmission(_("Somebody else changed this submission; look at it as it is now."))
    source = row.status
    for name, value in fields.items():
        setattr(row, name, value)
    record(step, source)
    if target in OPEN:
        # What was changed underneath is looked at whenever it waits anew, not believed.
        mark_conflicts(row, step.catalog)


def _carry_over(step: Step) -> None:
    """Decide the reports that joined this one in the same way, with an event each."""
    joined = Submission.objects.filter(joined_to=step.submission)
    for row in joined.filter(status__in=step.transition.sources).order_by("pk"):
        row.catalog = step.catalog
        finish(Step(step.catalog, row, step.transition, step.actor, step.role, step.said, step.now))


def record(step: Step, from_status: str) -> SubmissionEvent:
    """Write the event of a step, and let what follows from it be queued."""
    row = step.submission
    event = SubmissionEvent.objects.create(
        submission=row,
        catalog=step.catalog,
        verb=step.transition.verb,
        from_status=from_status,
        to_status=row.status,
        actor=step.actor.user,
        actor_name=step.actor.shown_name[:200],
        role=step.role,
        reason=step.said.reason,
        note=step.said.note,
        internal_note=step.said.internal_note,
        created_at=step.now,
        submission_revision=row.revision,
        entry_before=step.before,
        entry_after=step.after,
        snapshot=row.proposal,
    )
    notify(event)
    queue_question(event)
    return event


def _has_just_done(
    verb: Verb,
    submission: Submission,
    done: tuple[Actor, Role, Said],
    expected_revision: int | None,
) -> bool:
    """Whether the newest transition is the same by the same person, sent once more."""
    actor, role, said = done
    # A reminder comes later in the same revision, and is no transition.
    event = submission.events.filter(submission_revision=submission.revision).first()
    return (
        event is not None
        and expected_revision in {None, submission.revision - 1, submission.revision}
        and (event.verb, event.role, event.reason) == (verb, role, said.reason)
        and event.actor_id == (actor.user.pk if actor.user else None)
        and (said.proposal is None or said.proposal.to_json() == event.snapshot)
    )
