"""The parts of all verbs: retries, permission, status, compare-and-swap, one event.

`workflow.py` says what the rule is, `effects.py` what the verbs do besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db import OperationalError, connection
from django.db.models import Model
from django.tasks import task
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.errors import InvalidField, NotFound
from catalog.importing.applying import transaction_on
from catalog.models import Catalog, Listing
from catalog.sql.bulk import insert_instance, update_where
from catalog.sql.prepared import Prepared
from submissions.checks.links import queue_question
from submissions.choices import DECIDED, OPEN, Kind, Role, Status, Verb
from submissions.errors import InvalidTransition, KeyReused, NotAllowed, StaleSubmission
from submissions.mail import queue_email
from submissions.models import ContributionPolicy, RetryKey, Submission, SubmissionEvent
from submissions.people import Actor, Retry
from submissions.proposal import Proposal, checked_text
from submissions.publishing.planning import mark_conflicts

# Retries. SQLite hands its one write lock to whoever asks at the right moment, and waiting for it
# gives up after a time, however far the others have got: what was not begun is begun again.
# A client names its request with a key, written in the transaction of what the request did. What
# comes with a known key is answered with the submission as it is now, and does nothing.


ATTEMPTS = 15
"""Each waits as long as the database's own timeout, 20 seconds."""
KEYS_VALID_FOR = timedelta(days=7)
_DELETED_AT_ONCE = 10_000


def retry_when_locked[**P, T](work: Callable[P, T]) -> Callable[P, T]:
    """Make what begins a transaction of its own begin anew if the lock was not to be had.

    Inside a transaction the lock is there already, and nothing may be done twice.
    """

    @wraps(work)
    def attempt(*args: P.args, **kwargs: P.kwargs) -> T:
        if connection.vendor != "sqlite" or connection.in_atomic_block:
            return work(*args, **kwargs)
        for _attempt in range(ATTEMPTS - 1):
            try:
                return work(*args, **kwargs)
            except OperationalError as error:
                if "locked" not in str(error):
                    raise
        return work(*args, **kwargs)

    return attempt


def done_before(retry: Retry | None) -> Submission | None:
    """Return the result of the request with this key; None for one that is new, or that has no key.

    Raises `KeyReused` for another request under the same key.
    """
    if retry is None:
        return None
    known = RetryKey.objects.select_related("submission__catalog").filter(key=retry.key).first()
    if known is None:
        return None
    submission = _same(known, retry)
    submission.is_repeat = True
    return submission


def remember(actor: Actor, submission: Submission) -> None:
    """Write the key of the request that somebody acts by; inside the transaction of what it did.

    Two requests with one key that go by different catalogs do not wait for each other before: the
    later one is refused here, and undone.
    """
    if (retry := actor.retry) is None:
        return
    get_or_create = retry_when_locked(RetryKey.objects.get_or_create)
    fields = {"fingerprint": retry.fingerprint, "submission": submission}
    known, _is_new = get_or_create(key=retry.key, defaults=fields)
    _same(known, retry)


def repeated(submission: Submission, actor: Actor) -> Submission:
    """Mark a submission as one on which this very request had been carried out already."""
    remember(actor, submission)
    submission.is_repeat = True
    return submission


@task
def forget_retries() -> int:
    """Delete the keys of requests that no client sends again; returns how many."""
    old = RetryKey.objects.filter(created_at__lt=timezone.now() - KEYS_VALID_FOR)
    keys = old.order_by("created_at").values("pk")[:_DELETED_AT_ONCE]
    return RetryKey.objects.filter(pk__in=keys).delete()[0]


def _same(known: RetryKey, retry: Retry) -> Submission:
    if known.fingerprint != retry.fingerprint:
        raise KeyReused(_("This Idempotency-Key was used for another request; use a new one."))
    return known.submission


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

    def target_of(self, submission: Submission) -> Status:
        """The status that it gives. What the list's file proposes waits as a conflict."""
        is_lines = submission.kind == Kind.LINES
        return Status.CONFLICT if is_lines and self.target == Status.PENDING else self.target


