"""The plan of a publication: conflicts with what stands, and the change of the list.

What the entry has become since the proposal was made is compared field by field (`merging.py`).
Nothing here writes: `change_of` makes the one value that the preview plans and the approval
applies, so that what was shown is what is published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from catalog.editing.changes import DEAD, EntryChange, Placement
from catalog.editing.sections import listing_at_end
from catalog.errors import InvalidField
from catalog.markdown.links import canonical_url
from catalog.models import Catalog, Entry, Listing
from submissions.choices import Action, Kind
from submissions.errors import EditConflict
from submissions.models import Submission
from submissions.proposal import Base, Proposal, SubmissionDraft
from submissions.publishing.bases import standing, version_of
from submissions.publishing.merging import Conflict, merge

_EDITS = {Kind.EDIT, Kind.MOVE}


@dataclass(frozen=True, slots=True)
class PublishingPlan:
    """A proposal compared with what stands. Conflicts are those that are left to decide."""

    draft: SubmissionDraft
    now: Base
    conflicts: list[Conflict] = field(default_factory=list)
    twin: Entry | None = None
    """The published entry that an addition would repeat."""


def plan(draft: SubmissionDraft, resolution: Mapping[str, str] | None = None) -> PublishingPlan:
    """Compare a proposal with what stands; `resolution` holds the texts that were decided on."""
    resolution = resolution or {}
    is_new = draft.proposal.kind == Kind.ADD
    now = standing(draft)
    twin = _twin(draft) if is_new else None
    if is_new:
        conflicts = _conflicts_of_addition(draft, twin)
    elif draft.proposal.kind == Kind.LINES:
        conflicts = [*merge(draft.base or now, now, draft.proposal, resolution).conflicts]
    else:
        conflicts = _conflicts_with(now, draft, resolution)
    left = [conflict for conflict in conflicts if conflict.field not in resolution]
    return PublishingPlan(draft, now, left, twin)


def check_conflicts(
    submission: Submission, draft: SubmissionDraft, resolution: Mapping[str, str] | None, seen: str
) -> Base:
    """Return the present version; raises where a draft of the submission cannot be published on it.

    Raises `EditConflict` where the entry was changed underneath, and again where it was changed
    after the version `seen` that a `resolution` is for.
    """
    planned = plan(draft, resolution)
    version = version_of(planned.now)
    is_outdated = bool(resolution) and draft.proposal.kind != Kind.ADD and seen != version
    if planned.conflicts or is_outdated:
        conflicts = planned.conflicts or plan(draft).conflicts
        message = _conflict_message(planned, submission.name, is_outdated=is_outdated)
        raise EditConflict(message, conflicts, version, submission)
    return planned.now


def _conflicts_of_addition(draft: SubmissionDraft, twin: Entry | None) -> list[Conflict]:
    conflicts = []
    if twin is not None:
        conflicts.append(Conflict("url", "", twin.url, draft.proposal.url or ""))
    if draft.listing is None and not draft.proposal.new_section.strip():
        conflicts.append(Conflict("listing", "", "", ""))
    return conflicts


def _conflicts_with(
    now: Base, draft: SubmissionDraft, resolution: Mapping[str, str]
) -> list[Conflict]:
    """The conflicts of what is proposed about an entry with the entry as it stands."""
    proposal, base = draft.proposal, draft.base or now
    url = proposal.replacement_url
    if not now.source:
        is_done = _removes(proposal) or _asks_for_nothing(proposal)
        return [] if is_done else [Conflict("entry", base.source, "", "add")]
    if proposal.kind in _EDITS:
        conflicts = [*merge(base, now, proposal, resolution).conflicts]
        is_verbatim = bool(proposal.source) and not proposal.changed
        if is_verbatim and now.source not in {base.source, proposal.source}:
            conflicts.append(Conflict("lines", base.source, now.source, proposal.source))
        if proposal.kind == Kind.MOVE and now.listing not in {base.listing, proposal.target}:
            places = f"{base.listing}", f"{now.listing}", f"{proposal.target or ''}"
            conflicts.append(Conflict("listing", *places))
        return conflicts
    if _removes(proposal):
        differs = base.source != now.source
        return [Conflict("entry", base.source, now.source, "")] if differs else []
    if proposal.action == Action.REPLACE_URL and now.url not in {base.url, url}:
        return [Conflict("url", base.url, now.url, url)]
    return []


def _removes(proposal: Proposal) -> bool:
    return proposal.kind == Kind.REMOVE or proposal.action == Action.REMOVE


def _asks_for_nothing(proposal: Proposal) -> bool:
    return proposal.kind == Kind.REPORT and proposal.action == Action.NONE


def _twin(draft: SubmissionDraft) -> Entry | None:
    """An entry with the same address that came into the catalog after the proposal was made."""
    key = canonical_url(draft.proposal.url or "")
    if not key or draft.base is None:
        return None
    entries = Entry.objects.published().filter(catalog=draft.catalog, canonical_url=key)
    return entries.filter(created_revision__gt=draft.base.revision).order_by("pk").first()


# The change


def change_of(
    draft: SubmissionDraft, now: Base, resolution: Mapping[str, str] | None = None
) -> EntryChange | None:
    """The change of the list that a proposal is, on the entry as it stands `now`; None for none.

    Fields in conflict get their text in `resolution`. An edit of an entry that is gone adds it
    anew. Raises `InvalidField` for a place that is not there.
    """
    proposal, entry = draft.proposal, draft.entry
    resolution = resolution or {}
    if proposal.kind == Kind.ADD:
        return _addition(draft.catalog, proposal, draft.listing)
    if entry is None or not now.source:
        if proposal.kind not in _EDITS:
            return None
        return _addition(draft.catalog, _anew(draft), draft.listing)
    if proposal.kind in _EDITS:
        return _edit(draft, entry, now, resolution)
    if _removes(proposal):
        return EntryChange(entry, is_removal=True)
    match proposal.action:
        case Action.REPLACE_URL:
            url = resolution.get("url") or proposal.replacement_url
            return EntryChange(entry, url=url, remove_tags=(DEAD,))
        case Action.MARK_DEAD:
            return EntryChange(entry, add_tags=(DEAD,))
    return None


def _addition(catalog: Catalog, proposal: Proposal, listing: Listing | None) -> EntryChange:
    title = " ".join(proposal.new_section.split())
    if there := _listing_in(catalog, title, listing):
        # Somebody else's entry has begun the section meanwhile.
        listing, title = there, ""
    return EntryChange(
        name=proposal.name or "",
        url=proposal.url or "",
        description=proposal.description or "",
        cells=proposal.cells,
        placement=replace(_placement(proposal, listing), section=title),
        add_tags=proposal.add_tags,
        remove_tags=proposal.remove_tags,
        source=proposal.source,
    )


def _listing_in(catalog: Catalog, title: str, like: Listing | None) -> Listing | None:
    """The first listing in a section of this title that has the columns of `like`."""
    if not title:
        return None
    rows = Listing.objects.filter(catalog=catalog, section__title__iexact=title, is_toc=False)
    first = rows.exclude(kind=Listing.Kind.HTML).in_reading_order().first()
    like = like or listing_at_end(catalog)
    is_alike = first and like and (first.kind, first.columns) == (like.kind, like.columns)
    return first if is_alike else None


def model_of(submission: Submission) -> Listing | None:
    """The listing whose fields a submission has; of a new section that it is written like."""
    if submission.listing is None and submission.content.new_section.strip():
        return listing_at_end(submission.catalog)
    return submission.listing


def _anew(draft: SubmissionDraft) -> Proposal:
    """The addition of an entry that is gone, with what an edit of it proposed."""
    base, proposal = draft.base or Base(), draft.proposal
    if base.cells:
        cells = dict(enumerate(base.cells)) | dict(proposal.cells)
        return Proposal(kind=Kind.ADD, cells=cells, add_tags=proposal.add_tags)
    return Proposal(
        kind=Kind.ADD,
        name=base.name if proposal.name is None else proposal.name,
        url=base.url if proposal.url is None else proposal.url,
        description=base.description if proposal.description is None else proposal.description,
        add_tags=proposal.add_tags,
    )


def _edit(
    draft: SubmissionDraft, entry: Entry, now: Base, resolution: Mapping[str, str]
) -> EntryChange:
    proposal = draft.proposal
    is_move = proposal.kind == Kind.MOVE
    base = draft.base or now
    merged = merge(base, now, proposal, resolution)
    is_standing = now.source == base.source
    source = proposal.source if is_standing or not proposal.changed else ""
    return EntryChange(
        entry,
        name=merged.texts.get("name"),
        url=merged.texts.get("url"),
        description=merged.texts.get("description"),
        cells=merged.cells,
        placement=_placement(proposal, _target(draft, entry)) if is_move else None,
        add_tags=merged.add_tags,
        remove_tags=merged.remove_tags,
        source=resolution.get("lines", source),
    )


def _target(draft: SubmissionDraft, entry: Entry) -> Listing | None:
    """Return the target of a move: another listing, or another place in its own."""
    if draft.proposal.target is None:
        return entry.listing
    listing = Listing.objects.filter(pk=draft.proposal.target, catalog=draft.catalog).first()
    if listing is None:
        raise InvalidField("target", _("The place it was to move to no longer exists."))
    return listing


def _placement(proposal: Proposal, listing: Listing | None) -> Placement:
    """The place in a listing; the usual one if the entry to go behind is gone from there."""
    after = None
    if proposal.after is not None:
        after = Entry.objects.living().filter(pk=proposal.after, listing=listing).first()
    return Placement(listing, after, proposal.first, proposal.placing)


# What a conflict says


def _conflict_message(planned: PublishingPlan, name: str, *, is_outdated: bool) -> str:
    fields = {conflict.field for conflict in planned.conflicts}
    if is_outdated and not fields:
        return changed_once_more(name)
    if planned.twin is not None:
        return _("“%(name)s” has since been added with the same link.") % {
            "name": planned.twin.name
        }
    if fields == {"listing"} and planned.draft.proposal.kind == Kind.ADD:
        return _("The list or table it was meant for no longer exists; choose another.")
    if not planned.now.source and planned.draft.proposal.kind != Kind.LINES:
        return _("“%(name)s” has since been removed; it can be added again.") % {"name": name}
    return changed_meanwhile(name)


def changed_once_more(name: str) -> str:
    """The sentence for somebody who looked at a version that is not the newest any more."""
    return _("“%(name)s” was changed again while you were looking; please check it again.") % {
        "name": name
    }


def changed_meanwhile(name: str) -> str:
    """The sentence of a conflict between texts."""
    return _("“%(name)s” has since been changed; decide what it should be.") % {"name": name}
