"""The whole rule of moderation: the table says what may happen, and each verb is one function.

Site, admin and API call these functions and write nothing themselves. Every verb is one
transaction that checks who acts and where the submission stands (`begin`), changes it only if it is
as it was read (`expected_revision`; None: as it is now), takes effect on the list, leaves one event
(`record`), and queues what follows from it (`notify`). Doing again what the same person has just
done is no error: then nothing is left to do (`is_repeat`). See docs/moderation.md.

All raise `NotAllowed`, `InvalidTransition`, `StaleSubmission` when somebody else was faster, and
`InvalidField` for what is missing or cannot be stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.tasks import task
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from catalog.errors import CatalogError
from catalog.history.revisions import Author
from catalog.importing.applying import transaction_on
from catalog.importing.planning import ImportPlan
from catalog.models import Catalog, Entry, Listing, Section, Successor
from catalog.store.snapshots import UpstreamText
from submissions.choices import WAITING, Action, Kind, Role, Status, Verb
from submissions.errors import EditConflict, InvalidTransition, NotAllowed, StaleSubmission
from submissions.mail import queue_email
from submissions.models import Submission, SubmissionQuerySet
from submissions.people import SYSTEM, Actor
from submissions.proposal import Base, Proposal, SubmissionDraft
from submissions.publishing.planning import base_of, mark_conflicts
from submissions.rules import (
    ANSWER_WITHIN,
    CONFIRM_WITHIN,
    REMIND_AFTER,
    check_confirmation,
    is_amendable,
    is_correctable,
    may_appeal,
    may_expire,
    may_undo,
    waits_for_address,
)
from submissions.verbs import effects, file_conflicts
from submissions.verbs.creating import create_submission
from submissions.verbs.transitions import (
    Transition,
    TransitionInput,
    begin,
    notify,
    record,
    record_by_system,
    remember,
    retry_when_locked,
)

V, Row = Verb, Transition
NEW, UNCONFIRMED, PENDING = (), Status.UNCONFIRMED, Status.PENDING
CONFLICT = Status.CONFLICT
CHANGES, APPLIED, REJECTED = Status.CHANGES_REQUESTED, Status.APPLIED, Status.REJECTED
WITHDRAWN, EXPIRED, REVERTED = Status.WITHDRAWN, Status.EXPIRED, Status.REVERTED
SUBMITTER, MODERATOR, BY_ITSELF = (Role.SUBMITTER,), (Role.MODERATOR,), (Role.SYSTEM,)
EITHER = Role.SUBMITTER, Role.MODERATOR
UNPUBLISHED = PENDING, CHANGES, REJECTED, WITHDRAWN, EXPIRED, REVERTED
QUERYING = Role.MODERATOR, Role.SYSTEM

# A moderator is one of this catalog, and decides on own submissions only where its policy says so.
# Which of the first two rows holds is the policy's word, too. A correction leaves an address that
# was never confirmed to be confirmed; whatever else is not published waits for a moderator by it.
# What the list's file says otherwise is a conflict, and one again when it is reopened or a decision
# on it is taken back.
TRANSITIONS = (
    #   verb               from                            to           who        needs, and if
    Row(V.SUBMIT,          NEW,                            PENDING,     SUBMITTER),
    Row(V.SUBMIT,          NEW,                            UNCONFIRMED, SUBMITTER),
    Row(V.CONFIRM,         (UNCONFIRMED,),                 PENDING,     SUBMITTER, "confirmation"),
    Row(V.REQUEST_CHANGES, (PENDING,),                     CHANGES,     QUERYING,  "note"),
    Row(V.RESUBMIT,        (UNCONFIRMED, EXPIRED),         UNCONFIRMED, SUBMITTER, "proposal",
        waits_for_address),
    Row(V.RESUBMIT,        UNPUBLISHED,                    PENDING,     SUBMITTER, "proposal",
        is_correctable),
    Row(V.WITHDRAW,        (PENDING, CHANGES),             WITHDRAWN,   SUBMITTER),
    Row(V.APPROVE,         (PENDING, CONFLICT),            APPLIED,     MODERATOR),
    Row(V.AMEND,           (PENDING,),                     APPLIED,     MODERATOR, "proposal",
        is_amendable),
    Row(V.REJECT,          (PENDING, CHANGES, CONFLICT),   REJECTED,    MODERATOR, "reason"),
    Row(V.EXPIRE,          (UNCONFIRMED, CHANGES),         EXPIRED,     BY_ITSELF, "", may_expire),
    Row(V.REOPEN,          (REJECTED, EXPIRED, WITHDRAWN), PENDING,     EITHER,    "", may_appeal),
    Row(V.REVERT,          (APPLIED,),                     REVERTED,    MODERATOR),
    Row(V.UNDO,            (APPLIED, REJECTED, CHANGES),   PENDING,     MODERATOR, "", may_undo),
)  # fmt: skip

# What the list's file does by the imports that read it.
FILE_TRANSITIONS = {
    V.SUBMIT: Row(V.SUBMIT, NEW, CONFLICT, (Role.FILE,)),
    V.RESUBMIT: Row(V.RESUBMIT, (CONFLICT,), CONFLICT, (Role.FILE,)),
    V.WITHDRAW: Row(V.WITHDRAW, (CONFLICT,), WITHDRAWN, (Role.FILE,)),
}


def rows_of(verb: Verb) -> tuple[Transition, ...]:
    """The verb's rows of the table."""
    return tuple(row for row in TRANSITIONS if row.verb == verb)


