"""The operations of the table as views: from a body to a submission, and the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.errors import EditRefused, InvalidField, NotFound
from catalog.models import Catalog, Entry, Listing
from submissions import workflow
from submissions.api import bodies
from submissions.api.answers import DryRun, dry_run_data
from submissions.api.base import (
    CONTRIBUTING,
    DRY_RUN,
    KEY,
    KEY_PARAMETER,
    MODERATING,
    SECRET,
    SecretView,
    answered,
    either,
    is_dry_run,
    once,
)
from submissions.api.bodies import changed, proposal_of
from submissions.choices import Kind, Role, Verb
from submissions.errors import EntryChanged, FindingsBlock, NotTaken
from submissions.forms.places import listing_of
from submissions.models import ContributionPolicy, Submission
from submissions.operations import Operation
from submissions.people import Actor
from submissions.proposal import Base, Proposal, SubmissionDraft
from submissions.protection import admit
from submissions.publishing.planning import Conflict, base_of, renumbered, version_of
from submissions.publishing.previewing import Preview, preview_proposal
from submissions.rules import is_raw, lists_links, missing_from, refuse_unadmitted
from submissions.verbs.creating import complete, sent_before
from submissions.verbs.transitions import repeated, row_for
from submissions.workflow import rows_of

# From a body to a submission: the steps of the site's forms, in the same order


@contextmanager
def as_it_stands() -> Iterator[None]:
    """Tell what the list does not take from what no list would: `NotTaken` for `InvalidField`."""
    try:
        yield
    except NotTaken:
        raise
    except InvalidField as error:
        raise NotTaken(error.field, error.message) from error


def draft_of(data: Mapping[str, Any]) -> SubmissionDraft:
    """Return the draft: the proposal and its target. Raises `NotFound`, `EntryChanged`,
    `EditRefused`."""
    proposal = proposal_of(data)
    if proposal.kind == Kind.ADD:
        catalog = Catalog.objects.published().filter(slug=data["catalog"]).first()
        if catalog is None:
            raise Catalog.objects.not_found(data["catalog"])
        return SubmissionDraft(catalog, proposal, place(catalog, data.get("listing")))
    entry = _entry(data["entry"])
    if proposal.kind in {Kind.EDIT, Kind.MOVE} and is_raw(entry):
        raise EditRefused(_("Only the maintainers of the list can change this entry."))
    place(entry.catalog, proposal.target)
    base = as_read(entry, proposal, data.get("entry_revision"))
    return SubmissionDraft(entry.catalog, proposal, entry.listing, entry, base)


def place(catalog: Catalog, key: int | None) -> Listing | None:
    """The list or table with this key; None for none. Raises `NotFound`."""
    if key is None:
        return None
    listing = listing_of(catalog, str(key))
    if listing is None:
        message = _("This list has no list or table %(key)d that accepts entries.")
        raise NotFound(message % {"key": key})
    return listing


def _entry(key: int) -> Entry:
    rows = Entry.objects.select_related("block", "listing", "section", "catalog")
    listing = rows.exclude(state=Entry.State.SUGGESTED).filter(pk=key).first()
    if listing is None or not listing.catalog.revision:
        raise NotFound(_("There is no entry %(key)d.") % {"key": key})
    if listing.state == Entry.State.REMOVED:
        raise NotFound(_("The entry %(key)d has been removed from its list.") % {"key": key})
    return listing


def as_read(entry: Entry, proposal: Proposal, read: int | None) -> Base:
    """The entry as it stands. Raises `EntryChanged` if that is another revision than was `read`."""
    now = base_of(entry.catalog, entry)
    if read is None or read == entry.updated_revision:
        return now
    conflicts = [
        Conflict(name, "", now.text_of(name), text) for name, text in proposal.changed.items()
    ]
    raise EntryChanged(
        _("“%(name)s” has been changed since you read it; check the current version.")
        % {"name": entry.name},
        conflicts,
        version_of(now),
        {
            "id": entry.pk,
            "revision": entry.updated_revision,
            "name": now.name,
            "url": now.url,
            "description": now.description,
            "cells": {str(number): text for number, text in enumerate(now.cells)},
            "tags": list(now.tags),
        },
    )


def examine(draft: SubmissionDraft, actor: Actor) -> Preview:
    """Preview a proposal: its difference and findings. Only reads.

    Raises `NotAllowed` where this person may not propose anything, and `NotTaken` for what cannot
    be decided on.
    """
    policy = ContributionPolicy.of(draft.catalog)
    refuse_unadmitted(actor, policy)
    with as_it_stands():
        is_add = draft.proposal.kind == Kind.ADD
        missing = missing_from(draft.proposal, lists_links=is_add and lists_links(draft.listing))
        for name, message in missing.items():
            raise InvalidField(name, message)
        complete(draft)
    sender = Submission(
        catalog=draft.catalog,
        submitter=actor.user,
        email=actor.address,
        network_hash=actor.network_hash,
    )
    return preview_proposal(draft, policy, sender)


def send(draft: SubmissionDraft, actor: Actor, data: Mapping[str, Any], address: str) -> Submission:
    """Store a proposal as a new submission, or find it sent before (`is_repeat`).

    Raises what the verb raises, `TooMany`, and `ChallengeNeeded`.
    """
    if before := sent_before(draft, actor):
        return repeated(before, actor)
    preview = examine(draft, actor)
    if stops := preview.stops:
        raise FindingsBlock(stops)
    admission = admit(
        actor,
        draft.proposal,
        catalog=draft.catalog,
        policy=ContributionPolicy.of(draft.catalog),
        address=address,
        solution=data.get("solution", ""),
        listing=draft.listing,
        entry=draft.entry,
    )
    at = draft.entry or draft.listing
    with as_it_stands():
        return workflow.submit(
            catalog=draft.catalog,
            actor=actor,
            proposal=draft.proposal,
            listing=draft.listing,
            entry=draft.entry,
            section=at.section if at else None,
            base=draft.base,
            note=data.get("note", ""),
            credit=data.get("credit"),
            language=data.get("language") or get_language() or "",
            consent=data.get("consent", False),
            sign_off=data.get("sign_off", False),
            is_held=admission.is_held,
        )


def other_version(submission: Submission, data: Mapping[str, Any]) -> SubmissionDraft:
    """A submission with what a body changes in it, on what it was based on.

    With `entry_revision`, or the version of the entry that was `seen`, it is written on the entry
    as it stands. Raises `InvalidField`, `NotFound`, `EntryChanged`.
    """
    catalog, entry = submission.catalog, submission.entry
    place(catalog, data.get("target"))
    is_add = submission.kind == Kind.ADD
    listing = place(catalog, data.get("listing")) or submission.listing
    base, proposal = submission.based_on, submission.content
    if entry is not None and not is_add:
        now = base_of(catalog, entry)
        if data.get("entry_revision") is not None:
            now = as_read(entry, changed(proposal, data), data["entry_revision"])
        if data.get("entry_revision") is not None or data.get("seen") == version_of(now):
            base, proposal = now, renumbered(proposal, base, now)
    proposal = changed(proposal, data)
    return SubmissionDraft(catalog, proposal, listing, None if is_add else entry, base)


def examine_version(draft: SubmissionDraft, submission: Submission) -> Preview:
    """Preview another version of a submission. Raises `NotTaken`. Only reads."""
    with as_it_stands():
        complete(draft, is_new=False)
    policy = ContributionPolicy.of(draft.catalog)
    return preview_proposal(draft, policy, submission)


class OperationView(SecretView):
    """Base of the views of submitters, and of those of moderators."""

    operation: ClassVar[Operation]
    answer: ClassVar[type[serializers.Serializer[Any]]]

    def subject(self) -> tuple[Submission, Actor]:
        """The submission of the address, and who calls. Raises `NotFound`."""
        raise NotImplementedError

    def shown_data(self) -> dict[str, Any]:
        """The submission as it is now, for who calls."""
        raise NotImplementedError

    def version(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """The other version that a body describes, as the verb takes it."""
        draft = other_version(submission, data)
        return {"proposal": draft.proposal, "listing": draft.listing}

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Perform the operation, or preview the outcome; answer with the submission's new state."""
        submission, actor = self.subject()
        data = bodies.read(bodies.body_of(self.operation), request.data)
        if self.operation.has_version and is_dry_run(request):
            row_for(rows_of(Verb(str(self.operation.verb))), submission, actor, self.operation.who)
            draft = other_version(submission, data)
            return Response(dry_run_data(examine_version(draft, submission)))
        done = once(actor.retry, lambda: self._act(submission, actor, data))
        return answered(self.shown_data(), done, actor.retry)

    def _act(self, submission: Submission, actor: Actor, data: dict[str, Any]) -> Submission:
        if self.operation.has_version:
            data |= self.version(submission, actor, data)
        with as_it_stands():
            return self.operation.act(submission, actor, data)


def view_of(operation: Operation, base: type[OperationView]) -> Any:
    """The view of an operation, as the schema describes it."""
    may_be_dry, answer = operation.has_version, base.answer
    name = "TrackedOrDryRun" if operation.who == Role.SUBMITTER else "DossierAnswerOrDryRun"
    where = SECRET if operation.who == Role.SUBMITTER else KEY
    described = extend_schema(
        operation_id=operation.id,
        summary=operation.summary,
        description=operation.description,
        tags=[CONTRIBUTING if operation.who == Role.SUBMITTER else MODERATING],
        parameters=[where, *([DRY_RUN] if may_be_dry else []), KEY_PARAMETER],
        request=bodies.body_of(operation),
        responses=OpenApiResponse(
            either(name, answer, DryRun) if may_be_dry else answer,
            description="The submission as it is now.",
        ),
    )
    own = {
        "__doc__": operation.description,
        "operation": operation,
        "parameters": frozenset({"dry_run"} if may_be_dry else ()),
    }
    view: Any = type(f"{operation.body}View", (base,), own)
    return extend_schema_view(post=described)(view).as_view()
