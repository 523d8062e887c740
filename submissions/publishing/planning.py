"""The plan of a publication: what stands, what is in conflict with it, the change of the list.

Nothing here writes to the list: `change_of` makes the one value that the preview plans and the
approval applies, so that what was shown is what is published.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from catalog.editing.entries import DEAD, EntryChange, Placement
from catalog.editing.fields import by_column, texts_of
from catalog.editing.sections import listing_at_end
from catalog.errors import InvalidField
from catalog.markdown.links import canonical_url
from catalog.models import Block, Catalog, Change, Entry, EntryTag, Listing, Revision
from catalog.sql.prepared import Prepared
from submissions.choices import Action, Kind
from submissions.errors import EditConflict
from submissions.models import Submission
from submissions.proposal import Base, Proposal, SubmissionDraft

# What a proposal is based on: an entry as it stands, in the form that is compared


def standing(draft: SubmissionDraft) -> Base:
    """Return the present version of what a draft is about."""
    if draft.proposal.kind == Kind.LINES:
        blocks = Block.objects.filter(catalog=draft.catalog, uid=draft.proposal.block)
        source = blocks.values_list("source", flat=True).first()
        return Base(revision=draft.catalog.revision, source=source or "")
    return base_of(draft.catalog, None if draft.proposal.kind == Kind.ADD else draft.entry)


_TAGS = Prepared(
    lambda entry: EntryTag.objects.filter(content_object=entry).values_list(
        "tag__facet__slug", "tag__slug"
    )
)


def base_of(catalog: Catalog, entry: Entry | None) -> Base:
    """Return the present version; of a removed entry the last one, without lines and without a
    listing.

    Two queries at most when the entry was read with its block and its listing.
    """
    if entry is None:
        return Base(revision=catalog.revision)
    listing, block = entry.listing, entry.block
    return Base(
        revision=catalog.revision,
        source=block.source if block else "",
        name=entry.name,
        url=entry.url,
        description=entry.description,
        cells=texts_of(entry),
        columns=tuple(listing.columns) if listing else (),
        tags=tuple(sorted(f"{facet}:{tag}" for facet, tag in _TAGS.rows(entry.pk))),
        listing=entry.listing_id,
    )


def version_of(base: Base) -> str:
    """A short name of what stands, whatever else the list has become; see `workflow.approve`."""
    seen = [base.source, base.listing, base.tags]
    data = json.dumps(seen, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:16]


# The three-way merge of an edit whose entry changed underneath: per field and cell, pure.
# Untouched in the current version: the proposed text is written. Changed to the same: nothing is
# left to do. Changed otherwise: a conflict, which nothing but somebody's decision settles. Tags
# merge as sets, since adding one and removing another cannot contradict.


class Conflict(NamedTuple):
    """One field that both sides changed: what it was, what it is, what it should become.

    `field` is `name`, `url`, `description`, `cell-0` …; `entry` where the whole entry is
    concerned; `place`, `listing` where it stands.
    """

    field: str
    base: str
    current: str
    proposed: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged proposal: what is left to write, and what cannot be decided here."""

    texts: Mapping[str, str] = field(default_factory=dict)
    """Texts to write by field, cells by their column in the current table: `cell-1`."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def merge(
    base: Base, current: Base, proposal: Proposal, resolution: Mapping[str, str] | None = None
) -> Merged:
    """Merge a proposal that was based on `base` into `current`.

    `resolution` holds the texts that fields in conflict shall have, by their names there.
    """
    resolution = resolution or {}
    texts: dict[str, str] = {}
    conflicts = []
    for name, proposed in proposal.changed.items():
        was = base.text_of(name)
        place = field_in(name, base, current)
        now = current.text_of(place) if place else ""
        if name in resolution and place:
            resolved = resolution[name]
        elif place and now in {was, proposed}:
            resolved = proposed
        else:
            conflicts.append(Conflict(name, was, now, proposed))
            continue
        if resolved != now:
            texts[place] = resolved
    standing = set(current.tags)
    return Merged(
        texts,
        tuple(tag for tag in proposal.add_tags if tag not in standing),
        tuple(tag for tag in proposal.remove_tags if tag in standing),
        tuple(conflicts),
    )


def renumbered(proposal: Proposal, base: Base, current: Base) -> Proposal:
    """A proposal with its cells counted by the current columns, without those that are gone."""
    cells = {}
    for number, text in proposal.cells.items():
        if field := field_in(f"cell-{number}", base, current):
            cells[int(field.removeprefix("cell-"))] = text
    return replace(proposal, cells=cells)


def under_columns(base: Base, current: Base) -> Base:
    """A base with its cells where the current columns are; empty where a column is new."""
    if base.columns == current.columns:
        return base
    cells = [""] * len(current.columns)
    for number, text in enumerate(base.cells):
        if field := field_in(f"cell-{number}", base, current):
            cells[int(field.removeprefix("cell-"))] = text
    return replace(base, cells=tuple(cells), columns=current.columns)


def field_in(name: str, base: Base, current: Base) -> str:
    """Return the field's name in the current version; '' if its column is gone."""
    if not name.startswith("cell-") or base.columns == current.columns:
        return name
    number = int(name.removeprefix("cell-"))
    key = base.columns[number] if number < len(base.columns) else None
    if key is None or base.columns.count(key) != 1 or current.columns.count(key) != 1:
        return ""
    return f"cell-{current.columns.index(key)}"


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