def open_verbs(submission: Submission, actor: Actor, role: Role) -> list[Verb]:
    """The verbs that the table allows somebody in this role now; each looks again by itself."""
    return [
        row.verb
        for row in TRANSITIONS
        if submission.status in row.sources
        and role in row.who
        and not (row.when and row.when(submission, actor, role))
    ]


# What submitters do


@retry_when_locked
def submit(
    *,
    catalog: Catalog,
    actor: Actor,
    proposal: Proposal,
    listing: Listing | None = None,
    entry: Entry | None = None,
    section: Section | None = None,
    base: Base | None = None,
    note: str = "",
    credit: str | None = None,
    wants_mail: bool = True,
    language: str = "",
    consent: bool = False,
    sign_off: bool = False,
    priority: int = 0,
    is_held: bool = False,
    batch: str = "",
) -> Submission:
    """Propose something; `listing` is where an addition goes, `entry` what others are about.

    `base` is what the form was filled in on, by default what stands now. `credit` None is the
    account's name, `batch` names what came in one paste, and with `sign_off` somebody certifies the
    Developer Certificate of Origin. Sent twice it is one submission. Raises
    `FindingsBlock` besides.
    """
    draft = SubmissionDraft(catalog, proposal, listing, entry, base)
    fields = {
        "section": section,
        "note": note,
        "credit": credit,
        "wants_mail": wants_mail,
        "language": language,
        "priority": priority,
        "is_held": is_held,
        "batch": batch,
        "signed_off_at": timezone.now() if sign_off else None,
    }
    rows = {row.target: row for row in rows_of(Verb.SUBMIT)}
    return create_submission(rows, draft, actor, consent=consent, fields=fields)


@retry_when_locked
def confirm(
    *, submission: Submission, actor: Actor, confirmation: str, expected_revision: int | None = None
) -> Submission:
    """Show that the address is one's own: `rules.confirmation_for` is what was mailed to it."""
    check_confirmation(submission, confirmation)
    data = TransitionInput(confirmation=confirmation)
    with begin(rows_of(Verb.CONFIRM), submission, actor, expected_revision, data) as step:
        if step.is_repeat:
            return step.submission
        effects.join_report(step)
        record(step)
        notify(step)
    return step.submission


@retry_when_locked
def resubmit(
    *,
    submission: Submission,
    actor: Actor,
    proposal: Proposal,
    listing: Listing | None = None,
    seen: str = "",
    note: str = "",
    expected_revision: int | None = None,
) -> Submission:
    """Replace the proposal of what is not published: a correction, or an answer.

    What it was based on stays, so that what others wrote meanwhile stays in conflict with it;
    with the version of the entry that was `seen` it is taken as written on that. Raises
    `FindingsBlock`, and `EditConflict` where the entry is neither version any more.
    """
    data = TransitionInput(note, proposal=proposal, listing=listing)
    with begin(rows_of(Verb.RESUBMIT), submission, actor, expected_revision, data) as step:
        if step.is_repeat:
            return step.submission
        effects.replace_proposal(step, listing, seen)
        record(step)
        notify(step)
    return step.submission


