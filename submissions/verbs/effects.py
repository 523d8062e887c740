"""Effects of the verbs besides the status: on the list, and on other submissions.

Each function is called by a verb of `workflow.py` inside its transaction, before the submission is
stored, and raises where the verb must not go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _

from catalog.editing.entries import apply_change
from catalog.editing.planning import find_listing, stored_entry
from catalog.errors import InvalidField
from catalog.history.revisions import Author, leave_out_of_news
from catalog.models import Catalog, Entry, Listing
from catalog.sql.prepared import Prepared
from submissions.checks import check
from submissions.choices import DECIDED, OPEN, Action, Effect, Kind, Status, Verb
from submissions.errors import EditConflict
from submissions.models import ContributionPolicy, DecisionReason, Submission
from submissions.proposal import Base, Proposal, SubmissionDraft
from submissions.publishing.planning import (
    Conflict,
    base_of,
    change_of,
    changed_meanwhile,
    changed_once_more,
    check_conflicts,
    field_in,
    plan,
    recheck_on,
    standing,
    version_of,
)
from submissions.publishing.reverting import undo_publication
from submissions.verbs.creating import check_unblocked, complete, stored_fields
from submissions.verbs.file_conflicts import write_lines
from submissions.verbs.transitions import Step, first_report_on, retry_when_locked

MAX_CREDIT = 200


def join_report(step: Step) -> None:
    """Join a report to the first open one on the same entry."""
    step.store(joined_to=first_report_on(step.submission))


# Another version of the proposal


def replace_proposal(step: Step, listing: Listing | None, seen: str) -> None:
    """Replace the proposal by another version.

    `seen` is the version of the entry that its author saw, if any. Raises `EditConflict` where
    that is not the newest.
    """
    row = step.submission
    _refuse_unchanged(step, listing)
    if row.status == Status.PENDING:
        # Whoever looks at it looks at the newer version now.
        step.store(claimed_by=row.claimed_by, claimed_until=row.claimed_until)
    elif row.status not in OPEN:
        _take_up_again(step)
    base, was = _base_after(step, seen), row.based_on
    if seen and base == was and seen != version_of(was):
        planned = plan(row.draft)
        message = changed_once_more(row.name)
        raise EditConflict(message, planned.conflicts, version_of(planned.now), row)
    _store_version(step, listing, base)
    step.store(base=base.to_json())


def _refuse_unchanged(step: Step, listing: Listing | None) -> None:
    """Refuse a correction that corrects nothing; a decision is disputed by an appeal."""
    row = step.submission
    if step.data.proposal != row.content or listing not in {None, row.listing}:
        return
    if row.status in DECIDED:
        raise InvalidField("", _("Change something, or appeal without changes."))
    if row.status in {Status.PENDING, Status.UNCONFIRMED} and not step.data.note.strip():
        raise InvalidField("", _("Nothing would change."))


def _take_up_again(step: Step) -> None:
    """Clear the outcome of a closed submission that waits again."""
    row = step.submission
    join_report(step)
    if row.status == Status.REJECTED:
        step.store(duplicate_of=None, duplicate_entry=None)
    if row.status == Status.REVERTED and row.kind == Kind.ADD:
        row.entry = None
        step.store(entry=None)


def _base_after(step: Step, seen: str) -> Base:
    """Return the base of another version: the present one if its author saw that, else as before.

    This alone moves what a proposal is based on.
    """
    row = step.submission
    if not seen or row.kind == Kind.ADD:
        return row.based_on
    now = base_of(step.catalog, row.entry)
    return now if seen == version_of(now) else row.based_on


def _store_version(step: Step, listing: Listing | None, base: Base) -> SubmissionDraft:
    """Check another version, and let it be stored; what it was based on is left to the verb."""
    row, proposal = step.submission, step.data.proposal
    if proposal is None:
        raise InvalidField("proposal", _("This is required."))
    if proposal.kind != row.kind:
        raise InvalidField("kind", _("The kind of a submission cannot be changed."))
    _refuse_other_columns(step, proposal, base)
    place = find_listing(listing.pk) if listing and listing != row.listing else row.listing
    draft = SubmissionDraft(step.catalog, proposal, place, row.entry, base)
    draft = complete(draft, is_new=False)
    findings = check_unblocked(draft, ContributionPolicy.of(step.catalog), row)
    step.store(**{**stored_fields(draft, findings), "base": row.base})
    _store_place(step, draft.listing)
    return draft


def _store_place(step: Step, listing: Listing | None) -> None:
    """Store another place, and the section that it is in."""
    if listing is not None and listing != step.submission.listing:
        step.store(listing=listing, section=listing.section)


def _refuse_other_columns(step: Step, proposal: Proposal, base: Base) -> None:
    """Refuse new cells that would be counted by the columns that the table had, not has."""
    row = step.submission
    if not base.columns or proposal.cells == row.content.cells:
        return
    if base.columns != base_of(step.catalog, row.entry).columns:
        raise InvalidField(
            "cells",
            _(
                "The columns of the table have changed; check the current entry "
                "and continue from there."
            ),
        )


# Publishing


def decided_draft(step: Step, action: Action | None, replacement_url: str) -> SubmissionDraft:
    """Return the draft to publish: of a report what the moderator decides to do about it."""
    draft = step.submission.draft
    proposal = draft.proposal
    if action is None:
        return draft
    if proposal.kind != Kind.REPORT:
        raise InvalidField("action", _("Only reports have this field."))
    url = replacement_url or proposal.replacement_url
    if action == Action.REPLACE_URL and not url.strip():
        raise InvalidField("replacement_url", _("Enter the address it should have."))
    decided = replace(proposal, action=action, replacement_url=url)
    step.store(proposal=decided.to_json())
    return replace(draft, proposal=decided)


def amended_draft(
    step: Step, listing: Listing | None, resolution: Mapping[str, str] | None, seen: str
) -> tuple[SubmissionDraft, dict[str, str]]:
    """A moderator's version of what was proposed, and the texts that it decides on by field.

    Raises `EditConflict` for a conflict that it leaves as it was.
    """
    row = step.submission
    was, now = row.based_on, _base_after(step, seen)
    decided = dict(resolution or {})
    conflicts = plan(row.draft, decided).conflicts if now != was else []
    draft = _store_version(step, listing, now)
    if now == was:
        return draft, decided
    _refuse_undecided(row, draft, conflicts)
    # Fields are named by the columns that the conflicts were shown by.
    named = {field_in(name, was, now): text for name, text in decided.items()}
    return draft, {name: text for name, text in named.items() if name}


def _refuse_undecided(row: Submission, draft: SubmissionDraft, conflicts: list[Conflict]) -> None:
    """Raise `EditConflict` for what an amendment leaves as it was proposed before the change."""
    proposed, amended = row.content, draft.proposal
    was, now = row.based_on, draft.base or Base()
    left = []
    for conflict in conflicts:
        if conflict.field == "listing":
            is_decided = amended.target != proposed.target
        elif conflict.field in proposed.changed:
            field = field_in(conflict.field, was, now)
            is_decided = amended.changed.get(field) != conflict.proposed
        else:
            is_decided = False
        if not is_decided:
            left.append(conflict)
    if left:
        raise EditConflict(changed_meanwhile(row.name), left, version_of(now), row)


def publish(
    step: Step, draft: SubmissionDraft, resolution: Mapping[str, str] | None, seen: str
) -> None:
    """Write a draft to the list, and let what became of it be stored with the submission.

    Raises `EditConflict` with nothing written where the entry was changed underneath.
    """
    row = step.submission
    now = check_conflicts(row, draft, resolution, seen)
    duplicates = list(_DUPLICATES.rows(row.pk))
    credit = _credit(step, [name for name, is_spam in duplicates if not is_spam])
    by = Author(step.actor.user, credit, draft.proposal.reason[:2000], row.token)
    step.before = step.catalog.revision
    entry = row.entry
    if row.kind == Kind.LINES:
        write_lines(draft, now, resolution, by)
    elif change := change_of(draft, now, resolution):
        entry = apply_change(change, step.catalog, by)
    step.after = step.catalog.revision
    if entry is not None and entry is row.entry:
        # A new one was read when it was written.
        entry = stored_entry(entry.pk)
    step.store(
        conflicts=[],
        entry=entry,
        published={
            "before": now.to_json(),
            "after": standing(replace(draft, entry=entry, catalog=step.catalog)).to_json()
            if row.kind == Kind.LINES
            else base_of(step.catalog, entry).to_json(),
            "listing": row.listing_id,
        },
        applied_revision=step.after if step.after != step.before else None,
    )
    if entry is not None and row.kind == Kind.ADD and duplicates:
        row.duplicates.update(duplicate_entry=entry)
    _recheck_others(step, entry)


_DUPLICATES = Prepared(
    lambda pk: Submission.objects.filter(duplicate_of=pk).values_list("credit", "is_spam")
)


def _credit(step: Step, others: Sequence[str]) -> str:
    """Whom the public history names: who proposed it, who proposed the same, who amended it."""
    names = [step.submission.credit, *others]
    if step.transition.verb == Verb.AMEND:
        names.append(step.actor.shown_name)
    return ", ".join(dict.fromkeys(filter(None, names)))[:MAX_CREDIT]


def _recheck_others(step: Step, entry: Entry | None) -> None:
    if step.after == step.before:
        return
    is_new = entry is not None and entry.created_revision > (step.before or 0)
    recheck_on(
        step.catalog,
        entry=None if is_new else entry,
        addresses=[entry.canonical_url if entry else "", step.submission.canonical_url],
        exclude=step.submission.pk,
    )


@retry_when_locked
def show_conflicts(submission: Submission, error: EditConflict) -> None:
    """Store the fields in conflict, so that the queue shows them."""
    Submission.objects.filter(pk=submission.pk, status__in=OPEN).update(conflicts=error.fields)


# Taking back


def take_back(step: Step, resolution: Mapping[str, str] | None = None, seen: str = "") -> None:
    """Undo on the list what was published."""
    row = step.submission
    step.before = before = step.catalog.revision
    if row.status == Status.APPLIED:
        by = Author(step.actor.user, "", step.data.note[:2000], row.token)
        made = undo_publication(row, catalog=step.catalog, by=by, resolution=resolution, seen=seen)
        step.catalog.refresh_from_db(fields=["revision"])
        if step.transition.verb == Verb.UNDO:
            undone = range(before + 1, step.catalog.revision + 1)
            leave_out_of_news(step.catalog, made, undone)
    step.after = step.catalog.revision
    if row.entry_id:
        row.entry = stored_entry(row.entry_id)
        _recheck_others(step, row.entry)


def restore(step: Step) -> None:
    """Restore a submission to its state before the decision."""
    row = step.submission
    if row.status == Status.REJECTED:
        step.store(duplicate_of=None, duplicate_entry=None)
        return
    if row.kind == Kind.ADD:
        row.duplicates.filter(duplicate_entry=row.entry_id).update(duplicate_entry=None)
        row.entry = None
        step.store(entry=None)
    before = row.events.filter(submission_revision__lt=row.revision).last()
    if before is None or before.snapshot == row.proposal:
        return
    proposal = Proposal.from_json(before.snapshot)
    key = (row.published or {}).get("listing")
    was = Listing.objects.filter(pk=key or 0).first()
    draft = replace(row.draft, proposal=proposal, listing=was)
    findings = check(draft, ContributionPolicy.of(step.catalog), row)
    step.store(**stored_fields(draft, findings))
    _store_place(step, was)


# Turning down


def turn_down(
    step: Step,
    come_back_after: date | None,
    duplicate_of: Submission | None,
    duplicate_entry: Entry | None,
) -> None:
    """Apply the effects of the reason: link a duplicate, hold what else came from a spammer."""
    step.store(come_back_after=come_back_after)
    known = DecisionReason.objects.filter(catalog=step.catalog, is_active=True)
    reason = known.filter(code=step.data.reason).first()
    if reason is None:
        codes = ", ".join(known.order_by("rank", "code").values_list("code", flat=True))
        message = _("This list has no such reason; choose one of %(codes)s.")
        raise InvalidField("reason", message % {"codes": codes})
    if reason.effect == Effect.DUPLICATE:
        _link_duplicate(step, duplicate_of, duplicate_entry)
    elif reason.effect == Effect.SPAM:
        step.store(is_spam=True)
        _hold_others(step.submission)


def _link_duplicate(step: Step, of: Submission | None, entry: Entry | None) -> None:
    row = step.submission
    for other in (of, entry):
        if other is not None and other.catalog_id != row.catalog_id:
            raise InvalidField("duplicate_of", _("That belongs to another list."))
    if of is not None and of.pk == row.pk:
        raise InvalidField("duplicate_of", _("A submission cannot be a duplicate of itself."))
    if of is None and entry is None:
        entry = row.duplicate_entry or _same_entry(step.catalog, row)
        of = None if entry else _same_submission(step.catalog, row)
    if of is None and entry is None:
        raise InvalidField("duplicate_of", _("Choose the entry or submission it duplicates."))
    step.store(duplicate_of=of, duplicate_entry=entry or (of.entry if of else None))


def _same_entry(catalog: Catalog, row: Submission) -> Entry | None:
    if not row.canonical_url:
        return None
    entries = Entry.objects.published().filter(catalog=catalog, canonical_url=row.canonical_url)
    return entries.exclude(pk=row.entry_id or 0).order_by("pk").first()


def _same_submission(catalog: Catalog, row: Submission) -> Submission | None:
    others = Submission.objects.naming(catalog, row.canonical_url)
    return others.exclude(pk=row.pk).order_by("pk").first()


def _hold_others(row: Submission) -> None:
    """Move the author's other submissions to the end of the queue, on any sign who that is."""
    others = Submission.objects.open().same_sender(row).filter(catalog=row.catalog_id)
    others.exclude(pk=row.pk).update(is_held=True)
