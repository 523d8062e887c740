"""Conditions of a new submission: well-formed, checked, consented to.

What is noticed about its content is for `checks`; limits and challenges are for `abuse`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.errors import InvalidField, NotFound
from catalog.importing.applying import transaction_on
from catalog.markdown.linting import Finding
from catalog.models import Catalog, Entry, Facet, Listing
from submissions.checks import check
from submissions.choices import TEXTS, Action, Kind, Role, Status
from submissions.errors import FindingsBlock
from submissions.findings import blocking, holds, stored_finding
from submissions.models import ContributionPolicy, Submission
from submissions.people import Actor
from submissions.policies import ensure_reasons
from submissions.proposal import Base, Proposal, SubmissionDraft, checked_text
from submissions.publishing.planning import base_of
from submissions.rules import check_address, status_for
from submissions.verbs.transitions import (
    Step,
    Transition,
    TransitionInput,
    done_before,
    first_report_on,
    notify,
    remember,
    repeated,
    write_event,
)

SENT_TWICE_WITHIN = timedelta(minutes=10)


# What is well-formed


def complete(draft: SubmissionDraft, *, is_new: bool = True) -> SubmissionDraft:
    """A draft with the rows that it is about and its base, if it can be decided on at all.

    What was submitted before may be about an entry that is gone. Raises `InvalidField` or
    `NotFound`.
    """
    catalog, entry, listing = draft.catalog, draft.entry, draft.listing
    # Whoever made it: it can be stored.
    proposal = Proposal.from_json(draft.proposal.to_json())
    if proposal.kind == Kind.ADD:
        entry = None
        if listing is None and not proposal.new_section.strip():
            raise InvalidField("listing", _("Choose the list or table it goes to."))
    else:
        entry = _standing_entry(catalog, entry) if is_new or entry is None else entry
        listing = entry.listing or listing
    if listing is not None and listing.catalog_id != catalog.pk:
        raise NotFound(_("The listing belongs to another list."))
    _check_kind(proposal)
    _check_places(proposal, catalog, entry)
    _check_facets(proposal, catalog)
    base = draft.base or base_of(catalog, entry)
    if proposal.kind == Kind.EDIT and not _changes(proposal, base):
        raise InvalidField("", _("Nothing would change."))
    return SubmissionDraft(catalog, draft.proposal, listing, entry, base)


def _standing_entry(catalog: Catalog, entry: Entry | None) -> Entry:
    rows = Entry.objects.select_related("block", "listing", "section").living()
    standing = rows.filter(pk=entry.pk, catalog=catalog).first() if entry else None
    if standing is None:
        raise NotFound(_("There is no such entry in this list."))
    return standing


def _check_kind(proposal: Proposal) -> None:
    if proposal.kind == Kind.REMOVE and not proposal.reason.strip():
        raise InvalidField("reason", _("Say why it should be removed."))
    if proposal.kind == Kind.REPORT and proposal.report is None:
        raise InvalidField("report", _("Say what is wrong."))
    if proposal.kind != Kind.REPORT and (
        proposal.report is not None or proposal.action != Action.NONE
    ):
        raise InvalidField("report", _("Only reports have this field."))
    if proposal.action == Action.REPLACE_URL and not proposal.replacement_url.strip():
        raise InvalidField("replacement_url", _("Enter the address it should have."))
    if proposal.kind in {Kind.REMOVE, Kind.REPORT} and (
        proposal.changed or proposal.add_tags or proposal.remove_tags
    ):
        raise InvalidField("", _("A removal or a report cannot include other changes."))


def _check_places(proposal: Proposal, catalog: Catalog, entry: Entry | None) -> None:
    """Raise unless everything that a proposal names by key is of this catalog."""
    if proposal.target is not None and (
        not Listing.objects.filter(pk=proposal.target, catalog=catalog).exists()
    ):
        raise NotFound(_("The listing belongs to another list."))
    if proposal.after is not None and (
        not Entry.objects.filter(pk=proposal.after, catalog=catalog).exists()
    ):
        raise NotFound(_("There is no such entry in this list."))
    if proposal.kind == Kind.MOVE and entry is not None:
        moves = proposal.target not in {None, entry.listing_id}
        if not (moves or proposal.first or proposal.after is not None):
            raise InvalidField("target", _("Say where it should go."))


def _check_facets(proposal: Proposal, catalog: Catalog) -> None:
    slugs = {tag.partition(":")[0].strip() for tag in proposal.add_tags}
    facets = Facet.objects.filter(catalog=catalog, slug__in=slugs)
    if missing := sorted(slugs - set(facets.values_list("slug", flat=True))):
        raise InvalidField(
            "add_tags", _("This list has no facet “%(slug)s”.") % {"slug": missing[0]}
        )


def _changes(proposal: Proposal, base: Base) -> bool:
    texts = proposal.changed.items()
    return (
        any(base.text_of(name) != text for name, text in texts)
        or proposal.source not in {"", base.source}
        or bool(set(proposal.add_tags) - set(base.tags))
        or bool(set(proposal.remove_tags) & set(base.tags))
    )


# What is noticed, consented to, and stored


def create_submission(
    transitions: Mapping[Status, Transition],
    draft: SubmissionDraft,
    actor: Actor,
    *,
    consent: bool,
    fields: dict[str, Any],
) -> Submission:
    """Store a submission, in the status that the catalog's policy gives this person's.

    What is noticed is looked for before the transaction begins: it only reads, and takes longer.
    """
    policy = ContributionPolicy.of(draft.catalog)
    status = status_for(actor, policy)
    check_address(actor)
    texts = _checked(fields, actor)
    if before := sent_before(draft, actor):
        return repeated(before, actor)
    # As it came, which is what is compared with what was sent before.
    sent, draft = draft, complete(draft)
    consented = consent_to(draft, consent=consent)
    # Not stored yet, but it says who sends it, which findings about spam ask.
    sender = Submission(
        catalog=draft.catalog,
        submitter=actor.user,
        email=actor.address,
        network_hash=actor.network_hash,
        browser_hash=actor.browser_hash,
    )
    try:
        findings = check_unblocked(draft, policy, sender)
    except FindingsBlock:
        # What stands in the way may be the same form, sent at the same moment.
        if before := sent_before(sent, actor):
            return repeated(before, actor)
        raise
    texts["is_held"] = texts["is_held"] or holds(findings)
    with transaction_on(draft.catalog.pk) as catalog:
        if before := done_before(actor.retry) or sent_before(sent, actor):
            return repeated(before, actor)
        ensure_reasons(catalog)
        row = _new_row(catalog, draft, sender, status)
        for name, value in {**texts, **consented, **stored_fields(draft, findings)}.items():
            setattr(row, name, value)
        _save(row, transitions[status], actor)
    return row


def _new_row(
    catalog: Catalog, draft: SubmissionDraft, sender: Submission, status: Status
) -> Submission:
    now = timezone.now()
    return Submission(
        catalog=catalog,
        kind=draft.proposal.kind,
        status=status,
        status_at=now,
        created_at=now,
        submitter=sender.submitter,
        email=sender.email,
        network_hash=sender.network_hash,
        browser_hash=sender.browser_hash,
        listing=draft.listing,
        entry=draft.entry,
    )


def _save(row: Submission, transition: Transition, actor: Actor) -> None:
    """Store a new submission with its event, and queue what follows from it."""
    if row.section is None and row.listing is not None:
        row.section = row.listing.section
    if row.status == Status.PENDING:
        row.joined_to = first_report_on(row)
    row.save(force_insert=True)
    data = TransitionInput(row.note)
    step = Step(row.catalog, row, transition, actor, Role.SUBMITTER, data, row.status_at)
    step.events.append(write_event(step, ""))
    remember(actor, row)
    notify(step)


def _checked(fields: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """The fields that somebody gives besides the proposal, in what the database can hold."""
    credit = fields["credit"]
    if credit is None:
        credit = actor.shown_name
    return {
        **fields,
        "credit": " ".join(checked_text("credit", credit, 150).split()),
        "note": checked_text("note", fields["note"]),
        "language": checked_text("language", fields["language"], 20),
    }


def check_unblocked(
    draft: SubmissionDraft, policy: ContributionPolicy, submission: Submission | None = None
) -> list[Finding]:
    """The findings on a draft. Raises `FindingsBlock` for those that stand in the way."""
    findings = check(draft, policy, submission)
    if stops := blocking(findings, reason=draft.proposal.reason):
        raise FindingsBlock(stops)
    return findings


def consent_to(draft: SubmissionDraft, *, consent: bool) -> dict[str, Any]:
    """The fields of a consent. Raises `InvalidField` where one is needed and missing."""
    licence = draft.catalog.license
    if not consent:
        if licence and draft.proposal.kind in TEXTS:
            raise InvalidField(
                "consent",
                _("Please agree that your contribution is published under %(licence)s.")
                % {"licence": licence},
            )
        return {}
    return {"licence": licence, "consented_at": timezone.now()}


def stored_fields(draft: SubmissionDraft, findings: list[Finding]) -> dict[str, Any]:
    """The fields of a submission that follow from its content, and what the queue calls it."""
    proposal, base = draft.proposal, draft.base or Base()
    name = proposal.name if proposal.name is not None else base.name
    return {
        "name": name or next(iter(proposal.cells.values()), ""),
        "url": proposal.url if proposal.url is not None else base.url,
        "canonical_url": proposal.canonical_url,
        "proposal": proposal.to_json(),
        "base": base.to_json(),
        "findings": [stored_finding(finding) for finding in findings],
        "checked_at": timezone.now(),
        "conflicts": [],
    }


def sent_before(draft: SubmissionDraft, actor: Actor) -> Submission | None:
    """The same proposal by the same person a moment ago: a form that was sent twice."""
    rows = Submission.objects.open().filter(
        catalog=draft.catalog,
        kind=draft.proposal.kind,
        created_at__gt=timezone.now() - SENT_TWICE_WITHIN,
    )
    if draft.proposal.kind == Kind.ADD:
        rows = rows.filter(listing=draft.listing)
    else:
        rows = rows.filter(entry=draft.entry)
    if actor.user is not None:
        rows = rows.filter(submitter=actor.user)
    elif actor.browser_hash:
        rows = rows.filter(submitter=None, browser_hash=actor.browser_hash)
    elif actor.network_hash or actor.email:
        rows = rows.filter(submitter=None, network_hash=actor.network_hash, email=actor.email)
    else:
        return None
    sent = draft.proposal.to_json()
    return next((row for row in rows.order_by("-pk")[:50] if row.proposal == sent), None)