@dataclass(frozen=True, slots=True)
class TransitionInput:
    """The input of a verb: notes for all and for moderators, the code of a reason, a proposal."""

    note: str = ""
    internal_note: str = ""
    reason: str = ""
    proposal: Proposal | None = None
    listing: Listing | None = None
    """Another listing for an addition."""
    confirmation: str = ""

    def __post_init__(self) -> None:
        checked_text("note", self.note)
        checked_text("internal_note", self.internal_note)
        checked_text("reason", self.reason, 40)


@dataclass(slots=True)
class Step:
    """A transition while it is made: what it is about, and what is to be stored with it.

    `before` and `after` are the revisions of the catalog around what was published; `events` are
    those that `record` wrote. With `is_repeat` all was done before, and nothing is left to do.
    """

    catalog: Catalog
    submission: Submission
    transition: Transition
    actor: Actor
    role: Role
    data: TransitionInput
    now: datetime = field(default_factory=timezone.now)
    before: int | None = None
    after: int | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    events: list[SubmissionEvent] = field(default_factory=list)
    is_repeat: bool = False

    @property
    def target(self) -> Status:
        """The status that it gives the submission."""
        return self.transition.target_of(self.submission)

    def store(self, **fields: Any) -> None:
        """Set fields of the submission that are stored together with its new status."""
        self.fields |= fields


_SHARED = {Verb.APPROVE, Verb.AMEND, Verb.REJECT, Verb.REVERT, Verb.UNDO}
"""Decisions that hold for the reports that joined one, too."""


# Checking


@contextmanager
def begin(
    rows: Sequence[Transition],
    submission: Submission,
    actor: Actor,
    expected_revision: int | None,
    data: TransitionInput | None = None,
) -> Iterator[Step]:
    """Check all that has to hold, and hold the catalog until the verb is done.

    `rows` are those of the verb; the status and their conditions say which of them it is. All
    verbs on a catalog's submissions, and everything published in it, follow one another so: no two
    of them can wait for each other. What the same person has just done is given as `is_repeat`.
    """
    data = data or TransitionInput()
    _refuse_missing(rows[0], data)
    attempt = _Attempt(rows, actor, data, expected_revision)
    if (row := attempt.done_without_lock(submission)) is not None:
        yield attempt.repeat(row)
        return
    with transaction_on(submission.catalog_id) as catalog:
        if (row := done_before(actor.retry)) is not None:
            yield attempt.repeat(row)
            return
        row = standing(submission, catalog)
        role = role_of(rows[0], row, actor)
        if attempt.was_just_made(row, role):
            yield attempt.repeat(repeated(row, actor))
            return
        refuse_stale(row, expected_revision)
        transition = row_for(rows, row, actor, role)
        yield Step(catalog, row, transition, actor, role, data)


def _refuse_missing(transition: Transition, data: TransitionInput) -> None:
    if transition.needs:
        given = getattr(data, transition.needs)
        if not (given.strip() if isinstance(given, str) else given):
            raise InvalidField(transition.needs, _("This is required."))