@retry_when_locked
def withdraw(
    *, submission: Submission, actor: Actor, note: str = "", expected_revision: int | None = None
) -> Submission:
    """Withdraw a submission before it is decided."""
    data = TransitionInput(note)
    with begin(rows_of(Verb.WITHDRAW), submission, actor, expected_revision, data) as step:
        if step.is_repeat:
            return step.submission
        record(step)
        notify(step)
    return step.submission


@retry_when_locked
def reopen(
    *, submission: Submission, actor: Actor, note: str = "", expected_revision: int | None = None
) -> Submission:
    """Reopen a submission; the submitter's own reopening of a rejection is the appeal."""
    data = TransitionInput(note)
    with begin(rows_of(Verb.REOPEN), submission, actor, expected_revision, data) as step:
        if step.is_repeat:
            return step.submission
        effects.join_report(step)
        record(step)
        notify(step)
    return step.submission


# What moderators do


@retry_when_locked
def request_changes(
    *,
    submission: Submission,
    actor: Actor,
    note: str,
    internal_note: str = "",
    expected_revision: int | None = None,
) -> Submission:
    """Ask the submitter something before it is decided."""
    data = TransitionInput(note, internal_note)
    with begin(rows_of(Verb.REQUEST_CHANGES), submission, actor, expected_revision, data) as step:
        if step.is_repeat:
            return step.submission
        record(step)
        notify(step)
    return step.submission


@retry_when_locked
def approve(
    *,
    submission: Submission,
    actor: Actor,
    note: str = "",
    internal_note: str = "",
    resolution: Mapping[str, str] | None = None,
    seen: str = "",
    action: Action | None = None,
    replacement_url: str = "",
    expected_revision: int | None = None,
) -> Submission:
    """Publish it. Raises `EditConflict` where the entry was changed underneath.

    `resolution` then gives the fields that were in conflict the texts they shall have, and `seen`
    is the version that the conflict named. Confirming a report carries an `action`.
    """
    data = TransitionInput(note, internal_note)
    try:
        with begin(rows_of(Verb.APPROVE), submission, actor, expected_revision, data) as step:
            if step.is_repeat:
                return step.submission
            draft = effects.decided_draft(step, action, replacement_url)
            effects.publish(step, draft, resolution, seen)
            record(step)
            notify(step)
    except EditConflict as conflict:
        effects.show_conflicts(submission, conflict)
        raise
    return step.submission


@retry_when_locked
def amend(
    *,
    submission: Submission,
    actor: Actor,
    proposal: Proposal,
    listing: Listing | None = None,
    note: str = "",
    internal_note: str = "",
    resolution: Mapping[str, str] | None = None,
    seen: str = "",
    expected_revision: int | None = None,
) -> Submission:
    """Publish another version; both are kept, and both people credited.

    With the version of the entry that was `seen` it is taken as written on that; a field that
    was in conflict before has to be proposed otherwise, or stand in `resolution`. Raises
    `FindingsBlock` and `EditConflict` besides.
    """
    data = TransitionInput(note, internal_note, proposal=proposal, listing=listing)
    with begin(rows_of(Verb.AMEND), submission, actor, expected_revision, data) as step:
        if step.is_repeat:
            return step.submission
        draft, decided = effects.amended_draft(step, listing, resolution, seen)
        effects.publish(step, draft, decided, seen)
        record(step)
        notify(step)
    return step.submission


@retry_when_locked
def reject(
    *,
    submission: Submission,
    actor: Actor,
    reason: str,
    note: str = "",
    internal_note: str = "",
    come_back_after: date | None = None,
    duplicate_of: Submission | None = None,
    duplicate_entry: Entry | None = None,
    expected_revision: int | None = None,
) -> Submission:
    """Turn it down for one of the catalog's reasons.

    A duplicate is linked to what it repeats, found by its address unless it is named.
    """
    data = TransitionInput(note, internal_note, reason)
    with begin(rows_of(Verb.REJECT), submission, actor, expected_revision, data) as step:
        if step.is_repeat:
            return step.submission
        effects.turn_down(step, come_back_after, duplicate_of, duplicate_entry)
        record(step)
        notify(step)
    return step.submission


