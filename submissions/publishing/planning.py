"""A decided proposal becomes a change of the list: the only way from submissions into a catalog.

Runs inside the verb's transaction, which holds the catalog. What the entry has become since the
submission was made is compared field by field (`merging.py`) before anything is written, and
everything is written by `catalog.editing` and `catalog.tagging`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from catalog.editing.entries import (
    add_entry,
    change_entry,
    entry_added_by,
    move_entry,
    remove_entry,
)
from catalog.editing.tags import add_facet, add_tag, tag_entry, untag_entry
from catalog.errors import InvalidField
from catalog.history.revisions import By
from catalog.markdown.links import canonical_url
from catalog.models import Catalog, Entry, Facet, Listing, Tag
from submissions.choices import Action, Kind
from submissions.errors import EditConflict
from submissions.models import Submission
from submissions.proposal import Base, Proposal
from submissions.publishing.bases import base_of, version_of
from submissions.publishing.merging import Conflict, Merged, merge

DEAD = "availability:dead"
"""The tag of an entry whose link was reported dead and that stays in the list."""

_EDITS = {Kind.EDIT, Kind.MOVE}


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing a proposal comes to, on the entry as it stands."""

    submission: Submission
    proposal: Proposal
    now: Base
    merged: Merged = field(default_factory=Merged)
    conflicts: list[Conflict] = field(default_factory=list)
    twin: Entry | None = None
    """The published entry that an addition would repeat."""


def plan(
    submission: Submission,
    proposal: Proposal,
    catalog: Catalog,
    resolution: Mapping[str, str] | None = None,
) -> Plan:
    """Compare a proposal with what stands; writes nothing. Conflicts are those left to decide."""
    base = submission.based_on
    is_new = proposal.kind == Kind.ADD
    now = base_of(catalog, None if is_new else submission.entry)
    resolution = resolution or {}
    planned = Plan(submission, proposal, now)
    if is_new:
        twin = _twin(submission, proposal, base)
        planned = replace(planned, twin=twin)
        if twin is not None:
            planned.conflicts.append(Conflict("url", "", twin.url, proposal.url or ""))
        if submission.listing is None:
            planned.conflicts.append(Conflict("listing", "", "", ""))
    elif not now.source:
        if not _is_done_by_removal(proposal):
            planned.conflicts.append(Conflict("entry", base.source, "", "add"))
    elif proposal.kind in _EDITS:
        merged = merge(base, now, proposal, resolution)
        planned = replace(planned, merged=merged, conflicts=[*merged.conflicts])
        if proposal.kind == Kind.MOVE and now.listing not in {base.listing, proposal.target}:
            planned.conflicts.append(
                Conflict("listing", f"{base.listing}", f"{now.listing}", f"{proposal.target or ''}")
            )
    elif _removes(proposal):
        if base.source != now.source:
            planned.conflicts.append(Conflict("entry", base.source, now.source, ""))
    elif proposal.action == Action.REPLACE_URL and now.url not in {
        base.url,
        proposal.replacement_url,
    }:
        planned.conflicts.append(Conflict("url", base.url, now.url, proposal.replacement_url))
    left = [conflict for conflict in planned.conflicts if conflict.field not in resolution]
    return replace(planned, conflicts=left)


def publish(
    submission: Submission,
    proposal: Proposal,
    *,
    catalog: Catalog,
    by: By,
    resolution: Mapping[str, str] | None = None,
    seen: str = "",
) -> tuple[Base, Entry | None]:
    """Write what is left to write of a proposal; returns what stood before, and the entry now.

    Raises `EditConflict` with nothing written where the entry was changed underneath, and again
    where it was changed after the version `seen` that a `resolution` is for.
    """
    planned = plan(submission, proposal, catalog, resolution)
    version = version_of(planned.now)
    is_outdated = bool(resolution) and proposal.kind != Kind.ADD and seen != version
    if planned.conflicts or is_outdated:
        conflicts = planned.conflicts or plan(submission, proposal, catalog).conflicts
        raise EditConflict(_conflict_message(planned, is_outdated), conflicts, version, submission)
    return planned.now, _written(planned, by, resolution or {})


def _written(planned: Plan, by: By, resolution: Mapping[str, str]) -> Entry | None:
    match planned.proposal.kind:
        case Kind.ADD:
            return _add(planned, by, planned.proposal)
        case Kind.EDIT | Kind.MOVE if planned.now.source:
            return _edit(planned, by)
        case Kind.EDIT | Kind.MOVE:
            return _add(planned, by, _anew(planned))
    return _remove_or_report(planned, by, resolution.get("url"))


def _conflict_message(planned: Plan, is_outdated: bool) -> str:
    fields = {conflict.field for conflict in planned.conflicts}
    name = planned.submission.name
    if is_outdated and not fields:
        return changed_once_more(name)
    if planned.twin is not None:
        return _("“%(name)s” has been added with the same address in the meantime.") % {
            "name": planned.twin.name
        }
    if fields == {"listing"} and planned.proposal.kind == Kind.ADD:
        return _("The list or table that it was meant for is not there any more; choose another.")
    if not planned.now.source:
        return _("“%(name)s” has been removed in the meantime; it can be added anew.") % {
            "name": name
        }
    return changed_meanwhile(name)