_STATE = Prepared(
    lambda pk: Submission.objects.filter(pk=pk).order_by().values_list("revision", "status")
)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A transition that somebody asks for, before it is known whether it is to be made."""

    rows: Sequence[Transition]
    actor: Actor
    data: TransitionInput
    expected_revision: int | None

    def done_without_lock(self, submission: Submission) -> Submission | None:
        """The row if this was done already. Raises what `begin` does where somebody was faster.

        One query, and most need no other: of eight who decide on the same queue seven come too
        late, and need not wait in a line for it.
        """
        known = _STATE.first(submission.pk)
        if known is None:
            raise NotFound(_("There is no such submission."))
        revision, status = known
        is_possible = any(status in row.sources for row in self.rows)
        if self.expected_revision in {None, revision} and is_possible:
            return None
        row = Submission.objects.select_related("catalog").get(pk=submission.pk)
        if self.was_just_made(row, role_of(self.rows[0], row, self.actor)):
            return repeated(row, self.actor)
        refuse_stale(row, self.expected_revision)
        refuse_wrong_status(self.rows, row)
        return None

    def was_just_made(self, submission: Submission, role: Role) -> bool:
        """Whether the newest transition is the same by the same person, sent once more."""
        if submission.status not in {row.target_of(submission) for row in self.rows}:
            return False
        # A reminder comes later in the same revision, and is no transition.
        event = submission.events.filter(submission_revision=submission.revision).first()
        user, revision = self.actor.user, submission.revision
        return (
            event is not None
            and self.expected_revision in {None, revision - 1, revision}
            and (event.verb, event.role) == (self.rows[0].verb, role)
            and event.reason == self.data.reason
            and event.actor_id == (user.pk if user else None)
            and self._is_version_of(event)
        )

    def _is_version_of(self, event: SubmissionEvent) -> bool:
        """Whether the event brought this version of the proposal; also where none is given."""
        data = self.data
        if data.proposal is None:
            return True
        is_same_place = data.listing is None or data.listing.pk == event.listing_key
        is_same = data.proposal.to_json() == event.snapshot and data.note == event.note
        return is_same and is_same_place

    def repeat(self, row: Submission) -> Step:
        """A step that is done already, on the row as it is."""
        first = self.rows[0]
        role = first.who[0]
        return Step(row.catalog, row, first, self.actor, role, self.data, is_repeat=True)


_STANDING = Prepared(
    lambda pk: (
        Submission.objects.select_related("entry__block", "entry__listing", "listing")
        .filter(pk=pk)
        .order_by()
    )
)


def standing(submission: Submission, catalog: Catalog) -> Submission:
    """The submission as it stands, inside the transaction."""
    row = _STANDING.first(submission.pk)
    if row is None:
        raise NotFound(_("There is no such submission."))
    row.catalog = catalog
    return row


def role_of(transition: Transition, submission: Submission, actor: Actor) -> Role:
    """Return the role in which the person acts. Raises `NotAllowed`."""
    for role in transition.who:
        if role == Role.SYSTEM and actor.is_system:
            return role
        if role == Role.SUBMITTER and actor.is_submitter_of(submission):
            return role
        if role == Role.MODERATOR and actor.moderates(submission.catalog_id):
            refuse_own(submission, actor)
            return role
    raise NotAllowed(_("You do not have permission to do this."))


def refuse_own(submission: Submission, actor: Actor) -> None:
    """Raise `NotAllowed` for a decision on one's own, where the catalog does not allow it."""
    if actor.wrote(submission) and not ContributionPolicy.of(submission.catalog).may_decide_own:
        raise NotAllowed(_("This is your own submission; another moderator must decide on it."))


def refuse_stale(submission: Submission, expected_revision: int | None) -> None:
    """Raise `StaleSubmission` if it is not as it was read; says who did what."""
    if expected_revision is None or submission.revision == expected_revision:
        return
    event = submission.events.last()
    raise StaleSubmission(
        _("%(name)s %(did)s this submission in the meantime; check the current version.")
        % {
            "name": (event and event.actor_name) or _("someone"),
            "did": event.get_verb_display() if event else _("changed"),
        },
        submission,
    )


def row_for(
    rows: Sequence[Transition], submission: Submission, actor: Actor, role: Role
) -> Transition:
    """The row by which the verb goes on from where it stands. Raises `InvalidTransition`."""
    refuse_wrong_status(rows, submission)
    reason = ""
    for row in rows:
        if submission.status in row.sources:
            reason = row.when(submission, actor, role) if row.when else ""
            if not reason:
                return row
    raise InvalidTransition(reason, submission)


def refuse_wrong_status(rows: Sequence[Transition], submission: Submission) -> None:
    """Raise `InvalidTransition` where the verb has no row for the status."""
    if not any(submission.status in row.sources for row in rows):
        raise InvalidTransition(
            _("This is not possible: the submission is “%(status)s”.")
            % {"status": submission.get_status_display()},
            submission,
        )
    if submission.joined_to_id and rows[0].who == (Role.MODERATOR,):
        raise InvalidTransition(
            _("This report is decided together with an earlier one."), submission
        )


# Recording


def record(step: Step) -> None:
    """Write the new status with all that belongs to it, and an event; of joined reports too."""
    row = step.submission
    _change_status(step)
    remember(step.actor, row)
    if step.transition.verb in _SHARED and row.kind == Kind.REPORT:
        _decide_joined(step)
    elif step.transition.target in {Status.WITHDRAWN, Status.EXPIRED}:
        _part_from(row)


