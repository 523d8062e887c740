"""What the verbs do besides changing the status: in the list, and to other submissions.

Each function gives, or is, an effect of `transitions.perform`: it runs inside the transaction,
before the submission is written, and raises where the verb must not go on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.errors import InvalidField
from catalog.history.revisions import By, leave_out_of_news
from catalog.models import Catalog, Entry, Listing
from submissions.checks import check
from submissions.choices import OPEN, Action, Effect, Kind, Status, Verb
from submissions.errors import EditConflict
from submissions.models import ContributionPolicy, DecisionReason, Submission
from submissions.proposal import Base, Proposal
from submissions.publishing.bases import base_of, version_of
from submissions.publishing.merging import Conflict, field_in
from submissions.publishing.planning import changed_meanwhile, changed_once_more, plan, publish
from submissions.publishing.rechecking import recheck_on
from submissions.publishing.reverting import take_back
from submissions.verbs.intake import Intake, complete, found_in, stored_fields
from submissions.verbs.joining import first_report_on
from submissions.verbs.retries import retry_when_locked
from submissions.verbs.transitions import SideEffect, Step

MAX_CREDIT = 200


def join_report(step: Step) -> None:
    """Let a report wait with the first one on the same entry."""
    step.write(joined_to=first_report_on(step.submission))


# Another version of the proposal


def replace_proposal(listing: Listing | None, seen: str) -> SideEffect:
    """Take the place of what was proposed; `seen` is the version its author saw, if any."""

    def effect(step: Step) -> None:
        row = step.submission
        base, was = _base_after(step, seen), row.based_on
        if seen and base == was and seen != version_of(was):
            planned = plan(row, row.content, step.catalog)
            told = changed_once_more(row.name)
            raise EditConflict(told, planned.conflicts, version_of(planned.now), row)
        _replace(step, listing, base)
        step.write(base=row.base)

    return effect


def _base_after(step: Step, seen: str) -> Base:
    """What another version is based on: what stands now if its author saw that, else as before.

    This alone moves what a proposal is based on.
    """
    row = step.submission
    if not seen or row.kind == Kind.ADD:
        return row.based_on
    now = base_of(step.catalog, row.entry)
    return now if seen == version_of(now) else row.based_on


def _replace(step: Step, listing: Listing | None, base: Base) -> None:
    """Check another version, and let it be written; what it was based on is left to the verb."""
    row, proposal = step.submission, step.said.proposal
    if proposal is None:
        raise InvalidField("proposal", _("This is required."))
    if proposal.kind != row.kind:
        raise InvalidField("kind", _("What kind of submission it is cannot be changed."))
    _refuse_other_columns(step, proposal, base)
    intake = Intake(step.catalog, proposal, listing or row.listing, row.entry, base)
    rows = complete(intake, is_new=False)
    findings = found_in(intake, rows, ContributionPolicy.of(step.catalog), row)
    fields = stored_fields(proposal, rows[2], findings)
    step.write(**{**fields, "listing": rows[0], "base": step.submission.base})
    row.listing = rows[0]
    row.base = rows[2].to_json()


def _refuse_other_columns(step: Step, proposal: Proposal, base: Base) -> None:
    """Refuse new cells that would be counted by the columns that the table had, not has."""
    row = step.submission
    if not base.columns or proposal.cells == row.content.cells:
        return
    if base.columns != base_of(step.catalog, row.entry).columns:
        raise InvalidField(
            "cells",
            _("The table has other columns now; look at the entry as it is, and go on from there."),
        )


# Publishing


def publish_it(
    resolution: Mapping[str, str] | None,
    seen: str,
    action: Action | None,
    replacement_url: str,
) -> SideEffect:
    """Publish what was proposed; of a report what the moderator decides to do."""

    def effect(step: Step) -> None:
        proposal = _with_action(step.submission.content, action, replacement_url)
        if proposal.to_json() != step.submission.proposal:
            step.write(proposal=proposal.to_json())
        _publish(step, proposal, resolution, seen, step.submission.listing)

    return effect


def publish_amended(
    listing: Listing | None,
    resolution: Mapping[str, str] | None,
    seen: str,
) -> SideEffect:
    """Publish another version of what was proposed."""

    def effect(step: Step) -> None:
        row, proposal = step.submission, step.said.proposal
        was, now, proposed_for = row.based_on, _base_after(step, seen), row.listing
        decided = dict(resolution or {})
        conflicts = plan(row, row.content, step.catalog, decided).conflicts if now != was else []
        _replace(step, listing, now)
        if proposal is None:
            return
        if now != was:
            _refuse_undecided(step, conflicts, was)
            # Fields are named by the columns that the conflicts were told by.
            named = {field_in(name, was, now): text for name, text in decided.items()}
            decided = {name: text for name, text in named.items() if name}
        _publish(step, proposal, decided, seen, proposed_for)

    return effect


def _refuse_undecided(step: Step, conflicts: list[Conflict], was: Base) -> None:
    """Raise `EditConflict` for what an amendment leaves as it was proposed before the change."""
    row, proposal = step.submission, step.said.proposal
    texts = proposal.changed if proposal else {}
    now = row.based_on
    left = []
    for conflict in conflicts:
        field = field_in(conflict.field, was, now)
        if conflict.field == "listing":
            is_decided = proposal is not None and proposal.target != row.content.target
        elif conflict.field in row.content.changed:
            is_decided = texts.get(field) != conflict.proposed
        else:
            is_decided = False
        if not is_decided:
            left.append(conflict)
    if left:
        raise EditConflict(changed_meanwhile(row.name), left, version_of(now), row)


def _with_action(proposal: Proposal, action: Action | None, replacement_url: str) -> Proposal:
    if action is None:
        return proposal
    if proposal.kind != Kind.REPORT:
        raise InvalidField("action", _("Only a report has this."))
    url = replacement_url or proposal.replacement_url
    if action == Action.REPLACE_URL and not url.strip():
        raise InvalidField("replacement_url", _("Say which address it shall have."))
    return replace(proposal, action=action, replacement_url=url)


def _publish(
    step: Step,
    proposal: Proposal,
    resolution: Mapping[str, str] | None,
    seen: str,
    proposed_for: Listing | None,
) -> None:
    """Write it to the list; `proposed_for` is where it was to go before it was amended."""
    row = step.submission
    step.before = step.catalog.revision
    before, entry = publish(
        row,
        proposal,
        catalog=step.catalog,
        by=By(step.actor.user, _credit(step), proposal.reason[:2000], row.token),
        resolution=resolution,
        seen=seen,
    )
    _note_revision(step)
    after = _stored(entry)
    step.write(
        conflicts=[],
        entry=after,
        published={
            "before": before.to_json(),
            "after": base_of(step.catalog, after).to_json(),
            "listing": proposed_for.pk if proposed_for else None,
        },
        applied_revision=step.after if step.after != step.before else None,
    )
    if after is not None and row.kind == Kind.ADD:
        row.duplicates.update(duplicate_entry=after)
    _recheck_others(step, after)


def _credit(step: Step) -> str:
    """Whom the public history names: who proposed it, who proposed the same, who amended it."""
    names = [step.submission.credit]
    names += step.submission.duplicates.filter(is_spam=False).values_list("credit", flat=True)
    if step.transition.verb == Verb.AMEND:
        names.append(step.actor.shown_name)
    return ", ".join(dict.fromkeys(filter(None, names)))[:MAX_CREDIT]


def _note_revision(step: Step) -> None:
    step.catalog.refresh_from_db(fields=["revision"])
    step.after = step.catalog.revision


def _stored(entry: Entry | None) -> Entry | None:
    """The entry as it stands after it was written."""
    if entry is None:
        return None
    return Entry.objects.select_related("block", "listing").get(pk=entry.pk)


def _recheck_others(step: Step, entry: Entry | None) -> None:
    if step.after == step.before:
        return
    recheck_on(
        step.catalog,
        entries=[entry.pk] if entry else [],
        addresses=[entry.canonical_url if entry else "", step.submission.canonical_url],
        but=step.submission.pk,
    )


def telling_conflicts(perform: Callable[..., Submission], *arguments: object) -> Submission:
    """Perform an approval; where it is refused for a conflict, let the queue show which fields."""
    try:
        return perform(*arguments)
    except EditConflict as error:
        submission = arguments[1]
        if isinstance(submission, Submission):
            rows = Submission.objects.filter(pk=submission.pk, status__in=OPEN)
            fields = error.fields
            retry_when_locked(lambda: rows.update(conflicts=fields))()
        raise


# Taking back


def take_it_back(resolution: Mapping[str, str] | None = None, seen: str = "") -> SideEffect:
    """Undo on the list what was published."""

    def effect(step: Step) -> None:
        row = step.submission
        step.before = before = step.catalog.revision
        if row.status == Status.APPLIED:
            by = By(step.actor.user, "", step.said.note[:2000], row.token)
            made = take_back(row, catalog=step.catalog, by=by, resolution=resolution, seen=seen)
            step.catalog.refresh_from_db(fields=["revision"])
            if step.transition.verb == Verb.UNDO:
                undone = range(before + 1, step.catalog.revision + 1)
                leave_out_of_news(step.catalog, made, undone)
        _note_revision(step)
        if row.entry_id:
            row.entry = _stored(row.entry)
            _recheck_others(step, row.entry)
        if step.transition.verb == Verb.UNDO:
            _restore(step)

    return effect


def _restore(step: Step) -> None:
    """Let the submission be as it was before the decision."""
    row = step.submission
    if row.status == Status.REJECTED:
        step.write(duplicate_of=None, duplicate_entry=None)
        return
    if row.kind == Kind.ADD:
        row.duplicates.filter(duplicate_entry=row.entry_id).update(duplicate_entry=None)
        row.entry = None
        step.write(entry=None)
    before = row.events.filter(submission_revision__lt=row.revision).last()
    if before is None or before.snapshot == row.proposal:
        return
    # Without what the moderator made of it.
    proposal = Proposal.from_json(before.snapshot)
    key = (row.published or {}).get("listing")
    row.listing = Listing.objects.filter(pk=key or 0).first()
    findings = check(
        proposal,
        catalog=step.catalog,
        listing=row.listing,
        entry=row.entry,
        base=row.based_on,
        policy=ContributionPolicy.of(step.catalog),
        submission=row,
    )
    fields = stored_fields(proposal, row.based_on, findings)
    step.write(**fields, listing=row.listing)


# Turning down


def turn_down(
    come_back_after: date | None,
    duplicate_of: Submission | None,
    duplicate_entry: Entry | None,
) -> SideEffect:
    """Do what the reason says besides: link a duplicate, hold what else came from a spammer."""

    def effect(step: Step) -> None:
        step.write(come_back_after=come_back_after)
        known = DecisionReason.objects.filter(catalog=step.catalog, is_active=True)
        reason = known.filter(code=step.said.reason).first()
        if reason is None:
            codes = ", ".join(known.order_by("rank", "code").values_list("code", flat=True))
            told = _("This list has no such reason; choose one of %(codes)s.")
            raise InvalidField("reason", told % {"codes": codes})
        if reason.effect == Effect.DUPLICATE:
            _link_duplicate(step, duplicate_of, duplicate_entry)
        elif reason.effect == Effect.SPAM:
            step.write(is_spam=True)
            _hold_others(step.submission)

    return effect


def _link_duplicate(step: Step, of: Submission | None, entry: Entry | None) -> None:
    row = step.submission
    for other in (of, entry):
        if other is not None and other.catalog_id != row.catalog_id:
            raise InvalidField("duplicate_of", _("That belongs to another list."))
    if of is not None and of.pk == row.pk:
        raise InvalidField("duplicate_of", _("Nothing is a duplicate of itself."))
    if of is None and entry is None:
        entry = row.duplicate_entry or _same_entry(step.catalog, row)
        of = None if entry else _same_submission(step.catalog, row)
    if of is None and entry is None:
        raise InvalidField("duplicate_of", _("Say which entry or submission it repeats."))
    step.write(duplicate_of=of, duplicate_entry=entry or (of.entry if of else None))


def _same_entry(catalog: Catalog, row: Submission) -> Entry | None:
    if not row.canonical_url:
        return None
    entries = Entry.objects.published().filter(catalog=catalog, canonical_url=row.canonical_url)
    return entries.exclude(pk=row.entry_id or 0).order_by("pk").first()


def _same_submission(catalog: Catalog, row: Submission) -> Submission | None:
    others = Submission.objects.naming(catalog, row.canonical_url)
    return others.exclude(pk=row.pk).order_by("pk").first()


def _hold_others(row: Submission) -> None:
    """Put what else came from the author to the end of the queue, on any sign who that is."""
    same = Q(pk__in=[])
    if row.submitter_id:
        same |= Q(submitter=row.submitter_id)
    if row.email:
        same |= Q(email__iexact=row.email)
    if row.network_hash:
        same |= Q(network_hash=row.network_hash)
    others = Submission.objects.open().filter(same, catalog=row.catalog_id)
    others.exclude(pk=row.pk).update(is_held=True)