@retry_when_locked
def revert(
    *,
    submission: Submission,
    actor: Actor,
    note: str = "",
    internal_note: str = "",
    resolution: Mapping[str, str] | None = None,
    seen: str = "",
    expected_revision: int | None = None,
) -> Submission:
    """Undo on the list what it did, computed against what stands now.

    Raises `EditConflict` where that was changed again since; `resolution` and `seen` as in
    `approve`.
    """
    data = TransitionInput(note, internal_note)
    with begin(rows_of(Verb.REVERT), submission, actor, expected_revision, data) as step:
        if step.is_repeat:
            return step.submission
        effects.take_back(step, resolution, seen)
        record(step)
        notify(step)
    return step.submission


@retry_when_locked
def undo(
    *, submission: Submission, actor: Actor, expected_revision: int | None = None
) -> Submission:
    """Undo one's own decision or question of the last minute, and its effect on the list."""
    with begin(rows_of(Verb.UNDO), submission, actor, expected_revision) as step:
        if step.is_repeat:
            return step.submission
        effects.take_back(step)
        effects.restore(step)
        record(step)
        notify(step)
    return step.submission


# What the system does


@retry_when_locked
def expire(
    *, submission: Submission, actor: Actor = SYSTEM, expected_revision: int | None = None
) -> Submission:
    """Expire what was never confirmed, or never answered."""
    with begin(rows_of(Verb.EXPIRE), submission, actor, expected_revision) as step:
        if step.is_repeat:
            return step.submission
        record(step)
        notify(step)
    return step.submission


# What the list's file does


def take_conflicts(
    plan: ImportPlan, upstream: UpstreamText, by: Author, origin: str, **_signal: Any
) -> None:
    """Store an import's undecided conflicts for a moderator; in the import's transaction."""
    file_conflicts.take_conflicts(FILE_TRANSITIONS, plan, upstream, by, origin)


# No transitions: neither the status nor the revision changes, so that nobody's open page becomes
# stale by a claim or a reminder


CLAIM_FOR = timedelta(minutes=30)


def claim(*, submission: Submission, actor: Actor, take_over: bool = False) -> Submission:
    """Claim a submission for half an hour; a hint to others, never a lock.

    Raises `StaleSubmission` that names who does already, unless one wants to `take_over`.
    """
    _refuse_others(submission, actor)
    now = timezone.now()
    free = Q(claimed_by=None) | Q(claimed_by=actor.user) | Q(claimed_until__lt=now)
    rows = Submission.objects.filter(
        Q() if take_over else free,
        pk=submission.pk,
        status__in=(*WAITING, Status.CHANGES_REQUESTED),
    )
    if not _update(rows, submission, actor, claimed_by=actor.user, claimed_until=now + CLAIM_FOR):
        submission.refresh_from_db()
        if submission.claimed_by is None:
            raise InvalidTransition(
                _("There is nothing left to decide on this submission."), submission
            )
        raise StaleSubmission(
            _("%(name)s has claimed this submission.")
            % {"name": submission.claimed_by.get_full_name()},
            submission,
        )
    submission.refresh_from_db()
    return submission


def release(*, submission: Submission, actor: Actor) -> Submission:
    """Release the claim; nothing happens if somebody else has it."""
    _refuse_others(submission, actor)
    rows = Submission.objects.filter(pk=submission.pk, claimed_by=actor.user)
    _update(rows, submission, actor, claimed_by=None, claimed_until=None)
    submission.refresh_from_db()
    return submission


def remind(*, submission: Submission) -> Submission:
    """Remind the submitter, once, of a question that was not answered."""
    now = timezone.now()
    # Held like in every verb: the event refers to the catalog, and who approves waits the same way.
    with transaction_on(submission.catalog_id):
        rows = Submission.objects.filter(
            pk=submission.pk, status=Status.CHANGES_REQUESTED, reminded_at=None
        )
        is_first = rows.update(reminded_at=now)
        submission.refresh_from_db()
        if is_first:
            queue_email(record_by_system(submission, Verb.REMIND, now))
    return submission