def record_by_system(row: Submission, verb: Verb, now: datetime) -> SubmissionEvent:
    """Write an event of what happened by itself at `now` and changed no status."""
    return SubmissionEvent.objects.create(
        submission=row,
        catalog_id=row.catalog_id,
        verb=verb,
        from_status=row.status,
        to_status=row.status,
        role=Role.SYSTEM,
        created_at=now,
        submission_revision=row.revision,
        snapshot=row.proposal,
    )


def _change_status(step: Step) -> None:
    """Swap the row if it still is as it was read."""
    row, target = step.submission, step.target
    fields = {
        "status": target,
        "status_at": row.status_at if row.status == target else step.now,
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
        "reason": step.data.reason,
        **step.fields,
    }
    standing: dict[str, int | str | Sequence[str]] = {
        "id": row.pk,
        "revision": row.revision,
        "status": step.transition.sources,
    }
    stored = {
        name: value.pk if isinstance(value, Model) else value for name, value in fields.items()
    }
    if not update_where(Submission, stored, standing):
        raise StaleSubmission(_("Someone else changed this submission; check the current version."))
    source = row.status
    for name, value in fields.items():
        setattr(row, name, value)
    if target in DECIDED:
        _note_day(step.catalog)
    step.events.append(write_event(step, source))
    if target in OPEN:
        # What was changed underneath is looked at whenever it waits anew, not believed.
        mark_conflicts(row, step.catalog)


def _note_day(catalog: Catalog) -> None:
    """Record that something was decided today; the list's pages change once a day by it."""
    today = timezone.localdate()
    if catalog.decided_on != today:
        catalog.decided_on, catalog.updated_at = today, timezone.now()
        catalog.save(update_fields=["decided_on", "updated_at"])


def write_event(step: Step, from_status: str) -> SubmissionEvent:
    """Write the event of a step."""
    row = step.submission
    event = SubmissionEvent(
        submission=row,
        catalog=step.catalog,
        verb=step.transition.verb,
        from_status=from_status,
        to_status=row.status,
        actor=step.actor.user,
        actor_name=step.actor.shown_name[:200],
        role=step.role,
        reason=step.data.reason,
        note=step.data.note,
        internal_note=step.data.internal_note,
        created_at=step.now,
        submission_revision=row.revision,
        entry_before=step.before,
        entry_after=step.after,
        snapshot=row.proposal,
        listing_key=row.listing_id,
    )
    insert_instance(event)
    return event


def notify(step: Step) -> None:
    """Queue what follows from the events of a step: emails, and the check of a new link."""
    for event in step.events:
        queue_email(event)
        queue_question(event)


# Reports on the same entry are decided together: later ones join the first


def first_report_on(submission: Submission) -> Submission | None:
    """The report that one on the same entry joins; None for what is no report."""
    if submission.kind != Kind.REPORT or submission.entry_id is None:
        return None
    others = Submission.objects.filter(
        kind=Kind.REPORT,
        entry=submission.entry_id,
        joined_to=None,
        status__in=(Status.PENDING, Status.CHANGES_REQUESTED),
    )
    return others.exclude(pk=submission.pk).order_by("pk").first()


def _decide_joined(step: Step) -> None:
    """Decide the reports that joined this one in the same way, with an event each."""
    joined = Submission.objects.filter(joined_to=step.submission)
    if step.transition.verb == Verb.UNDO:
        # Not what an earlier decision made of them.
        joined = joined.filter(status=step.events[0].from_status)
    for row in joined.filter(status__in=step.transition.sources).order_by("pk"):
        row.catalog = step.catalog
        own = Step(step.catalog, row, step.transition, step.actor, step.role, step.data, step.now)
        _change_status(own)
        step.events += own.events


def _part_from(submission: Submission) -> None:
    """Promote the next of the joined reports, since this one no longer waits."""
    joined = Submission.objects.open().filter(joined_to=submission)
    first = joined.order_by("pk").first()
    if first is not None:
        joined.exclude(pk=first.pk).update(joined_to=first)
        Submission.objects.filter(pk=first.pk).update(joined_to=None)
