"""Revisions as the site tells them: who did what, and the exact lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count

from catalog.history.word_diff import Fragment, compare
from catalog.models import Catalog, Change, Entry, Revision

LINES_PER_REVISION = 20
"""Most changes of one revision on the page of all changes; an import can have thousands."""


@dataclass(frozen=True, slots=True)
class ChangeLines:
    """One change: the lines before and after, and the slug of its entry if that has a page."""

    change: Change
    before: Fragment | None
    after: Fragment | None
    slug: str | None


@dataclass(frozen=True, slots=True)
class RevisionLines:
    """A revision with (the first of) its changes."""

    revision: Revision
    changes: list[ChangeLines] = field(default_factory=list)
    total: int = 0

    @property
    def hidden(self) -> int:
        """Return how many changes are not among `changes`."""
        return self.total - len(self.changes)


def with_lines(catalog: Catalog, revisions: Iterable[Revision]) -> list[RevisionLines]:
    """The revisions with their first changes, in three queries for any number of them."""
    revisions = list(revisions)
    keys = [revision.pk for revision in revisions]
    of_these = Change.objects.filter(revision__in=keys)
    totals = dict(of_these.order_by().values_list("revision").annotate(Count("pk")))
    first = of_these.filter(ordinal__lt=LINES_PER_REVISION).order_by("revision", "ordinal")
    lines_of: dict[int, list[ChangeLines]] = {}
    for lines in linked_lines(catalog, first):
        lines_of.setdefault(lines.change.revision_id, []).append(lines)
    return [
        RevisionLines(revision, lines_of.get(revision.pk, []), totals.get(revision.pk, 0))
        for revision in revisions
    ]


def linked_lines(catalog: Catalog, changes: Iterable[Change]) -> list[ChangeLines]:
    """The changes with the addresses of their entries."""
    changes = list(changes)
    entries = Entry.objects.exclude(state=Entry.State.SUGGESTED).filter(
        catalog=catalog, pk__in={change.entry_id for change in changes if change.entry_id}
    )
    slugs = dict(entries.values_list("pk", "slug"))
    return [change_lines(change, slugs.get(change.entry_id or 0)) for change in changes]


def change_lines(change: Change, slug: str | None = None) -> ChangeLines:
    """The change with what differs between its lines."""
    if change.op == Change.Op.REPLACE:
        return ChangeLines(change, *compare(change.before, change.after), slug)
    is_gone = change.op == Change.Op.DELETE
    return ChangeLines(
        change,
        Fragment(change.before) if is_gone else None,
        None if is_gone else Fragment(change.after),
        slug,
    )