@retry_when_locked
def _update(rows: SubmissionQuerySet, submission: Submission, actor: Actor, **fields: Any) -> int:
    """Update the rows and store the request's key; return how many rows changed."""

    with transaction.atomic():
        count = rows.update(**fields)
        if count or fields["claimed_by"] is None:
            remember(actor, submission)
        return count


def _refuse_others(submission: Submission, actor: Actor) -> None:
    if not actor.moderates(submission.catalog_id):
        raise NotAllowed(_("You do not have permission to do this."))


# Periodic tasks remind of a question that nobody answers, and end it a month later


AT_ONCE = 500
"""Rows of a query or a run; what is left waits for the next."""


@task
def remind_silent() -> int:
    """Remind of questions that were not answered; returns how many."""
    rows = Submission.objects.to_remind(silent_since=timezone.now() - REMIND_AFTER)
    return len([remind(submission=row) for row in rows.order_by("pk")[:AT_ONCE]])


@task
def expire_silent() -> int:
    """Expire what was never confirmed or answered; return how many."""
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


# An import joins entries or makes a heading of one: what is proposed for a field that its successor
# has from it goes on there; of everything else the author is asked


def follow_joined(catalog: Catalog, keys: Sequence[int], **_signal: Any) -> None:
    """Move open submissions on these entries to their successors; part of the caller's
    transaction."""
    for start in range(0, len(keys), AT_ONCE):
        batch = keys[start : start + AT_ONCE]
        waiting = Submission.objects.open().filter(catalog=catalog, entry__in=batch)
        rows = waiting.select_related("entry", "listing").order_by("pk")
        # Most lists have none, and then this is all that it costs.
        of_entry = {row.entry_id: row for row in _successors(batch)} if rows else {}
        for row in rows:
            if successor := of_entry.get(row.entry_id or 0):
                row.catalog = catalog
                _follow(row, successor)


def _successors(keys: Sequence[int]) -> list[Successor]:
    rows = Successor.objects.filter(entry__in=keys)
    return list(rows.select_related("into__block", "into__listing", "section"))


def _follow(row: Submission, successor: Successor) -> None:
    into = successor.into
    if into is not None:
        now = base_of(row.catalog, into)
        if _stands_there(row.content, row.based_on, now):
            _rebase(row, into, now)
            return
    if row.status == Status.PENDING and row.joined_to_id is None:
        with translation.override(row.language or settings.LANGUAGE_CODE):
            request_changes(submission=row, actor=SYSTEM, note=_question(row, successor))
    else:
        mark_conflicts(row, row.catalog)


def _stands_there(proposal: Proposal, base: Base, now: Base) -> bool:
    """Whether the other entry has from this one all that a proposal is about."""
    if proposal.kind == Kind.EDIT:
        return all(base.text_of(name) == now.text_of(name) for name in proposal.changed)
    if proposal.kind == Kind.REPORT and proposal.action != Action.REMOVE:
        return base.url == now.url
    return False


def _rebase(row: Submission, entry: Entry, base: Base) -> None:
    """Make it one about another entry, as that stands."""
    now = timezone.now()
    row.entry, row.name, row.revision = entry, row.content.name or entry.name, row.revision + 1
    row.listing = entry.listing
    row.base = base.to_json()
    Submission.objects.filter(pk=row.pk).update(
        entry=row.entry,
        listing=row.listing,
        name=row.name,
        base=row.base,
        revision=row.revision,
        updated_at=now,
    )
    record_by_system(row, Verb.FOLLOW, now)
    mark_conflicts(row, row.catalog)


def _question(row: Submission, successor: Successor) -> str:
    if successor.into is None:
        return _(
            "“%(name)s” is now a heading of the list and no longer an entry. "
            "Please suggest your change for an entry below it, or withdraw this."
        ) % {"name": row.name}
    return _(
        "“%(name)s” is now part of “%(entry)s” and no longer a separate entry. "
        "Please suggest your change there, or withdraw this: %(address)s"
    ) % {
        "name": row.name,
        "entry": successor.into.name,
        "address": settings.SITE_URL + successor.into.get_absolute_url(),
    }