def changed_once_more(name: str) -> str:
    """The sentence for somebody who looked at a version that is not the newest any more."""
    return _("“%(name)s” was changed once more while you looked; look again.") % {"name": name}


def changed_meanwhile(name: str) -> str:
    """The sentence of a conflict between texts."""
    return _("“%(name)s” was changed in the meantime; decide what it shall be.") % {"name": name}


# Additions


def _twin(submission: Submission, proposal: Proposal, base: Base) -> Entry | None:
    """An entry with the same address that came into the catalog after the submission was made."""
    key = canonical_url(proposal.url or "")
    if not key:
        return None
    entries = Entry.objects.published().filter(catalog=submission.catalog_id, canonical_url=key)
    return entries.filter(created_revision__gt=base.revision).order_by("pk").first()


def _add(planned: Plan, by: By, proposal: Proposal) -> Entry:
    listing = planned.submission.listing
    if listing is None:
        raise InvalidField("listing", _("Say which list or table it goes to."))
    revision = add_entry(
        listing=listing,
        by=by,
        name=proposal.name or "",
        url=proposal.url or "",
        description=proposal.description or "",
        cells=proposal.cells,
        after=_neighbour(proposal, listing.pk),
        first=proposal.first,
    )
    entry = entry_added_by(revision)
    _tag(entry, by, proposal.add_tags, proposal.remove_tags)
    return entry


def _neighbour(proposal: Proposal, listing: int | None) -> Entry | None:
    """The entry to go behind; None once it is gone from there: then the usual place will do."""
    if proposal.after is None:
        return None
    return Entry.objects.living().filter(pk=proposal.after, listing=listing).first()


def _anew(planned: Plan) -> Proposal:
    """The addition of an entry that is gone, with what an edit of it proposed."""
    base, proposal = planned.submission.based_on, planned.proposal
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


# Edits and moves


def _edit(planned: Plan, by: By) -> Entry | None:
    entry, merged, proposal = planned.submission.entry, planned.merged, planned.proposal
    if entry is None:
        return None
    if merged.texts:
        change_entry(
            entry=entry,
            by=by,
            name=merged.texts.get("name"),
            url=merged.texts.get("url"),
            description=merged.texts.get("description"),
            cells=merged.cells or None,
        )
    if proposal.kind == Kind.MOVE:
        listing = Listing.objects.filter(pk=proposal.target or entry.listing_id or 0).first()
        move_entry(
            entry=entry,
            by=by,
            listing=listing,
            after=_neighbour(proposal, listing.pk if listing else None),
            first=proposal.first,
            placing=proposal.placing,
        )
    _tag(entry, by, merged.add_tags, merged.remove_tags)
    return entry


# Removals and reports


def _removes(proposal: Proposal) -> bool:
    return proposal.kind == Kind.REMOVE or proposal.action == Action.REMOVE


def _is_done_by_removal(proposal: Proposal) -> bool:
    """Whether nothing is left to do once the entry is gone."""
    return _removes(proposal) or (proposal.kind == Kind.REPORT and proposal.action == Action.NONE)


def _remove_or_report(planned: Plan, by: By, decided_url: str | None) -> Entry | None:
    entry, proposal = planned.submission.entry, planned.proposal
    if entry is None or not planned.now.source:
        return entry
    if _removes(proposal):
        remove_entry(entry=entry, by=by)
    elif proposal.action == Action.REPLACE_URL:
        change_entry(entry=entry, by=by, url=decided_url or proposal.replacement_url)
        _tag(entry, by, (), (DEAD,))
    elif proposal.action == Action.MARK_DEAD:
        _tag(entry, by, (DEAD,), ())
    return entry


# Tags


def _tag(entry: Entry, by: By, add: Iterable[str], remove: Iterable[str]) -> None:
    """Give and take tags by hand; each is a revision of its own."""
    if not (add or remove):
        return
    entry = Entry.objects.get(pk=entry.pk)
    for key in remove:
        if tag := _find_tag(entry, key):
            untag_entry(entry=entry, tag=tag, by=by)
    for key in add:
        tag_entry(entry=entry, tag=_find_tag(entry, key) or _new_tag(entry, key, by), by=by)


def _find_tag(entry: Entry, key: str) -> Tag | None:
    facet, _colon, value = key.partition(":")
    tags = Tag.objects.filter(facet__catalog=entry.catalog_id, facet__slug=facet.strip())
    value = value.strip()
    return tags.filter(slug=value).first() or tags.filter(name__iexact=value).first()


def _new_tag(entry: Entry, key: str, by: By) -> Tag:
    slug, _colon, value = key.partition(":")
    facet = Facet.objects.filter(catalog=entry.catalog_id, slug=slug.strip()).first()
    if facet is None and key == DEAD:
        facet = add_facet(catalog=entry.catalog, name="Availability", by=by)
    if facet is None:
        raise InvalidField("tags", _("This list has no facet “%(slug)s”.") % {"slug": slug})
    return add_tag(facet=facet, name=value, by=by)
