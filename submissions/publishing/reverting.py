"""Reverting a publication: the inverse of its effect, on what stands now.

Where the lines are still those that were written, they become exactly what they were. Where the
entry was changed since, the inverse is merged field by field like any other edit, and what
contradicts the later change is a conflict. Nothing is taken back without being looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from catalog.editing.entries import change_entry, remove_entry
from catalog.editing.fields import by_column
from catalog.editing.lines import revert_revision
from catalog.editing.tags import tag_entry, untag_entry
from catalog.errors import RevisionConflict
from catalog.history.revisions import Author
from catalog.models import Block, Catalog, Change, Entry, Revision, Section, Tag
from submissions.choices import Kind, Verb
from submissions.errors import EditConflict
from submissions.models import Submission
from submissions.proposal import Base, Proposal
from submissions.publishing.planning import Conflict, base_of, merge, standing, version_of

_PUBLISHING = (Verb.APPROVE, Verb.AMEND)


@dataclass(frozen=True, slots=True)
class _Undoing:
    """One submission being taken back."""

    catalog: Catalog
    submission: Submission
    by: Author
    resolution: Mapping[str, str]
    seen: str
    version: str
    """The version of the entry before anything is reverted."""


def undo_publication(
    submission: Submission,
    *,
    catalog: Catalog,
    by: Author,
    resolution: Mapping[str, str] | None = None,
    seen: str = "",
) -> list[Revision]:
    """Undo what the last approval did, the last revision of it first; returns its revisions.

    Raises `EditConflict` where the entry was changed since; `resolution` and `seen` as for
    `workflow.approve`: texts by field, or `entry` for taking an addition back all the same.
    """
    draft = replace(submission.draft, catalog=catalog)
    is_lines = submission.kind == Kind.LINES
    version = version_of(standing(draft) if is_lines else base_of(catalog, submission.entry))
    undoing = _Undoing(catalog, submission, by, resolution or {}, seen, version)
    made = _made_by(submission)
    for revision in made:
        if revision.verb == Revision.Verb.TAGS:
            _undo_tag(revision, by)
            continue
        if is_lines:
            _undo_lines(undoing, revision)
            continue
        match revision.verb:
            case Revision.Verb.ADD:
                _undo_addition(undoing, revision)
            case Revision.Verb.ADD_SECTION if _has_others(undoing, revision):
                _undo_addition(undoing, None)
            case Revision.Verb.CHANGE:
                _undo_change(undoing, revision)
            case _:
                _undo_lines(undoing, revision)
    return made


def _made_by(submission: Submission) -> list[Revision]:
    """The revisions of the last approval, the last first."""
    event = submission.events.filter(verb__in=_PUBLISHING).last()
    if event is None or event.entry_before is None or event.entry_after is None:
        return []
    made = Revision.objects.filter(
        catalog=submission.catalog_id, number__gt=event.entry_before, number__lte=event.entry_after
    )
    return list(made.order_by("-number"))


def _undo_addition(undoing: _Undoing, revision: Revision | None) -> None:
    """Take the entry out. Where the `revision` that wrote it wrote another line too, which gave an
    ending to a file that had none, that goes back with it, unless something stands behind now."""
    entry = undoing.submission.entry
    if entry is None or entry.block is None:
        return
    now, after = base_of(undoing.catalog, entry), _published(undoing.submission, "after")
    # What came behind it at the end of the file gave it an ending.
    if now.source.rstrip("\r\n") != after.source.rstrip("\r\n"):
        _refuse_unless_resolved(undoing, [Conflict("entry", after.source, now.source, "")])
    if revision and revision.changes.filter(op=Change.Op.REPLACE).exists():
        with suppress(RevisionConflict):
            revert_revision(catalog=undoing.catalog, number=revision.number, by=undoing.by)
            return
    remove_entry(entry=entry, by=undoing.by)


def _has_others(undoing: _Undoing, revision: Revision) -> bool:
    """Whether a section that came with its first entry has more in it by now, and so stays."""
    entry = undoing.submission.entry
    section = entry.section if entry else None
    if entry is None or section is None:
        return False
    inserted = revision.changes.filter(op=Change.Op.INSERT).values("uid")
    end = Section.objects.filter(catalog=undoing.catalog, position__gt=section.position)
    following = end.order_by("position").values_list("position", flat=True).first()
    blocks = Block.objects.filter(catalog=undoing.catalog, position__gte=section.position)
    if following is not None:
        blocks = blocks.filter(position__lt=following)
    return blocks.exclude(uid__in=inserted).exclude(kind=Block.Kind.GAP).exists()


def _undo_change(undoing: _Undoing, revision: Revision) -> None:
    entry = undoing.submission.entry
    if entry is None:
        return
    entry = Entry.objects.select_related("block", "listing").get(pk=entry.pk)
    now, after = base_of(undoing.catalog, entry), _published(undoing.submission, "after")
    if not now.source:
        _refuse_unless_resolved(undoing, [Conflict("entry", after.source, "", "")])
        return
    change = revision.changes.filter(entry_id=entry.pk, op=Change.Op.REPLACE).first()
    if change is not None and change.after == now.source:
        change_entry(entry=entry, by=undoing.by, source=change.before)
        return
    inverse = _inverse(_published(undoing.submission, "before"), after)
    merged = merge(after, now, inverse, undoing.resolution)
    _refuse_unless_resolved(undoing, merged.conflicts)
    if merged.texts:
        change_entry(entry=entry, by=undoing.by, **by_column(merged.texts))


def _inverse(before: Base, after: Base) -> Proposal:
    """The edit that leads from `after` back to `before`."""
    cells = {}
    if len(before.cells) == len(after.cells):
        pairs = enumerate(zip(before.cells, after.cells, strict=True))
        cells = {number: old for number, (old, new) in pairs if old != new}
        if before.columns:
            return Proposal(kind=Kind.EDIT, cells=cells)
    return Proposal(
        kind=Kind.EDIT,
        cells=cells,
        name=before.name if before.name != after.name else None,
        url=before.url if before.url != after.url else None,
        description=before.description if before.description != after.description else None,
    )


def _undo_lines(undoing: _Undoing, revision: Revision) -> None:
    """Moves and removals: the lines go back to where they stood, and an entry is itself again."""
    try:
        revert_revision(catalog=undoing.catalog, number=revision.number, by=undoing.by)
    except RevisionConflict as error:
        raise EditConflict(
            error.message, [Conflict("place", "", "", "")], undoing.version, undoing.submission
        ) from error


def _undo_tag(revision: Revision, by: Author) -> None:
    details = revision.details
    entry = Entry.objects.living().filter(pk=details.get("entry", 0)).first()
    tag = Tag.objects.filter(
        facet__catalog=revision.catalog_id, facet__slug=details["facet"], name=details.get("tag")
    ).first()
    if entry is None or tag is None:
        return
    if details["operation"] == "tag-entry":
        untag_entry(entry=entry, tag=tag, by=by)
    elif details["operation"] == "untag-entry":
        tag_entry(entry=entry, tag=tag, by=by)


def _published(submission: Submission, side: str) -> Base:
    return Base.from_json((submission.published or {}).get(side, {}))


def _refuse_unless_resolved(
    undoing: _Undoing, conflicts: list[Conflict] | tuple[Conflict, ...]
) -> None:
    left = [conflict for conflict in conflicts if conflict.field not in undoing.resolution]
    if left or (undoing.resolution and undoing.seen != undoing.version):
        raise EditConflict(
            _("“%(name)s” has been changed again; decide what it should be.")
            % {"name": undoing.submission.name},
            left or conflicts,
            undoing.version,
            undoing.submission,
        )