_SINCE = Prepared(
    lambda catalog, address, revision: (
        Entry.objects.published()
        .filter(catalog=catalog, canonical_url=address, created_revision__gt=revision)
        .order_by("pk")[:1]
    )
)


def _twin(draft: SubmissionDraft) -> Entry | None:
    """An entry with the same address that came into the catalog after the proposal was made."""
    key = canonical_url(draft.proposal.url or "")
    if not key or draft.base is None:
        return None
    return _SINCE.first(draft.catalog.pk, key, draft.base.revision)


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
        **by_column(merged.texts),
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


# What waits is compared again after something was published, so that the queue shows conflicts;
# what counts is compared once more by the approval itself.


def _open(**chosen: Any) -> QuerySet[Submission, int]:
    return Submission.objects.open().filter(**chosen).order_by().values_list("pk", flat=True)


_ON_ENTRY = Prepared(lambda catalog, entry: _open(catalog=catalog, entry=entry))
_CONCERNED = Prepared(
    # Two questions that an index answers each; as one with "or" it would read the whole queue.
    lambda catalog, entry, *addresses: (
        _open(catalog=catalog, entry=entry)
        .union(_open(catalog=catalog, kind=Kind.ADD, canonical_url__in=addresses))
        .order_by()
    )
)


def recheck_on(
    catalog: Catalog, *, entry: Entry | None, addresses: Iterable[str], exclude: int
) -> None:
    """Check open submissions on the entry again, and additions of these addresses."""
    key, known = entry.pk if entry else 0, {address for address in addresses if address}
    rows = _CONCERNED.rows(catalog.pk, key, *known) if known else _ON_ENTRY.rows(catalog.pk, key)
    if keys := {*rows} - {exclude}:
        recheck(Submission.objects.filter(pk__in=keys), catalog)


def recheck(submissions: QuerySet[Submission], catalog: Catalog) -> None:
    """Write which fields of each are in conflict with what stands; only what differs."""
    for row in submissions.select_related("entry__block", "entry__listing", "listing"):
        mark_conflicts(row, catalog)


def mark_conflicts(row: Submission, catalog: Catalog) -> None:
    """Write which fields are in conflict with what stands, if that differs from what was stored."""
    planned = plan(replace(row.draft, catalog=catalog))
    fields = [conflict.field for conflict in planned.conflicts]
    twin = planned.twin.pk if planned.twin else row.duplicate_entry_id
    if (fields, twin) != (row.conflicts, row.duplicate_entry_id):
        row.conflicts, row.duplicate_entry_id = fields, twin
        Submission.objects.filter(pk=row.pk).update(conflicts=fields, duplicate_entry=twin)


def recheck_after(revision: Revision, **_signal: Any) -> None:
    """Check again what a change outside submissions concerns, once it is committed.

    A maintainer's edit and an import do not wait for it, and are not undone by it.
    """
    if not revision.submission_token:
        transaction.on_commit(partial(_recheck_changed, revision), robust=True)


_TOUCHED = Prepared(
    lambda catalog, revision: (
        Submission.objects.open()
        .filter(
            Q(entry__in=Change.objects.filter(revision=revision).order_by().values("entry_id"))
            | Q(kind=Kind.ADD, listing=None)
            | Q(kind=Kind.LINES),
            catalog=catalog,
        )
        .order_by()
        .values_list("pk", flat=True)
    )
)


def _recheck_changed(revision: Revision) -> None:
    waiting = Submission.objects.open().filter(catalog=revision.catalog_id).order_by()
    if not waiting.exists():
        return
    # Where a listing goes with its lines, its submissions follow it to another section.
    place = Listing.objects.filter(pk=OuterRef("listing")).values("section")[:1]
    waiting.filter(section=None, listing__section__isnull=False).update(section=Subquery(place))
    came = Entry.objects.filter(
        catalog=revision.catalog_id,
        state=Entry.State.PUBLISHED,
        # By the index of what is new: a long list is not read for the one that came.
        created_at__gte=revision.created_at,
        created_revision=revision.number,
    ).exclude(canonical_url="")
    additions = waiting.filter(kind=Kind.ADD, canonical_url__in=came.values("canonical_url"))
    keys = {
        *additions.values_list("pk", flat=True),
        *_TOUCHED.rows(revision.catalog_id, revision.pk),
        # A change of an entry's tags has no lines.
        *_ON_ENTRY.rows(revision.catalog_id, revision.details.get("entry") or 0),
    }
    if keys:
        catalog = Catalog.objects.get(pk=revision.catalog_id)
        recheck(Submission.objects.filter(pk__in=keys), catalog)
